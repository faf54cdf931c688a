"""The same accuracy with fewer tokens, in every node (SAMMO, §5.3: compression)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from landrace.optimizers.operators.view import with_instruction
from landrace.optimizers.proposing.opening import context_of
from landrace.optimizers.strategies.auto.bench import admitted
from landrace.optimizers.strategies.auto.standing import lead

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate

TIE = 1e-9  # float noise of a sum
_BREAK = re.compile(r"(?<=[.!?])\s+|\n+")


def shorten(study: Study, best: Entry | None) -> None:
    """Leave out of the best what is not missed, until all is missed; what is left of it wins.

    Whatever is left out must be missed neither on search cases that the best has met nor on any
    of `select`: of several cuts one that does some harm looks harmless on a few cases. Nor may
    such a cut win because it looks better on `select` alone.

    Raises:
        BudgetExhaustedError: a score could not be paid.
    """
    while best is not None:
        study.eligible = frozenset({best.digest})
        best = _shorter(study, best)


def _shorter(study: Study, best: Entry) -> Entry | None:
    for entry in admitted(study, _cuts(study, best)):
        is_shorter = entry.variant.length < best.variant.length
        if is_shorter and _holds(study, entry, best):
            return entry
    return None


def _holds(study: Study, entry: Entry, best: Entry) -> bool:
    """Whether it is as good by all that is known. The last cases are of `select`: only what has
    met all of them may be chosen.
    """
    known = study.table.shared([best.digest], study.informative(study.search, entry, best))
    cases = [*known, *study.select]
    for stop in (len(cases) // 4, len(cases) // 2, len(cases)):
        study.evaluate([entry], cases[:stop])
        ahead, _ = lead(study, entry, best)
        if ahead < -TIE:
            return False
    return study.ranked([entry, best], study.select)[0] is entry


def _cuts(study: Study, best: Entry) -> Iterator[Candidate]:
    for node in study.setting.program.nodes:
        context = context_of(study, best, node, study.rng("auto/cuts"))
        if best.candidate.slots(node).layout != "base":
            yield from _node_cuts(context)


def _node_cuts(context: Context) -> Iterator[Candidate]:
    """Without half the examples or the instruction, one example, or half of the instruction."""
    view = context.view
    shown = view.slots.demos
    half = len(shown) // 2
    if half:
        yield context.child("half the examples", demos=shown[half:])
        yield context.child("half the examples", demos=shown[:half])
    if shown:
        if view.instruction() and view.parts:
            yield context.child("no instruction", **with_instruction(view, ""))
        yield context.child("one example less", demos=shown[1:])
    if view.parts and view.slots.instruction:
        for text in _halves(view.slots.instruction):
            yield context.child("half the instruction", **with_instruction(view, text))


def _halves(text: str) -> list[str]:
    """A text cut in two between sentences or lines, near its middle; none if it is only one."""
    cuts = [match.end() for match in _BREAK.finditer(text) if match.end() < len(text)]
    if not cuts:
        return []
    middle = min(cuts, key=lambda cut: abs(2 * cut - len(text)))
    return [text[:middle].strip(), text[middle:].strip()]
