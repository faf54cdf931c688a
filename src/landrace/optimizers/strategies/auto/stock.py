"""What examples can be made of: search cases with labels, and with what the model said itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.operators.samples import answered
from landrace.optimizers.slots import demos
from landrace.optimizers.slots.few_shots import Shot, shots_of
from landrace.optimizers.strategies.auto.plan import RUNS_OF_OWN_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.study import Study


def stocked(study: Study, start: Start, max_demos: int, runs: int) -> dict[str, list[Shot]]:
    """The possible examples of each node, the shorter ones: they are paid for in every call.

    A label needs no words of the model's own.

    Raises:
        BudgetExhaustedError: the runs for the model's own words could not be paid.
    """
    main = study.setting.program.main
    if main.contract.type == "label" or runs < RUNS_OF_OWN_WORDS:
        found = {
            node: [Shot(sample, None) for sample in answered(samples)]
            for node, samples in start.samples.items()
        }
    else:
        found = shots_of(study, start)
    stock = {}
    for node, shots in found.items():
        short = demos.short_enough([shot.sample.case for shot in shots], max_demos)
        ids = {case.id for case in short}
        stock[node] = [shot for shot in shots if shot.sample.case.id in ids]
    return stock


def labelled(shots: Sequence[Shot]) -> list[Shot]:
    """The same with what should be said, not with what was.

    Where no label is an answer that can be shown, the shots as they are.
    """
    found = [shot._replace(own=None) for shot in shots if shot.sample.is_shown]
    return found or list(shots)
