"""The children of one step: what their parents got wrong, examined and answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.optimizers.operators.samples import answers, mistakes, shown
from landrace.optimizers.proposing.opening import context_of
from landrace.optimizers.proposing.telling import answer_rule
from landrace.optimizers.proposing.wording import (
    instruction_of,
    read_proposal,
    reworded_child,
    within_length,
)
from landrace.optimizers.search.turns import turns
from landrace.optimizers.slots.placement import HERE, sketched

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.operators.view import View
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.strategies.pe2.options import Options
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case

ANSWER_TOKENS = 800  # all mistakes, one by one
MAX_ANALYSIS = 4000  # characters


class Litter(NamedTuple):
    """The children of one step; ``cases`` are the search cases that all parents are run on."""

    study: Study
    options: Options
    start: Start
    number: int
    cases: Sequence[Case]

    def edited(self, parent: Entry, place: int, count: int) -> Iterator[Candidate | None]:
        """At most ``count`` children of a parent; None for each answer that is of no use.

        The nodes take turns, in each step and for each parent from another one on.

        Raises:
            BudgetExhaustedError: runs or questions could not be paid.
        """
        rng = self.study.rng(f"pe2/{self.number}/{place}")
        for node in turns(self.start.nodes, self.number + place, count):
            context = context_of(self.study, parent, node, rng)
            text = read_proposal(context, self._proposed(context))
            if text is not None:
                text = within_length(context, text, self.options.max_words)
            yield None if text is None else reworded_child(context, "pe2", text)

    def _proposed(self, context: Context) -> str | None:
        told = self._told(context)
        analysis = ""
        if self.options.reasoning and told["examples"]:
            said = self.study.ask("pe2_examine", max_tokens=ANSWER_TOKENS, temperature=0.7, **told)
            analysis = (said or "").strip()[:MAX_ANALYSIS]
        return self.study.ask(
            "pe2_write",
            temperature=0.7,
            analysis=analysis,
            words=max(self.options.max_words, len(told["instruction"].split())),
            **told,
        )

    def _told(self, context: Context) -> dict[str, Any]:
        options, view = self.options, context.view
        nodes = self.study.setting.program.nodes
        return {
            "description": self.study.setting.description,
            "explained": options.task_description,
            "node": context.node if len(nodes) > 1 else "",
            "layout": _layout(view) if options.layout_statement else "",
            "instruction": instruction_of(context),
            "examples": self._batch(context),
            "rule": answer_rule(view),
        }

    def _batch(self, context: Context) -> list[dict[str, str]]:
        """What the parent gets wrong, or any of its answers: where it gets nothing wrong, too.

        Where its node has given no answer that could be shown, what it should answer.
        """
        size = self.options.batch
        wrong = mistakes(context, self.cases) if self.options.hard_negatives else []
        told = wrong or answers(context, self.cases)
        if told:
            return context.rng.sample(told, min(size, len(told)))
        found = self.start.samples[context.node]
        drawn = shown(context.view, context.rng.sample(found, min(size, len(found))))
        unseen = {"answer": "", "feedback": ""}
        return [{"input": each["input"], "wanted": each["output"], **unseen} for each in drawn]


def _layout(view: View) -> str:
    """What the model reads, with marks for instruction and input."""
    if view.layout == "system":
        return f"(system message)\n{HERE}\n\n(user's message)\n[the input]"
    return sketched("[the input]", "before")
