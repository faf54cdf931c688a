"""The ledger: append-only JSONL of every model call, score and decision.

One file serves a repository: it is the cache of calls, the record that makes a killed run
resumable, and the audit trail. A line is one ``write`` under a file lock, so it survives
``kill -9`` as soon as `Ledger.append` returns; `Ledger.sync` adds what a power cut asks for.
Only the place of each call is kept in memory, never its text.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeGuard

from landrace.errors import FormatError, RefusedError, StorageError

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CALL = "call"


class Place(NamedTuple):
    """Where a line stands, and the study that paid for it."""

    offset: int
    length: int
    study: str


class Ledger:
    """An open ledger.

    Raises:
        FormatError: a line in the middle is not a record; nothing is changed then.
        RefusedError: a link or the like stands there.
        StorageError: the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._calls: dict[bytes, Place] = {}
        self._known = 0  # bytes, all of which are indexed
        self._lines = 0
        self.set_aside = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = _open(path)
        except OSError as error:
            raise _storage(error, path) from error
        try:
            with self._exclusive():
                self._read_on()
        except BaseException:
            os.close(self._file)
            raise

    def append(self, record: dict[str, Any]) -> None:
        """Write one record; it is the operating system's when this returns.

        Raises:
            FormatError: another process has left a damaged line and half of one behind it.
            StorageError: the disk refuses.
        """
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "surrogatepass"
        )
        with self._lock, self._exclusive():
            offset = os.lseek(self._file, 0, os.SEEK_END)
            if offset > self._known and os.pread(self._file, 1, offset - 1) != b"\n":
                self._read_on()  # another process was killed while it wrote its last line
                offset = self._known
            self._write_whole(line + b"\n", offset)
            self._index(record, offset, len(line))
            if offset == self._known:  # else another process has written in between
                self._advance(len(line) + 1)

    def refresh(self) -> None:
        """Learn which calls other processes have recorded since.

        Raises:
            FormatError: one of their lines is not a record.
        """
        with self._lock, self._exclusive():
            self._read_on()

    def call(self, key: str) -> tuple[dict[str, Any], str] | None:
        """The recorded call of that key with the study that paid for it, or None."""
        place = self._calls.get(bytes.fromhex(key))
        if place is None:
            return None
        line = os.pread(self._file, place.length, place.offset)
        return json.loads(line), place.study

    def records(self) -> Iterator[dict[str, Any]]:
        """Every whole record, in order."""
        with self.path.open("rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):
                    yield json.loads(line)

    def sync(self) -> None:
        """Return once everything appended has reached the disk."""
        try:
            os.fsync(self._file)
        except OSError as error:
            raise _storage(error, self.path) from error

    def close(self) -> None:
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _exclusive(self) -> Iterator[None]:
        if sys.platform == "win32":  # no flock there: one process a ledger
            yield
            return
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _write_whole(self, line: bytes, offset: int) -> None:
        try:
            written = os.write(self._file, line)
        except OSError as error:
            raise _storage(error, self.path) from error
        if written != len(line):
            # Half a line would make the next record unreadable.
            os.ftruncate(self._file, offset)
            raise _storage(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), self.path)

    def _read_on(self) -> None:
        """Index the lines that are not known yet, under the file lock."""
        with self.path.open("rb") as lines:
            lines.seek(self._known)
            for line in lines:
                if not line.endswith(b"\n"):
                    self._set_tail_aside(self._known, line)
                    return
                self._index(self._parse(line, self._lines + 1), self._known, len(line) - 1)
                self._advance(len(line))

    def _advance(self, length: int) -> None:
        self._known += length
        self._lines += 1

    def _parse(self, line: bytes, number: int) -> dict[str, Any]:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if not _is_record(record):
            raise FormatError(
                "the ledger has a damaged line",
                where=f"{self.path}:{number}",
                fix="delete that line; the call it recorded will be made again",
            )
        return record

    def _set_tail_aside(self, offset: int, tail: bytes) -> None:
        """A last line without its end is what ``kill -9`` leaves; keep its bytes for an audit."""
        with os.fdopen(_open(self.path.with_suffix(".torn")), "ab") as torn:
            torn.write(tail + b"\n")
        os.ftruncate(self._file, offset)
        self.set_aside = len(tail)

    def _index(self, record: dict[str, Any], offset: int, length: int) -> None:
        if record["kind"] == CALL:
            place = Place(offset, length, record.get("study", ""))
            self._calls.setdefault(bytes.fromhex(record["key"]), place)


def _is_record(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a line's value can be indexed."""
    if not isinstance(value, dict) or "kind" not in value:
        return False
    if value["kind"] != CALL:
        return True
    try:
        bytes.fromhex(value["key"])
    except (KeyError, TypeError, ValueError):
        return False
    return isinstance(value.get("study", ""), str)


def _open(path: Path) -> int:
    """Open a file to read and append, made for this user alone where it is missing.

    Through a link the end of any file of the user's would be cut off as a torn line.
    """
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(path.lstat().st_mode):
            raise RefusedError(
                "the ledger is a link, or another thing than a file",
                where=str(path),
                fix="put the file itself there; the folder may be a link out of the work tree",
            )
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
    return os.open(path, flags, 0o600)


def _storage(error: OSError, path: Path) -> StorageError:
    return StorageError(
        f"cannot use the ledger: {error.strerror or error}",
        where=str(path),
        fix="free some space or mend the permissions; what is recorded so far is safe",
    )
