"""What trials say about choices: credit assignment for minibatch scores.

MIPRO (Opsahl-Ong et al. 2024, §4.3) gives its surrogate the mean of each minibatch. Whoever
meets easy cases then looks good, 35 cases weigh as much as 500, and a full evaluation is one
more trial. Here a choice is worth its mean residual: its scores less what each case gives to
anybody, out of an additive fit, so that who was met by whom does not matter. Means as in the
original are the other option. Cases count alike, whatever their weight: credit says where to look
next, and who wins is said by weighted means.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Choice: TypeAlias = "tuple[int, ...]"
Credit: TypeAlias = Literal["residuals", "means"]

SWEEPS = 30  # of the additive fit at most
SETTLED = 1e-9  # change of an effect in a sweep from which on the fit is done
# The weight of few cases: a choice's residuals are taken together with so many of an average
# choice. Scores of 0 and 1 differ by .45 from case to case, choices by a fourth of that.
PRIOR_CASES = 16


class Observation(NamedTuple):
    """A trial: what was chosen, and its score (0..1) on each case that it met."""

    choice: Choice
    scores: Mapping[str, float]
    is_full: bool = False


class Point(NamedTuple):
    """What is known of a choice."""

    choice: Choice
    value: float


def points(
    observations: Sequence[Observation], credit: Credit, *, prior: int = PRIOR_CASES
) -> list[Point]:
    """What a surrogate is told, in the order of first trials.

    With residuals there is one point for each choice, the nearer to the average the fewer cases
    it met, as if it had met so many of ``prior`` with average scores besides; 0 for plain means
    of residuals. Full evaluations tell how hard cases are and nothing else: only the best are
    evaluated in full, so their scores are no fair sample of choices. With means there is one
    point for each trial, full or not, as in the original.
    """
    met = [observation for observation in observations if observation.scores]
    if credit == "means":
        return [Point(o.choice, _mean(o.scores.values())) for o in met]
    _, hardness = additive_fit(_pooled(met))
    minibatches = _pooled([o for o in met if not o.is_full])
    return [
        Point(choice, _residual(scores, hardness, prior)) for choice, scores in minibatches.items()
    ]


def standings(
    observations: Sequence[Observation], credit: Credit, *, prior: int = PRIOR_CASES
) -> dict[Choice, float]:
    """The score that each choice with a trial is believed to have, about 0..1; see `points`."""
    told = points(observations, credit, prior=prior)
    if credit == "residuals":
        levels = additive_fit(_pooled(o for o in observations if o.scores))[1].values()
        return {point.choice: _mean(levels) + point.value for point in told}
    values: dict[Choice, list[float]] = defaultdict(list)
    for point in told:
        values[point.choice].append(point.value)
    return {choice: _mean(found) for choice, found in values.items()}


def additive_fit(
    rows: Mapping[Choice, Mapping[str, float]],
) -> tuple[dict[Choice, float], dict[str, float]]:
    """Effects of choices, 0 on average, and levels of cases that together give the scores.

    Least squares by alternating means. A plain mean over a case would call those cases easy
    that only good choices have met.
    """
    effects = dict.fromkeys(rows, 0.0)
    columns: dict[str, list[tuple[Choice, float]]] = defaultdict(list)
    for choice, scores in rows.items():
        for case, score in scores.items():
            columns[case].append((choice, score))
    levels: dict[str, float] = {}
    for _ in range(SWEEPS):
        levels = {
            case: _mean(score - effects[choice] for choice, score in column)
            for case, column in columns.items()
        }
        before = effects
        effects = {
            choice: _mean(score - levels[case] for case, score in scores.items())
            for choice, scores in rows.items()
        }
        centre = _mean(effects.values())
        effects = {choice: effect - centre for choice, effect in effects.items()}
        if all(abs(effects[choice] - before[choice]) < SETTLED for choice in effects):
            break
    return effects, levels


def _pooled(observations: Iterable[Observation]) -> dict[Choice, dict[str, float]]:
    rows: dict[Choice, dict[str, float]] = {}
    for observation in observations:
        rows.setdefault(observation.choice, {}).update(observation.scores)
    return rows


def _residual(scores: Mapping[str, float], levels: Mapping[str, float], prior: int) -> float:
    surplus = sum(score - levels[case] for case, score in scores.items())
    return surplus / (len(scores) + prior)


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0
