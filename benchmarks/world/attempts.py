"""Many trials, in this process or in several, of which one that breaks does not end the others."""

from __future__ import annotations

import multiprocessing
import traceback
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.world.trial import Plan, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.world.trial import Trial


class Failed(NamedTuple):
    """A trial in which a strategy broke."""

    plan: Plan
    trace: str


def attempts(plans: Sequence[Plan], jobs: int) -> Iterator[Trial | Failed]:
    """What comes of the plans; in their order with one job, as they come with several."""
    if jobs == 1:
        yield from map(attempt, plans)
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap_unordered(attempt, plans)


def attempt(plan: Plan) -> Trial | Failed:
    """One trial; what a strategy raises is kept for the end, with its trace."""
    try:
        return run(plan)
    except Exception:  # noqa: BLE001 - whatever it is, the other trials are worth having
        return Failed(plan, traceback.format_exc())
