"""How a search of instructions begins: score what there is to beat, and find what can be varied."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.allocation.screening import has_headroom
from landrace.optimizers.operators.base import Context
from landrace.optimizers.operators.samples import Sample, samples
from landrace.optimizers.operators.tuning import Tuning
from landrace.optimizers.probing import probe
from landrace.optimizers.proposing.reflection import editable
from landrace.optimizers.strategy import Sizes

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.study import Study

SHOWN_CASES = 16  # search cases that are run to see what nodes inside a program read and write
# What operators go by where a strategy has no options for them: mistakes are looked for on the
# cases that are run anyway.
UNTUNED = Tuning(apo_cases=SHOWN_CASES)


class Start(NamedTuple):
    """The candidate that a search sets out from.

    ``nodes`` are those whose instruction can be replaced, in the program's order, at least one;
    ``samples`` has examples of each, as far as there are any.
    """

    entry: Entry
    nodes: tuple[str, ...]
    samples: Mapping[str, Sequence[Sample]]


class Guests(NamedTuple):
    """Winners that a search can go on from, and those that it can but score, as they are fixed."""

    fit: list[Entry]
    fixed: list[Entry]


def context_of(study: Study, entry: Entry, node: str, rng: random.Random) -> Context:
    """A candidate's node, to be changed."""
    return Context(study, entry, node, rng, UNTUNED, study.select)


def opening_runs(sizes: Sizes) -> int:
    """The most runs of the program that `opened` makes."""
    return sizes.rivals * sizes.select + min(sizes.search, SHOWN_CASES)


def sizes_of(study: Study) -> Sizes:
    """The sizes that `shares` was given, but for the holdout, which a search does not know."""
    rivals = 1 if study.setting.incumbent is None else 2
    program = study.setting.program
    nodes = len(program.nodes)
    return Sizes(len(study.search), len(study.select), 0, rivals, nodes, program.is_plain)


def opened(study: Study) -> Start | None:
    """Score base and incumbent on all of `select`, and start from the better one.

    None where nothing can be gained or no instruction can be told apart. An incumbent that
    cannot be taken apart stays to be beaten, and the search starts from the base.

    Raises:
        BudgetExhaustedError: it could not be paid.
    """
    rivals = ranked_rivals(study)
    return start_from(study, rivals) if rivals else None


def ranked_rivals(study: Study) -> list[Entry]:
    """Base and incumbent, scored on all of `select`, the better first; nobody where nothing can be
    gained.

    Raises:
        BudgetExhaustedError: it could not be paid.
    """
    probe(study, study.rivals, study.select)
    if has_headroom(study):
        return study.ranked(study.rivals, study.select)
    study.log("no headroom")
    return []


def start_from(study: Study, entries: Sequence[Entry]) -> Start | None:
    """The first of the entries that can be taken apart; None, and logged, where none can.

    Raises:
        BudgetExhaustedError: the runs that show what nodes read and write could not be paid.
    """
    for entry in entries:
        nodes = editable(study, entry.candidate)
        if nodes:
            found = {node: _samples(study, entry, node) for node in nodes}
            return Start(entry, tuple(nodes), found)
    study.log("nothing to vary", reason="no node's instruction can be told from its input")
    return None


def welcomed(study: Study, start: Start, spare: float) -> list[Entry]:
    """Other models' winners from which a search can go on, but for the start itself.

    Those that cannot be taken apart are scored on all of `select` at once, so that they may
    still win, as many as ``spare`` runs pay.

    Raises:
        BudgetExhaustedError: a score could not be paid.
    """
    found = guests(study, start)
    study.evaluate(found.fixed[: int(spare // max(1, len(study.select)))], study.select)
    return found.fit


def guests(study: Study, start: Start) -> Guests:
    """Other models' winners, but for the start itself."""
    admitted = study.admit_all(study.setting.others)
    found = [entry for entry in admitted if entry.digest != start.entry.digest]
    fit = [entry for entry in found if set(start.nodes) <= set(editable(study, entry.candidate))]
    return Guests(fit, [entry for entry in found if entry not in fit])


def _samples(study: Study, entry: Entry, node: str) -> list[Sample]:
    return samples(context_of(study, entry, node, study.rng("samples")))
