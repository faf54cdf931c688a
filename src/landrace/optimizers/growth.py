"""How much longer than what is served a candidate may be: its prompt is paid for at every call."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.evaluation.table import ScoreTable
    from landrace.evaluation.variant import Variant
    from landrace.schemas.case import Case


@dataclass(frozen=True)
class Growth:
    """The policy's ``max_growth`` beside one rival, which itself is always allowed.

    ``limit`` is a multiple of the rival's prompt tokens a call; None allows any. ``inputs`` is
    how many characters a case brings along.
    """

    limit: float | None
    rival: Variant
    inputs: float

    @classmethod
    def over(cls, rival: Variant, limit: float | None, cases: Sequence[Case]) -> Growth:
        lengths = [len(json.dumps(case.inputs, ensure_ascii=False)) for case in cases]
        return cls(limit, rival, sum(lengths) / max(1, len(lengths)))

    def too_long(self, variant: Variant) -> str:
        """Why it need not be tried, by its characters alone, or nothing.

        Tokens are known after calls only. What seems to fit and does not is held up by `permits`.
        """
        times = (variant.length + self.inputs) / (self.rival.length + self.inputs)
        if self.limit is None or times <= self.limit or variant.digest == self.rival.digest:
            return ""
        return f"{times:.1f} times as long as what is served; the policy allows {self.limit:g}"

    def permits(self, table: ScoreTable, digest: str, cases: Sequence[Case]) -> bool:
        """Whether it keeps the limit in the tokens of those cases that both have met."""
        if self.limit is None or digest == self.rival.digest:
            return True
        shared = table.shared([digest, self.rival.digest], cases)
        ours, theirs = (table.prompt_tokens(d, shared) for d in (digest, self.rival.digest))
        return ours <= self.limit * theirs
