"""Turns a model's raw text into an answer.

A parser is named by its spec, a JSON object as pins store it, such as ``{"kind": "number"}``.
Evaluation and applications parse with the same code, so what was scored is what is served.
Model output is hostile input: every parser takes time about linear in its length.
"""

from __future__ import annotations

import json
import math
import re
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from landrace.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

MAX_JSON_CHARS = 2_000_000
MAX_JSON_DEPTH = 64
MAX_LABEL_CHARS = 200_000
MAX_NUMBER_CHARS = 300

_MAX_FENCES = 100
_MAX_VALUES = 500

_JSON_START = re.compile(r'\{(?=\s*["}])|\[(?=\s*(?:["\[\]{\d\-]|true|false|null))')
_BRACKET_OR_STRING = re.compile(r'[\[\]{}]|"(?:[^"\\]|\\.)*"?', re.DOTALL)
_FENCE_TAG = re.compile(r"\s*(?:json[a-z0-9]*)?\s*", re.IGNORECASE)
_NUMBER = re.compile(
    r"""
    (?<![^\W_])             # not inside a word or a number: the 4 of GPT4, the -5 of 10-5
    (?P<minus>[-\u2212])?
    [$€£¥]?
    (?P<digits>
        (?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?
        |\.[0-9]+
    )
    (?P<exponent>[eE][-+]?[0-9]{1,4}(?!\w))?
    """,
    re.VERBOSE,
)


class ParseFailure(ValueError):  # noqa: N818 - a normal outcome of a weak model, not an error
    """The text holds no such answer; ``reason`` says why, as a clause without a full stop."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse(spec: Mapping[str, Any], text: str) -> Any:
    """The answer in a model's raw text; never None.

    Kinds: ``text`` (stripped), ``first_line``, ``last_line``, ``after`` (the line after the last
    ``marker``), ``label`` (the one of ``labels`` that is named), ``labels`` (the list of those
    that are; empty for "none"), ``number`` (the last one), ``json``, ``json_field`` (of the first
    object that has ``field``), ``xml`` (inside the last ``tag``).

    Raises:
        ParseFailure: the text holds no such answer.
        ConfigError: the spec is not one of the above, whatever the text.
    """
    name = spec.get("kind")
    kind = _KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ConfigError(
            f"there is no parser of kind {name!r}", fix=f"Use one of {', '.join(_KINDS)}."
        )
    _check_options(spec, kind)
    return kind.read(text, spec[kind.option]) if kind.option else kind.read(text)


def default_parser(output_contract: Mapping[str, Any]) -> dict[str, Any]:
    """The spec for a prompt that has no format of its own, by the output's ``type``.

    A label is read as plain text: a base prompt is judged as an application would read it.

    Raises:
        ConfigError: an unknown output type.
    """
    output = output_contract.get("type", "text")
    if output in {"text", "label"}:
        return {"kind": "text"}
    if output in {"number", "json"}:
        return {"kind": output}
    raise ConfigError(
        f"there is no output type {output!r}", fix="Use one of text, label, number, json."
    )


def _text(text: str) -> str:
    return text.strip()


def _first_line(text: str) -> str:
    return _lines(text)[0].strip()


def _last_line(text: str) -> str:
    return _lines(text)[-1].strip()


def _lines(text: str) -> list[str]:
    lines = text.strip().splitlines()
    if not lines:
        raise ParseFailure("it is empty")
    return lines


def _after(text: str, marker: str) -> str:
    # Markdown may surround the marker, as in "**Answer:** 42" or "**Answer**: 42".
    stem = marker.strip().removesuffix(":")
    colon = r"\*{0,2}:" if marker.strip().endswith(":") else ""
    found = _last_match(re.escape(stem) + colon, text)
    if found is None:
        raise ParseFailure(f"it lacks {marker!r}")
    lines = text[found.end() :].strip("* \t\r\n").splitlines()
    answer = lines[0].strip("* \t") if lines else ""
    if not answer:
        raise ParseFailure(f"nothing follows {marker!r}")
    return answer


def _xml(text: str, tag: str) -> str:
    name = re.escape(tag)
    start = _last_match(rf"<{name}>", text)
    if start is None:
        raise ParseFailure(f"it lacks <{tag}>")
    end = re.compile(rf"</{name}>", re.IGNORECASE).search(text, start.end())
    answer = text[start.end() : end.start() if end else len(text)].strip()
    if not answer:
        raise ParseFailure(f"<{tag}> is empty")
    return answer


def _last_match(pattern: str, text: str) -> re.Match[str] | None:
    last = None
    for found in re.finditer(pattern, text, re.IGNORECASE):
        last = found
    return last


def _label(text: str, labels: Sequence[str]) -> str:
    if text.strip() in labels:
        return text.strip()
    named = _named(text, labels)
    if len(named) > 1:
        raise ParseFailure(f"it names more than one label: {', '.join(named[:5])}")
    return named[0]


def _labels(text: str, labels: Sequence[str]) -> list[str]:
    if _words_only(text) == "none" and "none" not in map(str.casefold, labels):
        return []
    return _named(text, labels)


def _named(text: str, labels: Sequence[str]) -> list[str]:
    """The labels that a text names, each once, in the order of their first mention."""
    if len(text) > MAX_LABEL_CHARS:
        raise ParseFailure(f"it is longer than {MAX_LABEL_CHARS} characters")
    fold = _fold_that_tells_apart(labels)
    by_key = {fold(label): label for label in labels}
    # The longest goes first, so that "very positive" does not count as "positive".
    keys = sorted(by_key, key=len, reverse=True)
    pattern = r"(?<!\w)(?:" + "|".join(map(re.escape, keys)) + r")(?!\w)"
    named = list(dict.fromkeys(by_key[key] for key in re.findall(pattern, fold(text))))
    if not named:
        raise ParseFailure("it names none of the labels")
    return named


def _fold_that_tells_apart(labels: Sequence[str]) -> Callable[[str], str]:
    """The loosest reading under which labels such as C, C# and C++ stay different."""
    for fold in (_words_only, _folded, _spaced):
        keys = {fold(label) for label in labels}
        if len(keys) == len(set(labels)) and "" not in keys:
            return fold
    return str


