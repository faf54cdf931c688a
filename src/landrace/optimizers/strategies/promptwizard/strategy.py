"""The search: mutate and refine the instruction, then examples and a role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.allocation.challenge import holds
from landrace.optimizers.allocation.contest import best_in_full, best_of
from landrace.optimizers.proposing.opening import context_of, sizes_of
from landrace.optimizers.proposing.reflection import node_view
from landrace.optimizers.search.rounds import probed, rooted
from landrace.optimizers.slots.demo_limit import limited
from landrace.optimizers.slots.few_shots import drawn, shots_of
from landrace.optimizers.strategies.promptwizard.edits import refined, varied, with_role
from landrace.optimizers.strategies.promptwizard.plan import (
    HALVING,
    examples_runs,
    iteration_runs,
    refining_runs,
    role_runs,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.slots.few_shots import Shot
    from landrace.optimizers.strategies.promptwizard.options import Options
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate

VERSION = "5"


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell."""
    start = probed(study)
    if start is None:
        return
    wizard = Wizard(study, start)
    with study.stage("refine", "mutate by thinking styles, criticise, synthesise") as runs:
        wizard.refine(runs)
    with study.stage("enrich", "examples, the instruction with them, a role"):
        wizard.enrich()


class Wizard:
    """The present candidate, always scored on all of select, and how it gets better."""

    def __init__(self, study: Study, start: Start) -> None:
        self._study = study
        self._options: Options = study.setting.options
        self._start = start
        self._sizes = sizes_of(study)
        self._seen = study.rng("promptwizard/seen").sample(
            study.search, min(self._options.seen, len(study.search))
        )
        self._present = start.entry

    def refine(self, runs: int) -> None:
        """The iterations, as many as the runs pay.

        Raises:
            BudgetExhaustedError: a ceiling other than that of calls was met.
        """
        study, options = self._study, self._options
        each = iteration_runs(options, self._sizes)
        (self._present,) = rooted(study, self._start, runs - each, 1)
        for number in range(options.iterations):
            if study.runs_left() < each:
                return
            self._take_best(self._variants(number))
            self._take(refined(self._context(number, f"refine/{number}"), self._seen))

    def enrich(self) -> None:
        """Examples, a refinement with them in place, and a role, as far as runs pay for each.

        Raises:
            BudgetExhaustedError: a ceiling other than that of calls was met.
        """
        study, options, sizes = self._study, self._options, self._sizes
        if options.examples and study.runs_left() >= examples_runs(options, sizes):
            before = self._present.digest
            self._take_best(self._exemplified(shots_of(study, self._start)))
            is_changed = self._present.digest != before
            if is_changed and study.runs_left() >= refining_runs(options, sizes):
                self._take(refined(self._context(0, "examples"), self._seen))
        if options.role and study.runs_left() >= role_runs(sizes):
            self._take(with_role(self._context(len(self._start.nodes) - 1, "role")))

    def _variants(self, iteration: int) -> list[Candidate]:
        """The variants of all rounds of an iteration; the nodes take turns."""
        rounds = self._options.rounds
        found: list[Candidate] = []
        for number in range(iteration * rounds, (iteration + 1) * rounds):
            found += varied(self._context(number, f"vary/{number}"), self._options.styles)
        return found

    def _exemplified(self, shots: Mapping[str, Sequence[Shot]]) -> list[Candidate]:
        """The present candidate with sets of examples of each node.

        The first set has what the candidate gets wrong, filled up with others to as many as are
        wanted, as in the released code; the other sets are drawn from all.
        """
        study = self._study
        study.evaluate([self._present], self._seen)
        wrong = {case.id for case, _ in study.errors(self._present, self._seen)}
        found = []
        for number in range(self._options.example_sets):
            candidate = self._present.candidate
            for node, all_shots in shots.items():
                hard = [shot for shot in all_shots if shot.sample.case.id in wrong]
                first = [] if number else hard
                candidate = self._shown(candidate, node, first, all_shots, number)
            found.append(candidate)
        return found

    def _shown(
        self,
        candidate: Candidate,
        node: str,
        first: Sequence[Shot],
        shots: Sequence[Shot],
        number: int,
    ) -> Candidate:
        """The candidate with examples out of the ``first``, and then of the others."""
        view = node_view(self._study, candidate, node)
        rng = self._study.rng(f"promptwizard/examples/{number}/{node}")
        most = self._options.examples
        demos = drawn(view, first, most, rng)
        others = [shot for shot in shots if shot not in first]
        demos += drawn(view, others, most - len(demos), rng)
        if not demos:
            return candidate
        return candidate.changed(
            "promptwizard, examples",
            node=node,
            parent=self._present.digest,
            demos=demos,
            layout=view.layout,
        )

    def _take_best(self, candidates: Iterable[Candidate]) -> None:
        """Go on with the best of the present candidate and these."""
        study = self._study
        pool = [self._present, *self._admitted(candidates)]
        best = best_of(study, pool, 1, HALVING * len(study.select))
        # On all of select the present one may yet be better than who beat it on a part.
        self._present = best_in_full(study, [self._present, *best], 1)[0]

    def _take(self, candidate: Candidate | None) -> None:
        """Go on with an edit if it scores no worse."""
        study = self._study
        for entry in self._admitted([candidate] if candidate else []):
            if entry.digest != self._present.digest and holds(study, entry, self._present):
                self._present = entry

    def _admitted(self, candidates: Iterable[Candidate]) -> list[Entry]:
        """What was made, without more examples than are wanted; the present one stays as it is."""
        present, most = self._present.candidate, self._options.examples
        return self._study.admit_all(
            [each if each is present else limited(each, most) for each in candidates]
        )

    def _context(self, turn: int, stream: str) -> Context:
        nodes = self._start.nodes
        rng = self._study.rng(f"promptwizard/{stream}")
        return context_of(self._study, self._present, nodes[turn % len(nodes)], rng)
