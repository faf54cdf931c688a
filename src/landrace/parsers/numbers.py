"""The number that a text ends with."""

from __future__ import annotations

import math
import re

from landrace.errors import ParseFailure

MAX_NUMBER_CHARS = 300

_SPACE_OR_APOSTROPHE = "'\u2019\u00a0\u2009\u202f"  # the spaces at which no line breaks

# What is written in another way than 1,234.5 must be all of what separators join: the 1,2 of
# 1,2,3 is no number, but that is a list, whose last number is read.
_NUMBER = re.compile(
    rf"""
    (?<![^\W_])             # not inside a word or a number: the 4 of GPT4, the -5 of 10-5
    (?P<minus>[-\u2212])?
    [$€£¥₹]?
    (?P<digits>
        (?<![0-9][.,{_SPACE_OR_APOSTROPHE}])
        (?:
            (?P<comma>
                [0-9]{{1,3}}(?:[.{_SPACE_OR_APOSTROPHE}][0-9]{{3}})+,[0-9]+     # 1.234,5
                |[0-9]+,[0-9]{{1,2}}|0,[0-9]+|[0-9]{{4,}},[0-9]{{3}}            # 3,50 0,125
            )
            |(?P<grouped>
                [0-9]{{1,3}}(?:\.[0-9]{{3}}){{2,}}                             # 1.234.567
                |[0-9]{{1,3}}(?:[{_SPACE_OR_APOSTROPHE}][0-9]{{3}})+              # 1'234
            )
            |[0-9]{{1,3}}(?:[{_SPACE_OR_APOSTROPHE}][0-9]{{3}})+\.[0-9]+       # 1'234.5
            |[0-9]{{1,2}}(?:,[0-9]{{2}})+,[0-9]{{3}}(?:\.[0-9]+)?              # 12,34,567
        )
        (?![.,{_SPACE_OR_APOSTROPHE}]?[0-9])
        |(?:[0-9]{{1,3}}(?:,[0-9]{{3}})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?
        |\.[0-9]+
    )
    (?P<exponent>[eE][-+]?[0-9]{{1,4}}(?!\w))?
    """,
    re.VERBOSE,
)


def last_number(text: str) -> int | float:
    """The last number: 1,234.5 and -$3 and 1e6 are read; 45% is 45.

    So are a comma before one or two decimals (3,50) or after groups (1.234,5), and groups by
    spaces at which no line breaks, by apostrophes, by two points or more, and by lakhs.
    """
    last = None
    for found in _NUMBER.finditer(text):
        last = found
    if last is None:
        raise ParseFailure("it holds no number")
    digits = _plain(last)
    if len(digits) > MAX_NUMBER_CHARS:
        raise ParseFailure(f"its last number has more than {MAX_NUMBER_CHARS} digits")
    value = _value_of(digits, last["exponent"])
    if math.isinf(value):
        raise ParseFailure("its last number is too large")
    return -value if last["minus"] else value


def _plain(found: re.Match[str]) -> str:
    """The digits without what groups them, and with a point before the decimals."""
    if found["grouped"]:
        return re.sub("[^0-9]", "", found["grouped"])
    if found["comma"]:
        whole, _, decimals = found["comma"].partition(",")
        return re.sub("[^0-9]", "", whole) + "." + decimals
    return re.sub("[^0-9.]", "", found["digits"])


def _value_of(digits: str, exponent: str | None) -> int | float:
    if exponent or "." in digits:
        return float(digits + (exponent or ""))
    return int(digits)
