"""Labels that a text names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from landrace.errors import ParseFailure
from landrace.parsers.words import composed, edges, folded, words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_LABEL_CHARS = 200_000

_DASHES = {
    ord(dash): "-" for dash in "\u2212\u2013"
}  # the minus and the en dash of good typography
_LETTER = r"[^\W\d_]"
_LETTER_ENDS = r"\s*(?:[,;/&+:)\]*_`\"\u201d]|(?:and|or)\b)|[\W_]*\Z"
_OTHER_WORD = "\u01c0"  # a letter of clicks, which is a word and no label


def one_label(text: str, labels: Sequence[str]) -> str:
    if text.strip() in labels:
        return text.strip()
    named = _named(text, labels, in_numbers=".,")
    if len(named) > 1:
        raise ParseFailure(f"it names more than one label: {', '.join(named[:5])}")
    return named[0]


def several_labels(text: str, labels: Sequence[str]) -> list[str]:
    if _words_only(text) == "none" and "none" not in map(str.casefold, labels):
        return []
    return _named(text, labels, in_numbers=".")  # 1,2 is two labels


def _named(text: str, labels: Sequence[str], *, in_numbers: str) -> list[str]:
    """The labels that a text names, each once, in the order of their first mention."""
    if len(text) > MAX_LABEL_CHARS:
        raise ParseFailure(f"it is longer than {MAX_LABEL_CHARS} characters")
    text = _without_words_of_a_letter(text, labels)
    fold = _fold_that_tells_apart(labels)
    by_key = {fold(label): label for label in labels}
    # Marks stay in the text, since those around a digit tell -1 and 1.5 from 1.
    seen = _folded(text) if fold is _words_only else fold(text)
    before, after = edges(seen)
    gap = rf"{after}[\W_]+" if fold is _words_only else " "
    # The longest goes first, so that "very positive" does not count as "positive".
    keys = sorted(by_key, key=len, reverse=True)
    pattern = f"{before}(?:{'|'.join(_whole(key, gap, in_numbers) for key in keys)}){after}"
    named = list(dict.fromkeys(by_key[fold(found)] for found in re.findall(pattern, seen)))
    if not named:
        raise ParseFailure("it names none of the labels")
    return named


def _without_words_of_a_letter(text: str, labels: Sequence[str]) -> str:
    """The text with another word for each letter that is rather a word than a label.

    Many languages have words of one small letter, as in "this is a fruit". A capital that is a
    label is therefore read out of a small letter only where that is set apart, as in "b",
    "b. Rome", "b and c", "answer: b", "(b)" and "**b**".
    """
    longer = {word for label in labels if len(label) > 1 for word in words(label)}
    letters = {label.lower() for label in labels if len(label) == 1} - {*labels, *longer}
    one = "".join(letter for letter in sorted(letters) if len(letter) == 1)
    if not one:
        return text
    before, after = edges(text)
    first = re.match(rf"[\W_]*[{re.escape(one)}](?=[.\n-])", text)
    start = first.end() if first else 0
    word = rf"{before}[{re.escape(one)}]{after}(?!{_LETTER_ENDS})"
    return text[:start] + re.sub(word, _OTHER_WORD, text[start:])


def _whole(key: str, gap: str, in_numbers: str) -> str:
    """A pattern for a key that is no part of a longer number.

    A digit is not read out of -1, .1, 0.1 or 1.5. Nor are the ends of a range such as 3-1: it may
    mean either, or a minus, and a wrong label costs more than none. After a letter, as in
    GPT-4 and No.5, dash and point only join.
    """
    before = after = ""
    if key[0].isdecimal():
        before = rf"(?<!(?<!{_LETTER})[-\u2212\u2013.])(?<!\d[{in_numbers}])"
    if key[-1].isdecimal():
        after = rf"(?![-\u2212\u2013{in_numbers}]\d)"
    return before + gap.join(map(re.escape, key.split(" "))) + after


def _fold_that_tells_apart(labels: Sequence[str]) -> Callable[[str], str]:
    """The loosest reading under which C, C# and C++ stay different labels, and -1 is not 1."""
    by_words = not any(map(_has_sign_or_point, labels))
    for fold in (_words_only, _folded, _spaced) if by_words else (_folded, _spaced):
        keys = {fold(label) for label in labels}
        if len(keys) == len(set(labels)) and "" not in keys:
            return fold
    return str


def _has_sign_or_point(label: str) -> bool:
    return re.search(rf"{edges(label)[0]}[-\u2212\u2013.]\d|\d[.,]\d", label) is not None


def _words_only(text: str) -> str:
    return " ".join(words(text))


def _folded(text: str) -> str:
    return _spaced(folded(text))


def _spaced(text: str) -> str:
    return " ".join(composed(text).translate(_DASHES).split())
