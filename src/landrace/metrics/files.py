"""Reading the files that a metric's options name, out of one checkout and no further."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

from landrace.digest import normalize_newlines
from landrace.errors import ConfigError, RefusedError, StorageError

MAX_BYTES = 1_000_000


def read_inside(root: Path | None, name: str) -> str:
    """The text of ``root / name`` with LF line ends and without the mark that editors of
    Windows put at a file's start.

    Raises:
        RefusedError: the name leads out of ``root``, or over a symbolic link.
        ConfigError: there is no root, no such file, or it is too large or not UTF-8.
        StorageError: the disk refused the read.
    """
    if root is None:
        raise ConfigError(
            "a metric names a file, but there is no checkout to read it from",
            where=name,
            fix="Run the command inside the repository.",
        )
    path = _safe_path(root, name)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ConfigError(f"the file has more than {MAX_BYTES} bytes", where=name)
        return normalize_newlines(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigError("the file is not UTF-8 text", where=name) from error
    except OSError as error:
        raise StorageError(f"the file cannot be read: {error.strerror}", where=name) from error


def _safe_path(root: Path, name: str) -> Path:
    relative = PurePosixPath(name)
    foreign = "\\" in name or "\0" in name or PureWindowsPath(name).drive
    # A checkout's .git may hold a token, and a rubric is shown to a model.
    within = not {"..", ".git"} & {part.lower() for part in relative.parts}
    if foreign or relative.is_absolute() or not within:
        raise RefusedError(
            "a metric's file must lie inside the repository",
            where=name,
            fix="Name it by its path from the repository's root, with forward slashes.",
        )
    path = root.resolve()
    for part in relative.parts:
        path = path / part
        if path.is_symlink() or not path.resolve().is_relative_to(root.resolve()):
            raise RefusedError(
                "a metric's file must not be reached over a link",
                where=name,
                fix="Put a regular file there.",
            )
    if not path.is_file():
        raise ConfigError("a metric names a file that does not exist", where=name)
    return path
