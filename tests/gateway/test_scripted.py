from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from landrace.errors import CallError, TransientCallError
from landrace.gateway.base import Completion, Message, Request
from landrace.gateway.scripted import ScriptedGateway
from landrace.schemas.score import Usage


def ask(text, **fields):
    return Request("openai/any", (Message("user", text),), **fields)


def test_answers_by_a_function_or_a_mapping():
    assert ScriptedGateway(lambda r: r.messages[0].content * 2).complete(ask("ab")).text == "abab"
    assert ScriptedGateway({"ab": "cd"}).complete(ask("ab")).text == "cd"


def test_a_completion_is_answered_as_it_is():
    completion = Completion("x", "length", Usage(1, 2, 0.5), 3.0)
    assert ScriptedGateway({"a": completion}).complete(ask("a")) is completion


def test_an_exception_is_raised():
    with pytest.raises(TransientCallError, match="busy"):
        ScriptedGateway({"a": TransientCallError("busy")}).complete(ask("a"))


def test_a_missing_answer_is_a_failed_call():
    with pytest.raises(CallError, match="no answer to 'b'"):
        ScriptedGateway({"a": "x"}).complete(ask("b"))


def test_usage_counts_words():
    gateway = ScriptedGateway({"two words": "now three words"}, price_usd=0.25)
    assert gateway.complete(ask("two words")).usage == Usage(3, 4, 7 * 0.25)
    unpriced = ScriptedGateway({"a": "b"}, price_usd=None)
    assert unpriced.complete(ask("a")).usage.cost_usd is None


def test_records_what_was_asked():
    gateway = ScriptedGateway(lambda _: "x", failure_rate=1.0)
    with pytest.raises(TransientCallError):
        gateway.complete(ask("a"))
    assert (gateway.calls, gateway.requests) == (1, (ask("a"),))


def failures(order, **options):
    gateway = ScriptedGateway(lambda _: "x", failure=CallError, **options)

    def fails(n):
        try:
            gateway.complete(ask(f"case {n}"))
        except CallError:
            return True
        return False

    with ThreadPoolExecutor(8) as pool:
        return dict(zip(order, pool.map(fails, order), strict=True))


def test_failures_do_not_depend_on_order_or_threads():
    order = list(range(300))
    first = failures(order, failure_rate=0.3)
    random.Random(5).shuffle(order)
    assert failures(order, failure_rate=0.3) == first
    assert 60 <= sum(first.values()) <= 120
    assert failures(order, failure_rate=0.3, seed=1) != first


@pytest.mark.parametrize(("rate", "count"), [(0.0, 0), (1.0, 50)])
def test_the_ends_of_the_failure_rate_are_exact(rate, count):
    assert sum(failures(list(range(50)), failure_rate=rate).values()) == count


def test_another_attempt_is_another_draw():
    gateway = ScriptedGateway(lambda _: "x", failure_rate=0.5)
    outcomes = set()
    for _ in range(64):
        try:
            outcomes.add(gateway.complete(ask("a")).text)
        except TransientCallError:
            outcomes.add("failed")
    assert outcomes == {"x", "failed"}
