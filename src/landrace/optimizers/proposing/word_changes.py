"""How many words an edit changes."""

from __future__ import annotations

from rapidfuzz.distance import Levenshtein


def changed_words(before: str, after: str) -> int:
    """The fewest words to add, remove or replace that turn one text into the other.

    Words are what stands between blanks, so a comma more changes a word; blanks and line ends
    count for nothing.
    """
    return Levenshtein.distance(before.split(), after.split())
