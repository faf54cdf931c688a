"""What was tried: whose instructions are shown, and which examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.proposing.opening import context_of
from landrace.optimizers.proposing.wording import instruction_of
from landrace.optimizers.strategies.opro.options import watches
from landrace.optimizers.strategies.opro.plan import POOL

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.samples import Sample
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.strategies.opro.options import Options
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case


class History:
    """What was tried, with scores on the same ``cases``."""

    def __init__(self, study: Study, options: Options, start: Start, cases: Sequence[Case]) -> None:
        self.study, self.options, self.start, self.cases = study, options, start, cases
        self._tried = [start.entry]
        self._watched: list[Entry] = []
        self._texts: dict[tuple[str, str], str] = {}

    def add(self, entries: Sequence[Entry]) -> int:
        """Score new candidates; what the policy needs to know of the best of them, too.

        Gives how many were new.

        Raises:
            BudgetExhaustedError: a score could not be paid.
        """
        known = {entry.digest for entry in self._tried}
        fresh = [entry for entry in entries if entry.digest not in known]
        if not fresh:
            return 0
        self.study.evaluate(fresh, self.cases)
        self._tried += fresh
        self.watch(self.study.ranked(fresh, self.cases)[0])
        return len(fresh)

    def watch(self, entry: Entry) -> None:
        """Find out what a candidate gets wrong, if the policy needs to know.

        Raises:
            BudgetExhaustedError: it could not be paid.
        """
        if watches(self.options):
            self.study.evaluate([entry], self.study.search[:POOL])
            self._watched.append(entry)

    def best(self, count: int) -> list[Entry]:
        return self.study.ranked(self._tried, self.cases)[:count]

    def shown(self, node: str) -> list[dict[str, object]]:
        """The best instructions of a node that are not hidden, the best last."""
        scores: dict[str, int] = {}
        for entry in self._visible():
            text = self._text(entry, node)
            scores[text] = max(scores.get(text, 0), round(100 * self._score(entry)))
        ascending = sorted(scores.items(), key=lambda item: item[1])
        return [{"text": t, "score": s} for t, s in ascending[-self.options.history :]]

    def examples(self, node: str, rng: random.Random) -> list[Sample]:
        """Examples of a node by the policy."""
        found, count = self.start.samples[node], self.options.examples
        if self.options.policy == "constant":
            rng = self.study.rng("opro/examples")
        drawn = rng.sample(found, len(found))
        if watches(self.options):
            drawn.sort(key=lambda sample: -self._failures(sample.case))
        return drawn[:count]

    def _text(self, entry: Entry, node: str) -> str:
        key = (entry.digest, node)
        if key not in self._texts:
            context = context_of(self.study, entry, node, self.study.rng("opro"))
            self._texts[key] = instruction_of(context)
        return self._texts[key]

    def _failures(self, case: Case) -> int:
        """How often the case went wrong with the candidates that the policy looks at."""
        watched = self._watched
        if self.options.policy == "most often wrong":
            visible = {entry.digest for entry in self._visible()[-self.options.history :]}
            watched = [entry for entry in watched if entry.digest in visible]
        return sum(bool(self.study.errors(entry, [case])) for entry in watched)

    def _visible(self) -> list[Entry]:
        """What is not hidden, the best last."""
        found = [e for e in self._tried if self._score(e) >= self.options.hidden_below]
        return sorted(found, key=self._score)

    def _score(self, entry: Entry) -> float:
        return self.study.table.mean(entry.digest, self.cases) or 0.0
