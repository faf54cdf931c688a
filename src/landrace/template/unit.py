"""What the compiler knows while it turns one syntax tree into closures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from landrace.errors import RefusedError, RenderError, TemplateError
from landrace.template.state import State

if TYPE_CHECKING:
    from jinja2 import nodes

Statement: TypeAlias = Callable[[State], None]
Expression: TypeAlias = Callable[[State], Any]

# What JSON values make an operator or a filter raise.
FAILURES = (TypeError, ValueError, ArithmeticError, LookupError, RecursionError)


class UndefinedError(RenderError):
    """A name, key or item is not there; ``node`` tells which lookup of the template missed."""

    def __init__(self, what: str, where: str, node: int) -> None:
        super().__init__(
            f"{what} is undefined",
            where=where,
            fix="Pass it as an input, or say `| default(…)` where it may be missing.",
        )
        self.node = node


class Unit:
    """One template being compiled.

    ``declared`` holds the names that are surely set at this point of the template, ``inputs``
    those read where they were not.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.declared: frozenset[str] = frozenset()
        self.inputs: set[str] = set()

    def where(self, node: nodes.Node) -> str:
        return f"{self.name}:{node.lineno}"

    def refuse(self, node: nodes.Node, what: str, fix: str | None = None) -> NoReturn:
        raise RefusedError(f"{what} may not be used in a template", where=self.where(node), fix=fix)

    def reject(self, node: nodes.Node, problem: str, fix: str | None = None) -> NoReturn:
        raise TemplateError(problem, where=self.where(node), fix=fix)


def guarded(run: Expression, where: str) -> Expression:
    """What runs an expression or a statement, with Python's errors told as the template's."""

    def guarded_run(state: State) -> Any:
        try:
            return run(state)
        except FAILURES as error:
            raise failure(error, where) from error

    return guarded_run


def failure(error: Exception, where: str) -> RenderError:
    """The error for the reader of a template, out of what Python said."""
    if isinstance(error, RecursionError):
        return RenderError("a value is nested too deeply", where=where)
    if isinstance(error, KeyError):
        return RenderError(f"there is no key {error}", where=where)
    return RenderError(str(error).rstrip(".") or type(error).__name__, where=where)
