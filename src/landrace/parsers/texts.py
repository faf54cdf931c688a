"""A text as such, and parts of it: a line, what stands after a marker, what a tag holds."""

from __future__ import annotations

import re

from landrace.errors import ParseFailure


def sound(text: str) -> str:
    """The text without halves of characters, which no file, request or tokenizer takes.

    Each becomes U+FFFD; two that stand together become the character that they are.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def stripped(text: str) -> str:
    return text.strip()


def first_line(text: str) -> str:
    return _lines(text)[0].strip()


def last_line(text: str) -> str:
    return _lines(text)[-1].strip()


def _lines(text: str) -> list[str]:
    lines = text.strip().splitlines()
    if not lines:
        raise ParseFailure("it is empty")
    return lines


def after(text: str, marker: str) -> str:
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


def inside_tag(text: str, tag: str) -> str:
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
