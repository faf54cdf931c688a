"""Turns the statements of Jinja's syntax tree into closures that write messages.

As with expressions, the table at the end is the whole language. A role is a statement of its
own that ends one message and makes another; text that is printed never passes through a parser
again, so no input can open a role.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jinja2 import nodes

from landrace.errors import RenderError
from landrace.template.expressions import check_name, compile_expression
from landrace.template.unit import FAILURES, Statement, Unit, failure, guarded
from landrace.template.values import show

if TYPE_CHECKING:
    from collections.abc import Callable

    from landrace.template.state import State
    from landrace.template.unit import Expression


def compile_tree(unit: Unit, tree: nodes.Template) -> Statement:
    """A function that runs the whole template and leaves its messages in the state.

    Raises:
        RefusedError: the template holds a statement that prompts have no use for.
        TemplateError: a filter or test does not exist, or an include was not resolved.
    """
    body = _body(unit, tree.body)

    def run(state: State) -> None:
        body(state)
        state.end_text()

    return run


def _body(unit: Unit, statements: list[nodes.Node]) -> Statement:
    parts = [
        part
        for index, statement in enumerate(statements)
        if not (_is_between_roles(statements, index) and _is_blank(statement))
        for part in _statement(unit, statement)
    ]
    if len(parts) == 1:
        return parts[0]

    def run(state: State) -> None:
        for part in parts:
            part(state)

    return run


def _is_between_roles(statements: list[nodes.Node], index: int) -> bool:
    around = statements[index - 1 : index] + statements[index + 1 : index + 2]
    return len(around) == 2 and all(
        isinstance(node, nodes.ScopedEvalContextModifier) for node in around
    )


def _is_blank(node: nodes.Node) -> bool:
    text = _static_text([node])
    return text is not None and not text.strip()


def _static_text(statements: list[nodes.Node]) -> str | None:
    """The text that statements print whatever the inputs are, or None."""
    texts = []
    for statement in statements:
        for part in statement.nodes if isinstance(statement, nodes.Output) else (statement,):
            if not isinstance(part, nodes.TemplateData):
                return None
            texts.append(part.data)
    return "".join(texts)


def _statement(unit: Unit, node: nodes.Node) -> list[Statement]:
    if isinstance(node, nodes.Output):
        return [_print(unit, part) for part in node.nodes]
    build = _STATEMENTS.get(type(node))
    if build is None:
        unit.refuse(node, f"a {type(node).__name__} statement")
    return [build(unit, node)]


def _print(unit: Unit, node: nodes.Node) -> Statement:
    if isinstance(node, nodes.TemplateData):
        text = node.data
        return lambda state: state.out.append(text)
    value, where = compile_expression(unit, node), unit.where(node)

    def run(state: State) -> None:
        printed = value(state)
        if type(printed) is not str:
            try:
                printed = show(state, printed)
            except FAILURES as error:
                raise failure(error, where) from error
        if printed:
            state.out.append(printed)

    return run


def _if(unit: Unit, node: nodes.If) -> Statement:
    before = unit.declared
    set_in: list[frozenset[str]] = []
    branches: list[tuple[Expression, Statement]] = []
    for branch in (node, *node.elif_):
        unit.declared = before
        branches.append((compile_expression(unit, branch.test), _body(unit, branch.body)))
        set_in.append(unit.declared)
    unit.declared = before
    otherwise = _body(unit, node.else_)
    unit.declared = unit.declared.intersection(*set_in)

    def run(state: State) -> None:
        for test, body in branches:
            if test(state):
                body(state)
                return
        otherwise(state)

    return run


def _target(unit: Unit, node: nodes.Node) -> Callable[[dict[str, Any], Any], None]:
    """How a value is bound to the name, or names, that an assignment gives."""
    if isinstance(node, nodes.Name):
        name = check_name(unit, node, node.name)
        if name == "loop":
            unit.reject(node, "`loop` is set by the loop itself")
        unit.declared |= {name}
        return lambda scope, value: scope.__setitem__(name, value)
    if not isinstance(node, nodes.Tuple):
        unit.refuse(node, f"a {type(node).__name__} as the target of an assignment")
    targets = [_target(unit, item) for item in node.items]
    where = unit.where(node)

    def bind(scope: dict[str, Any], value: Any) -> None:
        if not isinstance(value, list) or len(value) != len(targets):
            raise RenderError(f"{len(targets)} names need a list of as many values", where=where)
        for target, item in zip(targets, value, strict=True):
            target(scope, item)

    return bind


def _assign(unit: Unit, node: nodes.Assign) -> Statement:
    value = compile_expression(unit, node.node)
    bind = _target(unit, node.target)
    return lambda state: bind(state.scope, value(state))


def _assign_block(unit: Unit, node: nodes.AssignBlock) -> Statement:
    if node.filter is not None:
        unit.refuse(node, "a filter over a block")
    before = unit.declared
    body = _body(unit, node.body)
    unit.declared = before
    bind = _target(unit, node.target)

    def run(state: State) -> None:
        outer = state.scope
        state.scope = dict(outer)
        text = state.capture(body)
        state.scope = outer
        bind(outer, text)

    return run


def _loop_value(items: list[Any], index: int) -> dict[str, Any]:
    """What ``loop`` is. At the ends ``previtem`` and ``nextitem`` are undefined, as in Jinja."""
    loop = {
        "index": index + 1,
        "index0": index,
        "revindex": len(items) - index,
        "revindex0": len(items) - index - 1,
        "first": index == 0,
        "last": index == len(items) - 1,
        "length": len(items),
    }
    if index:
        loop["previtem"] = items[index - 1]
    if index + 1 < len(items):
        loop["nextitem"] = items[index + 1]
    return loop


def _items(
    unit: Unit, node: nodes.For
) -> tuple[Callable[[dict[str, Any], Any], None], Callable[[State], list[Any]]]:
    """How an item is bound, and what gives the items that pass the loop's own ``if``."""
    iterable = compile_expression(unit, node.iter)
    bind = _target(unit, node.target)
    test = compile_expression(unit, node.test) if node.test else None

    def run(state: State) -> list[Any]:
        found = iterable(state)
        if not isinstance(found, (str, list, dict)):
            raise TypeError(f"a loop needs a list, and this is a {type(found).__name__}")
        state.charge(len(found))
        items = list(found)
        if test is None:
            return items
        outer, kept = state.scope, []
        for item in items:
            state.step()
            state.scope = dict(outer)
            bind(state.scope, item)
            if test(state):
                kept.append(item)
        state.scope = outer
        return kept

    return bind, run


