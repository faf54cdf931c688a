"""The one whitespace rule: a line that holds nothing but tags and comments prints nothing.

Jinja's own ``trim_blocks`` would also join ``… {% endif %}`` at a line's end with the next
line. Here such a line keeps its end, because text stands on it. ``-`` and ``+`` inside a tag mean
what they mean in Jinja.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.template.parser import Template

_LINE_END = re.compile(r"[ \t]*(?:\r\n|\r|\n)")


def without_tag_lines(template: Template) -> str:
    """The source for Jinja's parser, with the same line numbers.

    A line end that must not print is moved to the inside of the tag before it, where Jinja
    skips it.
    """
    kinds = [piece.kind for piece in template.pieces]
    texts = [template.source[piece.start : piece.end] for piece in template.pieces]
    printed = list(texts)
    start = 0
    while start < len(kinds):
        stop = _run_end(kinds, texts, start)
        if stop > start and _begins_line(kinds, texts, start):
            rest = _rest_of_line(kinds, texts, stop)
            if rest is not None:
                _silence(printed, start, stop, rest)
        start = max(stop, start + 1)
    return "".join(printed)


def _run_end(kinds: Sequence[str], texts: list[str], start: int) -> int:
    """The end of the run of tags and comments that starts here, blanks between included."""
    stop = start
    for position in range(start, len(kinds)):
        if kinds[position] in {"tag", "comment"}:
            stop = position + 1
        elif kinds[position] != "text" or stop == start or texts[position].strip(" \t"):
            break
    return stop


def _begins_line(kinds: Sequence[str], texts: list[str], start: int) -> bool:
    if start == 0:
        return True
    before = texts[start - 1].rstrip(" \t")
    if kinds[start - 1] != "text":
        return False
    return before.endswith(("\n", "\r")) or (start == 1 and not before)


def _rest_of_line(kinds: Sequence[str], texts: list[str], stop: int) -> str | None:
    """The blanks and the line end after a run, or None where something else follows."""
    if stop == len(kinds):
        return ""
    if kinds[stop] != "text":
        return None
    if match := _LINE_END.match(texts[stop]):
        return match.group()
    is_last_line = stop + 1 == len(kinds) and not texts[stop].strip(" \t")
    return texts[stop] if is_last_line else None


def _silence(printed: list[str], start: int, stop: int, rest: str) -> None:
    if start and printed[start][2] != "+":
        printed[start - 1] = printed[start - 1].rstrip(" \t")
    for position in range(start + 1, stop - 1):
        if not printed[position].strip(" \t"):
            printed[position] = ""
    last = printed[stop - 1]
    if rest and last[-3] not in "+-":
        printed[stop - 1] = last[:-2] + rest + last[-2:]
        printed[stop] = printed[stop][len(rest) :]
