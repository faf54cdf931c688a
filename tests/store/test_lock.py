from __future__ import annotations

import subprocess
import sys

import pytest

from landrace.errors import StorageError
from landrace.store.lock import held

TRY = """
import fcntl, sys
with open(sys.argv[1], "ab") as file:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("held")
    else:
        print("free")
"""
WAIT = """
import pathlib, sys
from landrace.store.lock import held
print("ready", flush=True)
with held(pathlib.Path(sys.argv[1])):
    print(pathlib.Path(sys.argv[2]).read_text(), flush=True)
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is held on Windows")


def _state(path):
    done = subprocess.run(
        [sys.executable, "-c", TRY, str(path)], capture_output=True, check=True, text=True
    )
    return done.stdout.strip()


def test_no_other_process_gets_what_is_held(tmp_path):
    path = tmp_path / "made" / "on" / "demand.lock"
    with held(path):
        assert _state(path) == "held"
    assert _state(path) == "free"


def test_who_waits_sees_what_the_holder_did(tmp_path):
    path, work = tmp_path / "one.lock", tmp_path / "work"
    with held(path):
        waiting = subprocess.Popen(
            [sys.executable, "-c", WAIT, str(path), str(work)], stdout=subprocess.PIPE, text=True
        )
        assert waiting.stdout.readline() == "ready\n"
        work.write_text("done")
    assert waiting.communicate()[0] == "done\n"
    assert waiting.returncode == 0


def test_an_error_inside_lets_go(tmp_path):
    path = tmp_path / "one.lock"
    with pytest.raises(ZeroDivisionError), held(path):
        _ = 1 / 0
    assert _state(path) == "free"


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError) as caught, held(tmp_path / "file" / "one.lock"):
        pass
    assert "one.lock" in caught.value.where
