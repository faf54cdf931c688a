"""The loop: litters of children, gated on a slice, until the stage's runs are spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.proposing.opening import context_of
from landrace.optimizers.search.schedules import Schedule, whole
from landrace.optimizers.strategies.auto.bench import admitted, sound
from landrace.optimizers.strategies.auto.gate import (
    Child,
    from_case,
    passes,
    slice_for,
    stays_ahead,
)
from landrace.optimizers.strategies.auto.makers import MAKERS
from landrace.optimizers.strategies.auto.odds import Odds
from landrace.optimizers.strategies.auto.questioning import BATCH
from landrace.optimizers.strategies.auto.standing import lead

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.strategies.auto.bench import Bench

LITTER = 4  # children of a generation
TRIES = 3  # draws for one child: an operator may have nothing to say
QUESTIONS = 2  # of one child at most
FIRST_WORDS, LAST_WORDS = 100, 20  # that a reflection may change, along a cosine
SAVED_EVERY = 8  # generations, the best so far is scored on all of select
PATIENCE = 12  # generations without a new member that end the loop


def breed(bench: Bench, runs: int, slice_: int) -> None:
    """Children of the members, for so many runs at most; ``slice_`` is the size of a gate.

    Raises:
        BudgetExhaustedError: a ceiling other than that of calls was met.
    """
    study = bench.study
    schedule = Schedule("cosine", FIRST_WORDS, LAST_WORDS, max(1, runs))
    odds = Odds.of(bench)
    idle = number = 0
    while idle < PATIENCE and bench.members.have_headroom():
        if number % SAVED_EVERY == 0:
            # Tokens, money or time may end at any moment, and then a winner must be at hand.
            bench.members.crown_leader()
        left = study.runs_left()
        # Of a litter, one child at least must be able to go all the way.
        spare = left - len(bench.members.cases) - slice_
        size = min(LITTER, int(spare // (slice_ + BATCH + QUESTIONS)))
        if size < 1:
            return
        words = whole(schedule, int(runs - left))
        litter, odds = _born(bench._replace(words=words), size, odds, f"auto/{number}")
        joined, odds = _grown(bench, litter, odds, number * slice_, slice_)
        idle = 0 if joined else idle + 1
        number += 1


def _born(bench: Bench, size: int, odds: Odds, stream: str) -> tuple[list[Child], Odds]:
    """New children of drawn parents, and what was learned from draws that came to nothing."""
    litter: list[Child] = []
    for place in range(size):
        rng = bench.study.rng(f"{stream}/{place}")
        child, odds = _child(bench, odds, rng)
        if child is not None:
            litter.append(child)
    return litter, odds


def _child(bench: Bench, odds: Odds, rng: random.Random) -> tuple[Child | None, Odds]:
    study = bench.study
    for _ in range(TRIES):
        parent = bench.members.parent(rng)
        fitting = _fitting(bench, parent, rng)
        if not fitting:
            continue
        node = odds.nodes.draw(list(fitting), rng)
        context = context_of(study, parent, node, rng)
        name = odds.makers.draw(odds.tickets(fitting[node]), rng)
        before, known = study.tokens_spent(), set(study.entries)
        candidate = MAKERS[name].make(bench, context)
        tokens = study.tokens_spent() - before
        fresh = admitted(study, [candidate] if candidate and sound(study, candidate) else [])
        if fresh and fresh[0].digest not in known:
            seen = bench.memory.seen(fresh[0].candidate)
            return Child(fresh[0], parent, name, node, tokens, seen), odds
        odds = odds.learned(name, node, 0.0, tokens)
    return None, odds


def _fitting(bench: Bench, parent: Entry, rng: random.Random) -> dict[str, list[str]]:
    """The operators that apply to each node of a parent, without the nodes to which none does."""
    contexts = {
        node: context_of(bench.study, parent, node, rng)
        for node in bench.study.setting.program.nodes
    }
    found = {
        node: [name for name, maker in MAKERS.items() if maker.applies(bench, context)]
        for node, context in contexts.items()
    }
    return {node: names for node, names in found.items() if names}


def _grown(
    bench: Bench, litter: Sequence[Child], odds: Odds, start: int, slice_: int
) -> tuple[bool, Odds]:
    """Whether any of the litter is a member now, and what was learned from all of it.

    A slice begins with the case that comes ``start`` after the first, around the end if need be.
    """
    study, members = bench.study, bench.members
    search, select = from_case(bench.order, start), from_case(members.cases, start)
    joined = False
    for child in litter:
        cases = slice_for(study, child, search, select, slice_)
        if study.runs_left() < 2 * len(cases) + len(members.cases):
            break
        holds = passes(study, child, cases) and stays_ahead(study, child, members.cases)
        is_member = holds and members.add(child.entry)
        joined = joined or is_member
        odds = _lesson(bench, child, odds, is_member=is_member)
    return joined, odds


def _lesson(bench: Bench, child: Child, odds: Odds, *, is_member: bool) -> Odds:
    """What became of a child: only what holds on all cases counts as a gain."""
    study = bench.study
    ahead, cases = lead(study, child.entry, child.parent)
    gain = ahead / max(1, cases)
    before = study.table.mean(child.parent.digest, bench.members.cases) or 0.0
    bench.memory.note(child.entry, child.parent, child.node, before + gain, kept=is_member)
    outcomes = study.table.outcomes(child.entry.digest, (*study.select, *study.search))
    tokens = child.tokens + sum(outcome.usage.tokens for outcome in outcomes)
    study.log(
        "child",
        digest=child.entry.digest,
        parent=child.parent.digest,
        operator=child.operator,
        node=child.node,
        cases=cases,
        gain=gain,
        kept=is_member,
    )
    return odds.learned(child.operator, child.node, gain if is_member else 0.0, tokens)
