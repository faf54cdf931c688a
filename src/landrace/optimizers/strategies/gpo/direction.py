"""What a step's proposals are told, and what becomes of the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.embedding import embed
from landrace.optimizers.operators.samples import mistakes, shown
from landrace.optimizers.proposing.critique import criticised
from landrace.optimizers.proposing.opening import context_of
from landrace.optimizers.proposing.telling import MAX_INSTRUCTION, answer_rule, clip
from landrace.optimizers.proposing.wording import (
    instruction_of,
    read_proposal,
    reworded_child,
    within_changes,
)
from landrace.optimizers.search.recall import Past, recalled
from landrace.optimizers.search.turns import turns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.strategies.gpo.options import Options
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case

MAX_SUMMARY = 1200  # characters of a summary


class Direction(NamedTuple):
    """Where a step sets out: winners so far with the present one last, what is known of the way,
    flaws by node, the words that may change (None for any number), and the step's number.
    """

    trail: Sequence[Entry]
    summary: str
    flaws: Mapping[str, str]
    words: int | None
    step: int
    start: Start


def nodes_of(options: Options, start: Start, step: int) -> list[str]:
    """The node that each proposal of a step changes; the nodes take turns over all steps."""
    return turns(start.nodes, step * options.candidates, options.candidates)


def proposals(study: Study, options: Options, direction: Direction) -> Iterator[Candidate]:
    """The children of the present candidate; each changes one node, that of `nodes_of`.

    Raises:
        BudgetExhaustedError: a question could not be paid.
    """
    nodes = nodes_of(options, direction.start, direction.step)
    for number, node in enumerate(nodes):
        rng = study.rng(f"gpo/{direction.step}/{number}")
        context = context_of(study, direction.trail[-1], node, rng)
        told = _told(context, options, direction)
        answer = study.ask("gpo_step", max_tokens=512, temperature=1.0, **told)
        text = read_proposal(context, answer)
        if text is not None and direction.words is not None:
            text = within_changes(context, text, direction.words)
        if text is not None:
            yield reworded_child(context, f"gpo, {options.refinement}", text)


def reflected(
    study: Study, entry: Entry, nodes: Sequence[str], cases: Sequence[Case]
) -> dict[str, str]:
    """What is wrong with each node's instruction by a batch of search cases, if anything is.

    Raises:
        BudgetExhaustedError: runs or questions could not be paid.
    """
    flaws = {}
    for node in nodes:
        context = context_of(study, entry, node, study.rng("gpo/reflection"))
        wrong, present = mistakes(context, cases), instruction_of(context)
        flaw = criticised(context, present, wrong, temperature=0.0) if wrong else None
        if flaw is not None:
            flaws[node] = flaw
    return flaws


def summed_up(study: Study, nodes: Sequence[str], trail: Sequence[Entry], before: str) -> str:
    """The summary of the steps so far, with the last one added.

    Raises:
        BudgetExhaustedError: the question could not be paid.
    """
    answer = study.ask(
        "gpo_summary",
        summary=before,
        steps=[
            {"text": _texts(study, entry, nodes), "score": _points(_score(study, entry))}
            for entry in trail[-2:]
        ],
        temperature=0.0,
    )
    return (answer or "").strip()[:MAX_SUMMARY] or before


def _told(context: Context, options: Options, direction: Direction) -> dict[str, Any]:
    """The inputs of the question."""
    study, node, start, view = context.study, context.node, direction.start, context.view
    present = Past(instruction_of(context), _score(study, context.entry))
    found = start.samples[node]
    examples = context.rng.sample(found, min(options.examples, len(found)))
    return {
        "description": study.setting.description,
        "node": node if len(study.setting.program.nodes) > 1 else "",
        "place": view.layout,
        "summary": direction.summary,
        "flaw": direction.flaws.get(node, ""),
        "past": [
            {"text": clip(item.text, MAX_INSTRUCTION), "score": _points(item.score)}
            for item in _remembered(context, options, direction.trail, present)
        ],
        "present": {"text": present.text, "score": _points(present.score)},
        "examples": shown(view, examples),
        "rule": answer_rule(view),
        "refinement": options.refinement,
        "words": direction.words,
    }


def _remembered(
    context: Context, options: Options, trail: Sequence[Entry], present: Past
) -> list[Past]:
    """What is recalled beside the present instruction, which has a place of its own."""
    past = [
        Past(_text(context.study, entry, context.node), _score(context.study, entry))
        for entry in trail
    ]
    found = recalled(past, options.remembered + 1, options.momentum, embed)
    others = [item for item in found if item.text != present.text]
    return others[-options.remembered :]


def _texts(study: Study, entry: Entry, nodes: Sequence[str]) -> str:
    if len(nodes) == 1:
        return _text(study, entry, nodes[0])
    return "\n".join(f"{node}: {_text(study, entry, node)}" for node in nodes)


def _text(study: Study, entry: Entry, node: str) -> str:
    return instruction_of(context_of(study, entry, node, study.rng("gpo/text")))


def _score(study: Study, entry: Entry) -> float:
    return study.table.mean(entry.digest, study.select) or 0.0


def _points(score: float) -> int:
    return round(100 * score)
