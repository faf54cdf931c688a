"""Which drafts need not run, by a model of the scores that the study has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.allocation.bandits import estimates
from landrace.optimizers.proposing.reflection import node_view
from landrace.optimizers.strategies.promst.score_model import Scored, fitted, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.strategies.promst.score_model import ScoreModel
    from landrace.optimizers.study import Study


class Learned(NamedTuple):
    """A model of scores, and by digest the values that it is of.

    They are no means: cases count alike in them, whatever their weight.
    """

    model: ScoreModel
    values: Mapping[str, float]


class Sieve(NamedTuple):
    """What a draft has to be worth in the model's values, how many run in any case, and at most."""

    floor: float
    least: int
    most: int


def learned(study: Study, nodes: Sequence[str]) -> Learned | None:
    """A model of all candidates with scores on select; None as long as it cannot be heeded.

    Candidates that met different cases are compared beside what each case gives to anybody.
    """
    entries = list(study.entries.values())
    arms = estimates([_scores(study, entry) for entry in entries])
    samples = [
        Scored(_text(study, nodes, entry), arm.value, arm.pulls)
        for entry, arm in zip(entries, arms, strict=True)
        if arm.pulls
    ]
    model = fitted(samples)
    if model is None:
        return None
    study.log(
        "score model",
        prompts=len(samples),
        rank_correlation=round(model.rank_correlation, 6),
        error=round(model.error, 6),
        is_heeded=model.is_trusted,
    )
    values = {entry.digest: arm.value for entry, arm in zip(entries, arms, strict=True)}
    return Learned(model, values) if model.is_trusted else None


def sifted(
    study: Study, nodes: Sequence[str], model: ScoreModel, drafts: Sequence[Entry], sieve: Sieve
) -> list[Entry]:
    """The most promising of the drafts, in their order.

    One is left out where not even the model's usual error would lift its guess to the floor.
    """
    guesses = {entry.digest: model.predict(_text(study, nodes, entry)) for entry in drafts}
    order = sorted(guesses, key=lambda digest: -guesses[digest])
    hopeful = [digest for digest in order if guesses[digest] + model.error >= sieve.floor]
    chosen = order[: max(sieve.least, min(len(hopeful), sieve.most))]
    study.log("sifted", guesses=guesses, running=sorted(chosen))
    return [entry for entry in drafts if entry.digest in chosen]


def _scores(study: Study, entry: Entry) -> dict[str, float]:
    outcomes = study.table.outcomes(entry.digest, study.select)
    return {each.case_id: each.score.value for each in outcomes if each.score is not None}


def _text(study: Study, nodes: Sequence[str], entry: Entry) -> str:
    """The instructions of a candidate, each word with its node where there are several."""
    texts = {node: node_view(study, entry.candidate, node).instruction() for node in nodes}
    if len(texts) == 1:
        return next(iter(texts.values()))
    return " ".join(f"{node}_{word}" for node, text in texts.items() for word in words(text))
