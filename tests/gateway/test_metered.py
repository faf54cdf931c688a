from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landrace.errors import (
    BudgetExhaustedError,
    CallError,
    ConfigError,
    GivenUpError,
    TransientCallError,
)
from landrace.gateway.base import Completion, Message, Request
from landrace.gateway.cached import CachedGateway
from landrace.gateway.metered import Meter, MeteredGateway, Price, Spend, worst_case
from landrace.ledger import Ledger
from landrace.schemas.pipeline import Budget
from landrace.schemas.score import Usage

PRICE = Price(0.01, 0.02)


class Echo:
    def __init__(self, fails=(), *, costs=True, failure=CallError):
        self.fails = set(fails)
        self.costs = costs
        self.failure = failure
        self.calls = 0

    def complete(self, request: Request) -> Completion:
        self.calls += 1
        text = request.messages[-1].content
        if text in self.fails:
            raise self.failure("refused")
        size = len(text)
        cost = size * 0.01 + 2 * 0.02 if self.costs else None
        return Completion(text, "stop", Usage(size, 2, cost), 0.0)


def ask(text: str) -> Request:
    return Request("m", (Message("user", text),), {"max_tokens": 4})


def metered(ledger, budget, *, study="s", price=PRICE, clock=lambda: 0.0, **echo):
    meter = Meter(budget, clock)
    recorder = CachedGateway(Echo(**echo), ledger, study=study)
    return MeteredGateway(recorder, meter, study=study, price=lambda _m: price), meter


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ledgers")
    count = iter(range(10**6))
    return lambda: Ledger(folder / f"{next(count)}.jsonl")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text("ab", min_size=1, max_size=40), min_size=1, max_size=40),
    st.integers(1, 30),
    st.integers(1, 3000),
    st.floats(0.01, 20),
)
def test_no_ceiling_is_ever_passed(ledgers, texts, calls, tokens, cost):
    with ledgers() as ledger:
        gateway, meter = metered(ledger, Budget(calls=calls, tokens=tokens, cost_usd=cost))
        for text in texts:
            try:
                gateway.complete(ask(text))
            except BudgetExhaustedError:
                break
        assert meter.spent.calls <= calls
        assert meter.spent.tokens <= tokens
        assert meter.spent.cost_usd <= cost + 1e-9


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text("ab", min_size=1, max_size=20), min_size=1, max_size=20, unique=True),
    st.integers(1, 2000),
)
def test_a_wave_that_fits_is_never_refused(ledgers, texts, tokens):
    with ledgers() as ledger:
        gateway, meter = metered(ledger, Budget(tokens=tokens))
        meter.hold_back(5)
        requests = [ask(text) for text in texts]
        count = gateway.fitting(requests)
        for request in requests[:count]:
            gateway.complete(request)


def test_a_resumed_study_is_charged_as_the_first_time(ledgers):
    with ledgers() as ledger:
        first, before = metered(ledger, Budget(calls=9))
        first.complete(ask("aa"))
        first.complete(ask("bb"))
        again, after = metered(ledger, Budget(calls=9))
        again.complete(ask("aa"))
        again.complete(ask("bb"))
        assert after.spent == before.spent


def test_what_another_study_paid_for_is_free(ledgers):
    with ledgers() as ledger:
        one, _ = metered(ledger, Budget(calls=9), study="one")
        one.complete(ask("aa"))
        two, meter = metered(ledger, Budget(calls=9), study="two")
        two.complete(ask("aa"))
        assert meter.spent == Spend()


def test_asking_twice_is_charged_once(ledgers):
    with ledgers() as ledger:
        gateway, meter = metered(ledger, Budget(calls=1))
        gateway.complete(ask("aa"))
        gateway.complete(ask("aa"))
        assert meter.spent.calls == 1


def ask_together(gateway, request, count=4):
    """What each of so many threads gets; nobody is answered before all have come."""
    recorder = gateway._recorder
    look_up, answer = recorder.key, recorder._inner.complete
    came, all_came = set(), threading.Event()

    def note(request):
        came.add(threading.get_ident())
        if len(came) == count:
            all_came.set()
        return look_up(request)

    def wait_and_answer(request):
        assert all_came.wait(20)
        return answer(request)

    def result(_number):
        try:
            return gateway.complete(request).text
        except CallError as error:
            return error.problem

    recorder.key, recorder._inner.complete = note, wait_and_answer
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(result, range(count)))


