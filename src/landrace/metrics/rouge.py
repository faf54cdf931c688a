"""How many words or word runs of a reference does the answer keep?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from landrace.metrics.base import AnswerMetric
from landrace.metrics.text import accepted_texts, as_text, check_texts, quote
from landrace.parsers.words import terms
from landrace.schemas.score import Score

if TYPE_CHECKING:
    from landrace.metrics.base import Sample

MAX_WORDS = 1_000


class Rouge(AnswerMetric):
    """ROUGE F-measure by rouge-score, the best of a list; the first 1,000 words count."""

    kind: Literal["rouge1", "rouge2", "rougeL"] = Field(
        default="rougeL",
        description="Shared words, pairs of words, or the longest common sequence of words.",
    )
    stem: bool = Field(default=False, description="Compare English words by their stems.")

    def check_expected(self, expected: Any) -> str | None:
        texts = accepted_texts(expected)
        if self.kind == "rouge2" and texts and not all(len(terms(text)) > 1 for text in texts):
            return "rouge2 needs at least two words in each text"
        return check_texts(expected)

    def score_answer(self, sample: Sample) -> Score:
        from rouge_score.rouge_scorer import RougeScorer  # noqa: PLC0415 - slow to import

        scorer = RougeScorer([self.kind], tokenizer=_Words(stem=self.stem))
        answer = as_text(sample.answer)
        scored = {
            text: scorer.score(text, answer)[self.kind].fmeasure
            for text in accepted_texts(sample.expected) or ()
        }
        best = max(scored, key=lambda text: scored[text])
        if scored[best] == 1:
            return Score(1.0)
        return Score(scored[best], f"expected {quote(best)}, got {quote(sample.answer)}")


class _Words:
    """rouge-score's own tokenizer drops every letter outside a-z; this one keeps them."""

    def __init__(self, *, stem: bool) -> None:
        from rouge_score.tokenizers import DefaultTokenizer  # noqa: PLC0415 - slow to import

        self._stem = DefaultTokenizer(use_stemmer=True).tokenize if stem else None

    def tokenize(self, text: str) -> list[str]:
        found = terms(text)[:MAX_WORDS]
        if self._stem is None:
            return found
        return [stem for word in found for stem in (self._stem(word) or [word])]
