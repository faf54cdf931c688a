"""The search: first guesses, then steps from the best of all (PE2, §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.allocation.contest import best_in_full, best_of
from landrace.optimizers.proposing.breeding import bred
from landrace.optimizers.proposing.guessing import guessed
from landrace.optimizers.proposing.opening import sizes_of, welcomed
from landrace.optimizers.search.epochs import Epochs
from landrace.optimizers.search.rounds import parts, probed
from landrace.optimizers.strategies.pe2.litter import Litter
from landrace.optimizers.strategies.pe2.plan import HARD_POOL, child_runs, round_runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.strategies.pe2.options import Options
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate

VERSION = "4"

INDUCED_FROM = 5  # examples that a first guess is made from


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell."""
    options: Options = study.setting.options
    start = probed(study)
    if start is None:
        return
    with study.stage("search", "edits of the best so far, from what goes wrong") as runs:
        _search(study, options, start, runs)


def _search(study: Study, options: Options, start: Start, runs: int) -> None:
    """First guesses, then steps; each has an equal share of the runs that are left.

    Where runs suffice for one round alone, nothing is guessed: that would be no PE2 any more.
    Whoever gets into ``past`` was scored on all of `select`.
    """
    sizes = sizes_of(study)
    rounds = options.steps + bool(options.initial)
    rounds = max(1, min(rounds, runs // round_runs(options, sizes)))
    guesses = options.initial if rounds > 1 else 0
    past = parents = [start.entry]
    batches = Epochs(study.search, HARD_POOL, study.rng("pe2/batches"))
    for part in parts(study, rounds):
        is_first = part.number == 0
        if is_first and guesses:
            sources = [_guessed(study, start, guesses)]
            most = guesses
        else:
            count = max(options.batch, part.runs // (6 * len(parents)))
            litter = Litter(study, options, start, part.number, batches.batch()[:count])
            sources = [litter.edited(parent, place) for place, parent in enumerate(parents)]
            most = len(parents) * options.proposals
        room = max(1, min(most, part.runs // child_runs(options, sizes)))
        children = bred(study, sources, most=room, ends=part.ends + part.runs // 2)
        if is_first:
            children += welcomed(study, start, part.runs // 4)
        best = _compared(study, options, children, part.left())
        past = list({entry.digest: entry for entry in (*past, *best)}.values())
        study.log("step", number=part.number, digests=[entry.digest for entry in best])
        if options.backtracking or is_first:
            parents = study.ranked(past, study.select)[: options.parents]
        else:
            parents = best or parents


def _compared(study: Study, options: Options, children: Sequence[Entry], runs: int) -> list[Entry]:
    """The best children, scored on all of `select`, as many as a step goes on from."""
    if options.allocation == "full" or not children:
        return best_in_full(study, children, options.parents)
    cases = len(study.select)
    keep = max(1, min(options.parents, runs // (2 * cases)))
    best = best_of(study, children, keep, max(0, runs - keep * cases))
    return best_in_full(study, best, keep)


def _guessed(study: Study, start: Start, count: int) -> Iterator[Candidate | None]:
    """First guesses, each from examples of its own."""
    return guessed(study, start, count=count, subsamples=count, size=INDUCED_FROM)
