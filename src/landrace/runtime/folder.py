"""A registry as a folder: ``<prompt>/<model>/pin.json`` and the variant files beside it.

Reads one file when it is asked for, never a file outside the folder, never an endless one.
"""

# pathlib costs 8 ms to import, as much as all of the loader.
# ruff: noqa: PTH112, PTH116, PTH118, PTH123

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

from landrace.errors import ConfigError, FormatError, RefusedError, StorageError
from landrace.naming import is_name, model_dirname, model_id
from landrace.pin import MAX_PIN_BYTES, MAX_VARIANT_BYTES, PIN_FILE, Pin
from landrace.strict_json import utf8

if TYPE_CHECKING:
    from collections.abc import Iterator

REGISTRY = "registry"


def registry_in(path: str) -> str:
    """The registry that a path stands for: the folder ``registry`` in it, or the path itself.

    A prompt may be called "registry", too, so its folder says nothing. A pin says it: whoever adds
    one to another place must hide none of those that are there, and put none before them.
    """
    inner = os.path.join(path, REGISTRY)
    is_repository = os.path.isdir(inner) and (_holds_pins(inner) or not _holds_pins(path))
    return inner if is_repository else path


class RegistryFolder:
    """The registry in exactly this folder, as a `landrace.runtime.cell.Source`.

    Which folder that is, is settled at once: what later becomes of the links in ``root``, or of
    the working directory, changes nothing. A folder that is not there is an empty registry.
    """

    __slots__ = ("_existed", "_real_root", "root")

    def __init__(self, root: str) -> None:
        self.root = root
        self._real_root = os.path.realpath(root)
        self._existed = os.path.isdir(self._real_root)

    def prompts(self) -> list[str]:
        """The names of all prompts with a pin, sorted.

        Raises:
            StorageError: the folder cannot be read, or was there and is gone.
        """
        found = list(_prompts(self._real_root))
        if not found and self._existed and not os.path.isdir(self._real_root):
            raise StorageError(
                "the registry is no longer there",
                where=self.root,
                fix="put it back, or make a new Registry of what took its place",
            )
        return found

    def models(self, prompt: str) -> list[str]:
        if not is_name(prompt):
            return []
        return sorted(model_id(name) for name in _pinned(os.path.join(self._real_root, prompt)))

    def pin(self, prompt: str, model: str) -> Pin | None:
        data = self._read(prompt, model, PIN_FILE, MAX_PIN_BYTES)
        return None if data is None else Pin.loads(data, self.where(prompt, model, PIN_FILE))

    def text(self, prompt: str, model: str, file: str) -> str | None:
        data = self._read(prompt, model, file, MAX_VARIANT_BYTES)
        return None if data is None else utf8(data, self.where(prompt, model, file))

    def where(self, prompt: str, model: str, file: str) -> str:
        return _path(self.root, prompt, model, file)

    def _read(self, prompt: str, model: str, file: str, limit: int) -> bytes | None:
        if not is_name(prompt):
            return None
        try:
            path = _path(self._real_root, prompt, model, file)
        except ConfigError:  # no folder can have this name, so nothing is pinned for it
            return None
        try:
            real = os.path.realpath(path, strict=True)
            if os.path.commonpath([real, self._real_root]) != self._real_root:
                raise RefusedError(
                    "the file is a link that leads out of the registry",
                    where=self.where(prompt, model, file),
                    fix="replace the link with the file itself",
                )
            return _read_regular(real, limit)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return None
            raise StorageError(
                f"the file cannot be read: {error.strerror or error}",
                where=self.where(prompt, model, file),
            ) from error


def _path(root: str, prompt: str, model: str, file: str) -> str:
    return os.path.join(root, prompt, model_dirname(model), file)


def _read_regular(path: str, limit: int) -> bytes:
    # Opening a named pipe would wait for ever.
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise FormatError("this is not a regular file", where=path)
    with open(path, "rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise FormatError(f"the file is larger than {limit} bytes", where=path)
    return data


def _holds_pins(folder: str) -> bool:
    return any(True for _ in _prompts(folder))


def _prompts(folder: str) -> Iterator[str]:
    """The names of the prompts with a pin, sorted."""
    for name in _folders(folder):
        if is_name(name) and _pinned(os.path.join(folder, name)):
            yield name


def _pinned(folder: str) -> list[str]:
    """The names of the folders inside ``folder`` that hold a pin."""
    return [
        name for name in _folders(folder) if os.path.lexists(os.path.join(folder, name, PIN_FILE))
    ]


def _folders(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return []
        raise StorageError(
            f"the folder cannot be read: {error.strerror or error}", where=folder
        ) from error
