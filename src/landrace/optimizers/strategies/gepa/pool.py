"""The candidates of a GEPA run: scored on all of select, with their descent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.proposing.breeding import newcomers
from landrace.optimizers.proposing.reflection import editable
from landrace.optimizers.search import pareto
from landrace.optimizers.search.pareto import Marks

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.strategies.gepa.options import Options
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case

EPSILON = 0.1
TOP = 5
TIE = 1e-9  # float noise of a sum


class Pool:
    """Who may have children.

    ``parents`` are the digests that a member was made of, in this run; members that a run starts
    with have none.
    """

    def __init__(self, study: Study, options: Options) -> None:
        self.study = study
        self.options = options
        self.members: dict[str, Entry] = {}
        self.parents: dict[str, tuple[str, ...]] = {}
        self._turns: dict[str, int] = {}

    def add(self, entry: Entry, parents: tuple[str, ...] = ()) -> bool:
        """Take a candidate in; False if it has too few scores on select, or no text to change.

        What is to be beaten may lack scores: a child that gets more of them is what it needs.
        """
        study = self.study
        is_rival = entry.digest in {rival.digest for rival in study.rivals}
        is_taken = is_rival or bool(self._heard([entry.digest]))
        if not is_taken or not editable(study, entry.candidate):
            return False
        self.members[entry.digest] = entry
        self.parents[entry.digest] = parents
        # A child goes on where its parents stood.
        self._turns[entry.digest] = max((self._turns[each] for each in parents), default=0)
        return True

    def frontier(self) -> dict[str, int]:
        """The members that lead somewhere and are not superfluous; what each of them leads.

        None that the policy finds too long while any is not: it cannot win.
        """
        table, select = self.study.table, self.study.select
        digests = [entry.digest for entry in self._fitting()]
        compared = self._compared(digests)
        weights = {case.id: case.weight for case in table.shared(compared, select)}
        scores = {}
        for digest in digests:
            marks = {
                outcome.case_id: Marks(outcome.score.value, outcome.score.parts)
                for outcome in table.outcomes(digest, select)
                if outcome.score is not None
            }
            means_on = weights if digest in compared else {}
            scores[digest] = pareto.measures(self.options.frontier, marks, means_on)
        return pareto.frontier(scores)

    def _compared(self, digests: Sequence[str]) -> list[str]:
        """Those whose means are compared: with one that lacks many scores few cases are left."""
        return self._heard(digests) or list(digests)

    def _heard(self, digests: Sequence[str]) -> list[str]:
        study = self.study
        return study.table.heard(digests, study.select, study.setting.policy.min_coverage)

    def _fitting(self) -> list[Entry]:
        return self.study.fitting(list(self.members.values()))

    def ranked(self) -> list[Entry]:
        """The members that may have children, the best mean first."""
        return self.study.ranked(self._fitting(), self.study.select)

    def parent(self, rng: random.Random) -> Entry | None:
        """Whose child is to be next; None where nobody who leads has anything left to learn."""
        selector = self.options.selector
        if selector == "pareto":
            led = self.frontier()
            learning = {d: count for d, count in led.items() if self._learns(self.members[d])}
            return self.members[pareto.draw(learning, rng)] if learning else None
        ranked = [entry for entry in self.ranked() if self._learns(entry)]
        if not ranked:
            return None
        if selector == "top-5":
            return rng.choice(ranked[:TOP])
        if selector == "epsilon-greedy" and rng.random() < EPSILON:
            return rng.choice(ranked)
        return ranked[0]

    def _learns(self, entry: Entry) -> bool:
        """Whether a search case that it does not show is one of its mistakes, or may be."""
        study = self.study
        cases = study.unshown(study.search, entry)
        is_met = all(study.table.get(entry.digest, case.id) for case in cases)
        return not is_met or bool(study.errors(entry, cases))

    def fresh(self, candidate: Candidate) -> Entry | None:
        """The candidate written out, if it renders and says something new."""
        return next(iter(newcomers(self.study, [candidate])), None)

    def accept(self, child: Entry, parents: Sequence[Entry]) -> bool:
        """Score a child on all of select, and take it in."""
        self.study.evaluate([child], self.study.select)
        return self.add(child, tuple(parent.digest for parent in parents))

    def affords(self, runs: int) -> bool:
        """Whether that many runs can be made, and then all of select for a child."""
        return self.study.runs_left() >= runs + len(self.study.select)

    def sums(self, entries: Sequence[Entry], cases: Sequence[Case]) -> list[float]:
        """The weighted sums of scores on the cases that all of the entries have."""
        digests = [entry.digest for entry in entries]
        shared = self.study.table.shared(digests, cases)
        return [self.study.table.total(digest, shared) for digest in digests]

    def components(self, entry: Entry) -> list[str]:
        """The nodes that the member's next child rewrites: its next one, or all."""
        nodes = editable(self.study, entry.candidate)
        if self.options.component == "all":
            return nodes
        return [nodes[self._turns[entry.digest] % len(nodes)]]

    def turn(self, entry: Entry) -> None:
        """Have the member's next child rewrite the node after."""
        self._turns[entry.digest] += 1
