"""Turns the expressions of Jinja's syntax tree into closures over JSON values.

The table at the end is the whole language: an expression without an entry cannot run. There is
no call, no attribute of a Python object and no code generation, hence nothing to escape from.
What is left to bound is size and time, which `landrace.template.state` does.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from jinja2 import nodes
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.tests import TESTS as JINJA_TESTS

from landrace.template.filters import FILTERS, MISSING, TESTS, items_of
from landrace.template.operators import ARITHMETIC, COMPARISONS
from landrace.template.signature import misfit
from landrace.template.unit import Expression, UndefinedError, Unit, guarded
from landrace.template.values import check_number, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from landrace.template.state import State


def compile_expression(unit: Unit, node: nodes.Node) -> Expression:
    """A function of the rendering's state that gives the expression's value.

    Raises:
        RefusedError: the expression reaches for more than values, operators and filters.
        TemplateError: it names a filter or test that does not exist.
    """
    build = _EXPRESSIONS.get(type(node))
    if build is None:
        unit.refuse(node, f"a {type(node).__name__} expression", _ADVICE.get(type(node)))
    return build(unit, node)


def check_name(unit: Unit, node: nodes.Node, name: str) -> str:
    if name.startswith("_"):
        unit.refuse(node, f"the name `{name}`", "Use a name without a leading underscore.")
    return name


def _name(unit: Unit, node: nodes.Name) -> Expression:
    name = check_name(unit, node, node.name)
    if name not in unit.declared:
        unit.inputs.add(name)
    where, key = unit.where(node), id(node)

    def run(state: State) -> Any:
        try:
            return state.scope[name]
        except KeyError:
            raise UndefinedError(f"`{name}`", where, key) from None

    return run


def _const(unit: Unit, node: nodes.Const) -> Expression:
    value = node.value
    if isinstance(value, (int, float)):
        try:
            check_number(value)
        except ValueError as error:
            unit.refuse(node, f"a number like this ({error})")
    return lambda _state: value


def _all(unit: Unit, parts: Iterable[nodes.Node]) -> list[Expression]:
    return [compile_expression(unit, part) for part in parts]


def _list(unit: Unit, node: nodes.List | nodes.Tuple) -> Expression:
    parts = _all(unit, node.items)
    return lambda state: [part(state) for part in parts]


def _dict(unit: Unit, node: nodes.Dict) -> Expression:
    pairs = [
        (compile_expression(unit, pair.key), compile_expression(unit, pair.value))
        for pair in node.items
    ]

    def run(state: State) -> dict[str, Any]:
        made = {key(state): value(state) for key, value in pairs}
        if not all(isinstance(key, str) for key in made):
            raise TypeError("the keys of a dict must be text")
        return made

    return guarded(run, unit.where(node))


def _described(node: nodes.Node) -> str:
    """The lookup as its author wrote it, as far as it is plain."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_described(node.node)}.{node.attr}"
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return f"{_described(node.node)}[{node.arg.value!r}]"
    return "…"


def _lookup(
    unit: Unit, node: nodes.Getattr | nodes.Getitem, key: Expression | None, attribute: str
) -> Expression:
    value = compile_expression(unit, node.node)
    what, where, identity = f"`{_described(node)}`", unit.where(node), id(node)

    def run(state: State) -> Any:
        found = value(state)
        wanted = key(state) if key else attribute
        try:
            if isinstance(found, dict):
                return found[wanted]
            if isinstance(wanted, int) and isinstance(found, (str, list)):
                return found[wanted]
        except (LookupError, TypeError):
            pass
        raise UndefinedError(what, where, identity)

    return run


def _getattr(unit: Unit, node: nodes.Getattr) -> Expression:
    return _lookup(unit, node, None, check_name(unit, node, node.attr))


def _getitem(unit: Unit, node: nodes.Getitem) -> Expression:
    if isinstance(node.arg, nodes.Slice):
        return _slice(unit, node, node.arg)
    if isinstance(node.arg, nodes.Const) and str(node.arg.value).startswith("__"):
        unit.refuse(node, f"the key `{node.arg.value}`")
    return _lookup(unit, node, compile_expression(unit, node.arg), "")


def _slice(unit: Unit, node: nodes.Getitem, part: nodes.Slice) -> Expression:
    value = compile_expression(unit, node.node)
    bounds = [
        compile_expression(unit, bound) if bound else None
        for bound in (part.start, part.stop, part.step)
    ]

    def run(state: State) -> Any:
        found = value(state)
        if not isinstance(found, (str, list)):
            raise TypeError("only text and lists can be sliced")
        state.charge(len(found))
        return found[slice(*(bound(state) if bound else None for bound in bounds))]

    return guarded(run, unit.where(node))


