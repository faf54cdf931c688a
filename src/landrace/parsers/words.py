"""Words in any script: letters and digits, with the marks that are written on or around them.

What `re` takes for a word has no marks in it. Devanagari and Thai write most vowels as marks, and
a decomposed é is a letter and a mark, so that one word would be read as pieces of others.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# Normalising takes time quadratic in the length of such a run; Unicode's Stream-Safe Text Format
# has no longer one, and no language does.
_MAX_MARKS_IN_A_ROW = 30

# Thai, Lao, Burmese and Khmer put no spaces between words, and marks on most letters.
_UNSPACED = "\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u103f\u1050-\u108f\u1780-\u17d3"

_ASCII_WORD = re.compile("[A-Za-z0-9]+")


def words(text: str) -> list[str]:
    """The words of a text, case folded and composed (NFC)."""
    return (_ASCII_WORD if text.isascii() else _word()).findall(folded(text))


def terms(text: str) -> list[str]:
    """As `words`, but each letter of a script of `_UNSPACED`, with its marks, is a term."""
    return (_ASCII_WORD if text.isascii() else _term()).findall(folded(text))


def edges(text: str) -> tuple[str, str]:
    """Patterns for the places before and after which no word of the text goes on."""
    before, after = r"(?<![^\W_])", r"(?![^\W_])"
    if text.isascii():
        return before, after
    return f"{before}(?<![{_marks()}])", f"{after}(?![{_marks()}])"


def folded(text: str) -> str:
    """The text without case and composed, so that both ways to write é are one."""
    return composed(text.casefold())


def composed(text: str) -> str:
    """The text in NFC; unchanged where marks stand in a row as in no language."""
    if text.isascii() or _crowd().search(text):
        return text
    return unicodedata.normalize("NFC", text)


@cache
def _word() -> re.Pattern[str]:
    return re.compile(rf"[^\W_](?:[^\W_]|[{_marks()}])*")


@cache
def _term() -> re.Pattern[str]:
    spaced = rf"[^\W_{_UNSPACED}](?:[^\W_{_UNSPACED}]|[{_marks()}])*"
    return re.compile(rf"[{_UNSPACED}][{_marks()}]*|{spaced}")


@cache
def _crowd() -> re.Pattern[str]:
    return re.compile(rf"[{_marks()}]{{{_MAX_MARKS_IN_A_ROW + 1}}}")


@cache  # made when a text first needs it: a service may never see any but ASCII
def _marks() -> str:
    """What stands in ``[…]`` for the marks that belong to the letter before them.

    Not among them are those that say how to draw a character, such as the frame of a keycap.
    """
    ranges: list[list[int]] = []
    for code in filter(_is_mark, range(0x300, 0x1E950)):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


def _is_mark(code: int) -> bool:
    return unicodedata.category(chr(code)) in {"Mn", "Mc"} and not 0xFE00 <= code <= 0xFE0F
