"""Strict YAML: the JSON data model, one document, and nothing that readers disagree about.

Refused are anchors and aliases, merge keys, tags, directives, duplicate keys, keys that are
not text, and files past a limit in bytes, depth or nodes. Booleans are ``true`` and
``false``; ``yes``, ``no``, ``on``, ``off``, dates and times are text. A number that YAML 1.1
and YAML 1.2 read differently (``012``, ``0x1F``, ``1_000``, ``1e3``) is an error, because
whichever reading were taken, somebody would be surprised in silence.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import yaml

from landrace.errors import FormatError
from landrace.store.atomic import storage_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MAX_BYTES = 1_000_000
MAX_DEPTH = 50
MAX_NODES = 50_000
MAX_DIGITS = 300

KeyPath: TypeAlias = tuple[str | int, ...]
_Node: TypeAlias = "yaml.ScalarEvent | yaml.CollectionStartEvent"

# libyaml's parser is some thirty times faster; not every build of PyYAML has it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NULL = frozenset({"", "~", "null"})
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?((0|[1-9][0-9]*)\.[0-9]*([eE][-+][0-9]+)?|\.[0-9]+([eE][-+][0-9]+)?)\Z")
_CONTESTED_NUMBER = re.compile(
    r"[-+]?(0[0-9_]+(\.[0-9_]*)?|0[bB][01_]+|0[oO][0-7_]+|0[xX][0-9a-fA-F_]+"
    r"|[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?|([0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+"
    r"|\.(inf|Inf|INF))\Z|\.(nan|NaN|NAN)\Z"
)
_CONTESTED_WORD = {
    "True": "true",
    "TRUE": "true",
    "False": "false",
    "FALSE": "false",
    "Null": "null",
    "NULL": "null",
}
# What a YAML stream may not hold, so that every reader sees the same text.
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Document:
    """A parsed file: its value, and the line of every part of it."""

    name: str
    value: Any
    lines: Mapping[KeyPath, int]

    def where(self, path: KeyPath = ()) -> str:
        """``file:line`` of a part, or of the nearest part around it that is in the file."""
        while path not in self.lines and path:
            path = path[:-1]
        return f"{self.name}:{self.lines.get(path, 1)}"


def read_yaml(path: Path, name: str | None = None) -> Document:
    """Parse a file; ``name`` stands for it in errors.

    Raises:
        FormatError: the file is not strict YAML.
        StorageError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise storage_error("read", path, error) from error
    return parse_yaml(data, name or str(path))


def parse_yaml(source: bytes | str, name: str) -> Document:
    """Parse a YAML text, or its UTF-8 bytes.

    Raises:
        FormatError: the text is not strict YAML.
    """
    text = _text(source, name)
    builder = _Builder(name)
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        _fail(name, mark.line if mark else 0, f"not YAML: {error.problem or error.context}")
    except yaml.YAMLError as error:
        _fail(name, 0, f"not YAML: {error}")
    return Document(name, builder.value, builder.lines)