class TestTheSameRequestInManyThreads:
    """Two candidates can come to the same request, and both miss it at the same moment."""

    @pytest.fixture
    def asking(self, ledgers):
        with ledgers() as ledger:
            yield lambda **echo: metered(ledger, Budget(calls=9), **echo)

    def test_it_is_charged_once(self, asking):
        gateway, meter = asking()
        assert ask_together(gateway, ask("aa")) == ["aa"] * 4
        assert meter.spent.calls == gateway._recorder._inner.calls == 1

    def test_a_refusal_is_charged_once(self, asking):
        gateway, meter = asking(fails={"aa"})
        assert ask_together(gateway, ask("aa")) == ["refused"] * 4
        assert meter.spent.calls == meter.spent.failed == gateway._recorder._inner.calls == 1

    def test_what_may_heal_is_asked_anew_by_each_and_charged(self, asking):
        gateway, meter = asking(fails={"aa"}, failure=TransientCallError)
        assert ask_together(gateway, ask("aa")) == ["refused"] * 4
        assert meter.spent.calls == meter.spent.failed == gateway._recorder._inner.calls == 4

    def test_nobody_asks_beyond_the_ceiling(self, ledgers):
        with ledgers() as ledger:
            echo = {"fails": {"aa"}, "failure": TransientCallError}
            gateway, meter = metered(ledger, Budget(calls=2), **echo)
            with pytest.raises(BudgetExhaustedError):
                ask_together(gateway, ask("aa"))
            assert meter.spent.calls == gateway._recorder._inner.calls == 2


def test_a_failed_call_counts_as_a_call(ledgers):
    with ledgers() as ledger:
        gateway, meter = metered(ledger, Budget(calls=5), fails={"aa"})
        with pytest.raises(CallError):
            gateway.complete(ask("aa"))
        assert (meter.spent.calls, meter.spent.failed, meter.spent.tokens) == (1, 1, 0)


def test_what_is_held_back_is_out_of_reach_until_it_is_given_back(ledgers):
    with ledgers() as ledger:
        gateway, meter = metered(ledger, Budget(calls=10))
        meter.hold_back(8)
        assert meter.calls_left() == 2
        assert gateway.fitting([ask("a"), ask("b"), ask("c")]) == 2
        gateway.complete(ask("a"))
        gateway.complete(ask("b"))
        assert gateway.fitting([ask("c")]) == 0
        meter.hold_back(0)
        assert gateway.fitting([ask("c")]) == 1


def test_a_stage_cannot_pass_its_share(ledgers):
    with ledgers() as ledger:
        gateway, meter = metered(ledger, Budget(calls=10))
        meter.call_cap = 1
        gateway.complete(ask("a"))
        assert gateway.fitting([ask("b")]) == 0
        with pytest.raises(BudgetExhaustedError, match="share"):
            gateway.complete(ask("b"))


def test_no_call_begins_that_might_end_after_the_ceiling_on_time(ledgers):
    now = [0.0]
    with ledgers() as ledger:
        gateway, meter = metered(ledger, Budget(seconds=60), clock=lambda: now[0])
        gateway.complete(ask("a"))
        now[0] = 57.0
        gateway.complete(ask("b"))
        meter.settle("x", Spend(), Spend(), latency_s=2.0)
        with pytest.raises(BudgetExhaustedError, match="60 seconds"):
            gateway.complete(ask("c"))


