"""The true quality of a variant: its expected score over all items that no search has seen.

Items of one skill are read alike, so a program is walked once a skill along every answer that
can come, with the chances of all items of that skill at once. That is exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landrace.metrics.base import Sample
from landrace.program import Result

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.world.items import Floats, Ints
    from benchmarks.world.world import World

    from landrace.evaluation.variant import Variant
    from landrace.metrics.base import Metric
    from landrace.program import Ask
    from landrace.schemas.case import Case


def quality(world: World, variant: Variant, metric: Metric, items: Ints) -> float:
    """The expected score, 0 to 1, over these items."""
    skills = world.items.skill[items]
    total = 0.0
    for skill in np.unique(skills):
        alike = items[skills == skill]
        case = world.items.case(int(alike[0]))
        for result, chances in _ends(world, variant, case, alike):
            total += _score(metric, case, result) * float(chances.sum())
    return total / len(items)


def _ends(
    world: World, variant: Variant, case: Case, items: Ints
) -> Iterator[tuple[Result, Floats]]:
    """How a run can end, and how likely it is to end so for each of the items."""
    paths: list[tuple[tuple[str, ...], Floats]] = [((), np.ones(len(items)))]
    while paths:
        texts, chances = paths.pop()
        after = _after(variant, case, texts)
        if isinstance(after, Result):
            yield after, chances
            continue
        turns = tuple((message["role"], message["content"]) for message in after.messages)
        paths += [
            ((*texts, branch.text), chances * branch.chances)
            for branch in world.pupil.branches(turns, items)
        ]


def _after(variant: Variant, case: Case, texts: Sequence[str]) -> Ask | Result:
    """What a run asks, or how it ends, once these answers have been given."""
    run = variant.program.run(case.inputs)
    try:
        (ask,) = next(run)
        for text in texts:
            (ask,) = run.send([text])
    except StopIteration as end:
        result: Result = end.value
        return result
    run.close()
    return ask


def _score(metric: Metric, case: Case, result: Result) -> float:
    sample = Sample(case.inputs, case.expected, result.output or "", result.answer)
    return metric.score(sample).value
