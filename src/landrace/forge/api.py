"""A forge's JSON over HTTP: time-outs, bounded retries, pages, and errors that can be acted on.

Nothing is followed that an answer says: no redirect, no link. A token goes to the one address
that the environment names.
"""

from __future__ import annotations

import dataclasses
import random
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from json import JSONDecodeError
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import httpx

from landrace.errors import ConfigError, OutageError
from landrace.forge import failures
from landrace.forge.base import LostAnswerError
from landrace.forge.plain import one_line
from landrace.forge.waiting import wished_wait
from landrace.strict_json import At, a_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Self

# An answer may take long; a forge that accepts no connection in 10 s is down.
_TIMEOUT = httpx.Timeout(60, connect=10)
_PER_PAGE = 100
# GitHub takes no comment beyond the 2,500th.
_MOST_PAGES = 30

# The request did not reach the forge.
_UNHEARD = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class Call:
    """One request.

    Args:
        method: the HTTP method.
        url: the whole address, its parts percent-encoded.
        doing: the purpose in words that follow "could not".
        needs: the right that the token must have, for the error if it lacks it.
        query: parameters of the address.
        body: is sent as JSON.
        repeatable: whether doing it twice does the same as doing it once.
        check: raises if an answer with a good status tells of a failure.
    """

    method: str
    url: str
    doing: str
    needs: str
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    repeatable: bool = True
    check: Callable[[Call, Answer], None] | None = None

    @property
    def where(self) -> str:
        return f"{self.method} {self.url}"


class Answer(NamedTuple):
    """A good answer; ``body`` is its JSON, None where it has none."""

    status: int
    headers: Mapping[str, str]
    body: object


