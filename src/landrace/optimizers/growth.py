"""How much longer than what is served a candidate may be: its prompt is paid for at every call."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.evaluation.table import ScoreTable
    from landrace.evaluation.variant import Variant
    from landrace.schemas.case import Case


@dataclass(frozen=True)
class Growth:
    """The policy's ``max_growth`` beside one rival, which itself is always allowed.

    ``limit`` is a multiple of the rival's prompt tokens a call; None allows any.
    """

    limit: float | None
    rival: Variant
    cases: Sequence[Case]

    def too_long(self, variant: Variant) -> str:
        """Why it need not be tried, by its characters alone, or nothing.

        Tokens are known after calls only, and of a program not even characters: what its nodes
        write is a part of its prompts. What seems to fit and does not is held up by `permits`.
        """
        if self.limit is None or not (variant.is_plain and self.rival.is_plain):
            return ""
        times = self._characters(variant) / self._served
        if times <= self.limit or variant.digest == self.rival.digest:
            return ""
        return f"{times:.1f} times as long as what is served; the policy allows {self.limit:g}"

    def permits(self, table: ScoreTable, digest: str, cases: Sequence[Case]) -> bool:
        """Whether it keeps the limit in the tokens of those cases that both have met."""
        if self.limit is None or digest == self.rival.digest:
            return True
        shared = table.shared([digest, self.rival.digest], cases)
        ours, theirs = (table.prompt_tokens(d, shared) for d in (digest, self.rival.digest))
        return ours <= self.limit * theirs

    @cached_property
    def _served(self) -> int:
        return max(1, self._characters(self.rival))

    def _characters(self, variant: Variant) -> int:
        said = (variant.first_messages(case.inputs) for case in self.cases)
        return sum(len(message["content"]) for messages in said for message in messages)
