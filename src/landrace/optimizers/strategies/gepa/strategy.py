"""The strategy (GEPA, algorithms 1 and 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.proposing.reflection import deeds, instructed, reflected, telling
from landrace.optimizers.search.epochs import Epochs
from landrace.optimizers.search.lessons import unshown_batch
from landrace.optimizers.search.rounds import contested
from landrace.optimizers.strategies.gepa.merging import Merging
from landrace.optimizers.strategies.gepa.pool import TIE, Pool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.strategies.gepa.options import Options
    from landrace.optimizers.strategy import Sizes
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case

VERSION = "6"

LEAST_PROPOSALS = 3
LOOK_FROM = 8  # cases of a minibatch that is looked at half-way; the paper's 3 are not
START_SHARE = 4  # of what the probe leaves, a fourth at most goes to other models' winners


def least(options: Options, sizes: Sizes) -> int:
    """The fewest runs with which a search makes sense: three proposals, one of them accepted."""
    batch = min(options.minibatch, sizes.search)
    return (sizes.rivals + 1) * sizes.select + LEAST_PROPOSALS * (2 * batch + sizes.nodes)


def shares(options: Options, sizes: Sizes, runs: int) -> dict[str, int]:
    """The most runs of each stage, for a search that has ``runs`` of them in all."""
    del options
    probe = min(runs, sizes.rivals * sizes.select)
    return {"probe": probe, "evolve": runs - probe}


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell."""
    options: Options = study.setting.options
    rivals = contested(study)
    if not rivals:
        return
    pool = Pool(study, options)
    with study.stage("evolve", "reflect on a minibatch, keep what leads on some case"):
        _start(study, pool, rivals)
        if pool.members:
            _evolve(study, pool)
        else:
            study.log("nothing to vary", reason="no instruction can be told from its input")


def _start(study: Study, pool: Pool, rivals: Sequence[Entry]) -> None:
    """What there is, and what won on other models as far as there is room."""
    for entry in rivals:
        pool.add(entry)
    room = int(study.runs_left() // START_SHARE // len(study.select))
    for entry in study.admit_all(study.setting.others)[:room]:
        study.evaluate([entry], study.select)
        pool.add(entry)


def _evolve(study: Study, pool: Pool) -> None:
    """Propose until the runs do not suffice, or nothing has been accepted for a while.

    As in the released code, a merge is tried in the turn after an accepted reflection and in no
    other: what is new may go with what others learned, and a merge earns no further one.
    A minibatch without a mistake is no proposal, so patience is not for it; who has none on all of
    search has no children, and where that is everybody who leads, there is nothing left to learn.

    Raises:
        BudgetExhaustedError: a ceiling other than that of calls was met.
    """
    batches = Epochs(study.search, pool.options.minibatch, study.rng("gepa/epochs"))
    parents = study.rng("gepa/parents")
    merging = Merging(pool)
    is_merge_due, idle = False, 0
    while idle < pool.options.patience:
        union = merging.next() if is_merge_due else None
        accepted: bool | None
        if union:
            accepted = merging.try_(union)
            is_merge_due = False
        else:
            parent = pool.parent(parents)
            if parent is None:
                return
            cases = unshown_batch(study, batches, parent)
            if not _affords(pool, parent, cases):
                return
            if not _errs(study, parent, cases):
                is_merge_due = False
                continue
            accepted = is_merge_due = _mutate(pool, parent, cases)
        if accepted is None:
            return
        idle = 0 if accepted else idle + 1


def _affords(pool: Pool, parent: Entry, cases: Sequence[Case]) -> bool:
    """Whether the runs suffice for a reflection on these cases, to its end."""
    known = len(pool.study.table.outcomes(parent.digest, cases))
    return pool.affords(2 * len(cases) - known + len(pool.components(parent)))


def _errs(study: Study, parent: Entry, cases: Sequence[Case]) -> bool:
    """Whether the parent, which is run on them, has a mistake among the cases."""
    study.evaluate([parent], cases)
    errs = bool(study.errors(parent, cases))
    if not errs:
        study.log("perfect minibatch", parent=parent.digest)
    return errs


def _mutate(pool: Pool, parent: Entry, cases: Sequence[Case]) -> bool:
    """Whether a reflection on the parent's mistakes made something better."""
    nodes = pool.components(parent)
    pool.turn(parent)
    child = _reflect(pool, parent, nodes, cases)
    if child is None:
        return False
    return _beats(pool, child, parent, cases) and pool.accept(child, [parent])


def _beats(pool: Pool, child: Entry, parent: Entry, cases: Sequence[Case]) -> bool:
    """Whether the child is strictly better on the minibatch, which the parent has run on.

    A child that is behind half-way through a large minibatch is spared the rest: most that is
    rejected is so for half the price, and few that would have caught up are lost.
    """
    half = [len(cases) // 2] if len(cases) >= LOOK_FROM else []
    ours = theirs = 0.0
    for count in (*half, len(cases)):
        pool.study.evaluate([child], cases[:count])
        ours, theirs = pool.sums([child, parent], cases[:count])
        if ours < theirs - TIE:
            break
    pool.study.log("pair", child=child.digest, parent=parent.digest, scores=[ours, theirs])
    return ours > theirs + TIE


def _reflect(
    pool: Pool, parent: Entry, nodes: Sequence[str], cases: Sequence[Case]
) -> Entry | None:
    """A child with new instructions for these nodes; None if nothing new came of it."""
    study, candidate = pool.study, parent.candidate
    for node in nodes:
        shown = telling(deeds(study, parent, node, cases), pool.options.shown)
        text = reflected(study, parent, node, shown) if shown else None
        if text is not None:
            operator = f"reflection on {node}"
            candidate = (
                instructed(study, candidate, node, text, operator=operator, parent=parent.digest)
                or candidate
            )
    return pool.fresh(candidate)
