"""Taking a part out of a value: by pattern, JSON pointer, tag or line.

What is read may be a model's: every way takes time about linear in its length, but for a
pattern that backtracks, whose input is kept short.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from landrace.parsers import ParseFailure, parse

if TYPE_CHECKING:
    from landrace.program.nodes import Extract

MAX_REGEX_CHARS = 20_000
MAX_PARTS = 10_000


def extract(node: Extract, value: Any) -> Any:
    """The part of a value that the node asks for, or the list of all such parts.

    Raises:
        ParseFailure: there is none, or the value is not of a kind that has any.
    """
    if node.by == "json":
        return _at_pointer(value, node.what, every=node.every)
    if not isinstance(value, str):
        raise ParseFailure("it is no text")
    if node.by == "xml" and not node.every:
        return parse({"kind": "xml", "tag": node.what}, value)
    parts = _parts(node, value)
    if len(parts) > MAX_PARTS:
        raise ParseFailure(f"it holds more than {MAX_PARTS:,} parts")
    if node.every:
        return parts
    if not parts:
        raise ParseFailure("nothing in it matches" if node.by == "regex" else "it is blank")
    return parts[0]


def _parts(node: Extract, text: str) -> list[str]:
    if node.by == "regex":
        return _matches(node.what, text, every=node.every)
    if node.by == "xml":
        return _in_tags(node.what, text)
    return [line.strip() for line in text.splitlines() if line.strip()]


def _matches(source: str, text: str, *, every: bool) -> list[str]:
    if len(text) > MAX_REGEX_CHARS:
        raise ParseFailure(f"it is longer than {MAX_REGEX_CHARS:,} characters")
    pattern = re.compile(source)
    found = []
    for match in pattern.finditer(text):
        part = match[pattern.groups]
        if part is not None:  # None is a group that took no part in the match
            found.append(part)
            if not every:
                break
    return found


def _in_tags(tag: str, text: str) -> list[str]:
    """What stands in each pair of tags; the last may be cut off, and empty ones do not count."""
    opening = re.compile(rf"<{re.escape(tag)}>", re.IGNORECASE)
    closing = re.compile(rf"</{re.escape(tag)}>", re.IGNORECASE)
    found = []
    start = opening.search(text)
    while start:
        end = closing.search(text, start.end())
        found.append(text[start.end() : end.start() if end else len(text)].strip())
        start = opening.search(text, end.end()) if end else None
    return [part for part in found if part]


def _at_pointer(value: Any, pointer: str, *, every: bool) -> Any:
    """RFC 6901, section 4; its ``-`` (the item after the last) never exists."""
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and _is_index(key, len(value)):
            value = value[int(key)]
        else:
            raise ParseFailure(f"there is nothing at {pointer!r}")
    if value is None:
        raise ParseFailure(f"there is null at {pointer!r}")
    if not every:
        return value
    if not isinstance(value, list):
        raise ParseFailure(f"there is no list at {pointer!r}")
    return [item for item in value if item is not None]


def _is_index(key: str, length: int) -> bool:
    # A leading zero is no index by the RFC, and int() would take more digits than ASCII's.
    digits = key.isascii() and key.isdigit() and len(key) < 10
    return digits and (key == "0" or key[0] != "0") and int(key) < length
