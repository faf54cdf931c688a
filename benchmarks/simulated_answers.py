"""Cells whose truth is known: answers of two sides to a population of cases.

A population has 20,000 cases. Each has a difficulty, drawn from Beta(3, 1): a prompt that
solves three quarters, most cases easy, a few hopeless. A binary answer is right with the
chance that the difficulty is; a graded one is a draw of Beta(4d, 4(1 - d)) rounded to
twentieths, as F1, ROUGE or a judge would give it: at d = .75 a third are exactly 1, and the
rest has a long tail down to 0.

Sides that correlate share the difficulty, and 7 of 10 answers word for word, as base and a
reworded head do. Sides that do not correlate share nothing. Repeats share the difficulty
alone. Every pair is also there with its sides swapped, so that without a drop the true
difference is nought, to the last digit.

A drop breaks cases: head scores 0 on a share of them, in all of its answers, and what it
breaks has nothing to do with difficulty. The true difference is then exactly minus the drop.
That is the shape that is hard for an interval: rare, large, on one side.

Cases may weigh differently. What they weigh is drawn with them, and what breaks has nothing to
do with that, or else is among the heaviest alone, which is harder still: they are few, and each
hides much. The true difference of the weighted means is minus the drop all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from landrace.gate.evidence import CaseEvidence, Evidence
from landrace.schemas.case import Case
from landrace.schemas.score import Outcome, Score, Usage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landrace.schemas.gate_policy import GatePolicy
    from landrace.workflows.gating.looks import Look

    Sides = tuple[NDArray[np.float64], NDArray[np.float64]]  # base and head

Kind = Literal["binary", "graded"]
METRICS = ("f1",)
_DRAWN = 10_000
_SHARED = 0.7


class Weighing(NamedTuple):
    """What cases weigh, how many of ten do, and whether only the heaviest may break."""

    weights: tuple[float, ...] = (1.0,)
    tenths: tuple[int, ...] = (10,)
    heaviest_break: bool = False

    @property
    def ten(self) -> list[float]:
        """Ten cases as they are on average."""
        return np.repeat(self.weights, self.tenths).tolist()

    @property
    def breakable(self) -> float:
        """The share of all weight that may break."""
        heaviest = self.weights[-1] * self.tenths[-1] / sum(self.ten)
        return heaviest if self.heaviest_break else 1.0


EQUAL = Weighing()
WEIGHINGS = {
    "equal": EQUAL,
    "some heavier": Weighing((1.0, 2.0, 3.0), (4, 3, 3)),
    "few heavy": Weighing((1.0, 10.0), (9, 1)),
    "few heavy break": Weighing((1.0, 10.0), (9, 1), heaviest_break=True),
}


class Drawn(NamedTuple):
    """Both sides' scores of some cases, a row for each, and what the cases weigh, if they do."""

    base: NDArray[np.float64]
    head: NDArray[np.float64]
    weights: NDArray[np.float64] | None = None

    @property
    def difference(self) -> float:
        """Of the means, as most tools would have it."""
        if self.weights is None:
            return float(self.head.mean() - self.base.mean())
        return float(np.average((self.head - self.base).mean(axis=1), weights=self.weights))


@dataclass(frozen=True)
class Population:
    """Cases with ``repeats`` answers on either side, and no drop."""

    kind: Kind
    correlated: bool
    repeats: int

    @cached_property
    def scores(self) -> Sides:
        """Base's and head's scores, a row for each case."""
        rng = np.random.default_rng(self.repeats)
        difficulty = rng.beta(3, 1, _DRAWN)
        base = self._answers(rng, difficulty)
        if self.correlated:
            same = rng.random(base.shape) < _SHARED
            head = np.where(same, base, self._answers(rng, difficulty))
        else:
            head = self._answers(rng, rng.beta(3, 1, _DRAWN))
        return np.concatenate([base, head]), np.concatenate([head, base])

    @cached_property
    def mean(self) -> float:
        """The true mean of both sides; no drop can be larger."""
        return float(self.scores[0].mean())

    def draw(
        self, cases: int, drop: float, rng: np.random.Generator, weighing: Weighing = EQUAL
    ) -> Drawn:
        """The scores of some cases, of which a share breaks so that the true drop is ``drop``."""
        drawn = rng.integers(0, 2 * _DRAWN, cases)
        breaks = rng.random(cases) < drop / self.mean / weighing.breakable
        base, head = (side[drawn] for side in self.scores)
        weights = None if weighing is EQUAL else rng.choice(weighing.ten, cases)
        if weights is not None and weighing.heaviest_break:
            breaks &= weights == max(weighing.weights)
        head[breaks] = 0.0
        return Drawn(base, head, weights)

    def _answers(
        self, rng: np.random.Generator, difficulty: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        chance = np.repeat(difficulty[:, None], self.repeats, axis=1)
        if self.kind == "binary":
            return (rng.random(chance.shape) < chance).astype(float)
        return np.round(rng.beta(4 * chance + 1e-6, 4 * (1 - chance) + 1e-6) * 20) / 20


class SimulatedCell:
    """Drawn cases as `landrace.workflows.gating.decide` takes them: a match, and evidence."""

    def __init__(self, drawn: Drawn, policy: GatePolicy, params: dict[str, float]) -> None:
        base, head = drawn.base.tolist(), drawn.head.tolist()
        weights = [1.0] * len(base) if drawn.weights is None else drawn.weights.tolist()
        self._paired = tuple(
            CaseEvidence(
                Case(id=f"case {number}", inputs={}, weight=weight),
                _outcomes(one),
                _outcomes(other),
            )
            for number, (one, other, weight) in enumerate(zip(base, head, weights, strict=True))
        )
        self.match = SimpleNamespace(
            suite=SimpleNamespace(cases=[one.case for one in self._paired], metric_names=METRICS),
            policy=policy,
            head=SimpleNamespace(unfit="", model=SimpleNamespace(params=params)),
            is_same=False,
        )

    def take(self, look: Look) -> Evidence:
        return self.evidence(look.cases, look.repeats)

    def confirm_critical(self, evidence: Evidence) -> None:
        """No case is critical."""

    def evidence(self, cases: int, repeats: int) -> Evidence:
        return Evidence(
            tuple(
                CaseEvidence(one.case, one.base[:repeats], one.head[:repeats])
                for one in self._paired[:cases]
            ),
            METRICS,
        )


def _outcomes(scores: list[float]) -> tuple[Outcome, ...]:
    return tuple(Outcome("", "", 0, "", "", Score(score), Usage(), 0.0) for score in scores)