def _for(unit: Unit, node: nodes.For) -> Statement:
    if node.recursive:
        unit.refuse(node, "a recursive loop")
    before = unit.declared
    bind, items_of = _items(unit, node)
    unit.declared |= {"loop"}
    body = _body(unit, node.body)
    unit.declared = before
    otherwise = _body(unit, node.else_)
    unit.declared = before
    reads_loop = any(name.name == "loop" for name in node.find_all(nodes.Name))

    def iterate(state: State) -> None:
        outer = state.scope
        items = items_of(state)
        for index, item in enumerate(items):
            state.step()
            state.scope = dict(outer)
            bind(state.scope, item)
            if reads_loop:
                state.scope["loop"] = _loop_value(items, index)
            body(state)
            state.count_output()
        state.scope = outer
        if not items:
            state.scope = dict(outer)
            otherwise(state)
            state.scope = outer

    return guarded(iterate, unit.where(node))


def _role(unit: Unit, node: nodes.ScopedEvalContextModifier) -> Statement:
    role = node.options[0].value.as_const()
    text = _static_text(node.body)
    if text is not None:
        content = text.strip()

        def say(state: State) -> None:
            state.end_text()
            state.add_size(len(content))
            state.add_message(role, content)

        return say
    body = _body(unit, node.body)

    def run(state: State) -> None:
        state.end_text()
        body(state)
        state.add_message(role, state.take_output().strip())

    return run


def _include(unit: Unit, node: nodes.Include) -> Statement:
    unit.reject(
        node,
        "an include was not resolved",
        'Write it as `{% include "_name.jinja" %}`, beside the prompt or in prompts/_shared.',
    )


_STATEMENTS: Final[dict[type[nodes.Node], Callable[[Unit, Any], Statement]]] = {
    nodes.If: _if,
    nodes.For: _for,
    nodes.Assign: _assign,
    nodes.AssignBlock: _assign_block,
    nodes.ScopedEvalContextModifier: _role,
    nodes.Include: _include,
}
