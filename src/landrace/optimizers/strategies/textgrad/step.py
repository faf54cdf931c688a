"""A step: one rewriting of each instruction, from all of its critiques of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.optimizers.proposing.breeding import newcomers
from landrace.optimizers.proposing.reflection import instructed, node_view
from landrace.optimizers.proposing.tagged import tagged_instruction
from landrace.optimizers.proposing.telling import answer_rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.view import View
    from landrace.optimizers.strategies.textgrad.backward import Critique
    from landrace.optimizers.strategies.textgrad.options import Options
    from landrace.optimizers.study import Study

REWRITE_TOKENS = 600
QUESTIONS = 2  # a rewriting, and its repair


class Past(NamedTuple):
    """An earlier step of a node: the instruction that it set out from, what was said, its fate."""

    instruction: str
    critiques: tuple[str, ...]
    kept: bool

    def shown(self) -> dict[str, Any]:
        return {**self._asdict(), "critiques": list(self.critiques)}


def stepped(
    study: Study,
    entry: Entry,
    critiques: Mapping[str, Sequence[Critique]],
    past: Mapping[str, Sequence[Past]],
) -> Entry | None:
    """The candidate after a step in each of its criticised nodes; None if nothing new came of it.

    Raises:
        BudgetExhaustedError: a question could not be paid.
    """
    candidate = entry.candidate
    for node, found in critiques.items():
        view = node_view(study, entry.candidate, node)
        text = _rewritten(study, view, found, past.get(node, ()))
        if text is not None:
            operator = f"textgrad step of {node}"
            child = instructed(study, candidate, node, text, operator=operator, parent=entry.digest)
            candidate = child or candidate
    return next(iter(newcomers(study, [candidate])), None)


def remembered(
    study: Study, entry: Entry, critiques: Mapping[str, Sequence[Critique]], *, kept: bool
) -> dict[str, Past]:
    """What there is to remember of a step from this candidate, by node."""
    return {
        node: Past(
            node_view(study, entry.candidate, node).instruction(),
            tuple(critique.text for critique in found),
            kept,
        )
        for node, found in critiques.items()
    }


def _rewritten(
    study: Study, view: View, critiques: Sequence[Critique], past: Sequence[Past]
) -> str | None:
    options: Options = study.setting.options
    answer = study.ask(
        "textgrad_step",
        max_tokens=REWRITE_TOKENS,
        temperature=0.0,
        description=study.setting.description,
        node=view.node.name if len(study.setting.program.nodes) > 1 else "",
        instruction=view.instruction(),
        critiques=[critique._asdict() for critique in critiques],
        past=[each.shown() for each in past[-options.momentum :]] if options.momentum else [],
        constraints=list(options.constraints),
        rule=answer_rule(view),
    )
    return tagged_instruction(study, view, answer)
