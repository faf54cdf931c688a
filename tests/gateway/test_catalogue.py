from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from landrace.errors import ModelError
from landrace.gateway import catalogue
from landrace.gateway.catalogue import (
    CATALOGUE,
    CatalogueModel,
    HubSource,
    WheelSource,
    cached_file,
    models_dir,
    resolve,
    write_note,
)

DATA = b"GGUF tiny"
TINY = CatalogueModel(
    name="tiny",
    licence="Apache-2.0",
    size=len(DATA),
    sha256=hashlib.sha256(DATA).hexdigest(),
    wheels=WheelSource(("tiny==1",), ".bin"),
    hub=HubSource("someone/tiny", "tiny.gguf"),
)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setitem(CATALOGUE, "tiny", TINY)
    models_dir(tmp_path).mkdir()
    return tmp_path


def put(cache, data=DATA):
    path = models_dir(cache) / "tiny.gguf"
    path.write_bytes(data)
    return path


def test_every_entry_is_whole():
    for name, model in CATALOGUE.items():
        assert model.name == name
        assert model.id == f"local/{name}"
        assert len(model.sha256) == 64
        assert all("==" in requirement for requirement in model.wheels.requirements)
        assert model.hub.file.endswith(".gguf")
        assert model.licence == "Apache-2.0"


def test_a_missing_file_says_what_to_type(cache):
    with pytest.raises(ModelError) as caught:
        resolve("local/tiny", cache_dir=cache)
    assert "landrace models pull tiny" in caught.value.fix


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ModelError) as caught:
        resolve("local/gpt-9")
    assert "smollm2-135m-instruct" in caught.value.fix


def test_a_path_is_taken_as_it_is(tmp_path, monkeypatch):
    path = tmp_path / "own.gguf"
    path.write_bytes(DATA)
    assert resolve(f"local/{path}") == path
    monkeypatch.chdir(tmp_path)
    assert resolve("local/./own.gguf") == path
    with pytest.raises(ModelError, match="no such file"):
        resolve("local/other.gguf")


def test_a_file_is_hashed_once(cache, monkeypatch):
    path = put(cache)
    assert resolve("local/tiny", cache_dir=cache) == path
    monkeypatch.setattr(catalogue, "file_sha256", lambda _: pytest.fail("hashed again"))
    assert resolve("local/tiny", cache_dir=cache) == path


def test_verify_hashes_again(cache):
    path = put(cache)
    write_note(path, TINY)
    path.write_bytes(b"GGUF evil")
    note = json.loads(path.with_name("tiny.gguf.json").read_text())
    note["mtime_ns"] = path.stat().st_mtime_ns
    path.with_name("tiny.gguf.json").write_text(json.dumps(note))
    assert cached_file(TINY, cache_dir=cache) == path
    with pytest.raises(ModelError, match="not the one that the catalogue names"):
        cached_file(TINY, cache_dir=cache, verify=True)


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"sha256": 1}'])
def test_a_bad_note_is_ignored(cache, note):
    path = put(cache)
    path.with_name("tiny.gguf.json").write_text(note)
    assert resolve("local/tiny", cache_dir=cache) == path


def test_a_changed_file_is_refused(cache):
    put(cache, b"GGUF evil")
    with pytest.raises(ModelError, match="not the one that the catalogue names"):
        resolve("local/tiny", cache_dir=cache)


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("linux", {"LANDRACE_CACHE_DIR": "/c"}, "/c/models"),
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/landrace/models"),
        ("linux", {}, "/home/me/.cache/landrace/models"),
        ("darwin", {}, "/home/me/Library/Caches/landrace/models"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/landrace/cache/models"),
    ],
)
def test_where_models_are_kept(monkeypatch, platform, environ, expected):
    for name in ("LANDRACE_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(catalogue.sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: Path("/home/me"))
    assert models_dir() == Path(expected)
