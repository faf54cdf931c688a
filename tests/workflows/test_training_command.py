"""A command that trains: what it is given, and all the ways in which it can go wrong."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys

import pytest

from landrace.errors import ConfigError, FormatError, ModelError, RefusedError
from landrace.schemas.pipeline import Training
from landrace.workflows.training_command import ANSWER, LOG, Job, trained_model

WRITE = "import os, pathlib\nanswer = pathlib.Path(os.environ['LANDRACE_ANSWER'])\n"
ANSWERS = WRITE + 'answer.write_text(\'{"model": "local/heir.gguf"}\')\n'


@pytest.fixture
def job(tmp_path):
    def make(code=ANSWERS, *, command=None, **options):
        folder = tmp_path / "job"
        folder.mkdir(exist_ok=True)
        rows = folder / "sft.jsonl"
        rows.write_text('{"messages": []}\n')
        training = Training(command=command or (sys.executable, "-c", code), **options)
        variables = {"LANDRACE_MODEL": "fake/pupil"}
        return Job(
            training, tmp_path, folder, "pipelines/all.yaml:4", variables, {"LANDRACE_SFT": rows}
        )

    return make


def saying(text):
    return WRITE + f"answer.write_text({text!r})\n"


def told(environ):
    """A command that answers with what it sees of a variable."""
    return WRITE + (
        "import json\n"
        f"answer.write_text(json.dumps({{'model': os.environ.get({environ!r}, 'nothing')}}))\n"
    )


def test_its_answer_is_the_models_id(job):
    assert trained_model(job(), {}) == "local/heir.gguf"


def test_it_is_told_its_rows_and_the_model(job):
    code = WRITE + (
        "rows = pathlib.Path(os.environ['LANDRACE_SFT']).read_text()\n"
        "assert rows == '{\"messages\": []}\\n', rows\n"
        "answer.write_text('{\"model\": \"' + os.environ['LANDRACE_MODEL'] + '-heir\"}')\n"
    )
    assert trained_model(job(code), {}) == "fake/pupil-heir"


def test_it_runs_in_the_repositorys_root(job, tmp_path):
    (tmp_path / "name.json").write_text('{"model": "fake/heir"}')
    code = WRITE + "answer.write_text(pathlib.Path('name.json').read_text())"
    assert trained_model(job(code), {}) == "fake/heir"


def test_it_sees_no_secret_that_is_not_named(job):
    secrets = {"OPENAI_API_KEY": "sk-of-mine", "GITHUB_TOKEN": "of-mine", "SOMETHING": "else"}
    for name in secrets:
        assert trained_model(job(told(name))._replace(folder=_new(job)), secrets) == "nothing"


def test_it_sees_what_the_pipeline_names(job):
    seen = job(told("OPENAI_API_KEY"), environment=("OPENAI_API_KEY",))
    assert trained_model(seen, {"OPENAI_API_KEY": "sk-of-mine"}) == "sk-of-mine"


def _new(job):
    folder = job().folder
    (folder / ANSWER).unlink(missing_ok=True)
    return folder


def test_no_shell_reads_it(job, tmp_path):
    code = WRITE + "import json, sys\nanswer.write_text(json.dumps({'model': sys.argv[1]}))"
    command = (sys.executable, "-c", code, "$(touch${IFS}made);x")
    assert trained_model(job(command=command), {}) == "$(touch${IFS}made);x"
    assert not (tmp_path / "made").exists()


def test_what_was_trained_is_not_trained_again(job):
    assert trained_model(job(), {}) == "local/heir.gguf"
    assert trained_model(job("raise SystemExit(1)"), {}) == "local/heir.gguf"


@pytest.mark.parametrize(
    "error",
    [
        ModelError("there is no such file", where="local/heir.gguf", fix="name a GGUF file"),
        RefusedError("it is another's", where="local/heir.gguf"),
    ],
)
def test_an_answer_that_is_of_no_use_any_more_says_how_to_be_rid_of_it(job, error):
    def gone(_model):
        raise error

    made = job()
    trained_model(made, {})
    with pytest.raises(type(error), match=error.problem) as caught:
        trained_model(made, {}, gone)
    assert caught.value.where == "local/heir.gguf"
    *fixes, last = caught.value.fix.splitlines()
    assert fixes == ([error.fix] if error.fix else [])
    assert last.startswith(f"or remove {made.folder}, which keeps the answer")
    shutil.rmtree(made.folder)
    assert trained_model(job(), {}) == "local/heir.gguf"


def test_a_kept_answer_that_was_spoilt_says_how_to_be_rid_of_it(job):
    made = job()
    trained_model(made, {})
    (made.folder / ANSWER).write_text("{}")
    with pytest.raises(FormatError, match="`model` is missing") as caught:
        trained_model(made, {})
    assert f"remove {made.folder}" in caught.value.fix


def test_a_failure_names_the_place_the_status_and_the_last_line(job):
    made = job("print('epoch 1', flush=True)\nraise SystemExit('no space left')")
    with pytest.raises(ConfigError, match=r"status 1: no space left") as failure:
        trained_model(made, {})
    assert failure.value.where == "pipelines/all.yaml:4"
    assert "epoch 1" in (made.folder / LOG).read_text()


def test_a_failure_shows_no_key(job):
    key = "sk-ant-api03-" + "a" * 40
    with pytest.raises(ConfigError) as failure:
        trained_model(job(f"raise SystemExit('bad key {key}')"), {})
    assert key not in str(failure.value)


def test_what_a_command_wrote_before_it_failed_is_no_answer(job):
    with pytest.raises(ConfigError, match="status 1"):
        trained_model(job(ANSWERS + "raise SystemExit(1)"), {})
    with pytest.raises(ConfigError, match="without an answer"):
        trained_model(job("pass"), {})


def test_a_command_that_hangs_is_killed(job):
    code = ANSWERS + "import threading\nthreading.Event().wait()"
    with pytest.raises(ConfigError, match=r"killed after 0\.5 seconds"):
        trained_model(job(code, timeout=0.5), {})


# A runner may have started the tests with these signals ignored, as nohup and "&" do.
CALLER = """
import pathlib, signal, subprocess, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from landrace.schemas.pipeline import Training
from landrace.workflows.training_command import Job, trained_model
wait = subprocess.Popen.wait
def told(*args, **options):
    print("waiting\\n", end="", flush=True)  # in one write, for who reads what there is
    return wait(*args, **options)
