"""Which cases a candidate shows: a case among its examples says nothing of how good it is."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.schemas.case import Case

LEAST_CHARACTERS = 3  # of an input: shorter ones stand in a text by chance


class ShownCases:
    """The cases that candidates show, each candidate looked at once.

    Those are its demos and whatever stands in its templates word for word, as examples do in what
    was once written out: an incumbent, another model's winner, a base with examples of its
    author's. A case without a text among its inputs is known by the demos alone. What a program
    retrieves from does not count: it may name the inputs of any case, and a run on a case is never
    shown that case.
    """

    def __init__(self, cases: Sequence[Case]) -> None:
        self._cases = cases
        self._found: dict[str, frozenset[str]] = {}

    def of(self, entry: Entry) -> frozenset[str]:
        """The ids of the cases."""
        if entry.digest not in self._found:
            text = "\n".join(entry.variant.templates.values())
            demos = entry.candidate.shown
            shown = frozenset(case.id for case in self._cases if is_shown(case, demos, text))
            self._found[entry.digest] = shown
        return self._found[entry.digest]

    def unshown(self, cases: Sequence[Case], *entries: Entry) -> list[Case]:
        """Those of the cases that none of the candidates shows."""
        shown = frozenset().union(*map(self.of, entries))
        return [case for case in cases if case.id not in shown]


def is_shown(case: Case, demos: Container[str], text: str) -> bool:
    """Whether a case is an example, by the ids of the demos or by the text of the templates."""
    return case.id in demos or is_written(case, text)


def is_written(case: Case, text: str) -> bool:
    """Whether each text of the inputs stands there as whole words, as it is or as JSON has it."""
    wanted = texts_of(case)
    return bool(wanted) and all(
        any(stands_in(text, form) for form in (each, json.dumps(each, ensure_ascii=False)[1:-1]))
        for each in wanted
    )


def texts_of(case: Case) -> list[str]:
    """The texts among its inputs, by which it can be known again."""
    return [
        value.strip()
        for value in case.inputs.values()
        if isinstance(value, str) and len(value.strip()) >= LEAST_CHARACTERS
    ]


def stands_in(text: str, words: str) -> bool:
    """Whether the words stand in the text as whole ones."""
    # Most stand nowhere, which is found out without compiling a pattern for each case.
    return words in text and re.search(whole(words), text) is not None


def whole(words: str) -> str:
    """A pattern for the words where they are no part of longer ones."""
    return rf"(?<!\w){re.escape(words)}(?!\w)"