def _words_only(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def _folded(text: str) -> str:
    return _spaced(text.casefold())


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _number(text: str) -> int | float:
    """The last number: 1,234.5 and -$3 and 1e6 are read; 45% is 45."""
    last = None
    for found in _NUMBER.finditer(text):
        last = found
    if last is None:
        raise ParseFailure("it holds no number")
    digits = last["digits"].replace(",", "")
    if len(digits) > MAX_NUMBER_CHARS:
        raise ParseFailure(f"its last number has more than {MAX_NUMBER_CHARS} digits")
    value = _value_of(digits, last["exponent"])
    if math.isinf(value):
        raise ParseFailure("its last number is too large")
    return -value if last["minus"] else value


def _value_of(digits: str, exponent: str | None) -> int | float:
    if exponent or "." in digits:
        return float(digits + (exponent or ""))
    return int(digits)


def _json(text: str) -> Any:
    for value in _json_values(text):
        return value
    raise ParseFailure("it holds no JSON value")


def _json_field(text: str, field: str) -> Any:
    for value in _json_values(text):
        if isinstance(value, dict) and value.get(field) is not None:
            return value[field]
    raise ParseFailure(f"it holds no JSON object with a value for {field!r}")


def _json_values(text: str) -> Iterator[Any]:
    """The JSON values in a text, null left out: the whole, those in fences, those in prose."""
    if len(text) > MAX_JSON_CHARS:
        raise ParseFailure(f"it is longer than {MAX_JSON_CHARS} characters")
    fenced = (chunk for chunk in text.split("```")[1::2] if chunk.strip())
    for source in (text, *islice(fenced, _MAX_FENCES)):
        tag = _FENCE_TAG.match(source)
        value, end = _decode(source, tag.end() if tag else 0)
        if value is not None and not source[end:].strip():
            yield value
    yield from _embedded_json(text)


def _embedded_json(text: str) -> Iterator[Any]:
    position = 0
    for _ in range(_MAX_VALUES):
        start = _JSON_START.search(text, position)
        if start is None:
            return
        value, position = _decode(text, start.start())
        if value is None:
            position = _end_of_brackets(text, start.start())
        else:
            yield value


def _decode(text: str, start: int) -> tuple[Any, int]:
    """The JSON value at ``start`` and its end; None and ``start`` if none stands there."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):  # no JSON, NaN, or an integer of thousands of digits
        return None, start
    return (None, start) if _too_deep(value) else (value, end)


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


class _Kind(NamedTuple):
    read: Callable[..., Any]
    option: str | None = None


_KINDS = {
    "text": _Kind(_text),
    "first_line": _Kind(_first_line),
    "last_line": _Kind(_last_line),
    "after": _Kind(_after, "marker"),
    "label": _Kind(_label, "labels"),
    "labels": _Kind(_labels, "labels"),
    "number": _Kind(_number),
    "json": _Kind(_json),
    "json_field": _Kind(_json_field, "field"),
    "xml": _Kind(_xml, "tag"),
}


def _check_options(spec: Mapping[str, Any], kind: _Kind) -> None:
    name = spec["kind"]
    unknown = sorted(set(spec) - {"kind", kind.option})
    if unknown:
        raise ConfigError(
            f"a parser of kind {name} takes no {unknown[0]!r}",
            fix=f"Keep only `{kind.option}`." if kind.option else "Keep only `kind`.",
        )
    if kind.option and not _is_usable(kind.option, spec.get(kind.option)):
        wanted = "a list of texts" if kind.option == "labels" else "a text"
        raise ConfigError(
            f"a parser of kind {name} needs `{kind.option}`", fix=f"Set it to {wanted}."
        )


def _is_usable(option: str, value: Any) -> bool:
    if option != "labels":
        return isinstance(value, str) and bool(value.strip())
    return (
        isinstance(value, (list, tuple))
        and bool(value)
        and all(isinstance(label, str) and label.strip() for label in value)
    )
