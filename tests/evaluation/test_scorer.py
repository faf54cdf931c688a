"""A table is filled with what it lacks, in waves that fit a budget."""

from __future__ import annotations

import contextlib
from collections import Counter

import pytest

from landrace.errors import (
    BudgetExhaustedError,
    CallError,
    CallsRefusedError,
    OutageError,
    ParameterError,
    TransientCallError,
)
from landrace.evaluation.evaluator import Evaluator
from landrace.evaluation.scorer import Scorer
from landrace.evaluation.table import ScoreTable
from landrace.evaluation.variant import Variant
from landrace.gateway.cached import CachedGateway
from landrace.gateway.metered import Meter, MeteredGateway, Price
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.metrics.table import build
from landrace.program import Graph
from landrace.schemas.case import Case
from landrace.schemas.pipeline import Budget, ModelConfig
from landrace.schemas.prompt import MetricConfig
from landrace.template import compile_template

VARIANT = Variant.plain(
    "v", "{{ n }}", compile_template("{{ n }}", name="v"), Graph.plain({}, {"kind": "text"})
)
CASES = [Case(id=str(n), inputs={"n": n}, expected="yes") for n in range(20)]


EXACT = MetricConfig(metric="exact_match")
JUDGE = MetricConfig.model_validate({"metric": "llm_judge", "model": "judge", "rubric": "Yes?"})


class Bench:
    def __init__(self, ledger, script, budget, metric, params):
        self.gateway = ScriptedGateway(script)
        self.table = ScoreTable()
        self.seen = 0
        meter = Meter(budget)
        metered = MeteredGateway(
            CachedGateway(self.gateway, ledger, study="s"),
            meter,
            study="s",
            price=lambda model: Price(1.0, 1.0) if model == "judge" else Price(0.0, 0.0),
        )
        evaluator = Evaluator(metered, ModelConfig(id="fake/m", params=params), build([metric]))
        self._scorer = Scorer(evaluator, metered, self.table, on_outcome=self._count)

    def _count(self):
        self.seen += 1

    def fill(self, cases=CASES, repeat=0, variants=(VARIANT,)):
        self._scorer.fill(variants, cases, repeat=repeat)

    def scored(self, repeat=0):
        return sum(self.table.has_score("v", case.id, repeat) for case in CASES)


@pytest.fixture
def bench(tmp_path):
    with Ledger(tmp_path / "ledger.jsonl") as ledger:

        def make(script, metric=EXACT, params=None, **budget):
            return Bench(ledger, script, Budget(**budget), metric, params or {})

        yield make


def test_only_what_is_lacking_is_asked(bench):
    one = bench(lambda _request: "yes")
    one.fill(CASES[:5])
    one.fill()
    assert one.gateway.calls == one.seen == 20


def test_repeats_are_answers_of_their_own(bench):
    one = bench(lambda request: "yes" if request.repeat else "no")
    one.fill()
    one.fill(repeat=1)
    one.fill(repeat=1)
    assert Counter(request.repeat for request in one.gateway.requests) == {0: 20, 1: 20}
    values = {repeat: one.table.get("v", "3", repeat).score.value for repeat in (0, 1)}
    assert values == {0: 0.0, 1: 1.0}
    assert one.scored(repeat=2) == 0


def test_what_failed_gets_one_more_try_in_the_same_repeat(bench):
    tries = Counter()

    def answer(request):
        tries[request.digest] += 1
        failing = request.messages[-1].content in {"3", "4"} and tries[request.digest] == 1
        return TransientCallError("503") if failing else "yes"

    one = bench(answer)
    one.fill(repeat=2)
    assert one.scored(repeat=2) == 20
    assert one.gateway.calls == 22


def test_what_was_refused_for_good_is_not_asked_again(bench):
    asked = Counter()

    def answer(request):
        text = request.messages[-1].content
        asked[text] += 1
        return CallError("the text is too long") if text in {"3", "4"} else "yes"

    one = bench(answer)
    for _ in range(3):
        one.fill()
    assert len(asked) == 20
    assert set(asked.values()) == {1}
    assert one.scored() == 18


def test_parameters_that_the_model_does_not_take_leave_out_their_variant_alone(bench):
    """No outage, however many there are: it is asked no more, and others are."""
    unfit = VARIANT._replace(digest="unfit", tries_params=True)
    replies = iter([ParameterError("no such parameter")])
    one = bench(lambda _request: next(replies, "yes"))
    one.fill(variants=[unfit])
    one.fill(variants=[VARIANT, unfit])
    assert one.table.unfit("unfit") == "no such parameter"
    assert one.table.coverage() == 1
    assert one.scored() == 20
    assert one.gateway.calls == 21


