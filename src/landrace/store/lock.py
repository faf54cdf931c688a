"""One process at a time: a file that is held while something must not happen twice at once."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from landrace.store.atomic import storage_error

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Wait until no other process holds the file, then hold it; made where it is missing.

    A process that dies lets go of it. Nothing is held on Windows, where a ledger is for one
    process as well.

    Raises:
        StorageError: the file cannot be opened.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    except OSError as error:
        raise storage_error("written to", path, error) from error
    with file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
