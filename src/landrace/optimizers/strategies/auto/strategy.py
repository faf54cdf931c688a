"""The strategy: stage after stage, each with what the one before it left."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from landrace.optimizers.allocation.rungs import halving
from landrace.optimizers.allocation.screening import has_headroom, reached, screen
from landrace.optimizers.probing import probe
from landrace.optimizers.proposing.opening import start_from
from landrace.optimizers.strategies.auto.bench import Bench, admitted
from landrace.optimizers.strategies.auto.crowning import crowned_at_once, crowned_by_all
from landrace.optimizers.strategies.auto.generations import FIRST_WORDS, breed
from landrace.optimizers.strategies.auto.members import Members
from landrace.optimizers.strategies.auto.memory import Memory
from landrace.optimizers.strategies.auto.plan import (
    gate_size,
    open_cases,
    pool_size,
    questions,
    slice_size,
    survivors,
)
from landrace.optimizers.strategies.auto.pool import pool
from landrace.optimizers.strategies.auto.reading import better_read
from landrace.optimizers.strategies.auto.shortening import shorten
from landrace.optimizers.strategies.auto.standing import standings
from landrace.optimizers.strategies.auto.stock import stocked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from landrace.optimizers.allocation.rungs import Rung
    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.samples import Sample
    from landrace.optimizers.strategies.auto.options import Options
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case

VERSION = "8"

PROBE = 16  # select cases that come first: a model that fails is found out for few calls


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell."""
    with study.stage("probe", "how good is what we have"):
        probe(study, study.rivals, study.select[:PROBE])
        probe(study, study.rivals, study.select)
    if not has_headroom(study):
        study.log("no headroom")
        return
    rivals = study.rivals
    slice_ = _slice(study, rivals)
    bench = None
    with study.stage("propose", "examples, instructions and formats"):
        found = study.admit_all(study.setting.others)
        bench = _bench(study, rivals)
        if bench is not None:
            # One by one: what came before the end of the budget stays.
            for candidate in _pooled(bench, slice_, len(study.setting.others)):
                found += admitted(study, [candidate])
    known = {entry.digest for entry in rivals}
    fresh = list({entry.digest: entry for entry in found if entry.digest not in known}.values())
    if bench is None or "breed" not in study.shares:
        best = _best_at_once(study, fresh, {} if bench is None else bench.start.samples)
    else:
        best = _best_by_breeding(bench, rivals, fresh, slice_)
    if best is not None:
        # By `select` alone another may look better.
        study.eligible = frozenset({best.digest})
    if "shorten" in study.shares:
        with study.stage("shorten", "the same accuracy with fewer tokens"):
            shorten(study, best)


def _best_at_once(
    study: Study, entries: Sequence[Entry], samples: Mapping[str, Sequence[Sample]]
) -> Entry | None:
    """The first round is the only one."""
    best = _first_round(study, entries, study.select)
    if "breed" in study.shares:
        with study.stage("breed", "nothing can be varied"):
            pass
    with study.stage("crown", "merges, and successive rejects") as runs:
        crowned_at_once(study, best, runs, samples)
    return study.best()


def _best_by_breeding(
    bench: Bench, rivals: Sequence[Entry], entries: Sequence[Entry], slice_: int
) -> Entry | None:
    """Some of select is kept back from all but who is crowned by all that is known.

    Only what has met all of select can be chosen, and not what looks best there of many.
    """
    study, members = bench.study, bench.members
    best = _first_round(study, entries, members.cases)
    with study.stage("breed", "generations of children, gated on a slice") as runs:
        for entry in (*best, *rivals):
            study.evaluate([entry], members.cases)
            members.add(entry)
        breed(bench, int(min(runs, study.runs_left())), gate_size(slice_))
    with study.stage("crown", "merges, and the best by all that is known"):
        crowned_by_all(bench)
    return members.best()


def _first_round(study: Study, entries: Sequence[Entry], cases: Sequence[Case]) -> list[Entry]:
    """The stage ``screen``: its survivors, each read as well as it can be.

    Failed calls, or a ceiling on tokens, can end it before its time. Then those go on who are
    best by what is known, however unequal: all of them would cost the later stages their runs.
    """
    keep = survivors(len(entries))
    best = None
    with study.stage("screen", "successive halving on shared cases") as runs:
        best = _screened(study, entries, halving(len(entries), keep, runs, len(cases)), keep)
    return standings(study, entries)[:keep] if best is None else best


def _screened(
    study: Study, entries: Sequence[Entry], rungs: Sequence[Rung], keep: int
) -> list[Entry]:
    alive = screen(study, entries, rungs)[:keep]
    together = [*alive, *better_read(study, alive)]
    return study.ranked(together, study.select[: reached(study, alive)])[:keep]


def _slice(study: Study, rivals: Sequence[Entry]) -> int:
    """The size of a slice, by the rival whose scores vary most."""
    sizes = []
    for entry in rivals:
        cases = study.table.shared([entry.digest], study.select)
        sizes.append(slice_size(study.table.scores(entry.digest, cases), len(study.select)))
    return max(sizes)


def _bench(study: Study, rivals: Sequence[Entry]) -> Bench | None:
    """What the search works with; None where no node can be taken apart.

    Raises:
        BudgetExhaustedError: the runs that show what nodes read and write could not be paid.
    """
    start = start_from(study, study.ranked(rivals, study.select))
    if start is None:
        return None
    options: Options = study.setting.options
    shots = stocked(study, start, options.max_demos, _runs(study))
    order = study.rng("auto/questions").sample(study.search, len(study.search))
    members = Members(study, study.select[: open_cases(len(study.select))])
    memory = Memory(study, members.cases)
    return Bench(study, options, start, shots, order, members, memory, FIRST_WORDS)


def _pooled(bench: Bench, slice_: int, others: int) -> Iterator[Candidate]:
    """As many first candidates, other models' winners aside, as screening can tell apart."""
    study, options = bench.study, bench.options
    room = pool_size(options, study.runs_of("screen"), slice_) - others
    return islice(_each_once(bench, pool(bench, questions(options, _runs(study)))), max(0, room))


def _each_once(bench: Bench, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Without those that are the base or came before: where no examples are to be had, many are."""
    known = {bench.study.base.candidate.digest}
    for candidate in candidates:
        if candidate.digest not in known:
            known.add(candidate.digest)
            yield candidate


def _runs(study: Study) -> int:
    """The runs of all stages after the probe."""
    return sum(study.runs_of(stage) for stage in study.shares if stage != "probe")
