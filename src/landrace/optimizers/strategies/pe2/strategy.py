"""The search: first guesses, then steps from the best of all (PE2, §3)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from landrace.optimizers.allocation.contest import best_in_full, best_of
from landrace.optimizers.proposing.breeding import bred
from landrace.optimizers.proposing.guessing import guessed
from landrace.optimizers.proposing.opening import sizes_of, welcomed
from landrace.optimizers.search.epochs import Epochs
from landrace.optimizers.search.rounds import guest_runs, parts, probed
from landrace.optimizers.strategies.pe2.litter import Litter
from landrace.optimizers.strategies.pe2.plan import (
    HARD_POOL,
    payable_children,
    round_runs,
    shown_cases,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.search.rounds import Part
    from landrace.optimizers.strategies.pe2.options import Options
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate

VERSION = "5"

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
            children = _guessed(part, options, start, guesses)
        else:
            cases = batches.batch()[: shown_cases(options, len(parents), part.runs)]
            children = _edited(part, Litter(study, options, start, part.number, cases), parents)
        if is_first:
            children += welcomed(study, start, guest_runs(part.runs))
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


def _guessed(part: Part, options: Options, start: Start, count: int) -> list[Entry]:
    """First guesses, each from examples of its own."""
    study = part.study
    source = guessed(
        study,
        start,
        count=count,
        subsamples=count,
        size=INDUCED_FROM,
        words=options.max_words,
    )
    return _bred(part, options, [source], count, part.runs)


def _edited(part: Part, litter: Litter, parents: Sequence[Entry]) -> list[Entry]:
    """A step's children, as many of few parents as of all that there may be."""
    options = litter.options
    most = options.parents * options.proposals
    each = math.ceil(most / len(parents))
    sources = [litter.edited(parent, place, each) for place, parent in enumerate(parents)]
    return _bred(part, options, sources, most, part.runs - len(parents) * len(litter.cases))


def _bred(
    part: Part,
    options: Options,
    sources: Sequence[Iterator[Candidate | None]],
    most: int,
    runs: int,
) -> list[Entry]:
    """At most so many children, as far as so many runs can tell them apart."""
    room = min(most, payable_children(options, sizes_of(part.study), runs))
    return bred(part.study, sources, most=room, ends=part.ends + part.runs // 2)
