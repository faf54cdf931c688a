"""The best few of many candidates for so many runs, by a rule of `bandits`."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from landrace.optimizers.allocation.bandits import Arm, Pace, Rule, estimates, promising, rungs
from landrace.optimizers.allocation.rungs import runs_taken
from landrace.optimizers.allocation.screening import screen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landrace.optimizers.allocation.rungs import Rung
    from landrace.optimizers.entry import Entry
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case

DEFAULT_PACE = Pace()


def best_of(
    study: Study,
    entries: Sequence[Entry],
    keep: int,
    runs: int,
    *,
    rule: Rule = "halving",
    pace: Pace = DEFAULT_PACE,
    cases: int | None = None,
) -> list[Entry]:
    """At most ``keep`` of the entries, the best first, for at most ``runs`` runs.

    What is known of them costs nothing. By a rule without bounds nobody meets more than the first
    ``cases`` of the select cases.

    Raises:
        BudgetExhaustedError: not all could be paid.
    """
    together = list({entry.digest: entry for entry in entries}.values())
    if len(together) <= keep:
        return together
    if rule in {"ucb", "ucb-e"}:
        found = _by_bounds(_Field(study, together), runs, rule, pace)
        study.log("survivors", rule=rule, digests=[entry.digest for entry in found[:keep]])
    else:
        most = len(study.select[:cases])
        schedule = rungs(rule, len(together), keep, runs, most)
        found = _by_rungs(study, together, schedule, runs, most)
    return found[:keep]


def best_in_full(study: Study, entries: Sequence[Entry], keep: int) -> list[Entry]:
    """At most ``keep`` of the entries, the best first, each scored on all of `select`.

    Raises:
        BudgetExhaustedError: not all could be paid.
    """
    together = list({entry.digest: entry for entry in entries}.values())
    study.evaluate(together, study.select)
    return study.ranked(together, study.select)[:keep]


def _by_rungs(
    study: Study, entries: Sequence[Entry], schedule: list[Rung], runs: int, most: int
) -> list[Entry]:
    """The survivors of a schedule, the best first.

    It was made for entries of which nothing is known. What a rung saves by what is goes into more
    cases for it, ``most`` at most, and what is left then goes to the rungs after it.
    """
    alive, reached, spent = list(entries), 0, 0
    for number, rung in enumerate(schedule, 1):
        alive = alive[: rung.alive]
        due = runs if number == len(schedule) else runs_taken(schedule[:number])
        reached = max(reached, rung.cases, _payable(study, alive, due - spent, most))
        spent += _unknown(study, alive, study.select[:reached])
        alive = screen(study, alive, [rung._replace(cases=reached)])
    return alive


def _payable(study: Study, entries: Sequence[Entry], runs: int, most: int) -> int:
    """On how many of the first select cases all of the entries can be scored for so many runs."""
    prices = itertools.accumulate(_unknown(study, entries, [case]) for case in study.select[:most])
    return sum(1 for _ in itertools.takewhile(lambda price: price <= runs, prices))


def _unknown(study: Study, entries: Sequence[Entry], cases: Sequence[Case]) -> int:
    """How many scores of the entries on the cases have to be paid for."""
    is_settled = study.table.is_settled
    return sum(not is_settled(entry.digest, case.id) for entry in entries for case in cases)


class _Field:
    """Candidates that have met different numbers of select cases, the first of them.

    What is known of them from before counts as met: a survivor goes on where it was.
    """

    def __init__(self, study: Study, entries: Sequence[Entry]) -> None:
        self.entries = list(entries)
        self._study = study
        self._reached = [self._known(entry) for entry in self.entries]

    def arms(self) -> list[Arm]:
        return estimates([self._scores(number) for number in range(len(self.entries))])

    def open(self) -> list[int]:
        """Those that have cases left and are not refused."""
        cases = len(self._study.select)
        left = [number for number, count in enumerate(self._reached) if count < cases]
        return [number for number in left if not self._is_refused(number)]

    def pull(self, number: int, count: int) -> int:
        """Score one on its next cases; gives how many of them were not known."""
        entry, start = self.entries[number], self._reached[number]
        cases = self._study.select[start : start + count]
        fresh = _unknown(self._study, [entry], cases)
        self._study.evaluate([entry], cases)
        self._reached[number] += len(cases)
        return fresh

    def ranked(self) -> list[Entry]:
        arms = self.arms()
        return [self.entries[n] for n in sorted(range(len(arms)), key=lambda n: -arms[n].value)]

    def _known(self, entry: Entry) -> int:
        """On how many of the first select cases it has been scored, without a gap."""
        return _payable(self._study, [entry], 0, len(self._study.select))

    def _is_refused(self, number: int) -> bool:
        """Whether it has no score on cases on which others have some.

        It would stay without a pull, go before all others, and take their runs.
        """
        met, has_score = self._study.select[: self._reached[number]], self._study.table.has_score
        return not self._scores(number) and any(
            has_score(entry.digest, case.id) for case in met for entry in self.entries
        )

    def _scores(self, number: int) -> Mapping[str, float]:
        cases = self._study.select[: self._reached[number]]
        outcomes = self._study.table.outcomes(self.entries[number].digest, cases)
        return {o.case_id: o.score.value for o in outcomes if o.score is not None}


def _by_bounds(field: _Field, runs: int, rule: Rule, pace: Pace) -> list[Entry]:
    """All of the field, the best first, after pulls that upper confidence bounds have chosen."""
    block = max(1, runs // (pace.rounds * min(pace.arms, len(field.entries))))
    while runs > 0 and field.open():
        arms, waiting = field.arms(), field.open()
        for place in promising(rule, [arms[number] for number in waiting], pace):
            runs -= field.pull(waiting[place], min(block, runs))
    return field.ranked()
