from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from landrace.errors import StorageError
from landrace.store import atomic
from landrace.store.atomic import write_bytes, write_json, write_text, write_tree


def tree(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def full(*_args, **_kwargs):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_text_is_utf8_with_lf(tmp_path):
    write_text(tmp_path / "a" / "b.md", "é\r\nx\r")
    assert (tmp_path / "a" / "b.md").read_bytes() == "é\nx\n".encode()


def test_json_is_sorted_and_ends_with_a_newline(tmp_path):
    write_json(tmp_path / "a.json", {"b": [1], "a": "é"})
    assert (
        tmp_path / "a.json"
    ).read_bytes() == '{\n  "a": "é",\n  "b": [\n    1\n  ]\n}\n'.encode()


def test_a_file_is_as_readable_as_any_other_of_the_user(tmp_path):
    (tmp_path / "plain").touch()
    write_bytes(tmp_path / "a", b"x")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("name", ["fsync", "open"])
def test_a_full_disk_changes_nothing_and_leaves_nothing(tmp_path, monkeypatch, name):
    write_tree(tmp_path, {"a": b"old", "pin.json": b"old"})
    before = tree(tmp_path)
    monkeypatch.setattr(*((os, "fsync") if name == "fsync" else (Path, "open")), full)
    with pytest.raises(StorageError, match="No space left on device") as caught:
        write_tree(tmp_path, {"a": b"new", "pin.json": b"new"})
    monkeypatch.undo()
    assert caught.value.where == str(tmp_path)
    assert "free some disk space" in caught.value.fix
    assert tree(tmp_path) == before


def test_a_full_disk_at_the_second_file_leaves_the_first_as_it_was(tmp_path, monkeypatch):
    write_tree(tmp_path, {"a": b"old", "b": b"old"})
    before = tree(tmp_path)
    written = []

    def second_fails(descriptor):
        written.append(descriptor)
        if len(written) == 2:
            full()

    monkeypatch.setattr(os, "fsync", second_fails)
    with pytest.raises(StorageError):
        write_tree(tmp_path, {"a": b"new", "b": b"new"})
    assert tree(tmp_path) == before


def test_a_failed_replacement_leaves_no_temporary_file(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StorageError):
        write_bytes(tmp_path / "a", b"x")
    assert tree(tmp_path) == {}


def test_an_interrupt_leaves_no_temporary_file(tmp_path, monkeypatch):
    def interrupted(_descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(tmp_path / "a", b"x")
    assert tree(tmp_path) == {}


def test_the_pin_is_replaced_last(tmp_path, monkeypatch):
    order = []
    replace = Path.replace
    monkeypatch.setattr(
        Path, "replace", lambda one, two: order.append(two.name) or replace(one, two)
    )
    write_tree(tmp_path, {"zz.jinja": b"", "pin.json": b"", "prompt.jinja": b""})
    assert order == ["prompt.jinja", "zz.jinja", "pin.json"]


def test_a_link_is_replaced_and_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.write_bytes(b"keep")
    (tmp_path / "a").symlink_to(outside)
    write_bytes(tmp_path / "a", b"x")
    assert outside.read_bytes() == b"keep"
    assert not (tmp_path / "a").is_symlink()


def test_a_folder_in_the_way_is_an_error(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(StorageError):
        write_bytes(tmp_path / "a", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_nan_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="JSON compliant"):
        atomic.json_text(float("nan"))
    assert tree(tmp_path) == {}


@pytest.fixture
def tiny_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if os.name == "nt" or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small disk")
    if subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine does not let root mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_really_full_disk(tiny_disk):
    write_json(tiny_disk / "pin.json", {"v": 1})
    with pytest.raises(StorageError, match="No space left"):
        write_tree(tiny_disk, {"prompt.jinja": b"x" * 200_000, "pin.json": b"{}"})
    assert json.loads((tiny_disk / "pin.json").read_text()) == {"v": 1}
    assert list(tree(tiny_disk)) == ["pin.json"]
