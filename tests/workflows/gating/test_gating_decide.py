"""Looks at cells whose answers are known beforehand, without a repository or a model."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from landrace.errors import BudgetExhaustedError, CallsRefusedError, OutageError
from landrace.gate.evidence import CaseEvidence, Evidence
from landrace.schemas.case import Case
from landrace.schemas.gate_policy import GatePolicy
from landrace.schemas.score import Outcome, Score, Usage
from landrace.workflows.gating.decide import Deciding, decide
from landrace.workflows.gating.looks import planned_looks

CASES = 80
GOOD, BAD = 1.0, 0.0


class Known:
    """A run that has every answer. ``head`` gives scores by case and repeat, or None for a call
    that failed; base solves every case. ``ends`` has the errors of looks.
    """

    def __init__(
        self,
        *,
        head=lambda _case, _repeat: GOOD,
        ends=None,
        marks=None,
        journal=None,
        name="cell",
        warm=False,
        refusal="",
        **policy,
    ):
        marks = marks or {}
        cases = tuple(
            Case(id=str(n), inputs={"n": n}, expected="x", metadata=marks.get(n, {}))
            for n in range(CASES)
        )
        self.policy = GatePolicy(**policy)
        self.params = {"temperature": float(warm)}
        self.match = SimpleNamespace(
            suite=SimpleNamespace(cases=cases, metric_names=("exact_match",)),
            policy=self.policy,
            head=SimpleNamespace(unfit="", model=SimpleNamespace(params=self.params)),
            is_same=False,
            not_compared="",
        )
        self._sides = (lambda _case, _repeat: GOOD, head)
        self._ends = ends or {}
        self._journal = [] if journal is None else journal
        self._name = name
        self._refusal = refusal
        self.looked = []

    def take(self, look):
        self._journal.append(self._name)
        error = self._ends.get(len(self.looked))
        if error:
            raise error
        self.looked.append((look.cases, look.repeats))
        return self.evidence(look.cases, look.repeats)

    def confirm_critical(self, evidence):
        pass

    def evidence(self, cases, repeats):
        found = tuple(
            CaseEvidence(case, *(self._answers(side, n, repeats) for side in self._sides))
            for n, case in enumerate(self.match.suite.cases[:cases])
        )
        return Evidence(found, ("exact_match",))

    def refusal(self):
        return self._refusal

    @staticmethod
    def _answers(side, n, repeats):
        scores = (side(n, repeat) for repeat in range(repeats))
        return tuple(
            Outcome("side", str(n), repeat, "", "", Score(score), Usage(), 0.0)
            for repeat, score in enumerate(scores)
            if score is not None
        )


def decided(*runs):
    cells = [Deciding(run, planned_looks(CASES, run.policy, run.params)) for run in runs]
    decide(cells)
    return cells if len(cells) > 1 else cells[0]


def losing(count, of=CASES):
    """A head that loses this many of the first cases, evenly spread."""
    lost = {round(n * of / count) for n in range(count)} if count else set()
    return lambda case, repeat: BAD if case in lost else GOOD


def test_a_plain_pass_and_a_plain_fail_need_one_look():
    passed, failed = decided(Known(metrics=[{"allowed_drop": 0.3}]), Known(head=losing(60)))
    assert (passed.ruling.verdict, passed.looked) == ("PASS", 1)
    assert (failed.ruling.verdict, failed.looked) == ("FAIL", 1)


def test_an_open_one_takes_all_looks_and_stays_open():
    cell = decided(Known(head=losing(6)))
    assert (cell.ruling.verdict, cell.looked) == ("INCONCLUSIVE", 2)
    assert cell.run.looked == [(40, 1), (80, 1)]


def test_every_cell_takes_its_look_before_any_is_judged():
    journal = []
    decided(*(Known(head=losing(6), journal=journal, name=name) for name in "abc"))
    assert "".join(journal) == "abcabc"


def test_a_settled_claim_is_not_opened_again():
    """The first half loses nothing, the second all: at the first look score had passed."""
    rules = [{"allowed_drop": 0.3}, {"metric": "exact_match", "allowed_drop": 0.001}]
    cell = decided(Known(head=lambda case, _: GOOD if case < 40 else BAD, metrics=rules))
    by_metric = {claim.metric: (claim.verdict, claim.cases) for claim in cell.claims}
    assert by_metric == {"score": ("PASS", 40), "exact_match": ("FAIL", 80)}


@pytest.mark.parametrize("mark", [{"critical": True}, {"tags": ["hard"]}])
def test_no_cell_passes_before_its_guarded_cases_were_asked(mark):
    rules = [{"allowed_drop": 0.3}]
    early = decided(Known(metrics=rules, marks={3: mark}))
    assert (early.ruling.verdict, early.looked) == ("PASS", 1)
    late = decided(Known(metrics=rules, marks={70: mark}))
    assert (late.ruling.verdict, late.looked) == ("PASS", 2)


def test_a_critical_case_of_the_second_half_breaks_a_cell_whose_mean_holds():
    cell = decided(
        Known(
            head=lambda case, _: BAD if case == 70 else GOOD,
            metrics=[{"allowed_drop": 0.3}],
            marks={70: {"critical": True}},
        )
    )
    assert (cell.ruling.verdict, cell.ruling.reason) == ("FAIL", "the case 70 broke")


class TestTheEndOfTheBudget:
    def test_before_the_first_look(self):
        cell = decided(Known(ends={0: BudgetExhaustedError("no more calls")}))
        assert cell.budget_ended
        assert cell.ruling.verdict == "NOT EVALUATED"
        assert "before the first look: no more calls" in cell.ruling.reason

    def test_between_looks(self):
        cell = decided(Known(head=losing(6), ends={1: BudgetExhaustedError("no more calls")}))
        assert (cell.ruling.verdict, cell.ruling.reason) == (
            "INCONCLUSIVE",
            "the budget ended: no more calls",
        )
        assert len(cell.claims) == 1

    @pytest.mark.parametrize(
        ("marks", "verdict"), [({}, "PASS"), ({70: {"critical": True}}, "INCONCLUSIVE")]
    )
    def test_where_only_a_warning_is_open(self, marks, verdict):
        rules = [{"allowed_drop": 0.3}, {"metric": "exact_match", "severity": "warning"}]
        run = Known(
            head=losing(4),
            metrics=rules,
            marks=marks,
            ends={1: BudgetExhaustedError("no more calls")},
        )
        assert decided(run).ruling.verdict == verdict


class TestOutages:
    @pytest.mark.parametrize("look", [0, 1])
    def test_are_never_a_verdict(self, look):
        cell = decided(Known(head=losing(6), ends={look: OutageError("down")}))
        assert (cell.ruling.verdict, cell.ruling.reason) == ("NOT EVALUATED", "down")
        assert not cell.budget_ended
        assert not cell.needs_change

    @pytest.mark.parametrize(("missing", "verdict"), [(3, "NOT EVALUATED"), (2, "FAIL")])
    def test_coverage_counts_pairs(self, missing, verdict):
        head = losing(60)
        cell = decided(Known(head=lambda n, r: None if n < missing else head(n, r)))
        assert cell.ruling.verdict == verdict
        assert cell.coverage == pytest.approx(1 - missing / 40)
        assert not cell.needs_change

    def test_coverage_counts_repeats_and_not_only_cases(self):
        head = losing(6)
        cell = decided(Known(warm=True, head=lambda n, r: None if r else head(n, 0)))
        assert (cell.ruling.verdict, cell.looked, cell.coverage) == ("NOT EVALUATED", 3, 0.5)

    def test_a_critical_case_must_have_all_answers_before_it_is_believed(self):
        def head(case, repeat):
            if case == 3:
                return None if repeat == 2 else BAD
            return GOOD

        marks = {3: {"critical": True}}
        unsure = decided(Known(warm=True, head=head, marks=marks))
        assert unsure.ruling.verdict == "NOT EVALUATED"
        assert "critical case 3 seems broken" in unsure.ruling.reason
        cold = decided(Known(head=head, marks=marks))
        assert cold.ruling.verdict == "FAIL", "it cannot answer otherwise"
        sure = decided(Known(warm=True, head=lambda n, _: BAD if n == 3 else GOOD, marks=marks))
        assert sure.ruling.verdict == "FAIL"


class TestWhatNoLaterRunCanEvaluate:
    """Something must be changed first, so none of it is an outage."""

    def test_a_policy_without_a_rule_about_the_prompt(self):
        cell = decided(Known(metrics=[{"metric": "another_metric"}]))
        assert (cell.ruling.verdict, cell.needs_change) == ("NOT EVALUATED", True)
        assert cell.ruling.reason == "no rule of the policy is about a metric of this prompt"

    def test_a_blocker_about_what_no_call_tells(self):
        cell = decided(Known(metrics=[{"metric": "cost_usd"}]))
        assert (cell.ruling.verdict, cell.needs_change) == ("NOT EVALUATED", True)
        assert cell.ruling.reason == "cost_usd: not every call tells its cost_usd"

    def test_calls_that_are_refused(self):
        cell = decided(Known(ends={0: CallsRefusedError("only 0% were answered: too long")}))
        assert (cell.ruling.verdict, cell.needs_change) == ("NOT EVALUATED", True)
        assert cell.ruling.reason == "only 0% were answered: too long"

    def test_too_few_answers_because_calls_are_refused(self):
        cell = decided(Known(head=lambda n, _: None if n < 3 else GOOD, refusal="too long"))
        assert (cell.ruling.verdict, cell.needs_change) == ("NOT EVALUATED", True)
        assert cell.ruling.reason.endswith("the policy asks for 95%: too long")

    def test_a_critical_case_that_is_refused_when_asked_again(self):
        def head(case, repeat):
            return (None if repeat == 2 else BAD) if case == 3 else GOOD

        cell = decided(
            Known(warm=True, head=head, marks={3: {"critical": True}}, refusal="too long")
        )
        assert (cell.ruling.verdict, cell.needs_change) == ("NOT EVALUATED", True)
        assert cell.ruling.reason.endswith("when asked again: too long")
