"""What a study is given before its first call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from landrace.optimizers.variants import Program
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case
    from landrace.schemas.pipeline import ModelConfig


@dataclass(frozen=True)
class Setting:
    """What a study is about: data, fixed before its first call.

    ``margin`` is the score that the policy lets go for a saving of ``min_saving``, a share of the
    prompt tokens; ``max_growth`` is how many times the prompt tokens of what is served a winner
    may take. The holdout, of which a study knows no more than ``holdout_size``, has to show it
    with ``confidence``. ``search_is_known`` is whether the task model was trained on the search
    cases, which then say nothing of a prompt. ``judge_calls`` are the calls that scoring an answer
    takes at most.
    """

    program: Program
    description: str
    search: tuple[Case, ...]
    select: tuple[Case, ...]
    seed: int
    options: Any = None
    incumbent: Candidate | None = None
    others: tuple[Candidate, ...] = ()
    proposer: ModelConfig | None = None
    proposer_is_weak: bool = True
    min_coverage: float = 0.95
    margin: float = 0.0
    min_saving: float = 0.0
    confidence: float = 0.95
    holdout_size: int = 0
    max_growth: float | None = None
    search_is_known: bool = False
    judge_calls: int = 0
