"""How many words do the answer and the expected one share?"""

from __future__ import annotations

import string
from collections import Counter
from typing import TYPE_CHECKING, Any

from landrace.metrics.base import AnswerMetric
from landrace.metrics.text import accepted_texts, as_text, quote, strip_articles
from landrace.schemas.score import Score

if TYPE_CHECKING:
    from landrace.metrics.base import Sample

_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_MOST_NAMED = 8


class F1(AnswerMetric):
    """Token F1 as in SQuAD: case, punctuation and articles removed; the best of a list."""

    def check_expected(self, expected: Any) -> str | None:
        texts = accepted_texts(expected)
        if texts is None or not all(_tokens(text) for text in texts):
            return f"it must be a text or a list of texts, each with a word; not {quote(expected)}"
        return None

    def score_answer(self, sample: Sample) -> Score:
        given = _tokens(as_text(sample.answer))
        accepted = accepted_texts(sample.expected) or ()
        best = max(accepted, key=lambda text: _f1(_tokens(text), given))
        wanted = _tokens(best)
        value = _f1(wanted, given)
        if value == 1:
            return Score(1.0)
        feedback = f"expected {quote(best)}, got {quote(sample.answer)}"
        for name, tokens in (("missing", wanted - given), ("too much", given - wanted)):
            if tokens:
                feedback += f"; {name}: {', '.join(list(tokens)[:_MOST_NAMED])}"
        return Score(value, feedback)


def _tokens(text: str) -> Counter[str]:
    return Counter(strip_articles(text.casefold().translate(_NO_PUNCTUATION)).split())


def _f1(wanted: Counter[str], given: Counter[str]) -> float:
    return 2 * (wanted & given).total() / (wanted.total() + given.total())
