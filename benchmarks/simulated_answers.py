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
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Literal

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

    def draw(self, cases: int, drop: float, rng: np.random.Generator) -> Sides:
        """The scores of some cases, of which a share breaks so that the true drop is ``drop``."""
        drawn = rng.integers(0, 2 * _DRAWN, cases)
        breaks = rng.random(cases) < drop / self.mean
        base, head = (side[drawn] for side in self.scores)
        head[breaks] = 0.0
        return base, head

    def _answers(
        self, rng: np.random.Generator, difficulty: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        chance = np.repeat(difficulty[:, None], self.repeats, axis=1)
        if self.kind == "binary":
            return (rng.random(chance.shape) < chance).astype(float)
        return np.round(rng.beta(4 * chance + 1e-6, 4 * (1 - chance) + 1e-6) * 20) / 20


class SimulatedCell:
    """Drawn cases as `landrace.workflows.gating.decide` takes them: a match, and evidence."""

    def __init__(self, sides: Sides, policy: GatePolicy, params: dict[str, float]) -> None:
        base, head = (side.tolist() for side in sides)
        self._paired = tuple(
            CaseEvidence(Case(id=f"case {number}", inputs={}), _outcomes(one), _outcomes(other))
            for number, (one, other) in enumerate(zip(base, head, strict=True))
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
