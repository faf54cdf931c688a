"""Several items in one call: what the template is given, and how the answers are told apart.

The template reads a list of ``{"id": "1", "item": …}``. The model answers with one JSON object
from id to answer, ``{"1": …, "2": …}``; a list of objects with ``id`` and one more key is taken
as well. Where a model writes no such JSON, each line that starts with an id and a colon (or
``1)``, ``1.``, ``[1]``) is an answer; JSON inside such a line is of that answer alone.
(SAMMO's batches are read by position or id as well: Schnabel and Neville 2024, §4; a batch
with a missing answer loses that answer alone here.)
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from landrace.parsers import ParseFailure, parse
from landrace.parsers.json_values import first_json_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_LINE = re.compile(
    r"""
    [ \t]*(?:[-*][ \t]+)?                           # a bullet
    [*"'(\[]{0,4}(?:(?:id|item|no\.?|nr\.?|\#)[ \t]*)?  # emphasis, quotes, "item 3"
    (?P<id>[0-9]{1,4})
    ["'*]{0,4}[ \t]*
    (?:[:=]|[.)\]](?=\s))[*\]]{0,2}:?               # 3: and 3= and 3) and [3] and **3:**
    [ \t]*(?P<answer>\S.*)?
    """,
    re.VERBOSE | re.IGNORECASE,
)


def numbered(items: Sequence[Any]) -> list[dict[str, Any]]:
    """The items of one call as its template reads them."""
    return [{"id": str(n), "item": item} for n, item in enumerate(items, start=1)]


def read_batch(
    text: str, count: int, parser: Mapping[str, Any], output_type: str
) -> dict[str, Any]:
    """The answers in a model's raw text by id, ``"1"`` to ``count``, in this order.

    Each is read by ``parser``, as if it had come alone. An id without an answer that can be
    read is left out; of several answers for one id the last counts.
    """
    ids = [str(n) for n in range(1, count + 1)]
    in_json = _answers_in_json(text)
    raw = in_json if in_json.keys() & set(ids) else _answers_in_lines(text)
    found = {}
    for name in ids:
        value = raw.get(name)
        if value is None:
            continue
        try:
            found[name] = _read(value, parser, output_type)
        except ParseFailure:
            continue
    return found


def _read(value: Any, parser: Mapping[str, Any], output_type: str) -> Any:
    if output_type == "json" and not isinstance(value, str):
        return value
    return parse(parser, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _answers_in_json(text: str) -> dict[str, Any]:
    try:
        value, start = first_json_at(text)
    except ParseFailure:
        return {}
    if _is_in_a_line(text, start):
        return {}
    if isinstance(value, dict) and len(value) == 1:
        (inner,) = value.values()
        # A name around the whole answer: {"answers": {"1": …}}.
        value = inner if isinstance(inner, dict | list) and "1" not in value else value
    if isinstance(value, dict):
        return {key.strip(): answer for key, answer in value.items() if key.strip().isdigit()}
    return dict(_identified(value)) if isinstance(value, list) else {}


def _is_in_a_line(text: str, start: int) -> bool:
    """Whether a value is part of one item's answer: 1: [{"id": 5}] says nothing of item 5."""
    written = len(text[:start].rstrip())
    match = _LINE.match(text, text.rfind("\n", 0, written) + 1)
    return match is not None and (match["answer"] is None or match.end("answer") > start)


def _identified(values: Iterable[Any]) -> Iterable[tuple[str, Any]]:
    for value in values:
        if isinstance(value, dict) and len(value) == 2 and isinstance(value.get("id"), str | int):
            (answer,) = (answer for key, answer in value.items() if key != "id")
            yield str(value["id"]).strip(), answer


def _answers_in_lines(text: str) -> dict[str, str]:
    matches = (_LINE.match(line) for line in text.splitlines())
    return {
        match["id"].lstrip("0") or "0": match["answer"].strip("* \t")
        for match in matches
        if match and match["answer"]
    }