def _text(source: bytes | str, name: str) -> str:
    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    if len(data) > MAX_BYTES:
        raise FormatError(
            f"the file is larger than {MAX_BYTES:,} bytes",
            where=name,
            fix="keep cases in cases.jsonl and long texts in templates",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _fail(name, data.count(b"\n", 0, error.start), "not UTF-8 text", "save the file as UTF-8")
    found = _UNPRINTABLE.search(text)
    if found:
        line = text.count("\n", 0, found.start())
        _fail(name, line, f"the character U+{ord(found[0]):04X} may not stand in a YAML file")
    return text


def _events(text: str) -> Iterator[yaml.Event]:
    loader = _LOADER(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


def _fail(name: str, line: int, problem: str, fix: str | None = None) -> NoReturn:
    """Raise for a line counted from 0, as PyYAML counts."""
    raise FormatError(problem, where=f"{name}:{line + 1}", fix=fix)


@dataclass
class _Frame:
    """A mapping or list that is still open; ``key`` is the mapping's key without a value yet."""

    container: dict[str, Any] | list[Any]
    path: KeyPath
    key: str | None = None


@dataclass
class _Builder:
    """Builds the value from parser events, and stops at the first thing that is refused.

    It works on events because aliases and depth must be refused before a tree is made of
    them: a nine-line file of aliases is a tree of gigabytes.
    """

    name: str
    value: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    stack: list[_Frame] = field(default_factory=list)
    documents: int = 0
    nodes: int = 0

    def take(self, event: yaml.Event) -> None:
        assert event.start_mark is not None
        line = event.start_mark.line
        if isinstance(event, yaml.DocumentStartEvent):
            self._start_document(event, line)
        elif isinstance(event, yaml.AliasEvent):
            _fail(self.name, line, "aliases are refused", "write the value out")
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.stack.pop()
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            self._take_node(event, line)

    def _start_document(self, event: yaml.DocumentStartEvent, line: int) -> None:
        self.documents += 1
        if self.documents > 1:
            _fail(self.name, line, "a second document starts here", "keep one document a file")
        if event.version or event.tags:
            _fail(self.name, line, "directives are refused", "remove the line that starts with `%`")

    def _take_node(self, event: _Node, line: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            _fail(self.name, line, f"the file has more than {MAX_NODES:,} nodes")
        if event.anchor is not None:
            _fail(self.name, line, "anchors are refused", f"remove `&{event.anchor}`")
        if event.tag is not None:
            _fail(self.name, line, "tags are refused", f"remove `{event.tag}`")
        parent = self.stack[-1] if self.stack else None
        if parent and isinstance(parent.container, dict) and parent.key is None:
            self._take_key(parent, event, line)
        else:
            self._take_value(parent, event, line)

    def _take_key(self, parent: _Frame, event: _Node, line: int) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            _fail(self.name, line, "a key is a list or a mapping", "make it text")
        plain = event.implicit[0]
        if plain and event.value == "<<":
            _fail(self.name, line, "merge keys are refused", "write the keys out")
        key = self._scalar(event, line)
        if not isinstance(key, str):
            _fail(self.name, line, f"the key `{event.value}` is not text", f'write "{event.value}"')
        path = (*parent.path, key)
        if key in parent.container:
            _fail(
                self.name,
                line,
                f"the key `{key}` stands twice, first on line {self.lines[path]}",
                "keep one of them",
            )
        self.lines[path] = line + 1
        parent.key = key

    def _take_value(self, parent: _Frame | None, event: _Node, line: int) -> None:
        path: KeyPath = ()
        if parent is not None:
            index = len(parent.container) if parent.key is None else parent.key
            path = (*parent.path, index)
        self.lines.setdefault(path, line + 1)
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event, line)
        else:
            value = {} if isinstance(event, yaml.MappingStartEvent) else []
            self.stack.append(_Frame(value, path))
            if len(self.stack) > MAX_DEPTH:
                _fail(self.name, line, f"nested more than {MAX_DEPTH} levels deep")
        self._put(parent, value)

    def _put(self, parent: _Frame | None, value: object) -> None:
        if parent is None:
            self.value = value
        elif isinstance(parent.container, list):
            parent.container.append(value)
        else:
            assert parent.key is not None
            parent.container[parent.key] = value
            parent.key = None

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> bool | int | float | str | None:
        text: str = event.value
        if not event.implicit[0]:
            return text
        if text in _NULL:
            return None
        if text in {"true", "false"}:
            return text == "true"
        if text in _CONTESTED_WORD:
            word = _CONTESTED_WORD[text]
            _fail(
                self.name, line, f"`{text}` is ambiguous", f'write `{word}`, or "{text}" for text'
            )
        if len(text) <= MAX_DIGITS and _INTEGER.match(text):
            return int(text)
        if len(text) <= MAX_DIGITS and _FLOAT.match(text):
            number = float(text)
            if not math.isfinite(number):
                _fail(self.name, line, f"`{text}` is too large a number")
            return number
        if _CONTESTED_NUMBER.match(text):
            _fail(
                self.name,
                line,
                f"`{text}` is a number to some readers of YAML and not to others",
                f'write it in plain decimals, or "{text}" for text',
            )
        return text
