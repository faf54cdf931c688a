"""How a budget is cut into steps, so that there are at least three if there can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from landrace.optimizers.strategies.simba.options import Options
    from landrace.optimizers.strategy import Sizes

LEAST_STEPS = 3
LEAST_CANDIDATES = 2
LEAST_BATCH = 8
TOKENS_A_RULE = 200
CONFIRM_SHARE = 30  # percent of what the probe leaves, at most


class Plan(NamedTuple):
    """What each step may do."""

    candidates: int
    batch: int

    @property
    def cost(self) -> int:
        """The most runs of a step, questions to the proposer among them."""
        made = self.candidates + 1
        return (self.candidates + made) * self.batch + made


def plan(options: Options, search: int, runs: int) -> Plan:
    """The step that the options want, or a smaller one of which ``runs`` carry three.

    A step first does with fewer candidates, then with a smaller batch: each candidate of a small
    batch costs less, but less can be said of it.
    """
    wanted = Plan(options.candidates, min(options.batch, search))
    steps = min(LEAST_STEPS, options.steps)
    while wanted.cost * steps > runs and wanted.candidates > LEAST_CANDIDATES:
        wanted = wanted._replace(candidates=wanted.candidates - 1)
    while wanted.cost * steps > runs and wanted.batch > LEAST_BATCH:
        wanted = wanted._replace(batch=wanted.batch - 1)
    return wanted


def least(options: Options, sizes: Sizes) -> int:
    """The fewest runs with which a search makes sense: one small step and its best in full."""
    return (sizes.rivals + 1) * sizes.select + _smallest(options, sizes).cost


def longest_answer(options: Options, sizes: Sizes) -> int:
    """The tokens of an answer that has a rule for each node."""
    del options
    return max(512, TOKENS_A_RULE * sizes.nodes)


def shares(options: Options, sizes: Sizes, runs: int) -> dict[str, int]:
    """The most runs of each stage, for a search that has ``runs`` of them in all."""
    probe = min(runs, sizes.rivals * sizes.select)
    left = runs - probe
    finalists = min((options.candidates + 1) * sizes.select, left * CONFIRM_SHARE // 100)
    spare = max(0, left - _smallest(options, sizes).cost)
    confirm = min(left, max(sizes.select, min(finalists, spare)))
    return {"probe": probe, "steps": left - confirm, "confirm": confirm}


def _smallest(options: Options, sizes: Sizes) -> Plan:
    batch = min(options.batch, LEAST_BATCH, sizes.search)
    return Plan(min(options.candidates, LEAST_CANDIDATES), batch)
