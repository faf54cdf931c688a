"""The candidates of a SIMBA run, what is believed of each, and who is drawn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.search.credit import Observation, standings
from landrace.optimizers.search.sampling import softmax

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.study import Study

HOT = 1.0  # the temperature of runs that are to differ


class Programs:
    """All candidates so far, the base first.

    What is believed of one is its mean residual: its scores less what each case gives to
    anybody. Whoever met an easy batch is not the better for it, as with DSPy's plain means. The
    cases that a candidate shows, as examples or in its text, do not count for it, and are not
    asked of it.
    """

    def __init__(
        self, study: Study, entries: Sequence[Entry], top: int, temperature: float
    ) -> None:
        self.entries: dict[str, Entry] = {entry.digest: entry for entry in entries}
        self._study = study
        self._top = top
        self._temperature = temperature

    def add(self, entry: Entry) -> None:
        self.entries.setdefault(entry.digest, entry)

    def believed(self) -> dict[str, float]:
        """The score that each is believed to have; of one without runs, that of the average."""
        table, digests = self._study.table, list(self.entries)
        observations = []
        for number, entry in enumerate(self.entries.values()):
            cases = table.shared([entry.digest], self._study.unshown(self._study.search, entry))
            scores = table.scores(entry.digest, cases)
            pairs = zip(cases, scores, strict=True)
            observations.append(Observation((number,), {case.id: score for case, score in pairs}))
        # Drawn towards the average, chances would not be those that the temperature says.
        known = standings(observations, "residuals", prior=0)
        average = math.fsum(known.values()) / len(known) if known else 0.0
        return {digest: known.get((number,), average) for number, digest in enumerate(digests)}

    def lottery(self) -> Lottery:
        """The best so far and always the base, with their chances as things stand.

        Nobody whom the policy finds too long; what is served never is.
        """
        believed = self.believed()
        fitting = self._fitting(list(self.entries.values()))
        best = sorted(fitting, key=lambda entry: -believed[entry.digest])[: self._top]
        base = [entry for entry in fitting if entry.digest == self._study.base.digest]
        pool = {entry.digest: entry for entry in (*best, *base)}
        return Lottery(list(pool.values()), believed, self._temperature)

    def best(self, entries: Sequence[Entry]) -> Entry:
        """Of whom most is believed; of two that tie, the older. Who is too long comes last."""
        believed = self.believed()
        return max(self._fitting(entries), key=lambda entry: believed[entry.digest])

    def _fitting(self, entries: Sequence[Entry]) -> list[Entry]:
        """By the tokens of all cases: until the end most are run on search cases alone."""
        study = self._study
        return study.fitting(entries, (*study.search, *study.select))

    def hot(self, entry: Entry) -> Entry | None:
        """The candidate at a temperature at which its answers differ from run to run, if it can
        be written so.
        """
        candidate = entry.candidate
        for node in self._study.setting.program.nodes:
            params = {**candidate.slots(node).params, "temperature": HOT}
            candidate = candidate.changed("hot", node=node, parent=entry.digest, params=params)
        return next(iter(self._study.admit_all([candidate])), None)


class Lottery(NamedTuple):
    """Candidates to draw from: the more is believed of one, the more often."""

    pool: Sequence[Entry]
    believed: Mapping[str, float]
    temperature: float

    def among(self, allowed: Callable[[Entry], bool]) -> Lottery:
        return self._replace(pool=[entry for entry in self.pool if allowed(entry)])

    def draw(self, count: int, rng: random.Random) -> list[Entry]:
        """So many draws, each from all; none from an empty pool."""
        if not self.pool:
            return []
        chances = softmax([self.believed[entry.digest] for entry in self.pool], self.temperature)
        return rng.choices(list(self.pool), chances, k=count)