def _binary(unit: Unit, node: nodes.BinExpr) -> Expression:
    left, right = _all(unit, (node.left, node.right))
    apply = ARITHMETIC[type(node).__name__]
    return guarded(lambda state: apply(state, left(state), right(state)), unit.where(node))


def _negative(unit: Unit, node: nodes.UnaryExpr) -> Expression:
    value = compile_expression(unit, node.node)
    sign = -1 if isinstance(node, nodes.Neg) else 1
    apply = ARITHMETIC["Mul"]

    def run(state: State) -> Any:
        number = value(state)
        if not isinstance(number, (int, float)):
            raise TypeError("a sign needs a number")
        return apply(state, sign, number)

    return guarded(run, unit.where(node))


def _and(unit: Unit, node: nodes.And) -> Expression:
    left, right = _all(unit, (node.left, node.right))
    return lambda state: left(state) and right(state)


def _or(unit: Unit, node: nodes.Or) -> Expression:
    left, right = _all(unit, (node.left, node.right))
    return lambda state: left(state) or right(state)


def _not(unit: Unit, node: nodes.Not) -> Expression:
    value = compile_expression(unit, node.node)
    return lambda state: not value(state)


def _compare(unit: Unit, node: nodes.Compare) -> Expression:
    first = compile_expression(unit, node.expr)
    rest = [(COMPARISONS[part.op], compile_expression(unit, part.expr)) for part in node.ops]

    def run(state: State) -> bool:
        left = first(state)
        for holds, expression in rest:
            right = expression(state)
            if not holds(state, left, right):
                return False
            left = right
        return True

    return guarded(run, unit.where(node))


def _concat(unit: Unit, node: nodes.Concat) -> Expression:
    parts = _all(unit, node.nodes)

    def run(state: State) -> str:
        texts = [show(state, part(state)) for part in parts]
        state.charge(sum(map(len, texts)))
        return "".join(texts)

    return guarded(run, unit.where(node))


def _conditional(unit: Unit, node: nodes.CondExpr) -> Expression:
    test = compile_expression(unit, node.test)
    yes = compile_expression(unit, node.expr1)
    no = compile_expression(unit, node.expr2) if node.expr2 else None
    where, identity = unit.where(node), id(node)

    def run(state: State) -> Any:
        if test(state):
            return yes(state)
        if no is None:
            raise UndefinedError("an `if` without its `else`", where, identity)
        return no(state)

    return run


def _may_miss(unit: Unit, node: nodes.Node) -> Expression:
    """The expression, or MISSING where its outermost lookup finds nothing."""
    run = compile_expression(unit, node)
    outermost = {id(each) for each in _outermost(node)}

    def soft(state: State) -> Any:
        try:
            return run(state)
        except UndefinedError as error:
            if error.node in outermost:
                return MISSING
            raise

    return soft


def _outermost(node: nodes.Node) -> list[nodes.Node]:
    if isinstance(node, nodes.CondExpr):
        branches = [node.expr1, node.expr2] if node.expr2 else [node.expr1]
        return [node, *(each for branch in branches for each in _outermost(branch))]
    return [node]


def _arguments(
    unit: Unit, node: nodes.Filter | nodes.Test, apply: Callable[..., Any]
) -> Callable[[State], Any]:
    """A function that evaluates the arguments as written, which fit the filter or test."""
    if node.dyn_args or node.dyn_kwargs:
        unit.refuse(node, "a `*` or `**` argument")
    args = _all(unit, node.args)
    keywords: Any = node.kwargs  # Keyword nodes, though Jinja annotates pairs
    kwargs = {each.key: compile_expression(unit, each.value) for each in keywords}
    wrong = misfit(apply, len(args), kwargs)
    if wrong:
        problem, fix = wrong
        kind = type(node).__name__.lower()
        unit.reject(node, f"the arguments of the {kind} `{node.name}`: {problem}", fix)

    def bind(state: State) -> tuple[list[Any], dict[str, Any]]:
        return [arg(state) for arg in args], {key: arg(state) for key, arg in kwargs.items()}

    return bind


def _known(
    unit: Unit,
    node: nodes.Filter | nodes.Test,
    table: Mapping[str, Callable[..., Any]],
    of_jinja: Iterable[str],
) -> Callable[..., Any]:
    kind = type(node).__name__.lower()
    found = table.get(node.name)
    if found is not None:
        return found
    nearest = get_close_matches(node.name, table, n=1)
    fix = f"Did you mean `{nearest[0]}`?" if nearest else f"Use one of: {', '.join(sorted(table))}."
    if node.name in of_jinja:
        unit.refuse(node, f"the {kind} `{node.name}`", fix)
    return unit.reject(node, f"there is no {kind} `{node.name}`", fix)


