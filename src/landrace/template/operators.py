"""The operators and comparisons of templates, each bounded before it builds anything."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Final

from landrace.template.values import check_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from landrace.template.state import State

    Operation = Callable[[State, Any, Any], Any]


def _arithmetic(python: Callable[[Any, Any], Any], symbol: str) -> Operation:
    def apply(_state: State, left: Any, right: Any) -> Any:
        if not isinstance(left, (int, float)) or not isinstance(right, (int, float)):
            raise TypeError(f"`{symbol}` needs two numbers")
        result = python(left, right)
        check_number(result)
        return result

    return apply


def _add(state: State, left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        state.charge(len(left) + len(right))
        return left + right
    if isinstance(left, list) and isinstance(right, list):
        state.charge(len(left) + len(right))
        return left + right
    return _add_numbers(state, left, right)


def _multiply(state: State, left: Any, right: Any) -> Any:
    if isinstance(right, str):
        left, right = right, left
    if isinstance(left, str) and isinstance(right, int):
        state.charge(len(left) * max(right, 0))
        return left * right
    return _multiply_numbers(state, left, right)


def _comparison(python: Callable[[Any, Any], bool]) -> Operation:
    def apply(state: State, left: Any, right: Any) -> bool:
        state.weigh(left)
        state.weigh(right)
        return python(left, right)

    return apply


def _contained(state: State, left: Any, right: Any) -> bool:
    state.weigh(left)
    state.weigh(right)
    return left in right


_add_numbers = _arithmetic(operator.add, "+")
_multiply_numbers = _arithmetic(operator.mul, "*")

# By the names of Jinja's nodes.
ARITHMETIC: Final[dict[str, Operation]] = {
    "Add": _add,
    "Sub": _arithmetic(operator.sub, "-"),
    "Mul": _multiply,
    "Div": _arithmetic(operator.truediv, "/"),
    "FloorDiv": _arithmetic(operator.floordiv, "//"),
    "Mod": _arithmetic(operator.mod, "%"),
}

# By the names of Jinja's operands.
COMPARISONS: Final[dict[str, Operation]] = {
    "eq": _comparison(operator.eq),
    "ne": _comparison(operator.ne),
    "lt": _comparison(operator.lt),
    "lteq": _comparison(operator.le),
    "gt": _comparison(operator.gt),
    "gteq": _comparison(operator.ge),
    "in": _contained,
    "notin": lambda state, left, right: not _contained(state, left, right),
}
