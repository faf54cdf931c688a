"""Trials on minibatches, with a full evaluation of the best now and then (MIPRO, §4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from landrace.optimizers.proposing.opening import sizes_of
from landrace.optimizers.search.credit import Observation, standings
from landrace.optimizers.search.turns import turns
from landrace.optimizers.strategies.mipro.options import MINIBATCH_FROM
from landrace.optimizers.strategies.mipro.plan import trial_runs

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.search.credit import Choice
    from landrace.optimizers.strategies.mipro.options import Options
    from landrace.optimizers.strategies.mipro.pools import Pools
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case


class Searcher(Protocol):
    """Who says what is tried next."""

    def ask(self, avoid: Collection[Choice]) -> Choice | None:
        """The next choice, or None where none could be made this time.

        Nothing new is learnt of ``avoid``.
        """
        ...

    def tell(self, observation: Observation) -> None:
        """What came of a choice."""
        ...


class Trials:
    """The choices that were tried, and what came of them."""

    def __init__(self, study: Study, options: Options, pools: Pools) -> None:
        self.cases = study.select[: options.scale.cases]
        self.observations: list[Observation] = []
        self._study = study
        self._options = options
        self._pools = pools
        self._confirmed: set[Choice] = set()

    @property
    def has_minibatches(self) -> bool:
        return self._options.minibatch != "off" and len(self.cases) > MINIBATCH_FROM

    @property
    def _shows_base(self) -> bool:
        """Whether the base is told again on the cases of each round.

        Means would count it once more each time, and the original has it once.
        """
        return self._options.minibatch != "fresh" and self._options.credit == "residuals"

    def run(self, searcher: Searcher, trials: int) -> None:
        """Try so many choices as far as runs pay, in rounds that end with a full evaluation."""
        base, most = self._pools.base, trial_runs(self._options, sizes_of(self._study))
        self._tell(searcher, self._observed(base, self.cases, is_full=True))
        self._confirmed.add(base)
        for number in range(trials):
            if self._study.runs_left() < most:
                return  # half of a trial tells nothing, and what is left may confirm another
            cases = self._batch(number)
            if number % self._options.full_every == 0 and self._shows_base:
                # The base's part of a round is scored already, so it costs nothing.
                self._tell(searcher, self._observed(base, cases, is_full=False))
            self._try(searcher, cases)
            if (number + 1) % self._options.full_every == 0 and self.has_minibatches:
                self.confirm(searcher)

    def settle(self) -> None:
        """Score in full what stands best, and go on while something else seems to be better."""
        while self.confirm() and self._seems_better():
            pass

    def confirm(self, searcher: Searcher | None = None) -> bool:
        """Score in full the choice that stands best of those that were not; False without one."""
        waiting = self._waiting()
        if not waiting:
            return False
        choice = max(waiting, key=lambda each: waiting[each])
        self._confirmed.add(choice)
        observation = self._scored(choice, self.cases, is_full=True)
        if searcher is None:
            self.observations.append(observation)
        else:
            self._tell(searcher, observation)
        return True

    def _waiting(self) -> dict[Choice, float]:
        """The standings of choices that were not scored in full."""
        standing = standings(self.observations, self._options.credit)
        return {choice: s for choice, s in standing.items() if choice not in self._confirmed}

    def _seems_better(self) -> bool:
        full = [_mean(o.scores.values()) for o in self.observations if o.is_full and o.scores]
        return max(self._waiting().values(), default=0.0) > max(full, default=0.0)

    def _try(self, searcher: Searcher, cases: Sequence[Case]) -> None:
        ids = {case.id for case in cases}
        known = {o.choice for o in self.observations if ids <= o.scores.keys() or not o.scores}
        choice = searcher.ask(known)
        if choice is not None:
            self._tell(searcher, self._scored(choice, cases, is_full=False))

    def _scored(self, choice: Choice, cases: Sequence[Case], *, is_full: bool) -> Observation:
        for entry in self._study.admit_all([self._pools.candidate(choice)]):
            self._study.evaluate([entry], cases)
        return self._observed(choice, cases, is_full=is_full)

    def _observed(self, choice: Choice, cases: Sequence[Case], *, is_full: bool) -> Observation:
        entries: list[Entry] = self._study.admit_all([self._pools.candidate(choice)])
        scored = [
            outcome
            for entry in entries
            for outcome in self._study.table.outcomes(entry.digest, cases)
            if outcome.score is not None
        ]
        scores = {o.case_id: o.score.value for o in scored if o.score is not None}
        return Observation(choice, scores, is_full)

    def _tell(self, searcher: Searcher, observation: Observation) -> None:
        self.observations.append(observation)
        searcher.tell(observation)
        scores = observation.scores.values()
        self._study.log(
            "trial",
            choice=list(observation.choice),
            cases=len(scores),
            full=observation.is_full,
            mean=_mean(scores) if scores else None,
        )

    def _batch(self, number: int) -> Sequence[Case]:
        """The cases of a trial; of all trials of a round, if they are shared."""
        size = min(self._options.minibatch_size, len(self.cases))
        if not self.has_minibatches:
            return self.cases
        if self._options.minibatch == "fresh":
            return self._study.rng(f"minibatch/{number}").sample(self.cases, size)
        start = number // self._options.full_every * size
        return turns(self.cases, start, size)


def _mean(values: Collection[float]) -> float:
    return sum(values) / len(values)
