"""Hard ceilings: the worst a call can take is reserved before the call is made."""

from __future__ import annotations

import math
import threading
import time
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.errors import BudgetExhaustedError, CallError, ConfigError
from landrace.gateway.base import Request
from landrace.gateway.key_locks import KeyLocks
from landrace.program.params import LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from landrace.gateway.base import Completion
    from landrace.gateway.cached import CachedGateway
    from landrace.schemas.pipeline import Budget
    from landrace.schemas.score import Usage

DEFAULT_MAX_TOKENS = 256
BYTES_A_TOKEN = 8  # of an answer that a later call reads; English has less than five
CLOSING_S = 1.0  # what statistics, reports and writing take after the last call

# Chat templates add role markers to a message and may add a system message of their own.
TOKENS_A_MESSAGE = 16
TOKENS_A_REQUEST = 64


class Price(NamedTuple):
    """US dollars a token."""

    prompt: float
    completion: float

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """What so many tokens cost."""
        return prompt_tokens * self.prompt + completion_tokens * self.completion


@dataclass(frozen=True, slots=True)
class Spend:
    """Calls, tokens and money; ``failed`` calls are among the calls."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    failed: int = 0

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Spend) -> Spend:
        return Spend(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cost_usd + other.cost_usd,
            self.failed + other.failed,
        )

    def times(self, n: int) -> Spend:
        return Spend(
            self.calls * n,
            self.prompt_tokens * n,
            self.completion_tokens * n,
            self.cost_usd * n,
            self.failed * n,
        )


class Foreseen(NamedTuple):
    """What a run asks first, the most calls that it can make after that, and the longest that
    its answer's judges can be asked.
    """

    requests: tuple[Request, ...]
    further: int
    judging: tuple[Request, ...] = ()


def unpriced(model: str) -> ConfigError:
    """What to raise where there is a ceiling on cost, and no price of a model."""
    return ConfigError(
        f"no price is known for {model}, so a ceiling on cost cannot be kept",
        fix="give a ceiling on calls or tokens instead of cost_usd",
    )


def most_completion(params: Mapping[str, Any]) -> int:
    """The most tokens of an answer; some models go by the one name of the limit, some by both."""
    limits = [int(params[name]) for name in LIMITS if name in params]
    return max(limits, default=DEFAULT_MAX_TOKENS)


def worst_case(request: Request, price: Price | None) -> Spend:
    """The most that a request can take."""
    prompt, completion = most_prompt(request), most_completion(request.params)
    return Spend(1, prompt, completion, price.of(prompt, completion) if price else 0.0)


def most_prompt(request: Request) -> int:
    """The most tokens of a prompt."""
    return TOKENS_A_REQUEST + sum(
        most_tokens(message.content) + TOKENS_A_MESSAGE for message in request.messages
    )


def most_tokens(text: str) -> int:
    """A byte-level tokenizer never makes more tokens than there are UTF-8 bytes."""
    return len(text.encode("utf-8", "surrogatepass"))


class Meter:
    """What a study has spent, what is reserved, and what its ceilings still allow.

    ``unpriced`` tells that the money in ``spent`` is no bill: some call did not tell its cost.
    ``clock`` gives seconds. ``cap`` narrows the ceiling on calls for a stage of a search.
    """

    def __init__(self, budget: Budget, clock: Callable[[], float] = time.monotonic) -> None:
        self.budget = budget
        self.spent = Spend()
        self.unpriced = False
        self.call_cap = math.inf
        self._held_calls = 0
        self._dearest = Spend()
        self._reserved = Spend()
        self._charged: dict[str, Spend] = {}
        self._lock = threading.Lock()
        self._clock = clock
        self._started = clock()
        self._slowest = 0.0
        self._first: float | None = None  # when the first call was made
        self._made = 0

    def hold_back(self, calls: int) -> None:
        """Keep these last calls of a study, its look at the holdout, out of a wave's reach.

        Each is taken to be as dear as the dearest call so far. Planning alone uses that
        guess: the ceilings themselves rest on worst cases.
        """
        self._held_calls = calls

    def is_charged(self, key: str) -> bool:
        return key in self._charged

    def reserve(self, key: str, worst: Spend, *, is_known: bool = False) -> None:
        """Put ``worst`` aside for a request that is about to be made, and is not charged yet.

        ``is_known`` says that its answer is in the ledger, and takes no time.

        Raises:
            BudgetExhaustedError: a ceiling might be passed.
        """
        with self._lock:
            if not self._fits(self._reserved + worst, Spend()):
                raise self._exhausted(worst, Spend())
            self._reserved = self._reserved + worst
            self._charged[key] = worst
            if not is_known:
                self._first = self._clock() if self._first is None else self._first
                self._made += 1

    def settle(self, key: str, worst: Spend, actual: Spend, latency_s: float) -> None:
        """Replace a reservation by what the call took."""
        with self._lock:
            self._reserved = self._reserved + worst.times(-1)
            self.spent = self.spent + actual
            self._charged[key] = actual
            self._dearest = _each_max(self._dearest, actual)
            self._slowest = max(self._slowest, latency_s)

    def forget(self, key: str) -> None:
        """Let another try of a failed call be reserved and charged like the first."""
        with self._lock:
            del self._charged[key]

    def fitting(self, worst: Sequence[Spend]) -> int:
        """How many of these requests, from the first on, surely stay below every ceiling.

        What is held back stays untouched, so a wave that fits is never refused in its middle.
        """
        total = self._reserved
        held = self._held()
        for count, item in enumerate(worst):
            total = total + item
            if not self._fits(total, held):
                return count
        return len(worst)

    def calls_left(self) -> float:
        """Calls that the ceilings leave to the search, what is held back excluded."""
        ceiling = math.inf if self.budget.calls is None else self.budget.calls
        return max(0.0, min(ceiling - self._held_calls, self.call_cap) - self.spent.calls)

    def seconds_left(self) -> float:
        if self.budget.seconds is None:
            return math.inf
        return self.budget.seconds - (self._clock() - self._started)

    def seconds_to_go(self) -> float | None:
        """A guess for people: the time of the calls that are left, at the pace so far."""
        spent = self.spent.calls
        if self.budget.calls is None or not spent:
            return None if self.budget.seconds is None else self.seconds_left()
        pace = (self._clock() - self._started) / spent
        return min(pace * (self.budget.calls - spent), self.seconds_left())

    def time_is_up(self) -> bool:
        """Whether a call begun now might end after the ceiling on time.

        The slowest call so far, and half as much again, stands for the next one; what is
        held back is taken to need as long a call as the search did.
        """
        if self.budget.seconds is None:
            return False
        held = self._held_calls * self._pace()
        return self.seconds_left() <= CLOSING_S + 1.5 * (self._slowest + held)

    def _pace(self) -> float:
        """Seconds a call so far, of those that were not in the ledger already.

        Calls in flight count: with eight at once, the first to end would else make each look
        eight times as long as it is, and end the search with it.
        """
        return 0.0 if self._first is None else (self._clock() - self._first) / self._made

    def exhausted_by(self, worst: Spend) -> BudgetExhaustedError:
        """Why such a request does not fit, once what is held back is left untouched."""
        return self._exhausted(worst, self._held())

    def _held(self) -> Spend:
        return replace(self._dearest, calls=1).times(self._held_calls)

    def _exhausted(self, worst: Spend, held: Spend) -> BudgetExhaustedError:
        ceiling = self._passed(self._reserved + worst, held) or ""
        what = self.budget.ceiling(ceiling) if ceiling else "this stage's share of the calls"
        return BudgetExhaustedError(f"the next call might pass {what}", ceiling=ceiling)

    def _fits(self, extra: Spend, held: Spend) -> bool:
        return self._passed(extra, held) is None

    def _passed(self, extra: Spend, held: Spend) -> str | None:
        """The member of the budget that might be passed; empty for a stage's share, or None.

        A stage that has used its share ends as planned, whatever else is used up by then.
        """
        if (self.spent + extra).calls > self.call_cap:
            return ""
        if self.time_is_up():
            return "seconds"
        total = self.spent + extra + held
        for member in ("tokens", "cost_usd", "calls"):
            most = getattr(self.budget, member)
            if most is not None and getattr(total, member) > most:
                return member
        return None


class MeteredGateway:
    """Charges a meter for every request of one study.

    A request is charged once, when the study first makes it, also where the ledger answers
    it out of this study's own earlier, interrupted run: so a resumed study stands where the
    uninterrupted one would. What another study paid for is free.

    What is refused for good is not asked again: everyone gets the same error, charged once.
    Another failure is charged to whom it hits, and who asks next asks anew. Identical
    concurrent requests stand where they would one after the other, so what is charged does
    not depend on timing.
    """

    def __init__(
        self,
        recorder: CachedGateway,
        meter: Meter,
        *,
        study: str,
        price: Callable[[str], Price | None] = lambda _model: Price(0.0, 0.0),
    ) -> None:
        self._recorder = recorder
        self._meter = meter
        self._study = study
        self._price = price
        self._locks = KeyLocks()
        self._refusals: dict[str, CallError] = {}

    def worst_case(self, request: Request) -> Spend:
        price = self._price(request.model)
        if price is None and self._meter.budget.cost_usd is not None:
            raise unpriced(request.model)
        return worst_case(request, price)

    def fitting(self, wanted: Iterable[Request | Foreseen]) -> int:
        """How many of these, in order, the budget allows.

        Of requests that is sure. Calls that a run makes after its first are taken to be as
        dear as the dearest of those, and a judge is taken to be shown an answer of usual words:
        the number of calls is kept exactly, a ceiling on tokens or money may still end a wave
        in its middle.
        """
        return self._meter.fitting([self._foreseen_cost(each) for each in wanted])

    def exhausted_by(self, wanted: Request | Foreseen) -> BudgetExhaustedError:
        """Why the budget does not allow this; for what `fitting` counts out."""
        return self._meter.exhausted_by(self._foreseen_cost(wanted))

    def _foreseen_cost(self, wanted: Request | Foreseen) -> Spend:
        if isinstance(wanted, Request):
            return self._uncharged(wanted)
        total, dearest = Spend(), Spend()
        for request in wanted.judging:
            total = total + self.worst_case(request)
        for request in wanted.requests:
            total = total + self._uncharged(request)
            if wanted.further:
                dearest = _each_max(dearest, self.worst_case(request))
        return total + dearest.times(wanted.further) if wanted.further else total

    def _uncharged(self, request: Request) -> Spend:
        charged = self._meter.is_charged(self._recorder.key(request))
        return Spend() if charged else self.worst_case(request)

    def complete(self, request: Request) -> Completion:
        key = self._recorder.key(request)
        with self._locks.holding(key):
            if key in self._refusals:
                raise copy(self._refusals[key])  # each raise adds frames to an error
            if self._meter.is_charged(key):
                return self._recorder.complete(request)
            found = self._recorder.recorded(request)
            if found is not None and found.study != self._study:
                return found.completion
            return self._charged(key, request, is_known=found is not None)

    def _charged(self, key: str, request: Request, *, is_known: bool) -> Completion:
        worst = self.worst_case(request)
        self._meter.reserve(key, worst, is_known=is_known)
        try:
            completion = self._recorder.complete(request)
        except BaseException as error:
            self._settle_failure(key, worst, error)
            raise
        usage = completion.usage
        self._meter.unpriced |= usage.cost_usd is None
        actual = _actual(usage, self._price(request.model))
        self._meter.settle(key, worst, actual, completion.latency_s)
        return completion

    def _settle_failure(self, key: str, worst: Spend, error: BaseException) -> None:
        failed = Spend(calls=1, failed=int(isinstance(error, CallError)))
        self._meter.settle(key, worst, failed, 0.0)
        if isinstance(error, CallError) and error.is_refusal:
            self._refusals[key] = copy(error)
        else:
            self._meter.forget(key)


def _each_max(one: Spend, other: Spend) -> Spend:
    return Spend(
        max(one.calls, other.calls),
        max(one.prompt_tokens, other.prompt_tokens),
        max(one.completion_tokens, other.completion_tokens),
        max(one.cost_usd, other.cost_usd),
    )


def _actual(usage: Usage, price: Price | None) -> Spend:
    """What a call took; by its price where it does not tell its cost, or a ceiling were none."""
    prompt, completion, cost = usage.prompt_tokens, usage.completion_tokens, usage.cost_usd
    if cost is None and price is not None:
        cost = price.of(prompt, completion)
    return Spend(1, prompt, completion, cost or 0.0)
