"""Runs git. The only importer of GitPython, and only inside a function: the import takes 75 ms.

Of GitPython this uses the command runner, never `Repo` and the objects below it. Those pass
revisions on where git reads options, skip git's own check of who owns a folder, know SHA-1
only, and keep child processes. Plain commands with ``-z`` output have one shape to parse and
one place to harden: no hooks, prompts or system and user configuration.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from landrace.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_ENVIRONMENT = {
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
_SIGKILL = 9  # `signal` has no such name on Windows
_NO_USER_CONFIGURATION = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
_SETTINGS = (
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "protocol.ext.allow=never",
    "safe.bareRepository=explicit",
)
# Without these of the user's own settings git refuses a container's checkout, or takes files
# for changed that are not.
_CARRIED = r"^(safe\.directory|core\.autocrlf|core\.excludesfile)$"


class Result(NamedTuple):
    """How a command ended; ``stderr`` is in English whatever the user's language."""

    status: int
    stdout: bytes
    stderr: str


def run(
    root: Path,
    arguments: Sequence[str],
    *,
    stdin: bytes = b"",
    settings: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    user_configuration: bool = False,
    seconds: float | None = None,
) -> Result:
    """Run git in a folder, and say how it ended.

    Args:
        root: the folder; it need not be the top of the repository.
        arguments: the command and its arguments; nothing untrusted that git could read as an
            option.
        stdin: what the command reads.
        settings: ``key=value`` of git's configuration beside the hardened ones. Other processes
            can read them: no secrets.
        environment: variables beside the hardened ones.
        user_configuration: whether the user's and the system's configuration count.
        seconds: how long to wait before git is killed (not on Windows); for ever for None.

    Raises:
        RepositoryError: git is not installed.
    """
    every = (*_SETTINGS, *user_settings(), *settings)
    options = [part for setting in every for part in ("-c", setting)]
    variables = _ENVIRONMENT | ({} if user_configuration else _NO_USER_CONFIGURATION)
    # Not as the runner's working directory, which it leaves out where it cannot enter it.
    command = ["-C", str(root), *options, *arguments]
    return _execute(command, {**variables, **(environment or {})}, stdin, seconds)


def checked(
    root: Path,
    arguments: Sequence[str],
    *,
    stdin: bytes = b"",
    settings: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> bytes:
    """What a command prints that must not fail.

    Raises:
        RepositoryError: it failed; the problem is git's last line.
    """
    result = run(root, arguments, stdin=stdin, settings=settings, environment=environment)
    if result.status != 0:
        last = result.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise RepositoryError(f"git {arguments[0]} failed: {last[0]}", where=str(root))
    return result.stdout


def split(out: bytes) -> list[str]:
    """The texts of output with ``-z``."""
    return [os.fsdecode(part) for part in out.split(b"\0") if part]


def line(out: bytes) -> str:
    """The text of output of one line."""
    return os.fsdecode(out).rstrip("\r\n")


@cache
def user_settings() -> tuple[str, ...]:
    """The user's own settings that are carried over, as ``key=value``."""
    arguments = ["config", "--null", "--get-regexp", _CARRIED]
    result = _execute(arguments, {"GIT_DIR": os.devnull})
    return tuple(record.replace("\n", "=", 1) for record in split(result.stdout))


def _execute(
    arguments: Iterable[str],
    environment: Mapping[str, str],
    stdin: bytes = b"",
    seconds: float | None = None,
) -> Result:
    try:
        import git  # noqa: PLC0415 - 75 ms that most commands need not pay
    except ModuleNotFoundError:
        raise
    except ImportError as error:  # so says GitPython where there is no git
        raise _no_git() from error
    runner: Any = git.Git()  # its overloads do not know this mix of options
    with _spooled(stdin) as spool:
        try:
            status, stdout, stderr = runner.execute(
                [runner.GIT_PYTHON_GIT_EXECUTABLE, *arguments],
                istream=spool,
                env=environment,
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                kill_after_timeout=None if sys.platform == "win32" else seconds,
            )
        except git.GitCommandNotFound as error:
            raise _no_git() from error
    if seconds is not None and status == -_SIGKILL:
        # The runner's own words for this come too late at times: it kills before it takes note.
        stderr = f"Timeout: git was killed after {seconds:g} seconds"
    return Result(status, stdout, stderr)


@contextmanager
def _spooled(data: bytes) -> Iterator[BinaryIO | None]:
    """The data as what the runner can hand to a process: a file of the system."""
    if not data:
        yield None
        return
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        yield file


def _no_git() -> RepositoryError:
    return RepositoryError("git was not found", fix="install git, and have it on the PATH")
