"""The search: expand the beam, choose the next one by a bandit, crown (ProTeGi, algorithm 1)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from landrace.optimizers.allocation.bandits import Pace
from landrace.optimizers.allocation.contest import best_of
from landrace.optimizers.proposing.breeding import bred
from landrace.optimizers.proposing.opening import welcomed
from landrace.optimizers.search.rounds import crowned, guest_runs, last_round, parts, probed
from landrace.optimizers.strategies.protegi.expansion import Expansion
from landrace.optimizers.strategies.protegi.plan import RUNS_A_CHILD, round_runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.search.rounds import Part
    from landrace.optimizers.strategies.protegi.options import Options
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case

VERSION = "4"

LEAST_BATCH = 4


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell."""
    options: Options = study.setting.options
    start = probed(study)
    if start is None:
        return
    note = f"a beam, chosen by {options.selection}"
    rounds = partial(_rounds, study, options, start)
    crowned(study, last_round(study, "search", note, [start.entry], rounds))


def _rounds(study: Study, options: Options, start: Start, runs: int) -> Iterator[list[Entry]]:
    """The beam after each round; every round gets an equal share of what is left."""
    beam = [start.entry, *welcomed(study, start, guest_runs(runs))]
    rounds = max(1, min(options.rounds, runs // round_runs(options)))
    pace = Pace(c=options.exploration)
    for part in parts(study, rounds):
        parents = beam[: options.beam]
        cases = min(options.batch, max(LEAST_BATCH, part.runs // (4 * len(parents))))
        expansion = Expansion(study, options, start.nodes, _batch(part, cases))
        pool = [*beam, *_born(expansion, parents, part)]
        beam = best_of(study, pool, options.beam, part.left(), rule=options.selection, pace=pace)
        yield beam


def _batch(part: Part, cases: int) -> list[Case]:
    """The search cases of a round, the same for all of its parents."""
    search = part.study.search
    rng = part.study.rng(f"protegi/{part.number}/batch")
    return rng.sample(search, min(cases, len(search)))


def _born(expansion: Expansion, beam: Sequence[Entry], part: Part) -> list[Entry]:
    """The children of the beam in turn, for half of the round's runs.

    Raises:
        BudgetExhaustedError: runs or questions could not be paid.
    """
    study = part.study
    families = [
        expansion.children(parent, part.number + place, study.rng(f"protegi/{part.number}/{place}"))
        for place, parent in enumerate(beam)
    ]
    room = min(len(beam) * expansion.options.children, max(1, part.runs // RUNS_A_CHILD))
    return bred(study, families, most=room, ends=study.runs_left() - part.runs // 2)
