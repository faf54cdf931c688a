"""Which of the cheap ones would be promoted, by cases by which nothing was chosen yet.

Not in SAMMO, which has hundreds of cases to choose by and no gate behind it. Here a winner that the
holdout does not let through is worth nothing, so the cheapest that may do is not the best choice,
but what it saves times the chance that the holdout will show that it loses little. An instruction
that was induced from search cases, or mended after mistakes on some, has seen them, but shows none.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

from landrace.optimizers.objective import CAUTIOUS_FROM, TIE, figures, noise
from landrace.stats.interval import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.evaluation.table import ScoreTable
    from landrace.optimizers.entry import Entry
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case

BLOCK = 8  # cases that are scored at once
FORLORN = 0.05  # chance below which nothing more is spent


def confirm(study: Study, finalists: Sequence[Entry]) -> None:
    """Find what promises most once it has met all of `select` and the search cases.

    That is of the finalists, and of whatever else enough cases are known of. Whoever promises most
    is scored with its rival on cases that they have not met. Stops when the most promising one has
    met every case and loses little for certain. What was not confirmed is not chosen: if the calls
    end before anything was, the rival stays.

    Raises:
        BudgetExhaustedError: a score could not be paid.
    """
    study.eligible = frozenset({study.rival.digest})
    study.evaluate(finalists, study.select[:CAUTIOUS_FROM])
    open_ = {entry.digest: entry for entry in _known_well(study) if study.fits(entry)}
    sure: list[Entry] = []
    while (best := _most_promising(study, list(open_.values()))) and best not in sure:
        study.evaluate([study.rival, best], _unmet(study, best)[:BLOCK])
        if _unmet(study, best):
            continue
        if not _is_sure(study, best):
            del open_[best.digest]
            continue
        sure.append(best)
        chosen = [study.rival, _most_promising(study, sure)]
        study.eligible = frozenset(entry.digest for entry in chosen if entry)


def _is_sure(study: Study, entry: Entry) -> bool:
    objective, rival = study.objective, study.rival.digest
    assert objective is not None
    cases = study.table.shared([entry.digest, rival], _cases(study, entry))
    is_sure = objective.permits(study.table, entry.digest, rival, cases)
    study.log("confirmed", digest=entry.digest, cases=len(cases), sure=is_sure)
    return is_sure


def _most_promising(study: Study, entries: Sequence[Entry]) -> Entry | None:
    """None where nobody promises anything."""
    promises = {entry.digest: _promise(study, entry) for entry in entries}
    best = max(entries, key=lambda entry: promises[entry.digest], default=None)
    return best if best is not None and promises[best.digest] > 0 else None


def _promise(study: Study, entry: Entry) -> float:
    """What it would be worth above its rival, times the chance that it will be promoted."""
    objective, table, rival = study.objective, study.table, study.rival.digest
    assert objective is not None
    shared = table.shared([entry.digest, rival], study.select)
    met = table.shared([entry.digest, rival], _cases(study, entry))
    if not shared or not objective.by_hope().permits(table, entry.digest, rival, met):
        return 0.0
    ours, theirs = (figures(table, digest, shared) for digest in (entry.digest, rival))
    gain = objective.value(ours, theirs) - objective.value(theirs, theirs)
    if gain <= TIE:
        return 0.0
    policy = study.setting.policy
    saves = ours.input_tokens <= (1 - policy.min_saving) * theirs.input_tokens
    chance = _chance(study, entry, met, policy.margin if saves else 0.0)
    return gain * chance if chance >= FORLORN else 0.0


def _chance(study: Study, entry: Entry, met: Sequence[Case], margin: float) -> float:
    """How likely the holdout's interval will lie above minus ``margin``, by the cases met.

    The mean that the holdout will have differs from the known one by the error of both. Where
    hardly a case differs, the score interval of the gate is as wide as if ``margin`` were lost. The
    normal approximation of the predictive distribution is too hopeful with few held-out cases, and
    so it is for all.
    """
    table, rival, held_out = study.table, study.rival.digest, study.setting.holdout_size
    loss = figures(table, rival, met).accuracy - figures(table, entry.digest, met).accuracy
    deviation = _deviation(table, entry.digest, rival, met)
    widest = max(deviation, math.sqrt(margin * (1 - margin)))
    reach = normal_quantile(study.setting.policy.confidence) * widest / math.sqrt(held_out)
    spread = deviation * math.sqrt(1 / len(met) + 1 / held_out)
    return NormalDist().cdf((margin - reach - loss) / spread)


def _deviation(table: ScoreTable, digest: str, rival: str, cases: Sequence[Case]) -> float:
    """Of one case's difference, as if one more were won and one lost: ties on few say little."""
    squares = len(cases) * (len(cases) - 1) * noise(table, digest, rival, cases) ** 2
    return math.sqrt((squares + 2) / (len(cases) + 1))


def _known_well(study: Study) -> list[Entry]:
    """What has met so many select cases that its mean says something."""
    least = min(CAUTIOUS_FROM, len(study.select))
    return [
        entry
        for entry in study.entries.values()
        if len(study.table.shared([entry.digest], study.select)) >= least
    ]


def _cases(study: Study, entry: Entry) -> list[Case]:
    return [*study.select, *study.fresh_cases(entry)]


def _unmet(study: Study, best: Entry) -> list[Case]:
    """The cases that either has not met; a call that failed for good is an answer, too."""
    cases = _cases(study, best)
    met = [
        {outcome.case_id for outcome in study.table.outcomes(entry.digest, cases)}
        for entry in (best, study.rival)
    ]
    return [case for case in cases if any(case.id not in ids for ids in met)]