subprocess.Popen.wait = told
folder, *command = sys.argv[1:]
folder = pathlib.Path(folder)
trained_model(Job(Training(command=command), folder, folder, "all.yaml", {}, {}), {})
"""


# It ends for readers of the pipe when nobody of its group is left, and says which group that is.
SHELL = "exec > alive; sleep 1000 & echo $$; wait"


def read_within(file, seconds=30):
    ready, _, _ = select.select([file], [], [], seconds)
    assert ready
    return os.read(file.fileno(), 100)


def started(folder):
    return subprocess.Popen(
        [sys.executable, "-c", CALLER, str(folder), "/bin/sh", "-c", SHELL],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_who_ends_landrace_ends_the_command_and_all_that_it_has_started(tmp_path, number):
    fifo, group = tmp_path / "alive", None
    os.mkfifo(fifo)
    reading = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(reading, "rb", buffering=0) as alive, started(tmp_path) as caller:
        try:
            # Held open for writing, it has no end before it had a beginning.
            with fifo.open("r+b", buffering=0):
                group = int(read_within(alive))
            assert read_within(caller.stdout) == b"waiting\n"
            caller.send_signal(number)
            assert caller.wait(30) != 0
            assert read_within(alive) == b""
        finally:
            caller.kill()
            if group:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(group, signal.SIGKILL)


def test_a_command_that_is_not_there_is_an_error(job):
    with pytest.raises(ConfigError, match="cannot be run"):
        trained_model(job(command=("no-such-trainer",)), {"PATH": ""})


def test_an_argument_that_no_program_can_be_given_is_an_error(job):
    with pytest.raises(ConfigError, match="cannot be run: embedded null byte"):
        trained_model(job(command=("trainer", "a\0b")), {})


def test_a_pipe_is_no_answer(job):
    with pytest.raises(ConfigError, match="no file"):
        trained_model(job(WRITE + "os.mkfifo(answer)"), {})


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("trained!", "not JSON"),
        ("[]", "a list, not an object"),
        ("{}", "`model` is missing"),
        (json.dumps({"model": 7}), "a number, not a string"),
        (json.dumps({"model": ""}), "is empty"),
        (json.dumps({"model": "two words"}), "no model id"),
        (json.dumps({"model": "a\u001b[31m"}), "no model id"),
        (json.dumps({"model": "m" * 300}), "no model id"),
        (json.dumps({"model": "a", "loss": 0.1}), "`loss` is not a known key"),
        (" " * (65 << 10), "more than 65536 bytes"),
    ],
)
def test_an_answer_that_is_none_is_refused(job, answer, problem):
    made = job(saying(answer))
    with pytest.raises(FormatError, match=problem):
        trained_model(made, {})
    assert not (made.folder / ANSWER).exists()
