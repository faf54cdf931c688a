"""A bundle: a whole registry in one JSON file, for places where a folder is awkward.

::

    {"landrace_bundle": 1, "digest": "…",
     "cells": {prompt: {model: {"pin": {…}, "files": {name: text}}}}}

Equal registries give equal bytes on every platform. The digest covers the content and not its
layout, so a formatter does no harm; any other change is refused when the file is loaded. Where
the order of keys is sent to a model, a pin is refused that a formatter has sorted anew.
"""

from __future__ import annotations

import json
import os
import re
from functools import partial
from sys import intern
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.digest import json_digest, normalize_newlines
from landrace.errors import FormatError, IntegrityError, StorageError
from landrace.naming import is_name, model_dirname, model_id
from landrace.pin import MAX_VARIANT_BYTES, PIN_FILE, Pin
from landrace.runtime.cell import Source, load_cell
from landrace.runtime.choices import CHOICES_FILE, load_choices
from landrace.runtime.folder import RegistryFolder
from landrace.strict_json import (
    At,
    an_object,
    json_errors,
    record_of,
    sha256_hex,
    utf8,
    version,
)
from landrace.strict_json import text as text_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BUNDLE = 1
MAX_BUNDLE_BYTES = 512 << 20


def make_bundle(registry_files: Mapping[str, bytes]) -> bytes:
    """The bundle of the files of a registry, by their path below it with ``/``.

    Of files that no pin names, ``choices.json`` goes with it; others, such as reports, are left
    out.

    Raises:
        FormatError: a pin is no pin, or a variant is not UTF-8, or too large to be served.
        IntegrityError: a variant file is missing or not the one its pin names, or choices are
            not what their digest says.
    """
    return _make(_Files(registry_files))


def bundle_folder(path: str | os.PathLike[str]) -> bytes:
    """The bundle of a registry folder.

    Raises:
        FormatError, IntegrityError: like `make_bundle`.
        RefusedError: a file is a link out of the registry.
        StorageError: a file cannot be read.
    """
    return _make(RegistryFolder(os.fspath(path)))


def _make(source: Source) -> bytes:
    cells: dict[str, dict[str, Any]] = {}
    for prompt in source.prompts():
        for model in source.models(prompt):
            cell = load_cell(source, prompt, model)
            if cell is not None:
                files = {**cell.files, **_choices(source, cell.pin)}
                content = {"files": dict(sorted(files.items())), "pin": cell.pin.to_dict()}
                cells.setdefault(prompt, {})[model] = content
    digest = json_digest(
        {
            prompt: json_digest({model: json_digest(cell) for model, cell in models.items()})
            for prompt, models in cells.items()
        }
    )
    # ASCII, so that a reader's string takes one byte a character whatever the language.
    # The version comes first: a reader that is too old must find it before anything new.
    body = json.dumps(cells, separators=(",", ":"))
    return f'{{"landrace_bundle": {BUNDLE}, "digest": "{digest}", "cells": {body}}}\n'.encode()


def _choices(source: Source, pin: Pin) -> dict[str, str]:
    """The choices beside a pin, verified, where they are this pin's."""
    if load_choices(source, pin) is None:
        return {}
    content = source.text(pin.prompt, pin.model.id, CHOICES_FILE)
    return {} if content is None else {CHOICES_FILE: normalize_newlines(content)}


