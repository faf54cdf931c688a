"""Edits of the list of models in a pipeline's text, which leave all other lines as they are.

The list is found by a YAML parser, changed as text, and the result is parsed again: an edit
that did not come out as meant, or that would lose a comment, is not made.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from landrace.errors import FormatError
from landrace.store.yaml import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_KEY = "models"
# Every reader of YAML takes these for text, in lists of either style, unless they are a number.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/@+-]*\Z")
# What ends a line for a YAML parser and for nobody else.
_ODD_LINE_END = re.compile(r"\r(?!\n)|[\x85\u2028\u2029]")


class _Span(NamedTuple):
    """Where something stands in a text: from ``start`` to before ``end``."""

    start: int
    end: int


class _List(NamedTuple):
    """A list in a text; the span of each item is that of its value, without dash and comma."""

    is_flow: bool
    span: _Span
    items: tuple[_Span, ...]


class _UnsafeError(Exception):
    """The text has a form that these edits could not keep."""


def edit_models(text: str, *, add: Sequence[str] = (), remove: Collection[str] = ()) -> str | None:
    """A pipeline's text with models removed, and others added at the end of the list.

    Args:
        text: a whole file that fits the schema.
        add: ids that the list does not have.
        remove: ids; each is removed as often as it stands there. A model has to remain.

    Returns:
        The new text, or None if this cannot be done without changing anything else.
    """
    before = _value(text)
    if before is None or _ODD_LINE_END.search(text):
        return None
    kept = [model for model in before[_KEY] if _id(model) not in remove]
    gone = [n for n, model in enumerate(before[_KEY]) if _id(model) in remove]
    if not kept:
        return None
    try:
        edited = _edited(text, add, gone)
    except _UnsafeError:
        return None
    return edited if _value(edited) == {**before, _KEY: [*kept, *add]} else None


def _edited(text: str, add: Sequence[str], gone: Sequence[int]) -> str:
    for model in add:
        found = _find(text)
        text = (_with_flow if found.is_flow else _with_block)(text, found, _scalar(model))
    for index in reversed(gone):
        found = _find(text)
        text = (_without_flow if found.is_flow else _without_block)(text, found, index)
    return text


def _value(text: str) -> dict[str, Any] | None:
    try:
        value = parse_yaml(text, _KEY).value
    except FormatError:
        return None
    fits = isinstance(value, dict) and isinstance(value.get(_KEY), list)
    return value if fits else None


def _id(model: object) -> object:
    return model.get("id") if isinstance(model, dict) else model


def _scalar(model: str) -> str:
    """The id as YAML, without quotes where nobody needs them."""
    try:
        plain = bool(_PLAIN.match(model)) and parse_yaml(model, _KEY).value == model
    except FormatError:
        plain = False
    return model if plain else json.dumps(model)


def _find(text: str) -> _List:
    top = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(top, yaml.MappingNode)
    models = next(value for key, value in top.value if key.value == _KEY)
    items = tuple(_Span(item.start_mark.index, _end(text, item)) for item in models.value)
    span = _Span(models.start_mark.index, models.end_mark.index)
    return _List(bool(models.flow_style), span, items)


def _end(text: str, node: yaml.Node) -> int:
    """Where the last character of a node is; a block's own mark is at whatever follows it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(node, yaml.MappingNode) else last)
    return len(text[: node.end_mark.index].rstrip())


def _with_block(text: str, found: _List, scalar: str) -> str:
    last = found.items[-1]
    dash = _dash(text, last.start)
    start = _line(text, dash).start
    lead = text[start : last.start]
    if "\n" in lead:  # the dash stands on a line of its own
        lead = f"{text[start:dash]}- "
    end = _line(text, last.end - 1).end
    head, eol = text[:end], _line_end(text)
    return f"{head}{'' if head.endswith(eol) else eol}{lead}{scalar}{eol}{text[end:]}"


def _without_block(text: str, found: _List, index: int) -> str:
    item = found.items[index]
    start = _line(text, _dash(text, item.start)).start
    return text[:start] + text[_line(text, item.end - 1).end :]


def _dash(text: str, start: int) -> int:
    """Where the dash of an item stands: before its value, or on a line above it."""
    line = _line(text, start)
    before = text[line.start : start]
    while not before.lstrip(" ").startswith("-"):
        if line.start == 0:
            raise _UnsafeError
        line = _line(text, line.start - 1)
        before = text[line.start : line.end]
    return line.start + before.index("-")


def _with_flow(text: str, found: _List, scalar: str) -> str:
    last = found.items[-1]
    comma = _comma(text, found, len(found.items) - 1)
    after = last.end if comma is None else comma + 1
    line = _line(text, after - 1)
    lead = text[_line(text, last.start).start : last.start]
    if not lead.strip() and _is_blank(text[after : line.end]):
        # An item a line: this one gets its own, behind the last one's comment.
        eol = _line_end(text)
        end = line.start + len(text[line.start : line.end].rstrip("\r\n"))
        first, second = (",", "") if comma is None else ("", ",")
        rest = text[last.end : end]
        return f"{text[: last.end]}{first}{rest}{eol}{lead}{scalar}{second}{text[end:]}"
    if comma is None:
        return f"{text[:after]}, {scalar}{text[after:]}"
    return f"{text[:after]} {scalar},{text[after:]}"


def _without_flow(text: str, found: _List, index: int) -> str:
    item, comma = found.items[index], _comma(text, found, index)
    stop = item.end if comma is None else comma + 1
    first, last = _line(text, item.start), _line(text, stop - 1)
    if not text[first.start : item.start].strip() and _is_blank(text[stop : last.end]):
        return text[: first.start] + text[last.end :]
    if item == found.items[-1]:
        return text[: _end_of_rest(text, item.start, comma)] + text[stop:]
    after = len(text) - len(text[stop:].lstrip(" "))
    if text[after] in "\r\n":
        return text[: item.start].rstrip(" ") + text[after:]
    return text[: item.start] + text[stop if text[after] == "#" else after :]


def _end_of_rest(text: str, start: int, comma: int | None) -> int:
    """Where the text before a last item ends, without a comma that has nothing left to part."""
    before = text[:start].rstrip(" ")
    if comma is None and before.endswith(","):
        before = before[:-1].rstrip(" ")
    return len(before)


def _comma(text: str, found: _List, index: int) -> int | None:
    """Where the comma behind an item is; None if it has none."""
    end = found.items[index].end
    more = found.items[index + 1 :]
    gap = text[end : more[0].start if more else found.span.end - 1]
    before, comma, _ = gap.partition(",")
    if "\n" in before or "#" in before:
        if not more and "," not in re.sub(r"#.*", "", gap):
            return None
        raise _UnsafeError
    return end + len(before) if comma else None


def _is_blank(rest: str) -> bool:
    """Whether nothing but a comment follows on the line."""
    return not rest.strip() or rest.lstrip().startswith("#")


def _line(text: str, index: int) -> _Span:
    """The line in which a character stands, with its end."""
    end = text.find("\n", index) + 1
    return _Span(text.rfind("\n", 0, index) + 1, end or len(text))


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
