"""The children of a prompt by textual gradients (ProTeGi, §3.1, algorithm 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.operators.rewording import rephrased
from landrace.optimizers.operators.samples import mistakes
from landrace.optimizers.proposing.breeding import at_most
from landrace.optimizers.proposing.critique import amended, criticised
from landrace.optimizers.proposing.opening import context_of
from landrace.optimizers.proposing.wording import read_task, task_child, task_of
from landrace.optimizers.search.turns import in_turn, turns

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.strategies.protegi.options import Options
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case

TEMPERATURE = 0.7


class Expansion(NamedTuple):
    """One round's: ``batch`` are the search cases on which all parents are run."""

    study: Study
    options: Options
    nodes: Sequence[str]
    batch: Sequence[Case]

    def children(self, parent: Entry, first: int, rng: random.Random) -> Iterator[Candidate | None]:
        """At most as many children as a prompt may have, made one by one.

        The nodes take turns; ``first`` says whose is the first gradient. None for each answer
        that is of no use.

        Raises:
            BudgetExhaustedError: runs or questions could not be paid.
        """
        return at_most(self.options.children, self._children(parent, first, rng))

    def _children(
        self, parent: Entry, first: int, rng: random.Random
    ) -> Iterator[Candidate | None]:
        """An edit for each gradient, then paraphrases of the edits."""
        found = []
        for context in self._contexts(parent, first, self.options.gradients, rng):
            for text in self._edits(context):
                if text is None:
                    yield None
                    continue
                yield task_child(context, "protegi, edit", text)
                found.append(self._paraphrases(context, text))
        yield from in_turn(found or self._reworded(parent, first, rng))

    def _edits(self, context: Context) -> Iterator[str | None]:
        """A gradient, and the texts that answer it; nothing where the parent makes no mistake."""
        wrong = mistakes(context, self.batch)
        shown = context.rng.sample(wrong, min(self.options.errors, len(wrong)))
        if not shown:
            return
        whole, task = context.view.instruction(), task_of(context)
        flaw = criticised(context, whole, shown, temperature=TEMPERATURE)
        if flaw is None:
            yield None
            return
        for _ in range(self.options.edits):
            answer = amended(context, task, shown, flaw, temperature=TEMPERATURE)
            yield read_task(context, answer)

    def _paraphrases(self, context: Context, text: str) -> Iterator[Candidate | None]:
        for _ in range(self.options.paraphrases):
            answer = rephrased(self.study, text, temperature=TEMPERATURE)
            again = read_task(context, answer)
            yield None if again is None else task_child(context, "protegi, paraphrase", again)

    def _reworded(
        self, parent: Entry, first: int, rng: random.Random
    ) -> list[Iterator[Candidate | None]]:
        """Paraphrases of what the parent says, of each node."""
        contexts = self._contexts(parent, first, len(self.nodes), rng)
        return [self._paraphrases(context, task_of(context)) for context in contexts]

    def _contexts(
        self, parent: Entry, first: int, count: int, rng: random.Random
    ) -> Iterator[Context]:
        """So many of the parent's nodes, as their turns come."""
        for node in turns(self.nodes, first, count):
            yield context_of(self.study, parent, node, rng)
