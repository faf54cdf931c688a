"""How much of a reference translation does the answer keep?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from landrace.metrics.base import AnswerMetric
from landrace.metrics.text import accepted_texts, as_text, check_texts, quote, quote_any
from landrace.schemas.score import Score

if TYPE_CHECKING:
    from landrace.metrics.base import Sample

MAX_CHARS = 20_000


class Bleu(AnswerMetric):
    """Sentence BLEU or chrF by sacrebleu against all references of a list.

    Only the first 20,000 characters of an answer count.
    """

    kind: Literal["bleu", "chrf", "chrf++"] = Field(
        default="bleu", description="Runs of words, of letters, or of letters and words."
    )
    tokenize: Literal["13a", "intl", "char"] = Field(
        default="13a", description="sacrebleu's tokenizer, for bleu; char suits Chinese."
    )
    ignore_case: bool = Field(default=False, description="Upper and lower case count as equal.")

    def check_expected(self, expected: Any) -> str | None:
        return check_texts(expected)

    def score_answer(self, sample: Sample) -> Score:
        references = accepted_texts(sample.expected) or ()
        answer = as_text(sample.answer).strip()[:MAX_CHARS]
        scored = self._scorer().sentence_score(answer, [text.strip() for text in references])
        # The floating sums can pass 100 by a hair.
        value = min(1.0, max(0.0, round(scored.score / 100, 9)))
        if value == 1:
            return Score(1.0)
        return Score(value, f"expected {quote_any(references)}, got {quote(answer)}")

    def _scorer(self) -> Any:
        from sacrebleu.metrics import BLEU, CHRF  # noqa: PLC0415 - slow to import

        if self.kind == "bleu":
            return BLEU(lowercase=self.ignore_case, tokenize=self.tokenize, effective_order=True)
        return CHRF(lowercase=self.ignore_case, word_order=2 if self.kind == "chrf++" else 0)
