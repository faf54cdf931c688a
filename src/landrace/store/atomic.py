"""Writing files so that a reader, or a crash, never meets half of one."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
from typing import TYPE_CHECKING

from landrace.digest import normalize_newlines
from landrace.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LAST = "pin.json"  # the file that makes the others of a cell count

_FIXES = {
    errno.ENOSPC: "free some disk space and run the same command again",
    errno.EDQUOT: "free some of your disk quota and run the same command again",
    errno.EACCES: "allow this user to write there",
    errno.EPERM: "allow this user to write there",
    errno.EROFS: "run it where the repository can be written to",
}


def write_bytes(path: Path, data: bytes) -> None:
    """Put the bytes in the file, or leave everything as it was.

    Raises:
        StorageError: the disk is full, or refuses for another reason.
    """
    write_tree(path.parent, {path.name: data})


def write_text(path: Path, text: str) -> None:
    """`write_bytes` of a text: UTF-8, every line end LF."""
    write_bytes(path, normalize_newlines(text).encode("utf-8"))


def write_json(path: Path, value: object) -> None:
    """`write_bytes` of `json_text`."""
    write_bytes(path, json_text(value).encode("utf-8"))


def json_text(value: object) -> str:
    """A JSON file's text: sorted keys, two spaces, one newline at the end, no NaN."""
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return text + "\n"


def write_tree(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put several files in one folder, creating it where it is missing.

    Everything is on disk under temporary names before the first file is replaced, so a full
    disk changes nothing. Files are replaced in order of their names, `LAST` last: a crash in
    between leaves a pin that no longer fits its files, and a loader refuses such a pin.

    Raises:
        StorageError: the disk is full, or refuses for another reason.
    """
    order = sorted(files, key=lambda name: (name == LAST, name))
    with _storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        temporary: dict[str, Path] = {}
        try:
            for name in order:
                temporary[name] = folder / f".{name}.{secrets.token_hex(4)}.tmp"
                _write_new(temporary[name], files[name])
            for name in order:
                temporary[name].replace(folder / name)
        finally:
            for path in temporary.values():
                path.unlink(missing_ok=True)
        _sync_folder(folder)


def _write_new(path: Path, data: bytes) -> None:
    # Not tempfile: its files are private to the user, and these belong to a repository.
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the new names outlast a power cut, where the system can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _storage_errors(where: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise storage_error("written to", where, error) from error


def storage_error(verb: str, path: Path, error: OSError) -> StorageError:
    """The error for a path that cannot be ``verb``: "read", "written to"."""
    reason = error.strerror or str(error)
    fix = _FIXES.get(error.errno or 0)
    return StorageError(f"cannot be {verb}: {reason}", where=str(path), fix=fix)
