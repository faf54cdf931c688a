"""The cases: items of a two-parameter logistic item-response model (Birnbaum 1968).

An item is answered rightly with the chance 1 / (1 + exp(-a (ability - b))), where a is its
discrimination and b its difficulty.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from benchmarks.world.vocabulary import CLUES, LABELS, SKILLS, WEIGHTS

from landrace.schemas.case import Case

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

SIZE = 4000
CODE = re.compile(r"\bq(\d{5})\b")
TOPIC = re.compile(r"\bq\d{5} about (\w+)")


class Items(NamedTuple):
    """A population. ``luck`` is each item's share in whether an answer comes out right, a
    standard normal draw: what is right by luck for one prompt often is so for another.
    """

    skill: Ints
    difficulty: Floats
    discrimination: Floats
    luck: Floats
    label: Ints
    tempting: Ints  # the wrong label that a wrong answer names
    clue: Ints
    worth: Floats  # how much an item teaches as an example, .5 to 1.5

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Items:
        label = rng.integers(0, len(LABELS), SIZE)
        return cls(
            skill=rng.choice(len(SKILLS), SIZE, p=WEIGHTS),
            difficulty=rng.normal(0.0, 1.0, SIZE),
            discrimination=np.exp(rng.normal(0.0, 0.3, SIZE)),
            luck=rng.normal(0.0, 1.0, SIZE),
            label=label,
            tempting=(label + rng.integers(1, len(LABELS), SIZE)) % len(LABELS),
            clue=rng.integers(0, len(CLUES), SIZE),
            worth=rng.uniform(0.5, 1.5, SIZE),
        )

    def case(self, number: int) -> Case:
        code = f"q{number:05}"
        text = f"{code} about {SKILLS[self.skill[number]]}"
        return Case(id=code, inputs={"request": text}, expected=LABELS[self.label[number]])

    def chances(self, ability: float, numbers: Ints) -> Floats:
        """How likely each of these items is answered rightly at an ability, in logits."""
        exponent = self.discrimination[numbers] * (ability - self.difficulty[numbers])
        return 1.0 / (1.0 + np.exp(-exponent))
