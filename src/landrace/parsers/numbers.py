"""The number that a text ends with."""

from __future__ import annotations

import math
import re

from landrace.errors import ParseFailure

MAX_NUMBER_CHARS = 300

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


def last_number(text: str) -> int | float:
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
