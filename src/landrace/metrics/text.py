"""What metrics share: answers as text, words and numbers, and how feedback quotes them."""

from __future__ import annotations

import json
import math
import re
import string
from typing import Any

from landrace.parsers import ParseFailure, parse
from landrace.parsers.words import composed, words

MAX_QUOTE = 120
ROUNDING = 1e-9

# Marks that wrap or end an answer. Signs such as - + # % $ are no such marks: -5 is not 5.
_ASCII_MARKS = "\"'`*_~.,:;!?()[]{}<>"
_CURLY_QUOTES = "\u201c\u201d\u2018\u2019\u201e\xab\xbb"
_OTHER_MARKS = "\u2026\xa1\xbf"  # ellipsis, Spanish opening marks
_CJK_MARKS = (
    "\u3001\u3002\uff0c\uff01\uff1f\uff1a\uff1b\u300c\u300d\u300e\u300f\uff08\uff09\u3010\u3011"
)
_EDGE_MARKS = _ASCII_MARKS + _CURLY_QUOTES + _OTHER_MARKS + _CJK_MARKS + string.whitespace
_ARTICLES = re.compile(r"\b(?:a|an|the)\b", re.IGNORECASE)


def as_text(answer: Any) -> str:
    """An answer as a person would write it: a str unchanged, 3.0 as 3, a container as JSON."""
    if isinstance(answer, str):
        return answer
    if isinstance(answer, float) and answer.is_integer() and abs(answer) < 1e15:
        return str(int(answer))
    return json.dumps(answer, ensure_ascii=False)


def quote(answer: Any, limit: int = MAX_QUOTE) -> str:
    """The start of an answer on one line and in quotes, at most ``limit`` characters of it."""
    text = as_text(answer)
    if len(text) > limit:
        text = text[:limit] + "…"
    # A lone surrogate could not be written to a report.
    text = text.encode("utf-8", "replace").decode()
    return json.dumps(text, ensure_ascii=False) if isinstance(answer, str) else text


def quote_name(name: str) -> str:
    """As `quote`, without the quotes: for a field's name, which a model may have made up."""
    return quote(name)[1:-1]


def quote_any(answers: tuple[str, ...], shown: int = 5) -> str:
    """Several accepted answers, as in ``"a" or "b"``."""
    listed = " or ".join(quote(answer) for answer in answers[:shown])
    return f"{listed} or {len(answers) - shown} more" if len(answers) > shown else listed


def accepted_texts(expected: Any) -> tuple[str, ...] | None:
    """The accepted answers of a str or a non-empty list of str; None for anything else."""
    if isinstance(expected, str):
        return (expected,)
    if isinstance(expected, list) and expected and all(isinstance(x, str) for x in expected):
        return tuple(expected)
    return None


def check_texts(expected: Any) -> str | None:
    """Why ``expected`` is neither a text nor a list of texts, each with a word in it, or None."""
    texts = accepted_texts(expected)
    if texts is None:
        return f"it must be a text or a list of texts, not {quote(expected)}"
    if not all(words(text) for text in texts):
        return "it holds a text without a word"
    return None


def strip_marks(text: str) -> str:
    """The text without quotes, markdown and punctuation at its ends; marks alone are kept.

    A point right before a digit is the number's: .5 is not 5. Two and more are an ellipsis.
    """
    inner = text.lstrip(_EDGE_MARKS)
    start = len(text) - len(inner)
    if inner[:1].isdecimal() and text[:start].endswith(".") and not text[:start].endswith(".."):
        inner = f".{inner}"
    return inner.rstrip(_EDGE_MARKS) or text


def strip_articles(text: str) -> str:
    """The text without a, an and the."""
    return collapse_space(_ARTICLES.sub(" ", composed(text)))


def collapse_space(text: str) -> str:
    """The text with every run of white space as one space, and none at its ends."""
    return " ".join(text.split())


def number_in(answer: Any) -> int | float | None:
    """The answer as a finite number: itself, or the last one in a text; None without one."""
    if isinstance(answer, str):
        try:
            return parse({"kind": "number"}, answer)  # type: ignore[no-any-return]  # this kind gives int or float
        except ParseFailure:
            return None
    return answer if is_number(answer) else None


def is_number(value: Any) -> bool:
    """Whether this is a number that a float can hold; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def allowed_error(want: float, got: float, absolute: float, share: float) -> float:
    """How far ``got`` may lie from ``want``: so much, or such a share of ``want``.

    A share of no more than `ROUNDING` is for what sums of floats lose. Whole numbers lose nothing,
    and those that large are ids, of which the next is another one.
    """
    if share <= ROUNDING and _is_whole(want) and _is_whole(got):
        return absolute
    return max(absolute, share * abs(want))


def _is_whole(number: float) -> bool:
    # No float beyond is sure to be the number that was written.
    return isinstance(number, int) or (number.is_integer() and abs(number) < 2**53)


def json_in(answer: Any) -> Any:
    """The answer as a JSON value: itself, or what a text holds; None where it holds none."""
    if not isinstance(answer, str):
        return answer
    try:
        return parse({"kind": "json"}, answer)
    except ParseFailure:
        return None