def _filter(unit: Unit, node: nodes.Filter) -> Expression:
    if node.node is None:
        unit.refuse(node, "a filter over a block")
    if node.name in _DEFAULT:
        return _default(unit, node, node.node)
    value = compile_expression(unit, node.node)
    if node.name == "map" and node.args:
        apply, bind = _map_by_name(unit, node)
    else:
        apply, bind = _applied(unit, node, id(node))

    def run(state: State) -> Any:
        given = value(state)
        args, kwargs = bind(state)
        return apply(state, given, *args, **kwargs)

    return guarded(run, unit.where(node))


def _applied(
    unit: Unit, node: nodes.Filter, identity: int
) -> tuple[Callable[..., Any], Callable[[State], Any]]:
    """The filter, with what it reads and gives counted and checked, and its arguments."""
    apply = _choose if node.name in _DEFAULT else _known(unit, node, FILTERS, JINJA_FILTERS)
    name, where = node.name, unit.where(node)

    def run(state: State, given: Any, *args: Any, **kwargs: Any) -> Any:
        state.weigh(given)
        result = apply(state, given, *args, **kwargs)
        if result is MISSING:
            raise UndefinedError(f"`{name}` of an empty list", where, identity)
        if isinstance(result, (int, float)):
            check_number(result)
        else:
            state.weigh(result)
        return result

    return run, _arguments(unit, node, apply)


def _map_by_name(
    unit: Unit, node: nodes.Filter
) -> tuple[Callable[..., Any], Callable[[State], Any]]:
    """A filter applied to each item, as in `map('upper')`; its arguments are evaluated once."""
    first, *args = node.args
    if not isinstance(first, nodes.Const) or not isinstance(first.value, str):
        fix = "Write `map('upper')` or `map(attribute='name')`."
        unit.reject(node, "`map` needs the name of a filter, in quotes", fix)
    # Not the map's own node: a `default` after the map does not stand in for one of its items.
    each = nodes.Filter(
        None, first.value, args, node.kwargs, node.dyn_args, node.dyn_kwargs, lineno=node.lineno
    )
    apply, bind = _applied(unit, each, id(first))

    def run(state: State, given: Any, *args: Any, **kwargs: Any) -> list[Any]:
        state.weigh(given)
        return [apply(state, item, *args, **kwargs) for item in items_of(given)]

    return run, bind


def _choose(_state: State, given: Any, default_value: Any = "", boolean: Any = False) -> Any:  # noqa: FBT002 - Jinja's own order of arguments
    return default_value if given is MISSING or (boolean and not given) else given


def _default(unit: Unit, node: nodes.Filter, operand: nodes.Node) -> Expression:
    value, bind = _may_miss(unit, operand), _arguments(unit, node, _choose)

    def run(state: State) -> Any:
        args, kwargs = bind(state)
        return _choose(state, value(state), *args, **kwargs)

    return guarded(run, unit.where(node))


def _test(unit: Unit, node: nodes.Test) -> Expression:
    if node.name in {"defined", "undefined"}:
        _arguments(unit, node, lambda _state, _value: None)
        found = _may_miss(unit, node.node)
        wanted = node.name == "undefined"
        return lambda state: (found(state) is MISSING) is wanted
    apply = _known(unit, node, TESTS, JINJA_TESTS)
    value, bind = compile_expression(unit, node.node), _arguments(unit, node, apply)

    def run(state: State) -> bool:
        given = value(state)
        args, kwargs = bind(state)
        return bool(apply(state, given, *args, **kwargs))

    return guarded(run, unit.where(node))


_DEFAULT: Final = frozenset({"default", "d"})

_ADVICE: Final[dict[type[nodes.Node], str]] = {
    nodes.Call: "Use a filter, such as `x | upper` or `d | items`; nothing can be called.",
    nodes.Pow: "Use `*`.",
}

_EXPRESSIONS: Final[dict[type[nodes.Node], Callable[[Unit, Any], Expression]]] = {
    nodes.Name: _name,
    nodes.Const: _const,
    nodes.List: _list,
    nodes.Tuple: _list,
    nodes.Dict: _dict,
    nodes.Getattr: _getattr,
    nodes.Getitem: _getitem,
    nodes.Add: _binary,
    nodes.Sub: _binary,
    nodes.Mul: _binary,
    nodes.Div: _binary,
    nodes.FloorDiv: _binary,
    nodes.Mod: _binary,
    nodes.Neg: _negative,
    nodes.Pos: _negative,
    nodes.And: _and,
    nodes.Or: _or,
    nodes.Not: _not,
    nodes.Compare: _compare,
    nodes.Concat: _concat,
    nodes.CondExpr: _conditional,
    nodes.Filter: _filter,
    nodes.Test: _test,
}
