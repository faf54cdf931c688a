from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from landrace.errors import TransientCallError
from landrace.gateway.base import Completion, Message, Request
from landrace.gateway.cached import CachedGateway
from landrace.ledger import Ledger
from landrace.schemas.score import Usage


class Counting:
    """Answers with the last message in upper case, and counts."""

    def __init__(self, gate: threading.Event | None = None, failures: int = 0):
        self.calls = 0
        self.gate = gate
        self.failures = failures
        self.lock = threading.Lock()

    def complete(self, request: Request) -> Completion:
        with self.lock:
            self.calls += 1
            fails = self.calls <= self.failures
        if self.gate:
            self.gate.wait(20)
        if fails:
            raise TransientCallError("busy")
        return Completion(request.messages[-1].content.upper(), "stop", Usage(3, 1, 0.25), 0.1)


def ask(text: str, **params) -> Request:
    return Request("m", (Message("user", text),), params)


@pytest.fixture
def ledger(tmp_path):
    with Ledger(tmp_path / "ledger.jsonl") as opened:
        yield opened


def test_a_request_is_paid_for_once(ledger):
    inner = Counting()
    gateway = CachedGateway(inner, ledger, study="one")
    first = gateway.complete(ask("a"))
    assert gateway.complete(ask("a")) == first
    assert inner.calls == 1
    gateway.complete(ask("a", temperature=1))
    gateway.complete(ask("b"))
    assert inner.calls == 3


def test_the_first_answer_is_that_of_the_ledger(ledger):
    """A latency is rounded there; a resumed run must meet the same figures."""

    class Odd(Counting):
        def complete(self, request):
            return replace(super().complete(request), latency_s=0.123456789)

    gateway = CachedGateway(Odd(), ledger)
    assert gateway.complete(ask("a")) == gateway.complete(ask("a"))


def test_it_is_still_paid_for_in_the_next_process(ledger, tmp_path):
    CachedGateway(Counting(), ledger, study="one").complete(ask("a"))
    with Ledger(tmp_path / "ledger.jsonl") as again:
        inner = Counting()
        gateway = CachedGateway(inner, again, study="two")
        assert gateway.complete(ask("a")).text == "A"
        assert gateway.recorded(ask("a")).study == "one"
        assert inner.calls == 0


def test_identical_concurrent_requests_run_once(ledger):
    gate = threading.Event()
    inner = Counting(gate)
    gateway = CachedGateway(inner, ledger)
    texts = []
    threads = [
        threading.Thread(target=lambda: texts.append(gateway.complete(ask("a")).text))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join()
    assert texts == ["A"] * 16
    assert inner.calls == 1


def test_a_schema_in_another_order_is_another_question(ledger):
    """A model writes the properties of an answer in the schema's order."""
    first, second = ({"schema": {name: {} for name in names}} for names in ("ab", "ba"))
    inner = Counting()
    gateway = CachedGateway(inner, ledger)
    for schema in (first, second, first):
        gateway.complete(replace(ask("a"), params={"response_format": schema}))
    assert inner.calls == 2


def test_parameters_in_another_order_are_the_same_question(ledger):
    inner = Counting()
    gateway = CachedGateway(inner, ledger)
    for params in ({"top_p": 1, "seed": 0}, {"seed": 0, "top_p": 1}):
        gateway.complete(replace(ask("a"), params=params))
    assert inner.calls == 1


def test_failures_are_not_kept(ledger):
    inner = Counting(failures=1)
    gateway = CachedGateway(inner, ledger)
    with pytest.raises(TransientCallError):
        gateway.complete(ask("a"))
    assert gateway.complete(ask("a")).text == "A"


def test_a_failure_is_not_shared(ledger):
    """Else it would depend on timing who asks anew."""
    together = threading.Barrier(4, timeout=20)
    inner = Counting(failures=3)
    gateway = CachedGateway(inner, ledger)

    def answer(_number):
        together.wait()
        try:
            return gateway.complete(ask("a")).text
        except TransientCallError as error:
            return error.problem

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(answer, range(4))) == ["A", "busy", "busy", "busy"]
    assert inner.calls == 4


def test_another_model_file_under_the_same_name_is_another_model(ledger):
    inner = Counting()
    first = CachedGateway(inner, ledger, fingerprint=lambda _m: "file-1").complete(ask("a"))
    second = CachedGateway(inner, ledger, fingerprint=lambda _m: "file-2").complete(ask("a"))
    assert inner.calls == 2
    assert len({first.key, second.key, ask("a").digest}) == 3


def test_an_answer_says_under_which_key_the_ledger_has_it(ledger):
    gateway = CachedGateway(Counting(), ledger, fingerprint=lambda _m: "file")
    for _ in range(2):  # asked, and out of the ledger
        answer = gateway.complete(ask("a"))
        assert ledger.call(answer.key)[0]["text"] == "A"
