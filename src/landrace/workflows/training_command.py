"""Runs a training command of the pipeline: no shell, no terminal, no secrets it was not named.

It finds the paths of its rows in its environment, and writes ``{"model": "<id>"}`` to the path
in ``LANDRACE_ANSWER``. Its folder keeps the rows, what it printed, and its answer once that was
found to be of use: the same rows and the same command are not run again.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import (
    ConfigError,
    FormatError,
    LandraceError,
    RefusedError,
    StorageError,
)
from landrace.naming import model_dirname
from landrace.redaction import redact
from landrace.store.atomic import write_text
from landrace.strict_json import At, name, parse, record_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from landrace.schemas.pipeline import Training

ANSWER, NEW_ANSWER, LOG = "answer.json", "answer.new.json", "log.txt"
MOST_ANSWER = 64 << 10
LONGEST_LINE = 500

# What a program needs to be found and to find its files; nothing of it is secret.
_PLAIN = (
    *("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ"),
    *("TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "PATHEXT", "USERPROFILE", "LOCALAPPDATA", "APPDATA"),
)


class Job(NamedTuple):
    """One run of a training command.

    ``folder`` is its own, ``where`` names the command in errors, ``variables`` says what it is
    about, ``rows`` are files of the folder by their variable.
    """

    training: Training
    root: Path
    folder: Path
    where: str
    variables: Mapping[str, str]
    rows: Mapping[str, Path]


class _Answer(NamedTuple):
    model: str


_answer = record_of(_Answer, model=name)


def trained_model(
    job: Job,
    environ: Mapping[str, str],
    check: Callable[[str], None] = lambda _model: None,
) -> str:
    """The id of the model that a job gives; out of its folder if it was done before.

    ``check`` raises a `ConfigError` or a `RefusedError` if no search can use the model. Such an
    answer is not kept, so that the command is run again once it has been mended. Of one that was
    kept before, the error says how to be rid of it.

    Raises:
        ConfigError: the command cannot be run, fails, takes too long, or answers amiss.
        StorageError: its folder cannot be written to.
    """
    kept = job.folder / ANSWER
    if kept.is_file():
        return _kept(kept, job, check)
    fresh = job.folder / NEW_ANSWER
    try:
        fresh.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"cannot be removed: {error.strerror}", where=str(fresh)) from error
    _run(job, {**_environment(job, environ), "LANDRACE_ANSWER": str(fresh)})
    model = _read(fresh, job)
    check(model)
    # Only now: what a command that was killed has written is no answer.
    write_text(kept, json.dumps({"model": model}) + "\n")
    return model


def _kept(kept: Path, job: Job, check: Callable[[str], None]) -> str:
    """What the command answered before, which is of no use if its model has gone since."""
    try:
        model = _read(kept, job)
        check(model)
    except (ConfigError, RefusedError) as error:
        fix = "\n".join(filter(None, (error.fix, f"or {again(job)}")))
        raise type(error)(error.problem, where=error.where, fix=fix) from error
    return model


def again(job: Job) -> str:
    """How to have the command run again on rows that it was run on before, as a clause."""
    return f"remove {job.folder}, which keeps the answer, to have the training command run again"


def _environment(job: Job, environ: Mapping[str, str]) -> dict[str, str]:
    allowed = (*_PLAIN, *job.training.environment)
    return {
        **{key: environ[key] for key in allowed if key in environ},
        **job.variables,
        **{variable: str(path) for variable, path in job.rows.items()},
    }


def _run(job: Job, environment: Mapping[str, str]) -> None:
    log = job.folder / LOG
    seconds = job.training.timeout
    try:
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - the pipeline's own words, no shell
                job.training.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=job.root,
                env=dict(environment),
                start_new_session=True,  # so that all it has started can be ended with it
            )
            with _interruptible(), _ended(process):
                status = process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise _failed(
            job, f"was killed after {seconds:g} seconds", "give it more `timeout`, or less to do"
        ) from None
    except OSError as error:
        raise _failed(
            job, f"cannot be run: {error.strerror or error}", "correct `command`, or install it"
        ) from error
    except ValueError as error:  # a NUL in an argument, which YAML can write
        raise _failed(job, f"cannot be run: {error}", "correct `command`") from error
    if status != 0:
        said = _last_line(log)
        why = f"fails with status {status}" + (f": {said}" if said else "")
        raise _failed(job, why, f"read {log}, mend it, and run the same command again")


@contextlib.contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """The process, and all that it has started, ends if what is inside is left by an error."""
    try:
        yield
    except BaseException:
        if sys.platform == "win32":
            process.kill()
        else:
            # macOS forbids it where only the dead are left of the group.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM and a closed terminal raise `KeyboardInterrupt` inside, as Ctrl-C does.

    By themselves they would end landrace alone: the command, in its session, would train on for
    nobody, and beside the next run.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # no other thread may set handlers
        return
    deadly = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    deadly = [each for each in deadly if signal.getsignal(each) == signal.SIG_DFL]  # not nohup's
    for each in deadly:
        signal.signal(each, signal.default_int_handler)
    try:
        yield
    finally:
        for each in deadly:
            signal.signal(each, signal.SIG_DFL)


def _read(path: Path, job: Job) -> str:
    if path.exists() and not path.is_file():  # opening a named pipe would wait for ever
        raise _failed(job, "left no file for an answer", "let it write a plain file")
    try:
        with path.open("rb") as file:
            data = file.read(MOST_ANSWER + 1)
    except FileNotFoundError:
        raise _failed(
            job,
            "ended without an answer",
            'let it write {"model": "<id>"} to the path in LANDRACE_ANSWER',
        ) from None
    except OSError as error:
        raise StorageError(f"cannot be read: {error.strerror}", where=str(path)) from error
    if len(data) > MOST_ANSWER:
        raise FormatError(f"the answer has more than {MOST_ANSWER} bytes", where=str(path))
    model = _answer(parse(data, str(path)), At(str(path))).model
    if not _is_id(model):
        raise FormatError(
            f"`model` is {model[:100]!a}, which is no model id",
            where=str(path),
            fix="answer with a litellm id such as openai/…, or local/PATH.gguf",
        )
    return model


def _is_id(model: str) -> bool:
    with contextlib.suppress(LandraceError):
        model_dirname(model)
        return model.isprintable() and " " not in model and len(model) <= 200
    return False


def _last_line(log: Path) -> str:
    """What it printed last, which tends to be the error."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 8 * LONGEST_LINE))
        lines = file.read().decode("utf-8", "replace").strip().splitlines()
    return redact(lines[-1].strip())[:LONGEST_LINE] if lines else ""


def _failed(job: Job, why: str, fix: str) -> ConfigError:
    return ConfigError(f"the training command {why}", where=job.where, fix=fix)
