"""Looks at all cells of a run in turn, and leaves each one when it is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from landrace.errors import BudgetExhaustedError, CallsRefusedError, LandraceError, OutageError
from landrace.gate.evidence import CaseEvidence, Evidence, tags_of
from landrace.gate.guard import breaks, broken_critical
from landrace.gate.judge import judge
from landrace.gate.trials import applying, trials, trials_of
from landrace.gate.verdict import Ruling, rule_on
from landrace.store.registry import cell_path
from landrace.workflows.gating.looks import can_vary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.gate.trials import Trial
    from landrace.schemas.gate_report import Break, Claim, GateSpent
    from landrace.workflows.gating.looks import Look
    from landrace.workflows.gating.sides import Match


class Run(Protocol):
    """Where a cell's answers come from: its models, or a record of what they said."""

    @property
    def match(self) -> Match: ...

    def take(self, look: Look) -> Evidence:
        """The evidence at a look.

        Raises:
            BudgetExhaustedError: there is no more.
            CallsRefusedError: too many calls fail to go on, and would fail again.
            OutageError: too many calls fail to go on.
        """
        ...

    def confirm_critical(self, evidence: Evidence) -> None:
        """See to it that critical cases that seem broken have all answers of the policy."""
        ...

    def evidence(self, cases: int, repeats: int) -> Evidence:
        """What the first ``cases`` show in their first ``repeats`` answers, as far as known."""
        ...

    def refusal(self) -> str:
        """An error of the calls that failed, if each of them would fail again; else nothing."""
        ...

    def spent(self) -> GateSpent: ...


