"""Instructions guessed from examples alone (APE, Zhou et al. 2022, arXiv 2211.01910, §3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.operators.samples import answered, shown
from landrace.optimizers.proposing.opening import context_of
from landrace.optimizers.proposing.wording import read_proposal, reworded_child, within_length
from landrace.optimizers.search.turns import turns
from landrace.optimizers.slots import demos

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.operators.samples import Sample
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate


def guessed(
    study: Study,
    start: Start,
    *,
    count: int,
    subsamples: int,
    size: int,
    words: int | None = None,
) -> Iterator[Candidate | None]:
    """At most ``count`` children of the start, with instructions induced from examples.

    None for each answer without an instruction.

    There are so many ``subsamples`` of ``size`` examples for each node; they take turns, and so
    do the nodes of which there are examples. Without any, that is logged. ``words`` is the limit
    of `within_length`, if there is one.

    Raises:
        BudgetExhaustedError: a question could not be paid.
    """
    nodes = [node for node in start.nodes if answered(start.samples[node])]
    if not nodes:
        study.log("nothing to guess from", reason="no search case says what a node should answer")
        return
    sets = {node: _subsamples(study, start, node, subsamples, size) for node in nodes}
    pairs = [(node, sets[node][number]) for number in range(subsamples) for node in nodes]
    for number, (node, drawn) in enumerate(turns(pairs, 0, count)):
        context = context_of(study, start.entry, node, study.rng(f"guess/{number}"))
        examples = shown(context.view, drawn)
        text = read_proposal(context, study.ask("induce", examples=examples, temperature=0.9))
        if text is not None and words is not None:
            text = within_length(context, text, words)
        yield None if text is None else reworded_child(context, "induced", text)


def _subsamples(
    study: Study, start: Start, node: str, count: int, size: int
) -> list[Sequence[Sample]]:
    by_case = {sample.case.id: sample for sample in answered(start.samples[node])}
    cases = [sample.case for sample in by_case.values()]
    found: list[Sequence[Sample]] = []
    for number in range(count):
        drawn = demos.balanced(cases, size, study.rng(f"guess/{node}/{number}"))
        found.append([by_case[case.id] for case in drawn])
    return found
