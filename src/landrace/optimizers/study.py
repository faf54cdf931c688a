"""A study: one optimizer run on one cell. It is all that a strategy sees; it has no holdout."""

from __future__ import annotations

import contextlib
import hashlib
import random
from typing import TYPE_CHECKING, Any

from landrace.evaluation.scorer import Scorer
from landrace.evaluation.table import ScoreTable
from landrace.optimizers.intake import Intake
from landrace.optimizers.lengths import longest_instruction
from landrace.optimizers.proposer import Proposer
from landrace.optimizers.ranking import Ranking
from landrace.optimizers.shown_cases import ShownCases
from landrace.optimizers.stages import Stages
from landrace.optimizers.study_log import StudyLog
from landrace.program import Step, most_calls
from landrace.schemas.candidate import Candidate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from landrace.evaluation.evaluator import Evaluator
    from landrace.gateway.metered import Meter, MeteredGateway
    from landrace.ledger import Ledger
    from landrace.optimizers.entry import Entry
    from landrace.optimizers.objective import Objective
    from landrace.optimizers.setting import Setting
    from landrace.optimizers.stages import Cut, Progress
    from landrace.schemas.case import Case
    from landrace.schemas.report import Stage
    from landrace.schemas.score import Outcome


class Study:
    """What a strategy works with.

    In this order: what there is to beat, cases, candidates, stages and what is left, what spends,
    who is better, and what is known of a run. `evaluate`, `teach` and `ask` are the only ways to
    spend; all charge the study's meter and leave every call in the ledger. The end of the budget
    is caught in `stage` alone.
    """

    def __init__(
        self,
        setting: Setting,
        *,
        evaluator: Evaluator,
        gateway: MeteredGateway,
        meter: Meter,
        ledger: Ledger,
        name: str,
        shares: dict[str, int],
        teacher: Evaluator | None = None,
        on_progress: Callable[[Progress], None] = lambda _progress: None,
    ) -> None:
        self.setting = setting
        self.table = ScoreTable()
        self.lessons = ScoreTable()  # what a teacher makes of the base, by `teach`
        # What `ranked` and `best` go by; None for accuracy alone. A strategy may set it.
        self.objective: Objective | None = None
        # Digests, if only these may be chosen any more. A strategy may set it at its end.
        self.eligible: frozenset[str] | None = None
        self._log = StudyLog(ledger, name)
        self._stages = Stages(
            shares,
            meter,
            self._log,
            calls_a_run=most_calls(setting.program.graph) + setting.judge_calls,
            on_progress=on_progress,
        )
        self._scorer = Scorer(evaluator, gateway, self.table, on_outcome=self.show_progress)
        self._teacher = None if teacher is None else Scorer(teacher, gateway, self.lessons)
        self._proposer: Proposer | None = None
        if setting.proposer is not None:
            words = longest_instruction(setting.program, setting.incumbent)
            self._proposer = Proposer(setting.proposer, gateway, self._log, words=words)
        self._shown = ShownCases((*setting.search, *setting.select))
        self._intake = Intake(setting, self._log)
        self.base = self.admit(Candidate())
        # One that does not render any more (an input was renamed) must not stop the search.
        kept = self.admit_all([setting.incumbent]) if setting.incumbent else []
        self._serve(kept[0] if kept else None)

    @property
    def rival(self) -> Entry:
        """What a winner has to beat: the incumbent, or else the base."""
        return self.incumbent or self.base

    @property
    def rivals(self) -> list[Entry]:
        """The incumbent, if there is one, and the base."""
        return [self.incumbent, self.base] if self.incumbent else [self.base]

    def leave_incumbent(self, reason: str) -> None:
        """Go on as if nothing were pinned: from here on the base is what is served.

        It does not come back, not as another model's winner either, which may be the same.
        """
        self._intake.leave(self.rival)
        self.log("dropped", operator=self.rival.candidate.operator, reason=reason)
        self.table.forget(self.rival.digest)
        self._serve(None)

    def _serve(self, incumbent: Entry | None) -> None:
        """Take this for what is served; None for the base."""
        self.incumbent = incumbent
        self._intake.measure_by(self.rival)

    @property
    def search(self) -> tuple[Case, ...]:
        return self.setting.search

    @property
    def select(self) -> tuple[Case, ...]:
        return self.setting.select

    def unshown(self, cases: Sequence[Case], *entries: Entry) -> list[Case]:
        """Those of the cases that none of the candidates shows as an example."""
        return self._shown.unshown(cases, *entries)

    def informative(self, cases: Sequence[Case], *entries: Entry) -> list[Case]:
        """Those of the cases that say how good the candidates are.

        That is those that none of them shows, and no `search` case that the task model knows.
        """
        known = {case.id for case in self.search} if self.setting.search_is_known else set()
        return [case for case in self.unshown(cases, *entries) if case.id not in known]

    def fresh_cases(self, entry: Entry) -> list[Case]:
        """The search cases that say which is better, the candidate or its rival."""
        return self.informative(self.search, entry, self.rival)

    def rng(self, name: str) -> random.Random:
        """A random stream of its own for each name; the same for the same study seed."""
        seed = hashlib.sha256(f"{self.setting.seed}/{name}".encode()).digest()
        return random.Random(seed)  # noqa: S311 - sampling, not secrets

    @property
    def entries(self) -> dict[str, Entry]:
        """All that were admitted, by their digests, the first first."""
        return self._intake.entries

    def admit(self, candidate: Candidate) -> Entry:
        """Write a candidate out and take it in; one that comes to a known variant is that one.

        Raises:
            TemplateError: it does not compile, or it does not render with a real case.
            RefusedError: it is longer than the policy allows, or was left behind.
        """
        return self._intake.admit(candidate)

    def admit_all(self, candidates: Sequence[Candidate]) -> list[Entry]:
        """Those that render and are short enough, each once; the rest is dropped and logged."""
        return self._intake.admit_all(candidates)

    @contextlib.contextmanager
    def stage(self, name: str, note: str = "") -> Iterator[int]:
        """A named part of the search; gives how often it may run the program and score that.

        That is its own share and what earlier stages left of theirs. The one place where
        the end of the budget is caught: the stage ends and the strategy goes on with what
        it has.

        Raises:
            ConfigError: the strategy's `shares` has no such stage.
        """
        known = len(self.entries)
        with self._stages.capped(name) as runs:
            yield runs
        best = self.best()
        self._stages.note(
            note,
            candidates=len(self.entries) - known,
            best=None if best is None else self.table.mean(best.digest, self.select),
            cases=0 if best is None else len(self.table.shared([best.digest], self.select)),
        )

    @property
    def stages(self) -> list[Stage]:
        """Those that have ended."""
        return self._stages.done

    @property
    def cuts(self) -> list[Cut]:
        """Those that a ceiling ended before their time, the first first."""
        return self._stages.cuts

    @property
    def shares(self) -> dict[str, int]:
        """The calls of each stage."""
        return self._stages.shares

    def calls_left(self) -> float:
        return self._stages.calls_left()

    def runs_left(self) -> float:
        """How often the program can be run, and be scored, for the calls that are left."""
        return self._stages.runs_left()

    def runs_of(self, stage: str) -> int:
        """How often the program can be run, and be scored, for the share of a stage.

        Raises:
            ConfigError: the strategy's `shares` has no such stage.
        """
        return self._stages.runs_of(stage)

    def tokens_spent(self) -> int:
        """Tokens of all calls so far, the proposer's among them."""
        return self._stages.tokens_spent()

    def evaluate(self, entries: Sequence[Entry], cases: Sequence[Case], *, repeat: int = 0) -> None:
        """Fill the score table for these candidates on these cases.

        Another ``repeat`` is another answer to the same question; means and choices know only
        the first, which is 0.

        Raises:
            BudgetExhaustedError: not all of it could be paid.
            OutageError: too many calls fail to go on.
        """
        cells = [(entry.digest, case.id, repeat) for entry in entries for case in cases]
        wanted = dict.fromkeys(cell for cell in cells if not self.table.has_score(*cell))
        fit = [entry for entry in entries if not self.table.unfit(entry.digest)]
        try:
            self._scorer.fill([entry.variant for entry in entries], cases, repeat=repeat)
        finally:
            for entry in fit:
                if reason := self.table.unfit(entry.digest):
                    self.log("dropped", operator=entry.candidate.operator, reason=reason)
            found = [self.table.get(*cell) for cell in wanted]
            self._log.scores(filter(None, found), main=self.setting.program.main.name)
            self._log.sync()

    def teach(self, cases: Sequence[Case]) -> None:
        """Run the base on these cases with the teacher in the task model's place.

        Raises:
            BudgetExhaustedError: not all of it could be paid.
            OutageError: too many calls fail to go on.
        """
        assert self._teacher is not None
        self._teacher.fill([self.base.variant], cases)
        self._log.sync()

    def ask(
        self,
        meta_prompt: str,
        *,
        max_tokens: int = 400,
        temperature: float = 0.8,
        whole: bool = False,
        **inputs: Any,
    ) -> str | None:
        """The proposer's answer to a meta-prompt; None when the call failed for good, or when its
        limit cut off what was asked for.

        The same question asked again is a new draw. ``max_tokens`` grow with the instructions of
        the program. The proposer's own `params` come before them and ``temperature``. Of an answer
        that has to be ``whole`` no part will do, though tags do not tell where it ends.

        Raises:
            BudgetExhaustedError: it could not be paid.
        """
        assert self._proposer is not None
        return self._proposer.ask(
            meta_prompt, inputs, max_tokens=max_tokens, temperature=temperature, whole=whole
        )

    @property
    def proposer_calls(self) -> int:
        """How often the proposer was asked."""
        return self._proposer.calls if self._proposer else 0

    def ranked(self, entries: Sequence[Entry], cases: Sequence[Case]) -> list[Entry]:
        """Best first on the cases that all have, after them what does not fit; see `Ranking`."""
        found = self._ranking().ranked(entries, cases)
        return sorted(found, key=lambda entry: not self.fits(entry))

    def has_candidates(self) -> bool:
        """Whether anything was taken in beside base and incumbent, be that left behind by now."""
        known = {self.base.digest, self.rival.digest, self._intake.left}
        return not self.entries.keys() <= known

    def fits(self, entry: Entry, cases: Sequence[Case] | None = None) -> bool:
        """Whether the policy allows what is known of its length, in tokens of the cases.

        By default of `select`, which is what a winner is held to.
        """
        return self._intake.fits(self.table, entry, self.select if cases is None else cases)

    def fitting(self, entries: Sequence[Entry], cases: Sequence[Case] | None = None) -> list[Entry]:
        """Those of the entries that fit, from which a search goes on; all where none does."""
        return [entry for entry in entries if self.fits(entry, cases)] or list(entries)

    def best(self) -> Entry | None:
        """The best of those scored on all of `select`, or while none is, on the most of it."""
        return self._ranking().best(self._eligible(), self.select)

    def finished(self) -> list[Entry]:
        """Those that `best` chooses from, the shorter first."""
        return self._ranking().finished(self._eligible(), self.select)

    def _eligible(self) -> list[Entry]:
        fit = [entry for entry in self.entries.values() if self.fits(entry)]
        return [e for e in fit if self.eligible is None or e.digest in self.eligible]

    def _ranking(self) -> Ranking:
        labels = self.setting.program.main.contract.labels
        return Ranking(
            self.table,
            labels=frozenset(label.casefold() for label in labels) if labels else None,
            min_coverage=self.setting.policy.min_coverage,
            rival=self.rival.digest,
            objective=self.objective,
            further=self.fresh_cases,
        )

    def errors(self, entry: Entry, cases: Sequence[Case]) -> list[tuple[Case, Outcome]]:
        """The cases that the candidate is known to get wrong, worst first."""
        found = []
        for case in cases:
            outcome = self.table.get(entry.digest, case.id)
            if outcome is not None and outcome.score is not None and outcome.score.value < 1:
                found.append((case, outcome))
        return sorted(found, key=lambda pair: pair[1].score.value if pair[1].score else 0.0)

    def trace(
        self, entry: Entry, case: Case, *, table: ScoreTable | None = None, repeat: int = 0
    ) -> tuple[Step, ...]:
        """What each node read and wrote when the candidate was run on a case; empty before.

        ``table`` is `lessons` for a teacher's run, else the study's own.
        """
        outcome = (self.table if table is None else table).get(entry.digest, case.id, repeat)
        if outcome is None:
            return ()
        if outcome.trace:
            return outcome.trace
        failure = None if outcome.answer is not None else "its answer cannot be read"
        name = self.setting.program.main.name
        said = outcome.output, outcome.answer, failure, outcome.is_cut
        return (Step(name, case.inputs, None, *said),)

    def log(self, kind: str, **fields: Any) -> None:
        """A decision, for the audit trail and the ledger's views."""
        self._log.add(kind, **fields)

    def show_progress(self, stage: str | None = None) -> None:
        """Tell the person who waits where the study is; ``stage`` names what is no stage."""
        self._stages.show_progress(stage)
