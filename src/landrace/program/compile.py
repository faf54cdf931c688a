"""From a graph and its templates to a program that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.program.check import check
from landrace.program.retrieval import Library
from landrace.program.run import Program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.program.graph import Graph
    from landrace.template import Compiled


def compile_program(
    graph: Graph,
    templates: Mapping[str, Compiled],
    *,
    inputs: Mapping[str, Any],
    library: Library | None = None,
    where: str = "program",
) -> Program:
    """The program of a graph, checked as a whole before any call.

    Args:
        graph: the nodes.
        templates: the compiled template of each node of ``graph.asking()``, by its name.
        inputs: the JSON Schema of the prompt's inputs.
        library: what its retrieve nodes search; share one among candidates, for its indexes.
        where: the file of the graph, for errors.

    Raises:
        ConfigError, TemplateError: like `check`, or a corpus is missing.
        FormatError: an item of a corpus lacks the text that is searched.
    """
    plan = check(graph, templates, inputs, where)
    searches = (library or Library({})).searches(graph, where)
    return Program(graph, plan, templates, searches)
