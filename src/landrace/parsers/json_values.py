"""JSON values in a text: the whole, those in fences, those in prose."""

from __future__ import annotations

import json
import math
import re
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Any, NoReturn

from landrace.errors import ParseFailure
from landrace.parsers.texts import sound

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_JSON_CHARS = 2_000_000
MAX_JSON_DEPTH = 64

_MAX_FENCES = 100
_MAX_VALUES = 500

_JSON_START = re.compile(r'\{(?=\s*["}])|\[(?=\s*(?:["\[\]{\d\-]|true|false|null))')
_BRACKET_OR_STRING = re.compile(r'[\[\]{}]|"(?:[^"\\]|\\.)*"?', re.DOTALL)
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_FENCE_TAG = re.compile(r"\s*(?:json[a-z0-9]*)?\s*", re.IGNORECASE)


def first_json(text: str) -> Any:
    return first_json_at(text)[0]


def first_json_at(text: str) -> tuple[Any, int]:
    """The first JSON value, and where in the text it begins."""
    for found in _json_values(text):
        return found
    raise ParseFailure("it holds no JSON value")


def json_field(text: str, field: str) -> Any:
    for value, _ in _json_values(text):
        if isinstance(value, dict) and value.get(field) is not None:
            return value[field]
    raise ParseFailure(f"it holds no JSON object with a value for {field!r}")


def _json_values(text: str) -> Iterator[tuple[Any, int]]:
    """The JSON values in a text and their places, null left out.

    First comes the whole, then those in fences, then those in prose.
    """
    if len(text) > MAX_JSON_CHARS:
        raise ParseFailure(f"it is longer than {MAX_JSON_CHARS} characters")
    for place, source in ((0, text), *islice(_fenced(text), _MAX_FENCES)):
        tag = _FENCE_TAG.match(source)
        start = tag.end() if tag else 0
        value, end = _decode(source, start)
        if value is not None and not source[end:].strip():
            yield value, place + start
    yield from _embedded_json(text)


def _fenced(text: str) -> Iterator[tuple[int, str]]:
    chunks = text.split("```")
    places = accumulate((len(chunk) + 3 for chunk in chunks), initial=0)
    for place, chunk in islice(zip(places, chunks, strict=False), 1, None, 2):
        if chunk.strip():
            yield place, chunk


def _embedded_json(text: str) -> Iterator[tuple[Any, int]]:
    position = 0
    for _ in range(_MAX_VALUES):
        start = _JSON_START.search(text, position)
        if start is None:
            return
        value, position = _decode(text, start.start())
        if value is None:
            position = _end_of_brackets(text, start.start())
        else:
            yield value, start.start()


def _decode(text: str, start: int) -> tuple[Any, int]:
    """The JSON value at ``start`` and its end; None and ``start`` if none stands there."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):  # no JSON, NaN, or an integer of thousands of digits
        return None, start
    if _too_deep(value):
        return None, start
    return (_sound(value) if _ESCAPED_SURROGATE.search(text, start, end) else value), end


def _sound(value: Any) -> Any:
    if isinstance(value, str):
        return sound(value)
    if isinstance(value, dict):
        return {sound(key): _sound(child) for key, child in value.items()}
    return [_sound(child) for child in value] if isinstance(value, list) else value


def _end_of_brackets(text: str, start: int) -> int:
    """Where the bracket at ``start`` is closed, else the end of the text.

    A broken or cut off value is passed over as a whole: a part of it is not the answer.
    """
    depth = 0
    for token in _BRACKET_OR_STRING.finditer(text, start):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
            if depth <= 0:
                return token.end()
    return len(text)


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_JSON_DEPTH + 1):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return False
    return True


def _children(value: Any) -> Sequence[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError(digits)
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


# Not strict: models write line breaks inside strings, and their meaning is plain.
_DECODER = json.JSONDecoder(strict=False, parse_float=_finite, parse_constant=_refuse)
