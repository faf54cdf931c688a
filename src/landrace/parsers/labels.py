"""Labels that a text names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from landrace.errors import ParseFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_LABEL_CHARS = 200_000


def one_label(text: str, labels: Sequence[str]) -> str:
    if text.strip() in labels:
        return text.strip()
    named = _named(text, labels)
    if len(named) > 1:
        raise ParseFailure(f"it names more than one label: {', '.join(named[:5])}")
    return named[0]


def several_labels(text: str, labels: Sequence[str]) -> list[str]:
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
