"""What an operator is, and the one way in which it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.errors import LandraceError
from landrace.optimizers.operators.view import View, view_of
from landrace.optimizers.slots.pieces import names_read
from landrace.optimizers.variants import written

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.tuning import Tuning
    from landrace.optimizers.study import Study
    from landrace.optimizers.variants import NodeBase
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case


class Context(NamedTuple):
    """For what a child is wanted: the parent, one of its `generate` nodes, and a random stream.

    ``cases`` are those on which candidates are compared at present; ``most`` is how many
    children are wanted. An operator that tries things out stops where fewer than ``spare`` runs
    would be left.
    """

    study: Study
    entry: Entry
    node: str
    rng: random.Random
    tuning: Tuning
    cases: Sequence[Case]
    most: int = 1
    spare: float = 0.0

    @property
    def view(self) -> View:
        base = self.study.setting.program.nodes[self.node]
        return view_of(base, self.entry.candidate, self.tuning)

    def child(self, operator: str, **slots: Any) -> Candidate:
        """The parent with other values in some slots of the node."""
        return self.entry.candidate.changed(
            operator, node=self.node, parent=self.entry.digest, **slots
        )


class Operator(NamedTuple):
    """A way to make children. ``applies`` costs nothing and asks no model."""

    name: str
    applies: Callable[[View], bool]
    propose: Callable[[Context], list[Candidate]]


def children(operator: Operator, context: Context) -> list[Candidate]:
    """At most ``context.most`` children that say something and keep every input.

    What an operator makes is dropped and logged where it reads less than the base does, or is
    no template.

    Raises:
        BudgetExhaustedError: a call that it needs could not be paid.
    """
    if not operator.applies(context.view):
        return []
    found = []
    for candidate in operator.propose(context)[: context.most]:
        fault = fault_of(context.study.setting.program.nodes[context.node], candidate)
        if fault:
            context.study.log("dropped", operator=candidate.operator, reason=fault)
        else:
            found.append(candidate)
    return found


def fault_of(base: NodeBase, candidate: Candidate) -> str:
    """Why the candidate's node cannot stand in for the base's, or nothing; costs no call."""
    try:
        source = written(base, candidate.slots(base.name))
        lost = names_read(base.source, base.path) - names_read(source, base.path)
    except LandraceError as error:
        return str(error)
    return f"it loses the input {', '.join(sorted(lost))}" if lost else ""
