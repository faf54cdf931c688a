from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from landrace.errors import ConfigError, FormatError, RefusedError, StorageError
from landrace.pin import Pin
from landrace.store.registry import cell_dir, read_pins, write_cell

SHA = "a" * 64


def pin(prompt, model):
    estimate = {"mean": 0.5, "low": 0.4, "high": 0.6, "n": 10, "coverage": 1.0}
    contenders = {"base": estimate, "incumbent": None, "winner": estimate}
    comparison = {
        "difference": 0.1, "low": 0.0, "high": 0.2, "p": 0.04,
        "wins": 3, "losses": 1, "ties": 6, "method": "exact",
    }  # fmt: skip
    return {
        "schema": 1,
        "prompt": prompt,
        "model": {"id": model, "params": {"temperature": 0}, "aliases": []},
        "files": {"prompt.jinja": SHA},
        "inputs": {"type": "object", "properties": {"text": {"type": "string"}}},
        "output": {"contract": {"type": "text"}, "parser": {"kind": "text"}},
        "base": {"template": SHA, "eval_set": SHA, "split_seed": 0, "metrics": SHA},
        "search": {
            "strategy": "auto", "version": "1", "options": {}, "seed": 0, "proposer": None,
            "spent": {"calls": 1, "prompt_tokens": 2, "completion_tokens": 3, "cost_usd": None},
        },
        "parent": None,
        "variant": SHA,
        "scores": {
            "select": contenders,
            "holdout": contenders,
            "comparison": {"base": comparison, "incumbent": None},
        },
        "inflation": 0.0,
        "holdout_looks": 1,
    }  # fmt: skip


def files(prompt="p", model="openai/gpt-4o"):
    return {"prompt.jinja": b"x\n", "pin.json": json.dumps(pin(prompt, model)).encode()}


def test_a_cell_is_a_folder_named_by_prompt_and_model(tmp_path):
    assert cell_dir(tmp_path, "p", "openai/gpt-4o") == tmp_path / "registry/p/openai%2Fgpt-4o"


@pytest.mark.parametrize(("prompt", "model"), [("../x", "m"), ("", "m"), ("A", "m"), ("p", "")])
def test_a_cell_cannot_stand_elsewhere(tmp_path, prompt, model):
    with pytest.raises(ConfigError):
        cell_dir(tmp_path, prompt, model)


def test_what_is_written_is_read(tmp_path):
    write_cell(tmp_path, "p", "openai/gpt-4o", files())
    write_cell(tmp_path, "p", "local/Qwen", files(model="local/Qwen"))
    write_cell(tmp_path, "a", "m", files("a", "m"))
    pins = read_pins(tmp_path)
    assert list(pins) == [("a", "m"), ("p", "local/Qwen"), ("p", "openai/gpt-4o")]
    assert pins["a", "m"] == Pin.from_dict(pin("a", "m"))


def test_a_repository_without_a_registry_has_no_pins(tmp_path):
    assert read_pins(tmp_path) == {}


def test_a_prompt_may_be_called_registry(tmp_path):
    write_cell(tmp_path, "registry", "m", files("registry", "m"))
    assert list(read_pins(tmp_path)) == [("registry", "m")]


def test_variant_files_of_before_are_removed_and_nothing_else(tmp_path):
    write_cell(tmp_path, "p", "m", {**files("p", "m"), "second.jinja": b""})
    (tmp_path / "registry/p/m/notes.txt").touch()
    folder = write_cell(tmp_path, "p", "m", files("p", "m"))
    assert {path.name for path in folder.iterdir()} == {"prompt.jinja", "pin.json", "notes.txt"}


def test_a_full_disk_leaves_the_cell_as_it_was(tmp_path, monkeypatch):
    folder = write_cell(tmp_path, "p", "m", {**files("p", "m"), "second.jinja": b""})
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StorageError):
        write_cell(tmp_path, "p", "m", {"prompt.jinja": b"new", "pin.json": b"new"})
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/b", "", ".hidden", "a\n"])
def test_a_file_of_a_cell_cannot_stand_elsewhere(tmp_path, name):
    with pytest.raises(RefusedError):
        write_cell(tmp_path, "p", "m", {name: b""})
    assert not (tmp_path / "registry").exists()


@pytest.mark.parametrize(
    "link", ["registry", "registry/p", "registry/p/m", "registry/p/m/pin.json"]
)
def test_a_link_is_neither_read_nor_written_through(tmp_path, link):
    write_cell(tmp_path, "p", "m", files("p", "m"))
    path = tmp_path / link
    path.rename(tmp_path / "real")
    path.symlink_to(tmp_path / "real")
    with pytest.raises(RefusedError):
        read_pins(tmp_path)
    with pytest.raises(RefusedError):
        write_cell(tmp_path, "p", "m", files("p", "m"))


def test_a_pin_in_another_cells_folder_is_an_error(tmp_path):
    write_cell(tmp_path, "p", "m", files("p", "other"))
    with pytest.raises(FormatError, match="other"):
        read_pins(tmp_path)


def test_a_folder_that_landrace_did_not_name_is_an_error(tmp_path):
    write_cell(tmp_path, "p", "m", files("p", "m"))
    (tmp_path / "registry/p/m").rename(tmp_path / "registry/p/openai%2fgpt")
    with pytest.raises(ConfigError, match="not a model id"):
        read_pins(tmp_path)
