"""Children of candidates: draw an operator from the bag, use it, see later what it gained."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import BudgetExhaustedError
from landrace.optimizers.operators.base import Context, children
from landrace.optimizers.operators.table import OPERATORS

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.tuning import Tuning
    from landrace.optimizers.search.bag import Bag
    from landrace.optimizers.strategies.sammo.arena import Arena
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case

TRIES = 3  # draws for one child: an operator may have nothing to say


class Child(NamedTuple):
    """A new candidate, by which operator it was made of whom, and the tokens that took."""

    entry: Entry
    parent: Entry
    operator: str
    tokens: int


def context_of(
    study: Study, entry: Entry, node: str, tuning: Tuning, rng: random.Random
) -> Context:
    return Context(study, entry, node, rng, tuning, study.select)


def mutated(
    study: Study, parent: Entry, bag: Bag, tuning: Tuning, rng: random.Random, *, spare: float
) -> tuple[Child | None, Bag]:
    """One new child, and the bag after what did not work; None if nothing new came of it.

    ``spare`` as in a `Context`.

    Raises:
        BudgetExhaustedError: a proposal could not be paid.
    """
    for _ in range(TRIES):
        node = rng.choice(list(study.setting.program.nodes))
        context = context_of(study, parent, node, tuning, rng)._replace(spare=spare)
        view = context.view
        fitting = [name for name in bag.names if OPERATORS[name].applies(view)]
        if not fitting:
            continue
        name = bag.draw(fitting, rng)
        before, known = study.tokens_spent(), set(study.entries)
        proposed = children(OPERATORS[name], context)
        tokens = study.tokens_spent() - before
        fresh = [entry for entry in study.admit_all(proposed) if entry.digest not in known]
        if fresh:
            return Child(fresh[0], parent, name, tokens), bag
        bag = bag.learned(name, 0.0, tokens)
    return None, bag


class Litter(NamedTuple):
    """Who shall have how many children each, how many there may be, the random stream, and how
    many runs breeding has to spare.
    """

    parents: Sequence[Entry]
    size: int
    most: int
    stream: str
    spare: float

    def born(self, study: Study, bag: Bag, tuning: Tuning) -> tuple[list[Child], Bag]:
        """The children, one of each parent after the other, as many as can be paid.

        Raises:
            BudgetExhaustedError: not even the first proposal could be paid.
        """
        found: list[Child] = []
        for number in range(self.size):
            for place, parent in enumerate(self.parents):
                if len(found) == self.most:
                    return found, bag
                rng = study.rng(f"{self.stream}/{number}/{place}")
                try:
                    child, bag = mutated(study, parent, bag, tuning, rng, spare=self.spare)
                except BudgetExhaustedError:
                    if found:
                        return found, bag
                    raise
                if child is not None:
                    found.append(child)
        return found, bag


def lesson(arena: Arena, children_: Sequence[Child], bag: Bag, cases: Sequence[Case]) -> Bag:
    """The bag after the children have been scored."""
    for child in children_:
        tokens = child.tokens + arena.tokens(child.entry, cases)
        bag = bag.learned(child.operator, arena.gain(child.entry, child.parent), tokens)
    return bag
