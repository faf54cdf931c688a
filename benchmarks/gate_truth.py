"""Is the gate right about how sure it is? Simulated changes of which the truth is known.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.gate_truth [--runs 2000] [--jobs 2] [--rows PATTERN]

The judging is the gate's own, with the default policy: .05 may be lost, confidence .95, looks
after half and after all cases and, with three repeats, after each repeat. Scores go to it as
means, since to build millions of answers would take most of the time; one run of a hundred
goes through `landrace.workflows.gating.decide` as well, answer by answer, and must get the
same verdicts. How answers are simulated stands in `benchmarks.simulated_answers`. A row's name
is matched by PATTERN, such as "100 graded*". The last rows are of cases that weigh differently.

Four truths a row. Without a change, and with a drop of exactly what is allowed, all cells have
it, and any FAIL is an error of the run. With the detectable drop (as `detectable_drop` has it
for the row's cases, noise, last look and number of claims) and with twice that, one cell has
it, and the others are claims of the same run that do not fail. PASS is counted by the cell.
The detectable drop is one that breaks cases whatever they weigh; where only the heaviest break
it is shown, and no promise.

Beside it what most tools do with the same answers: compare two means, and fail where head's is
lower by more than what is allowed, or lower at all.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from fnmatch import fnmatchcase
from functools import cache
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unittest.mock import patch
from zlib import crc32

import numpy as np
from benchmarks.simulated_answers import EQUAL, WEIGHINGS, Population, SimulatedCell

from landrace.gate.judge import judge
from landrace.gate.trials import Trial
from landrace.schemas.gate_policy import GatePolicy
from landrace.stats import Pairs
from landrace.stats.power import detectable_drop
from landrace.stats.unseen import Weights
from landrace.workflows.gating.decide import Deciding, decide
from landrace.workflows.gating.looks import Look, planned_looks

if TYPE_CHECKING:
    from benchmarks.simulated_answers import Drawn, Weighing

POLICY = GatePolicy()
RULE = POLICY.metrics[0]
ALLOWED = RULE.allowed_drop
CHECKED = 100  # one run of so many goes through `decide` as well


class Row(NamedTuple):
    """A design. ``looks`` is "planned" as the policy has them, or "one" after all answers."""

    cases: int
    kind: str
    sides: str
    repeats: int
    cells: int
    looks: str
    weights: str = "equal"

    @property
    def name(self) -> str:
        return " ".join(map(str, self[:-1] if self.weighing is EQUAL else self))

    @property
    def weighing(self) -> Weighing:
        return WEIGHINGS[self.weights]

    @property
    def most(self) -> float:
        """No drop can be larger."""
        return self.population.mean * self.weighing.breakable

    @property
    def population(self) -> Population:
        return _population(self.kind, self.sides == "correlated", self.repeats)

    @property
    def planned(self) -> tuple[Look, ...]:
        if self.looks == "one":
            return (Look(self.cases, self.repeats, 1 - POLICY.confidence),)
        return planned_looks(self.cases, POLICY, self.params)

    @property
    def params(self) -> dict[str, float]:
        """The model's: more than one answer is asked of a model that can vary."""
        return {"temperature": float(self.repeats > 1)}

    @property
    def detectable(self) -> float | None:
        base, head = (side.mean(axis=1) for side in self.population.scores)
        ten = self.weighing.ten
        pairs = Pairs(head, base, ten * (head.size // 10))
        return detectable_drop(
            cases=self.cases,
            noise=pairs.noise,
            allowed=ALLOWED,
            error=self.planned[-1].error / self.cells,
            binary=pairs.binary,
            weights=Weights.of(ten, 10),
        )


ROWS = [
    Row(*design, looks)
    for looks in ("planned", "one")
    for design in product(
        (30, 100, 300), ("binary", "graded"), ("correlated", "independent"), (1, 3), (1, 20)
    )
]
ROWS += [
    Row(*design, "planned", weights)
    for weights in WEIGHINGS
    if weights != "equal"
    for design in product(
        (30, 100, 300), ("binary", "graded"), ("correlated", "independent"), (1,), (1, 20)
    )
]


class Truth(NamedTuple):
    """Shares of runs under one true drop; ``passed`` is of the cells that have it.

    ``peers`` fail where a mean is lower by more than what is allowed, ``peers_any`` where it
    is lower.
    """

    drop: float
    failed: float
    passed: float
    inconclusive: float
    peers: float
    peers_any: float


class Result(NamedTuple):
    row: Row
    runs: int
    seconds: float
    truths: dict[str, Truth]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--rows", default="*", metavar="PATTERN")
    parser.add_argument("--json", metavar="FILE", help="write the figures there as well")
    options = parser.parse_args()
    rows = [row for row in ROWS if fnmatchcase(row.name, options.rows)]
    found: list[Result] = []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.jobs, mp_context=context) as executor:
        for result in executor.map(simulate, rows, [options.runs] * len(rows)):
            if not found or title(found[-1].row) != title(result.row):
                print(f"\n{title(result.row)}\n\n{HEADER}")
            found.append(result)
            print(line(result), flush=True)
    minutes = sum(result.seconds for result in found) / 60
    print(
        f"\n{len(found)} rows, {options.runs:,} runs for each truth, {minutes:.0f} minutes of work"
    )
    if options.json:
        Path(options.json).write_text(json.dumps([plain(one) for one in found], indent=1))
    missed = [one.row.name for one in found if not keeps_its_word(one)]
    print("all rows keep their word" if not missed else f"not kept: {', '.join(missed)}")
    sys.exit(bool(missed))


def simulate(row: Row, runs: int) -> Result:
    """All truths of a row; the seed is the row's own, so that rows do not depend on each other."""
    began = time.process_time()
    rng = np.random.default_rng(crc32(row.name.encode()))
    most = row.most
    detectable = most if row.detectable is None else row.detectable
    truths = {}
    with ExitStack() as without:
        # What a claim tells beside its verdict decides nothing, and takes most of the time.
        without.enter_context(patch.object(Pairs, "p", 1.0))
        for told in ("detectable_drop", "cases_needed"):
            without.enter_context(patch(f"landrace.gate.judge.{told}", lambda **_: None))
        truths["none"] = _truth(row, 0.0, row.cells, runs, rng)
        truths["allowed"] = _truth(row, ALLOWED, row.cells, runs, rng)
        truths["detectable"] = _truth(row, min(most, detectable), 1, runs, rng)
        truths["twice"] = _truth(row, min(most, 2 * detectable), 1, runs, rng)
    return Result(row, runs, time.process_time() - began, truths)


def _truth(row: Row, drop: float, changed: int, runs: int, rng: np.random.Generator) -> Truth:
    looks, population = row.planned, row.population
    counts = np.zeros(len(Truth._fields) - 1)
    for number in range(runs):
        cells = [population.draw(row.cases, drop, rng, row.weighing) for _ in range(changed)]
        found = verdicts(cells, looks, row.cells)
        if number % CHECKED == 0 and changed == row.cells:
            assert found == decided(cells, looks, row.params)
        observed = min(cell.difference for cell in cells)
        counts += _seen(found, observed)
    return Truth(drop, *(counts / runs).tolist())


def verdicts(cells: list[Drawn], looks: tuple[Look, ...], claims: int) -> list[str]:
    """What `decide` says of cells, among so many claims, without the answers."""
    found = ["INCONCLUSIVE"] * len(cells)
    for look in looks:
        waiting = [n for n, verdict in enumerate(found) if verdict == "INCONCLUSIVE"]
        judged = judge([_trial(cells[n], look) for n in waiting], claims)
        claims = judged.remaining
        for n, claim in zip(waiting, judged.claims, strict=True):
            found[n] = claim.verdict
    return found


def _trial(cell: Drawn, look: Look) -> Trial:
    base, head = (side[: look.cases, : look.repeats].mean(axis=1) for side in cell[:2])
    planned = None if cell.weights is None else cell.weights.tolist()
    statistic = Pairs(head, base, planned and planned[: look.cases], planned=planned)
    return Trial(RULE, "drop", look.error, 0.0, 0.0, allowed=ALLOWED, statistic=statistic)


def decided(cells: list[Drawn], looks: tuple[Look, ...], params: dict[str, float]) -> list[str]:
    """What `decide` says of them, out of every answer."""
    deciding = [Deciding(SimulatedCell(cell, POLICY, params), looks) for cell in cells]
    decide(deciding)
    return [one.ruling.verdict for one in deciding]


def _seen(verdicts: list[str], lowest: float) -> tuple[float, ...]:
    """What of a `Truth` holds for one run; ``lowest`` is the lowest difference of its cells."""
    return (
        "FAIL" in verdicts,
        verdicts.count("PASS") / len(verdicts),
        verdicts.count("INCONCLUSIVE") / len(verdicts),
        lowest < -ALLOWED,
        lowest < 0,
    )


def keeps_its_word(result: Result) -> bool:
    """Whether the shares are what the gate promises, but for two errors of the simulation.

    At the very margin, where PASS and FAIL are both nearly right, only FAIL is held to it.
    """
    none, allowed, detectable, _ = result.truths.values()
    errs_seldom = (
        at_most(none.failed, 0.05, result.runs)
        and at_most(allowed.failed, 0.05, result.runs)
        and at_most(detectable.passed, 0.025, result.runs)
    )
    return errs_seldom and (result.row.weighing.heaviest_break or _sees(result))


def _sees(result: Result) -> bool:
    """Whether it fails a detectable drop, which has nothing to do with what cases weigh."""
    _, _, detectable, twice = result.truths.values()
    return at_most(1 - detectable.failed, 0.2, result.runs) and at_most(
        1 - twice.failed, 0.05, result.runs
    )


def at_most(share: float, limit: float, draws: int) -> bool:
    return share <= limit + 2 * math.sqrt(limit * (1 - limit) / draws)


def line(result: Result) -> str:
    """A row of the table."""
    none, allowed, detectable, twice = result.truths.values()
    most = result.row.most
    cells = [
        f"{none.failed:.1%}",
        f"{none.passed:.0%}",
        f"{none.peers:.0%}",
        f"{none.peers_any:.0%}",
        f"{allowed.failed:.1%}",
        f"{allowed.passed:.1%}",
        f"{allowed.peers:.0%}",
        f"{detectable.drop:.2f}",
        f"{detectable.failed:.0%}",
        f"{detectable.passed:.1%}",
        f"{twice.drop:.2f}{'*' if twice.drop == most else ''}",
        f"{twice.failed:.1%}",
        f"{twice.passed:.1%}",
    ]
    row = result.row
    design = [row.cases, row.kind, row.sides, row.repeats, row.cells]
    return f"| {' | '.join([*map(str, design), *cells])} |"


def plain(result: Result) -> dict[str, object]:
    truths = {name: truth._asdict() for name, truth in result.truths.items()}
    return {**result.row._asdict(), "runs": result.runs, **truths}


def title(row: Row) -> str:
    """Of the table that a row is in."""
    if row.weighing is EQUAL:
        return TITLES[row.looks]
    return f"{TITLES[row.looks]}; weights: {row.weights}, of ten cases {row.weighing.ten}"


TITLES = {
    "planned": "Looks as planned: half of the cases, all, and each repeat",
    "one": "One look, after all answers",
}
HEADER = (
    """\
| cases | scores | sides | repeats | cells | no change: FAIL | PASS | peers | any lower \
| allowed drop: FAIL | PASS | peers | detectable | FAIL | PASS | twice | FAIL | PASS |
| ---: | --- | --- | ---: | ---: |"""
    + " ---: |" * 13
)


@cache
def _population(kind: str, correlated: bool, repeats: int) -> Population:  # noqa: FBT001 - a key
    return Population(kind, correlated, repeats)


if __name__ == "__main__":
    main()
