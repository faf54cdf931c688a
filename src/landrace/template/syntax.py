"""Jinja's grammar with the role and section tags, as Jinja's own syntax tree.

Jinja parses; it never runs anything here. `landrace.template.statements` makes what runs.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.ext import Extension

from landrace.errors import RefusedError, TemplateError
from landrace.template.layout import without_tag_lines
from landrace.template.parser import MAX_SOURCE, OWN_TAGS, parse

if TYPE_CHECKING:
    from jinja2.parser import Parser

MAX_NODES = 5_000
MAX_DEPTH = 100
MAX_LOOPS = 3


class OwnTags(Extension):
    """``{% section x %}`` is transparent; a role is a node that carries its name as an option."""

    tags = set(OWN_TAGS)  # noqa: RUF012 - Jinja declares it on the instance

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        tag = next(parser.stream)
        if tag.value == "section":
            next(parser.stream)
        body = parser.parse_statements((f"name:end{tag.value}",), drop_needle=True)
        if tag.value == "section":
            return body
        role = nodes.Keyword("role", nodes.Const(tag.value, lineno=tag.lineno), lineno=tag.lineno)
        return nodes.ScopedEvalContextModifier([role], body, lineno=tag.lineno)


def syntax_tree(source: str, name: str) -> nodes.Template:
    """The tree of a template whose lines of nothing but tags print nothing.

    Raises:
        TemplateError: the source is no Jinja, or its tags do not match.
        RefusedError: it is larger or deeper nested than any prompt needs.
    """
    if len(source) > MAX_SOURCE:
        raise RefusedError(f"the template has more than {MAX_SOURCE:,} characters", where=name)
    template = parse(source.removeprefix("\ufeff"), name=name)
    try:
        tree = _environment().parse(without_tag_lines(template))
    except TemplateSyntaxError as error:
        problem = (error.message or "this is no Jinja").rstrip(".")
        raise TemplateError(problem, where=f"{name}:{error.lineno}") from None
    except ValueError as error:
        raise TemplateError(f"a number cannot be read: {error}", where=name) from None
    _check_size(tree, name)
    return tree


def _check_size(tree: nodes.Template, name: str) -> None:
    count = 0
    waiting: list[tuple[nodes.Node, int, int]] = [(tree, 0, 0)]
    while waiting:
        node, depth, loops = waiting.pop()
        count += 1
        depth += 1
        loops += isinstance(node, nodes.For)
        for size, most, what in (
            (count, MAX_NODES, "syntax nodes in all"),
            (depth, MAX_DEPTH, "levels of nesting"),
            (loops, MAX_LOOPS, "loops inside one another"),
        ):
            if size > most:
                raise RefusedError(
                    f"the template has more than {most:,} {what}", where=f"{name}:{node.lineno}"
                )
        waiting.extend((child, depth, loops) for child in node.iter_child_nodes())


@cache
def _environment() -> Environment:
    # Nothing is rendered with it, so there is nothing to escape; models read plain text.
    return Environment(keep_trailing_newline=True, autoescape=False, extensions=[OwnTags])  # noqa: S701
