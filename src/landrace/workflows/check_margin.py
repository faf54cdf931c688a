"""Whether the holdout is large enough for the loss that a pipeline's policy lets pass."""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING

from landrace import stats
from landrace.errors import LandraceError
from landrace.store.splits import split_cases
from landrace.workflows.findings import Finding, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.store.project import PipelineSource, PromptSource

MANY = 100_000  # cases; a margin that needs more is as good as none


def check_margin(source: PipelineSource, prompt: PromptSource) -> Iterator[Finding]:
    """A cheaper prompt is promoted for its tokens where the interval stays within the margin.

    With few cases no interval does, not even where winner and incumbent agree on every one, and
    a search for fewer tokens is in vain.
    """
    policy = source.config.policy
    if policy.margin == 0:
        return
    try:
        held_out = split_cases(prompt.eval_set().cases, prompt.config.splits, "").holdout
    except LandraceError:
        return  # it is told where the cases are looked at
    weights = [case.weight for case in held_out]
    reach = _reach(weights, policy.confidence)
    if reach < policy.margin:
        return
    least = _least(policy.margin, policy.confidence, weights)
    enough = f"{least} holdout cases at least, or " if least else ""
    yield warning(
        source.document.where(("policy", "margin")),
        f"with the {len(held_out)} holdout cases of {prompt.name} no winner can stay within a "
        f"margin of {100 * policy.margin:g} points: where not one case differs, the interval of "
        f"the difference reaches {100 * reach:.1f} points below zero",
        f"it takes {enough}a wider margin; without one, only gains are promoted",
    )


def _reach(weights: Sequence[float], confidence: float) -> float:
    """How far below zero the interval of a difference reaches if no case differs."""
    same = [1.0] * len(weights)
    return -stats.paired(same, same, confidence, weights).low


def _least(margin: float, confidence: float, weights: Sequence[float]) -> int | None:
    """The fewest cases, weighing as these do, with which the interval stays within the margin.

    None for too many.
    """
    low, high = 0, MANY
    if _reach(_as_many(weights, high), confidence) >= margin:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if _reach(_as_many(weights, middle), confidence) < margin:
            high = middle
        else:
            low = middle
    return high


def _as_many(weights: Sequence[float], cases: int) -> list[float]:
    return list(islice(cycle(weights), cases))