class PassingError(Exception):
    """A try failed for a reason that time may heal.

    ``perhaps_done`` if the forge may have carried the request out nevertheless; ``wait`` is
    the forge's own wish in seconds.
    """

    def __init__(self, problem: str, *, perhaps_done: bool, wait: float | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.perhaps_done = perhaps_done
        self.wait = wait


class Api:
    """Sends calls with one token, inside a ``with``.

    Args:
        forge: its name, for messages.
        token: goes into the Authorization header, and nowhere else.
        headers: are sent with every call.
        attempts: tries of one call, the first included.
        base_s: upper bound of the first pause in seconds; it doubles from try to try.
        cap_s: longest pause in seconds. A forge that wants a longer one is given up.
        sleep: waits that many seconds.
        now: seconds since 1970.
        rng: spreads the pauses; no result depends on it.
    """

    def __init__(
        self,
        forge: str,
        token: str,
        *,
        headers: Mapping[str, str] | None = None,
        attempts: int = 5,
        base_s: float = 1.0,
        cap_s: float = 120.0,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
        rng: random.Random | None = None,
    ) -> None:
        _check_token(forge, token)
        self._forge = forge
        self._token = token
        self._attempts = attempts
        self._base_s = base_s
        self._cap_s = cap_s
        self._sleep = sleep
        self._now = now
        self._rng = rng or random.Random()  # noqa: S311 - spreads pauses, guards nothing
        self._client = httpx.Client(
            timeout=_TIMEOUT,
            follow_redirects=False,
            headers={
                "User-Agent": "landrace",
                **(headers or {}),
                "Authorization": f"Bearer {token}",
            },
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def clean(self, text: str) -> str:
        """Words of the forge for a message: on one line, without the token or another secret."""
        return one_line(text, secret=self._token)

    def send(self, call: Call) -> Answer:
        """The answer to a call, after as many tries as it takes and as are allowed.

        Raises:
            ConfigError: the token, its rights, or what was asked for need a change.
            RefusedError: a rule of the repository forbids it.
            LostAnswerError: no answer to a call that must not be repeated blindly.
            OutageError: the forge fails, or wants a longer pause than ``cap_s``.
        """
        for attempt in range(1, self._attempts + 1):
            try:
                return self._try(call)
            except PassingError as error:
                problem = f"could not {call.doing}: {error.problem}"
                if error.perhaps_done and not call.repeatable:
                    raise LostAnswerError(
                        f"{problem}; it may have been done or not",
                        where=call.where,
                        fix="look at the forge, then run the job again",
                    ) from None
                if attempt == self._attempts or (error.wait or 0) > self._cap_s:
                    self._give_up(call, problem, error.wait, attempt)
                self.pause(attempt, error.wait)
        raise AssertionError("at least one attempt is made")

    def pages(self, call: Call) -> Iterator[object]:
        """The members of a list that comes in pages.

        Raises:
            ConfigError: it is longer than any honest list; and what `send` raises.
        """
        for page in range(1, _MOST_PAGES + 1):
            query = {**call.query, "per_page": _PER_PAGE, "page": page}
            answer = self.send(dataclasses.replace(call, query=query))
            yield from a_list(answer.body, At(f"the answer to {call.where}"))
            # GitHub says so in Link, GitLab in both.
            if 'rel="next"' not in answer.headers.get("link", ""):
                return
        raise ConfigError(
            f"could not {call.doing}: there are more than {_MOST_PAGES * _PER_PAGE:,}",
            where=call.where,
        )

    def pause(self, attempt: int, wait: float | None = None) -> None:
        """Wait before the next try: as long as the forge wishes, else longer from try to try."""
        if wait is not None:
            # A little more, lest all jobs come back at the same moment.
            self._sleep(wait + self._rng.uniform(0, self._base_s))
        else:
            most = min(self._cap_s, self._base_s * 2.0 ** (attempt - 1))
            self._sleep(self._rng.uniform(0, most))

    def _try(self, call: Call) -> Answer:
        try:
            response = self._client.request(
                call.method, call.url, params=dict(call.query) or None, json=call.body
            )
        except httpx.RequestError as error:
            reason = self.clean(str(error)) or type(error).__name__
            # The cause is left out: a traceback of httpx may show headers.
            raise PassingError(
                f"{self._forge} cannot be reached ({reason})",
                perhaps_done=not isinstance(error, _UNHEARD),
            ) from None
        self._raise_for(call, response)
        answer = Answer(response.status_code, response.headers, self._json(response))
        if call.check:
            call.check(call, answer)
        return answer

    def _raise_for(self, call: Call, response: httpx.Response) -> None:
        """Return if the status is a good one."""
        if response.is_success:
            return
        status, words = response.status_code, self.clean(failures.words_of(response.content))
        wait = wished_wait(status, response.headers, words, self._now())
        if wait is not None or status == HTTPStatus.TOO_MANY_REQUESTS:
            problem = f"{self._forge} limits the rate ({status}{_after(words)})"
            raise PassingError(problem, perhaps_done=False, wait=wait)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            problem = f"{self._forge} failed ({status}{_after(words)})"
            raise PassingError(problem, perhaps_done=True)
        named = response.headers.get("x-accepted-github-permissions")
        needs = self.clean(named) if named else call.needs
        raise failures.refusal(self._forge, call, status, words, needs)

    def _json(self, response: httpx.Response) -> object:
        if not response.content:
            return None
        try:
            found: object = response.json()
        except (JSONDecodeError, UnicodeDecodeError, RecursionError):
            problem = f"what answered is not {self._forge}, but perhaps a proxy: it sent no JSON"
            raise PassingError(problem, perhaps_done=True) from None
        return found

    def _give_up(self, call: Call, problem: str, wait: float | None, attempts: int) -> NoReturn:
        tries = "after 1 try" if attempts == 1 else f"after {attempts} tries"
        later = f"in {wait / 60:.0f} minutes" if wait and wait > self._cap_s else "later"
        raise OutageError(
            f"{problem} (given up {tries})", where=call.where, fix=f"run the job again {later}"
        ) from None


def _after(words: str) -> str:
    return f": {words}" if words else ""


def _check_token(forge: str, token: str) -> None:
    # A client would show a header that it cannot send, and with it the token.
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError(
            f"the token for {forge} is {'not set' if not token else 'not one word of ASCII'}",
            fix="give the job a token in its environment",
        )
