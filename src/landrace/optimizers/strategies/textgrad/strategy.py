"""The search: run a batch, go back through the program, step, undo what scores worse."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from landrace.optimizers.allocation.challenge import holds
from landrace.optimizers.proposing.opening import opening_runs, sizes_of
from landrace.optimizers.search.epochs import Epochs
from landrace.optimizers.search.lessons import unshown_batch
from landrace.optimizers.search.rounds import guest_runs, probed, rooted, with_guests
from landrace.optimizers.strategies.textgrad.backward import backward, most_questions
from landrace.optimizers.strategies.textgrad.step import QUESTIONS, remembered, stepped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.strategies.textgrad.backward import Critique
    from landrace.optimizers.strategies.textgrad.options import Options
    from landrace.optimizers.strategies.textgrad.step import Past
    from landrace.optimizers.strategy import Sizes
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case

VERSION = "4"


def least(options: Options, sizes: Sizes) -> int:
    """The fewest runs with which a search makes sense: one step, if others take their share."""
    return opening_runs(sizes) + with_guests(step_runs(options, sizes))


def shares(options: Options, sizes: Sizes, runs: int) -> dict[str, int]:
    """The most runs of each stage, for a search that has ``runs`` of them in all."""
    probe = min(runs, opening_runs(sizes))
    # Each step may first look through all of search for a mistake.
    step = sizes.search + step_runs(options, sizes)
    most = with_guests(options.iterations * step)
    return {"probe": probe, "descend": min(runs - probe, most)}


def step_runs(options: Options, sizes: Sizes) -> int:
    """The most that a step takes; a question counts as a run."""
    batch = min(options.batch, sizes.search)
    questions = batch * most_questions(sizes.nodes) + QUESTIONS * sizes.nodes
    return batch + questions + sizes.select


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell."""
    options: Options = study.setting.options
    start = probed(study)
    if start is None:
        return
    with study.stage("descend", "critiques backward, a rewriting, undone if worse") as runs:
        (present,) = rooted(study, start, guest_runs(runs), 1)
        _descend(study, options, start.nodes, present)


def _descend(study: Study, options: Options, nodes: Sequence[str], present: Entry) -> None:
    """Step after step, as many as there are to be or as runs pay.

    Raises:
        BudgetExhaustedError: a ceiling other than that of calls was met.
    """
    batches = Epochs(study.search, options.batch, study.rng("textgrad/epochs"))
    past: dict[str, list[Past]] = defaultdict(list)
    for number in range(options.iterations):
        critiques = _criticised(study, present, nodes, batches)
        if not critiques:
            return
        child = stepped(study, present, critiques, past)
        if child is None:
            continue
        kept = holds(study, child, present)
        for node, step in remembered(study, present, critiques, kept=kept).items():
            past[node].append(step)
        study.log("step", number=number, digest=child.digest, kept=kept)
        present = child if kept else present


def _criticised(
    study: Study, entry: Entry, nodes: Sequence[str], batches: Epochs[Case]
) -> dict[str, list[Critique]]:
    """The critiques of the next batch that has any.

    Empty where all of search was looked through in vain, or runs do not suffice for a step from the
    next batch. A case may come first in one pass and last in the next, so no number of batches
    says as much.
    """
    options: Options = study.setting.options
    left = {case.id for case in study.unshown(study.search, entry)}
    while left and study.runs_left() >= step_runs(options, sizes_of(study)):
        cases = unshown_batch(study, batches, entry)
        critiques = _gradients(study, entry, nodes, cases)
        if critiques:
            return critiques
        study.log("no critique", parent=entry.digest)
        left -= {case.id for case in cases}
    return {}


def _gradients(
    study: Study, entry: Entry, nodes: Sequence[str], cases: Sequence[Case]
) -> dict[str, list[Critique]]:
    """All critiques of a batch by node, in the order of the program and of the cases."""
    study.evaluate([entry], cases)
    found: dict[str, list[Critique]] = {node: [] for node in nodes}
    for case in cases:
        for node, critique in backward(study, entry, nodes, case).items():
            found[node].append(critique)
    return {node: critiques for node, critiques in found.items() if critiques}