class _Files:
    """A registry's files in memory, as a `landrace.runtime.cell.Source`."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._cells: dict[str, list[str]] = {}
        for path in files:
            parts = path.split("/")
            if len(parts) == 3 and parts[2] == PIN_FILE and is_name(parts[0]):
                self._cells.setdefault(parts[0], []).append(model_id(parts[1]))

    def prompts(self) -> list[str]:
        return sorted(self._cells)

    def models(self, prompt: str) -> list[str]:
        return sorted(self._cells.get(prompt, ()))

    def pin(self, prompt: str, model: str) -> Pin | None:
        path = self.where(prompt, model, PIN_FILE)
        data = self._files.get(path)
        return None if data is None else Pin.loads(data, path)

    def text(self, prompt: str, model: str, file: str) -> str | None:
        path = self.where(prompt, model, file)
        data = self._files.get(path)
        if data is not None and len(data) > MAX_VARIANT_BYTES:
            raise FormatError(f"the file is larger than {MAX_VARIANT_BYTES} bytes", where=path)
        return None if data is None else utf8(data, path)

    def where(self, prompt: str, model: str, file: str) -> str:
        return f"{prompt}/{model_dirname(model)}/{file}"


class Bundle:
    """A verified bundle, as a `landrace.runtime.cell.Source`.

    It keeps one text and where in it each cell stands: 10,000 cells as Python objects would
    take several times the memory.
    """

    __slots__ = ("_cells", "_source", "_text")

    def __init__(self, data: bytes, source: str) -> None:
        """Reads and verifies a bundle; ``source`` names it in errors.

        Raises:
            FormatError: it is no bundle.
            IntegrityError: its content is not what its digest says.
        """
        self._source = source
        # Editors of Windows put this mark at a file's start.
        self._text = utf8(data, source).removeprefix("\ufeff")
        index = _Index(self._text, source)
        if json_digest(index.digests) != index.head.digest:
            raise IntegrityError(
                "the bundle's content is not what its digest says",
                where=source,
                fix="make the bundle again with `landrace bundle`",
            )
        self._cells = index.starts

    @classmethod
    def read(cls, path: str) -> Bundle:
        """The bundle in a file. Raises `StorageError` if it cannot be read."""
        try:
            with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs 8 ms to import
                data = file.read(MAX_BUNDLE_BYTES + 1)
        except OSError as error:
            raise StorageError(
                f"the bundle cannot be read: {error.strerror or error}", where=path
            ) from error
        if len(data) > MAX_BUNDLE_BYTES:
            raise FormatError(f"the file is larger than {MAX_BUNDLE_BYTES} bytes", where=path)
        return cls(data, path)

    def prompts(self) -> list[str]:
        return sorted(self._cells)

    def models(self, prompt: str) -> list[str]:
        return sorted(self._cells.get(prompt, ()))

    def pin(self, prompt: str, model: str) -> Pin | None:
        cell = self._cell(prompt, model)
        if cell is None:
            return None
        return Pin.from_dict(cell.pin, self.where(prompt, model, PIN_FILE))

    def text(self, prompt: str, model: str, file: str) -> str | None:
        cell = self._cell(prompt, model)
        if cell is None or file not in cell.files:
            return None
        return text_value(cell.files[file], At(self.where(prompt, model, file)))

    def where(self, prompt: str, model: str, file: str) -> str:
        return f"{self._source}:{prompt}/{model}/{file}"

    def _cell(self, prompt: str, model: str) -> _Content | None:
        start = self._cells.get(prompt, {}).get(model)
        if start is None:
            return None
        return _content(_decode(self._text, start)[0], At(self._source))


class _Head(NamedTuple):
    landrace_bundle: int
    digest: str
    cells: object


class _Content(NamedTuple):
    pin: dict[str, Any]
    files: dict[str, Any]


_head = record_of(
    _Head, landrace_bundle=partial(version, known=BUNDLE), digest=sha256_hex, cells=an_object
)
_content = record_of(_Content, pin=an_object, files=an_object)


class _Index:
    """One pass over a bundle's text: where each cell stands, and the hash of what it says."""

    def __init__(self, text: str, source: str) -> None:
        self._text = text
        self._at = At(source)
        self._members: dict[str, object] = {}
        self.starts: dict[str, dict[str, int]] = {}
        self.digests: dict[str, str] = {}
        with json_errors(source):
            end = _walk(text, _skip_space(text, 0), self._read_member)
            if _skip_space(text, end) != len(text):
                raise ValueError("there is more after its end")
        self.head = _head(self._members, self._at)

    def _read_member(self, key: str, start: int) -> int:
        if key == "cells":
            self._members[key] = {}
            return _walk(self._text, start, self._read_prompt)
        self._members[key], end = _decode(self._text, start)
        if key == "landrace_bundle":
            # At once: what follows may make no sense to a reader that is too old.
            version(self._members[key], self._at.key(key), known=BUNDLE)
        return end

    def _read_prompt(self, prompt: str, start: int) -> int:
        self.starts[prompt] = {}
        digests: dict[str, str] = {}
        end = _walk(self._text, start, partial(self._read_cell, prompt, digests))
        self.digests[prompt] = json_digest(digests)
        return end

    def _read_cell(self, prompt: str, digests: dict[str, str], model: str, start: int) -> int:
        cell, end = _decode(self._text, start)
        _content(cell, self._at.key("cells").key(prompt).key(model))
        # The same few models return in every prompt.
        self.starts[prompt][intern(model)] = start
        digests[model] = json_digest(cell)
        return end


_decode = json.JSONDecoder().raw_decode
_SPACE = re.compile(r"[ \t\r\n]*")


def _walk(text: str, start: int, read_member: Callable[[str, int], int]) -> int:
    """Where the JSON object at ``start`` ends.

    ``read_member`` is given each key with the place of its value, and answers where that ends.
    """
    at = _expect(text, start, "{")
    keys: set[str] = set()
    while text[at : at + 1] != "}":
        if keys:
            at = _expect(text, at, ",")
        key, at = _decode(text, at)
        if not isinstance(key, str) or key in keys:
            raise ValueError(f"{key!r} is no key, or stands twice")
        keys.add(key)
        at = _expect(text, _skip_space(text, at), ":")
        at = _skip_space(text, read_member(key, at))
    return at + 1


def _expect(text: str, at: int, char: str) -> int:
    """The place of what follows ``char``, which must stand at ``at``."""
    if text[at : at + 1] != char:
        raise json.JSONDecodeError(f"Expecting {char!r}", text, at)
    return _skip_space(text, at + 1)


def _skip_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