class TestTimeHeldBack:
    @pytest.fixture
    def now(self):
        return [0.0]

    @pytest.fixture
    def meter(self, now):
        meter = Meter(Budget(seconds=60), lambda: now[0])
        meter.hold_back(100)
        return meter

    def test_it_is_what_as_many_calls_took(self, meter, now):
        meter.reserve("a", Spend(1))
        now[0] = 0.3
        assert not meter.time_is_up()
        now[0] = 0.4
        assert meter.time_is_up(), "100 calls of 0.4 s, and half as much again"
        meter.hold_back(0)
        assert not meter.time_is_up()

    def test_calls_that_are_made_at_once_share_their_time(self, meter, now):
        for key in "abcdefgh":
            meter.reserve(key, Spend(1))
        now[0] = 2.0
        meter.settle("a", Spend(1), Spend(1), latency_s=2.0)
        assert not meter.time_is_up(), "the other seven have not ended yet, and took no more"

    def test_what_comes_before_the_first_call_says_nothing_of_the_next(self, meter, now):
        now[0] = 9.0
        assert not meter.time_is_up()
        meter.reserve("a", Spend(1))
        assert not meter.time_is_up()

    def test_answers_out_of_the_ledger_say_nothing_of_the_next(self, meter, now):
        for number in range(500):
            meter.reserve(f"known{number}", Spend(1), is_known=True)
        now[0] = 5.0
        assert not meter.time_is_up()
        meter.reserve("a", Spend(1))
        now[0] = 5.5
        assert meter.time_is_up()

    def test_a_resumed_study_tells_the_two_apart(self, ledgers, now):
        with ledgers() as ledger:
            for _run in range(2):
                gateway, meter = metered(ledger, Budget(seconds=60), clock=lambda: now[0])
                for text in "abcd":
                    gateway.complete(ask(text))
            assert meter.spent.calls == 4
            meter.hold_back(100)
            now[0] = 30.0
            assert not meter.time_is_up()


def test_a_call_that_does_not_tell_its_cost_is_charged_by_the_price(ledgers):
    with ledgers() as ledger:
        gateway, meter = metered(ledger, Budget(cost_usd=2), costs=False)
        for text in ("a", "b", "c", "d"):
            gateway.complete(ask(text))
        assert meter.spent.cost_usd == pytest.approx(4 * (PRICE.prompt + 2 * PRICE.completion))
        assert meter.unpriced


def test_a_ceiling_on_cost_needs_a_price(ledgers):
    with ledgers() as ledger:
        gateway, _ = metered(ledger, Budget(cost_usd=1), price=None)
        with pytest.raises(ConfigError, match="no price is known for m"):
            gateway.complete(ask("a"))


@given(st.text(max_size=200))
def test_the_worst_case_counts_every_byte(text):
    request = Request("m", (Message("user", text),), {"max_tokens": 7})
    worst = worst_case(request, None)
    assert worst.prompt_tokens >= len(text.encode("utf-8", "surrogatepass"))
    assert worst.completion_tokens == 7


def test_what_is_refused_is_asked_and_charged_once(ledgers):
    with ledgers() as ledger:
        gateway, meter = metered(ledger, Budget(calls=1), fails={"aa"})
        for _ in range(3):
            with pytest.raises(CallError, match="refused"):
                gateway.complete(ask("aa"))
        assert gateway._recorder._inner.calls == 1
        assert (meter.spent.calls, meter.spent.failed) == (1, 1)
        assert gateway.fitting([ask("aa")]) == 1, "what is known takes nothing of the budget"


@pytest.mark.parametrize("failure", [GivenUpError, TransientCallError])
def test_a_second_try_is_charged_like_the_first(ledgers, failure):
    with ledgers() as ledger:
        gateway, meter = metered(ledger, Budget(calls=5), fails={"aa"}, failure=failure)
        with pytest.raises(CallError):
            gateway.complete(ask("aa"))
        gateway._recorder._inner.fails.clear()
        assert gateway.fitting([ask("aa")] * 9) < 9
        gateway.complete(ask("aa"))
        assert (meter.spent.calls, meter.spent.failed, meter.spent.tokens) == (2, 1, 4)


@pytest.mark.parametrize(
    ("params", "most"),
    [
        ({}, 256),
        ({"max_tokens": 8}, 8),
        ({"max_completion_tokens": 900}, 900),
        ({"max_tokens": 8, "max_completion_tokens": 900}, 900),
        ({"max_tokens": 900, "max_completion_tokens": 8}, 900),
    ],
)
def test_the_longest_answer_is_reserved_by_whatever_name_its_limit_has(params, most):
    request = Request("m", (Message("user", "x"),), params)
    assert worst_case(request, PRICE).completion_tokens == most
