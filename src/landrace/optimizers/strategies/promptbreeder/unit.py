"""A unit of evolution: a candidate with the texts it is made of, and how it is to be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from landrace.optimizers.proposing.telling import completed
from landrace.optimizers.proposing.word_changes import changed_words
from landrace.optimizers.proposing.wording import reworded_child

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.base import Context
    from landrace.schemas.candidate import Candidate

Pair: TypeAlias = "tuple[str, str]"


class Place(NamedTuple):
    """One of the two task prompts of a node."""

    node: str
    number: int


class Unit(NamedTuple):
    """``prompts`` has the two task prompts of each node; the second may be empty.

    ``mutation`` says in words how they are to be changed.
    """

    entry: Entry
    prompts: Mapping[str, Pair]
    mutation: str

    def text(self, place: Place) -> str:
        return self.prompts[place.node][place.number]

    def other(self, place: Place) -> str:
        """The text that stands with this one."""
        return self.prompts[place.node][1 - place.number]


def replaced(prompts: Mapping[str, Pair], place: Place, text: str) -> dict[str, Pair]:
    """The prompts with another text in one place."""
    first, second = prompts[place.node]
    pair = (first, text) if place.number else (text, second)
    return {**prompts, place.node: pair}


def prompted(context: Context, operator: str, pair: Pair) -> Candidate:
    """The context's candidate with two task prompts as the instruction of its node.

    The form of the output is added where a label that may be chosen is in neither.
    """
    joined = "\n\n".join(text for text in pair if text)
    return reworded_child(context, operator, completed(context.view.node.contract, joined))


def told_apart(texts: Sequence[str], least: float) -> list[str]:
    """The texts in their order without those that are hardly different from one before them.

    Two differ enough if at least a share ``least`` of the words of the longer is changed.
    """
    found: list[str] = []
    for text in texts:
        if text and all(_differ(text, other) >= least for other in found):
            found.append(text)
    return found


def _differ(one: str, two: str) -> float:
    return changed_words(one, two) / max(len(one.split()), len(two.split()))