def test_parameters_that_the_model_does_not_take_are_refused_once(bench):
    """Though other variants with parameters of their own stand around, in the order of the jobs."""
    variants = [VARIANT._replace(digest=name, tries_params=True) for name in ("a", "b", "c")]
    template = compile_template("unfit {{ n }}", name="b")
    variants[1] = variants[1]._replace(
        program=Variant.plain("b", "", template, Graph.plain({}, {"kind": "text"})).program
    )
    one = bench(
        lambda request: ParameterError("no") if "unfit" in request.messages[-1].content else "yes"
    )
    one.fill(variants=variants)
    asked = [request.messages[-1].content for request in one.gateway.requests]
    assert [text for text in asked if "unfit" in text] == ["unfit 0"]
    assert all(one.table.has_score(name, case.id) for name in ("a", "c") for case in CASES)


def test_parameters_of_the_model_itself_end_the_run(bench):
    one = bench(lambda _request: ParameterError("no such parameter"))
    with pytest.raises(ParameterError):
        one.fill()


def test_a_refusal_holds_for_its_own_repeat_alone(bench):
    def answer(request):
        is_refused = request.messages[-1].content == "3" and request.repeat == 0
        return CallError("the text is too long") if is_refused else "yes"

    one = bench(answer)
    one.fill()
    one.fill(repeat=1)
    assert (one.scored(), one.scored(repeat=1)) == (19, 20)


def test_what_time_may_heal_is_asked_again_later(bench):
    asked = Counter()

    def answer(request):
        text = request.messages[-1].content
        asked[text] += 1
        is_ill = text == "3" and asked[text] <= 2
        return TransientCallError("503") if is_ill else "yes"

    one = bench(answer)
    one.fill()
    assert one.scored() == 19
    one.fill()
    assert one.scored() == 20


def test_a_budget_is_never_passed(bench):
    one = bench(lambda _request: "yes", calls=13)
    with pytest.raises(BudgetExhaustedError):
        one.fill()
    assert one.gateway.calls == one.scored() == 13


def judged(request):
    return "yes" if request.model == "fake/m" else '{"score": 5, "reason": "x"}'


@pytest.mark.parametrize(("calls", "scored"), [(13, 6), (12, 6), (2, 1), (40, 20)])
def test_nothing_is_answered_that_cannot_be_judged(bench, calls, scored):
    one = bench(judged, JUDGE, calls=calls)
    with contextlib.suppress(BudgetExhaustedError):
        one.fill()
    assert (one.gateway.calls, one.scored()) == (2 * scored, scored)


def test_a_judge_without_a_grade_ends_no_budget_that_is_just_enough(bench):
    """Both calls are in the ledger then, and to ask again would tell nothing new."""

    def answer(request):
        if request.model == "fake/m" and request.messages[-1].content == "3":
            return "odd"
        is_odd = request.model == "judge" and "odd" in request.messages[-1].content
        return "I cannot say." if is_odd else judged(request)

    one = bench(answer, JUDGE, calls=40)
    one.fill()
    assert (one.gateway.calls, one.scored()) == (40, 19)


def test_a_judges_price_counts_before_the_model_is_asked(bench):
    one = bench(judged, JUDGE, cost_usd=100)
    with pytest.raises(BudgetExhaustedError):
        one.fill()
    assert one.gateway.calls == 0


@pytest.mark.parametrize("calls", [None, 100, 20, 9])
def test_an_outage_is_one_even_where_it_has_eaten_the_budget(bench, calls):
    one = bench(lambda _request: TransientCallError("503"), calls=calls)
    with pytest.raises(OutageError, match="only 0% of the calls were answered"):
        one.fill()


def test_an_outage_says_who_was_asked_where_and_what_it_met_last(bench):
    def answer(request):
        text = request.messages[-1].content
        return TransientCallError(f"refused {text}", where="fake/m", fix="Wait.")

    with pytest.raises(OutageError) as caught:
        bench(answer, params={"api_base": "http://u:p4ss@localhost:9/v1"}).fill()
    said, fix = str(caught.value).splitlines()
    assert said.startswith("fake/m at http://")
    assert "localhost:9/v1: only 0% of the calls were answered" in said
    assert said.endswith("the last failed with: fake/m: refused 19")
    assert "p4ss" not in said
    assert "when the provider is back" in fix


def test_calls_that_are_refused_are_no_outage(bench):
    problem = r"only 0% of the calls .* would fail again, the first with: m: the text is too long\n"
    with pytest.raises(CallsRefusedError, match=problem):
        bench(lambda _request: CallError("the text is too long", where="m", fix="Cut.")).fill()


def test_where_time_may_heal_some_of_it_it_is_an_outage(bench):
    def answer(request):
        if request.messages[-1].content == "3":
            return TransientCallError("503")
        return CallError("the text is too long")

    with pytest.raises(OutageError, match="only 0% of the calls were answered"):
        bench(answer).fill()


def test_a_few_failures_before_the_end_of_a_budget_are_no_outage(bench):
    def answer(request):
        return TransientCallError("503") if request.messages[-1].content == "3" else "yes"

    one = bench(answer, calls=12)
    with pytest.raises(BudgetExhaustedError):
        one.fill()
    assert one.scored() == 11
