"""Which cases a candidate shows: a case among its examples says nothing of how good it is."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.study import Entry
    from landrace.schemas.case import Case

LEAST_CHARACTERS = 3  # of an input: shorter ones stand in a text by chance


class ShownCases:
    """The cases that candidates show, each candidate looked at once.

    Those are its demos and whatever stands in its files word for word, as examples do in what was
    once written out: an incumbent, another model's winner, a base with examples of its author's.
    A case without a text among its inputs is known by the demos alone.
    """

    def __init__(self, cases: Sequence[Case]) -> None:
        self._patterns = [(case.id, _patterns(case)) for case in cases]
        self._found: dict[str, frozenset[str]] = {}

    def of(self, entry: Entry) -> frozenset[str]:
        """The ids of the cases."""
        if entry.digest not in self._found:
            text = "\n".join(entry.variant.files.values())
            written = {
                name
                for name, patterns in self._patterns
                if patterns and all(pattern.search(text) for pattern in patterns)
            }
            self._found[entry.digest] = entry.candidate.shown | written
        return self._found[entry.digest]


def _patterns(case: Case) -> list[re.Pattern[str]]:
    """Each text of the inputs as whole words, as it is or as JSON has it."""
    texts = [
        value.strip()
        for value in case.inputs.values()
        if isinstance(value, str) and len(value.strip()) >= LEAST_CHARACTERS
    ]
    return [
        re.compile(
            "|".join(
                rf"(?<!\w){re.escape(form)}(?!\w)"
                for form in dict.fromkeys((text, json.dumps(text, ensure_ascii=False)[1:-1]))
            )
        )
        for text in texts
    ]
