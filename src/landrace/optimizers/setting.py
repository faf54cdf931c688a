"""What a study is given before its first call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from landrace.metrics.base import MetricOptions
from landrace.schemas.pipeline import Policy

if TYPE_CHECKING:
    from landrace.metrics.base import Labels
    from landrace.optimizers.variants import Program
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case
    from landrace.schemas.pipeline import ModelConfig


@dataclass(frozen=True)
class Setting:
    """What a study is about: data, fixed before its first call.

    Of the holdout a study knows no more than ``holdout_size``. ``search_is_known`` is whether the
    task model was trained on the search cases, which then say nothing of a prompt. ``judge_calls``
    are the calls that scoring an answer takes at most. ``labels`` is what the metric says of the
    cases' `expected`; without one, each is a right answer.
    """

    program: Program
    description: str
    search: tuple[Case, ...]
    select: tuple[Case, ...]
    holdout_size: int
    seed: int
    options: Any = None
    incumbent: Candidate | None = None
    others: tuple[Candidate, ...] = ()
    proposer: ModelConfig | None = None
    proposer_is_weak: bool = True
    policy: Policy = Policy()  # noqa: RUF009 - frozen, so sharing it is safe
    search_is_known: bool = False
    judge_calls: int = 0
    labels: Labels = MetricOptions()  # noqa: RUF009 - frozen, too
