from __future__ import annotations

import random

import pytest

from landrace.errors import CallError, GivenUpError, ModelError, OutageError, TransientCallError
from landrace.gateway.base import Completion, Message, Request
from landrace.gateway.breaker import CircuitBreaker
from landrace.gateway.limiter import AdaptiveLimiter
from landrace.gateway.retrying import RetryingGateway
from landrace.gateway.scripted import ScriptedGateway

REQUEST = Request("openai/any", (Message("user", "hello"),))


def script(*answers):
    rest = iter(answers)
    return ScriptedGateway(lambda _: next(rest))


def retrying(inner, pauses, **options):
    return RetryingGateway(inner, rng=random.Random(1), sleep=pauses.append, **options)


def test_repeats_until_it_succeeds():
    pauses = []
    inner = script(TransientCallError("429"), TransientCallError("500"), "hi")
    assert retrying(inner, pauses).complete(REQUEST).text == "hi"
    assert (inner.calls, len(pauses)) == (3, 2)


def test_pauses_grow_up_to_the_cap():
    class Top:
        def uniform(self, low, high):
            return high

    pauses = []
    inner = script(*[TransientCallError("500")] * 6)
    gateway = RetryingGateway(inner, base_s=2, cap_s=10, rng=Top(), sleep=pauses.append)
    with pytest.raises(CallError):
        gateway.complete(REQUEST)
    assert pauses == [2, 4, 8, 10, 10]


def test_jitter_is_full():
    pauses = []
    for _ in range(50):
        retrying(script(TransientCallError("500"), "hi"), pauses, base_s=4).complete(REQUEST)
    assert all(0 <= pause <= 4 for pause in pauses)


@pytest.mark.parametrize(("wish", "low", "high"), [(7, 7, 8), (0, 0, 1), (3600, 60, 60)])
def test_honours_retry_after_up_to_the_cap(wish, low, high):
    pauses = []
    inner = script(TransientCallError("429", retry_after=wish), "hi")
    retrying(inner, pauses).complete(REQUEST)
    assert low <= pauses[0] <= high


def test_the_last_failure_is_final():
    inner = script(*[TransientCallError("500", where="openai/any", fix="Wait.")] * 3)
    pauses = []
    with pytest.raises(GivenUpError, match=r"500 .*after 3 attempts") as caught:
        retrying(inner, pauses, attempts=3).complete(REQUEST)
    assert not isinstance(caught.value, TransientCallError)
    assert (caught.value.where, caught.value.fix) == ("openai/any", "Wait.")
    assert (inner.calls, len(pauses)) == (3, 2)


@pytest.mark.parametrize("error", [CallError("too long"), ModelError("no key")])
def test_final_errors_are_not_repeated(error):
    inner = script(error)
    with pytest.raises(type(error)):
        retrying(inner, []).complete(REQUEST)
    assert inner.calls == 1


def test_an_outage_fails_fast():
    inner = script(*[TransientCallError("503")] * 99)
    gateway = retrying(inner, [], attempts=2, breaker=CircuitBreaker(3))
    for _ in range(3):
        with pytest.raises(CallError):
            gateway.complete(REQUEST)
    with pytest.raises(OutageError, match="503"):
        gateway.complete(REQUEST)
    assert inner.calls == 6


def test_a_refusal_shows_that_the_provider_is_up():
    inner = script(
        TransientCallError("503"), CallError("too long"), TransientCallError("503"), "hi"
    )
    gateway = retrying(inner, [], attempts=1, breaker=CircuitBreaker(2))
    for _ in range(3):
        with pytest.raises(CallError):
            gateway.complete(REQUEST)
    assert gateway.complete(REQUEST).text == "hi"


def test_a_pause_holds_no_place():
    limiter = AdaptiveLimiter(1)
    places = []

    def sleep(_):
        with limiter.slot():
            places.append("free")

    inner = script(TransientCallError("429"), Completion("hi"))
    RetryingGateway(inner, limiter=limiter, sleep=sleep).complete(REQUEST)
    assert places == ["free"]


def test_results_do_not_depend_on_the_jitter():
    def texts(seed):
        inner = ScriptedGateway(lambda r: r.messages[0].content.upper(), failure_rate=0.5, seed=3)
        gateway = RetryingGateway(inner, attempts=20, rng=random.Random(seed), sleep=lambda _: None)
        requests = [Request("m", (Message("user", f"case {n}"),)) for n in range(30)]
        return [gateway.complete(request) for request in requests]

    assert texts(1) == texts(2)
