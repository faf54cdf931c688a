"""Bad weather on order: what happens to the next requests of an operation."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from forge.serving import DROPPED, Response, json_response

if TYPE_CHECKING:
    from collections.abc import Callable

    Proceed: TypeAlias = Callable[[], Response]
    Spell: TypeAlias = Callable[[Proceed], Response]


class Weather:
    """Spells by operation, each used once, in the order in which they were ordered."""

    def __init__(self) -> None:
        self._ordered: dict[str, list[Spell]] = defaultdict(list)

    def order(self, operation: str, *spells: Spell) -> None:
        self._ordered[operation] += spells

    def pass_through(self, operation: str, proceed: Proceed) -> Response:
        """The answer, whatever the weather makes of it."""
        spells = self._ordered[operation]
        return spells.pop(0)(proceed) if spells else proceed()

    @property
    def is_over(self) -> bool:
        """Whether every spell has come true: a test that ordered more proves less than it says."""
        return not any(self._ordered.values())


def answer(status: int, message: str = "no", **headers: object) -> Spell:
    """Answer with an error instead; ``retry_after=7`` is a header."""
    return lambda _: json_response(status, {"message": message}, **headers)


def page(status: int, html: str = "<html>Unicorn!</html>") -> Spell:
    """Answer with a page instead, as a proxy does."""
    return lambda _: Response(status, html.encode(), (("content-type", "text/html"),))


def graphql_error(message: str, kind: str | None = None) -> Spell:
    """Answer with an error of GraphQL, which has the status 200."""
    error = {"message": message} | ({"type": kind} if kind else {})
    return lambda _: json_response(200, {"data": None, "errors": [error]})


def dropped(_: Proceed) -> Response:
    """Close the connection, and do nothing."""
    return DROPPED


def lost(proceed: Proceed) -> Response:
    """Do it, and close the connection without an answer."""
    proceed()
    return DROPPED


def bad_gateway(proceed: Proceed) -> Response:
    """Do it, and say that it failed."""
    proceed()
    return answer(502, "Bad gateway")(proceed)


def after(action: Callable[[], object], then: Spell | None = None) -> Spell:
    """Let something happen first."""

    def spell(proceed: Proceed) -> Response:
        action()
        return then(proceed) if then else proceed()

    return spell
