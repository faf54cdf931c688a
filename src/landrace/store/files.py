"""Files below the repository's root, looked at with the suspicion that a pull request needs.

Every symbolic link on the way is refused, because what it leads to is neither in the diff that
was reviewed nor in the repository. Paths are from the root, with ``/``.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import ConfigError, FormatError, RefusedError
from landrace.store.atomic import storage_error
from landrace.strict_json import utf8

if TYPE_CHECKING:
    from pathlib import Path

MAX_TEXT_BYTES = 1_000_000


class Entry(NamedTuple):
    """What stands in a folder."""

    name: str
    is_folder: bool
    is_file: bool


def exists(root: Path, path: str) -> bool:
    """Whether anything stands at a path.

    Raises:
        RefusedError: a step to it is a symbolic link.
        StorageError: a step cannot be looked at.
    """
    return _mode(root, path) is not None


def refuse_links(root: Path, path: str) -> None:
    """Check every step to a path, which need not exist. Raises like `exists`."""
    _mode(root, path)


def entries(root: Path, folder: str) -> list[Entry]:
    """What a folder holds, sorted by name; nothing if it is missing. Raises like `exists`."""
    if _mode(root, folder) is None:
        return []
    try:
        with os.scandir(root / folder) as scan:
            modes = {entry.name: entry.stat(follow_symlinks=False).st_mode for entry in scan}
    except OSError as error:
        raise storage_error("read", root / folder, error) from error
    for name, mode in modes.items():
        _refuse_link(mode, f"{folder}/{name}")
    return [
        Entry(name, stat.S_ISDIR(mode), stat.S_ISREG(mode)) for name, mode in sorted(modes.items())
    ]


def refuse_links_below(root: Path, folder: str) -> None:
    """Look at everything in a folder, however deep. Raises like `exists`."""
    for entry in entries(root, folder):
        if entry.is_folder:
            refuse_links_below(root, f"{folder}/{entry.name}")


def require_file(root: Path, path: str, *, fix: str = "add it, or remove the folder") -> None:
    """Check that a regular file stands there; ``fix`` says what to do if nothing does.

    Raises:
        ConfigError: nothing stands there.
        RefusedError: a link, a folder or a device does.
        StorageError: it cannot be looked at.
    """
    mode = _mode(root, path)
    if mode is None:
        raise ConfigError("the file is missing", where=path, fix=fix)
    if not stat.S_ISREG(mode):
        # Reading a named pipe would wait for ever.
        raise RefusedError("not a regular file", where=path, fix="put a file there")


def read_text(
    root: Path,
    path: str,
    most: int = MAX_TEXT_BYTES,
    *,
    fix: str = "add it, or remove the folder",
) -> str:
    """A file's text, with the line ends that it has. ``fix`` as in `require_file`.

    Raises:
        FormatError: it is not UTF-8, or larger than ``most`` bytes.
        ConfigError, RefusedError, StorageError: like `require_file`.
    """
    require_file(root, path, fix=fix)
    try:
        with (root / path).open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise storage_error("read", root / path, error) from error
    if len(data) > most:
        raise FormatError(f"the file is larger than {most:,} bytes", where=path)
    return utf8(data, path)


def _mode(root: Path, path: str) -> int | None:
    """The mode of what stands at a path, or None; no step to it is a link."""
    here, mode = root, None
    for part in path.split("/"):
        here /= part
        try:
            mode = here.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise storage_error("read", here, error) from error
        _refuse_link(mode, here.relative_to(root).as_posix())
    return mode


def _refuse_link(mode: int, where: str) -> None:
    if stat.S_ISLNK(mode):
        raise RefusedError(
            "symbolic links are refused here",
            where=where,
            fix="put the file or folder itself there",
        )