class Deciding:
    """A cell on its way to a ruling; None until there is one.

    Where a ruling is NOT EVALUATED, ``budget_ended`` and ``needs_change`` say why: another run
    would come to it again unless there is more budget, or unless somebody changes a file. Where
    neither is true, the provider did not answer. With ``stops_no_other``, ``error`` is what
    else ended it, which is raised otherwise and so ends the other cells, too.
    """

    def __init__(self, run: Run, looks: tuple[Look, ...], *, stops_no_other: bool = False) -> None:
        self.run = run
        self.match = run.match
        self.looks = looks
        self.looked = 0
        self.evidence = Evidence((), self.match.suite.metric_names)
        self.coverage = 1.0
        self.breaks: tuple[Break, ...] = ()
        self.ruling: Ruling | None = self._without_a_call()
        self.budget_ended = False
        self.needs_change = self.ruling is not None and self.ruling.verdict == "NOT EVALUATED"
        self.error: LandraceError | None = None
        self._stops_no_other = stops_no_other
        self._claims: dict[tuple[str, str], Claim] = {}

    @property
    def is_cut_short(self) -> bool:
        """Whether the budget ended before a verdict that more looks would not change."""
        assert self.ruling is not None, "it was decided"
        return self.budget_ended and self.ruling.verdict in {"INCONCLUSIVE", "NOT EVALUATED"}

    @property
    def claims(self) -> tuple[Claim, ...]:
        return tuple(self._claims.values())

    def trials_planned(self) -> int:
        rules = applying(self.match.suite.metric_names, self.match.policy.metrics)
        return sum(map(trials_of, rules))

    def tags_planned(self) -> int:
        return len({tag for case in self.match.suite.cases for tag in tags_of(case)})

    def look(self) -> bool:
        """Get the next look's evidence; False where that was not to be had."""
        look = self.looks[self.looked]
        try:
            self.evidence = self.run.take(look)
            self.run.confirm_critical(self.evidence)
        except BudgetExhaustedError as error:
            self.budget_ended = True
            self.ruling = self._cut_short(error.problem)
        except CallsRefusedError as error:
            self.needs_change = True
            self.ruling = Ruling("NOT EVALUATED", f"{error.problem}{self._way_out()}")
        except OutageError as error:
            self.ruling = Ruling("NOT EVALUATED", error.problem)
        except LandraceError as error:
            if not self._stops_no_other:
                raise
            self.error, self.needs_change = error, True
            self.ruling = Ruling("NOT EVALUATED", error.problem)
        else:
            self.looked += 1
            self.coverage = _coverage(self.evidence, look)
            self.ruling = self._too_little_answered() or self._not_confirmed(look)
        return self.ruling is None

    def open_trials(self) -> list[Trial]:
        """The trials that no look has decided yet, on the newest evidence."""
        error = self.looks[self.looked - 1].error
        rules, cases = self.match.policy.metrics, self.match.suite.cases
        found = trials(self.evidence, rules, error, cases)
        return [trial for trial in found if not self._is_settled(trial)]

    def note(self, trial: Trial, claim: Claim) -> None:
        self._claims[_key(trial)] = claim

    def close_if_decided(self, all_tags: int) -> None:
        """Rule where a blocker failed, where nothing is open, or where no look is left.

        Nothing is passed before every case that is guarded was asked.
        """
        policy, look = self.match.policy, self.looks[self.looked - 1]
        seen = self.run.evidence(look.cases, policy.repeats)
        self.breaks = breaks(
            seen, severe_drop=policy.severe_drop, error=look.error, all_tags=all_tags
        )
        ruling = rule_on(self.claims, self.breaks)
        is_open = any(claim.verdict == "INCONCLUSIVE" for claim in self.claims)
        is_open = is_open or self._has_unseen_guarded_cases()
        if ruling.verdict == "FAIL" or not is_open or self.looked == len(self.looks):
            self.ruling = ruling
            if ruling.verdict == "NOT EVALUATED":  # by rules that say nothing of the answers
                self.needs_change = bool(self.evidence.paired or self.run.refusal())

    def _has_unseen_guarded_cases(self) -> bool:
        unseen = self.match.suite.cases[self.looks[self.looked - 1].cases :]
        return any(tags_of(case) or CaseEvidence(case, (), ()).is_critical for case in unseen)

    def _is_settled(self, trial: Trial) -> bool:
        claim = self._claims.get(_key(trial))
        return claim is not None and claim.verdict in {"PASS", "FAIL"}

    def _without_a_call(self) -> Ruling | None:
        if self.match.head.unfit:
            return Ruling("FAIL", f"head cannot take base's cases: {self.match.head.unfit}")
        if self.match.is_same:
            return Ruling("PASS", "the model is asked the same on both sides")
        if self.match.not_compared:
            return Ruling("NOT EVALUATED", self.match.not_compared)
        if not self.looks:
            return Ruling("INCONCLUSIVE", "no case is in the holdout, on which pins are compared")
        return None

    def _cut_short(self, problem: str) -> Ruling:
        if not self.looked:
            return Ruling("NOT EVALUATED", f"the budget ended before the first look: {problem}")
        so_far = rule_on(self.claims, self.breaks)
        if so_far.verdict == "PASS" and not self._has_unseen_guarded_cases():
            return so_far  # only a warning was open
        return Ruling("INCONCLUSIVE", f"the budget ended: {problem}")

    def _too_little_answered(self) -> Ruling | None:
        needed = self.match.policy.min_coverage
        if self.coverage >= needed:
            return None
        return self._unanswered(
            f"only {self.coverage:.0%} of the questions were answered on both sides; "
            f"the policy asks for {needed:.0%}"
        )

    def _not_confirmed(self, look: Look) -> Ruling | None:
        """A critical case is not believed to be broken before it was asked again."""
        policy = self.match.policy
        if not can_vary(self.match.head.model.params):
            return None
        seen = self.run.evidence(look.cases, policy.repeats)
        for case in broken_critical(seen, policy.severe_drop):
            if min(len(case.base), len(case.head)) < policy.repeats:
                return self._unanswered(
                    f"the critical case {case.case.id} seems broken, "
                    "and was not answered when asked again"
                )
        return None

    def _unanswered(self, problem: str) -> Ruling:
        refusal = self.run.refusal()
        self.needs_change = bool(refusal)
        told = f"{problem}: {refusal}{self._way_out()}" if refusal else problem
        return Ruling("NOT EVALUATED", told)

    def _way_out(self) -> str:
        """What to do where calls are refused, and none by what base pins was answered."""
        match = self.match
        seen = self.run.evidence(len(match.suite.cases), match.policy.repeats)
        if any(case.base for case in seen.cases) or match.base.side.kind != "pin":
            return ""
        folder = cell_path(match.cell.prompt, match.cell.model.id)
        return (
            "; nothing that base's pin asks was answered: if it cannot be asked any more, delete "
            f"{folder} on the base branch, and its template is compared in its place"
        )


def decide(cells: Sequence[Deciding]) -> None:
    """Give every cell a ruling.

    All cells take their next look before any of it is judged, because how sure one claim must
    be to fail depends on the others.
    """
    open_cells = [cell for cell in cells if cell.ruling is None]
    remaining = max(1, sum(cell.trials_planned() for cell in open_cells))
    all_tags = sum(cell.tags_planned() for cell in open_cells)
    while waiting := [cell for cell in cells if cell.ruling is None]:
        looked = [cell for cell in waiting if cell.look()]
        pending = [(cell, trial) for cell in looked for trial in cell.open_trials()]
        judged = judge([trial for _, trial in pending], remaining)
        remaining = judged.remaining
        for (cell, trial), claim in zip(pending, judged.claims, strict=True):
            cell.note(trial, claim)
        for cell in looked:
            cell.close_if_decided(all_tags)


def _coverage(evidence: Evidence, look: Look) -> float:
    """The share of a look's questions that both sides answered."""
    answered = sum(min(len(case.base), len(case.head)) for case in evidence.cases)
    return answered / (len(evidence.cases) * look.repeats)


def _key(trial: Trial) -> tuple[str, str]:
    return trial.rule.metric, trial.kind
