"""The mistakes of one prompt: in its template, its metrics and its cases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from landrace.digest import normalize_newlines
from landrace.errors import FormatError, LandraceError
from landrace.metrics import table as metrics
from landrace.optimizers.variants import write_variant
from landrace.program.check import NodeError, UnknownNameError
from landrace.schemas.candidate import Candidate
from landrace.strict_json import near_fix
from landrace.template import inputs_read, parse
from landrace.workflows.check_cases import read_cases
from landrace.workflows.findings import OK, Finding, error, exit_code, mistake, warning
from landrace.workflows.prompt_metric import metric_of, metric_part
from landrace.workflows.prompt_state import base_program
from landrace.workflows.rendering import check_rendering

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.metrics.base import Metric
    from landrace.schemas.case import Case
    from landrace.store.project import PromptSource


def check_prompt(source: PromptSource) -> Iterator[Finding]:
    """Everything that is wrong with a prompt whose ``prompt.yaml`` could be read."""
    metric, of_metric = _metric(source)
    cases, of_cases = read_cases(source, metric.check_expected if metric else None)
    found = [*_template_findings(source), *of_metric, *of_cases]
    yield from found
    if exit_code(found) == OK:
        yield from _rendering_findings(source, cases)


def _rendering_findings(source: PromptSource, cases: Sequence[Case]) -> Iterator[Finding]:
    """The first case that the template cannot show; where it fails with one, it may with all."""
    try:
        check_rendering(source, base_program(source), cases)
    except LandraceError as found:
        yield error(found, source.template_name)


def _template_findings(source: PromptSource) -> Iterator[Finding]:
    if source.config.program is not None:
        yield from _program_findings(source)
        return
    try:
        base = base_program(source).main
        read = inputs_read(parse(base.source, name=base.path))
    except LandraceError as found:
        yield error(found, source.template_name)
        return
    schema = source.config.inputs
    declared = set(schema["properties"])
    where = source.document.where(("inputs", "properties"))
    undeclared = set() if schema.get("additionalProperties") is True else read - declared
    for name in sorted(undeclared):
        yield mistake(
            _first_use(source, source.config.template, name),
            f"the template reads `{name}`, which is no input of the prompt",
            near_fix(name, declared) or f"declare it in {where}",
        )
    if base.parts is None:
        yield warning(
            source.template_name,
            "instruction and input cannot be told apart, so `auto` has nothing to vary",
            "put the instruction into a {% section task %}, and the inputs after it",
        )
    for name in sorted(declared - read):
        yield warning(
            source.document.where(("inputs", "properties", name)),
            f"the template never reads the input `{name}`",
            f"use it in {source.template_name}, or remove it here",
        )


def _program_findings(source: PromptSource) -> Iterator[Finding]:
    """What is wrong with a graph, its templates or its corpora, as far as the first mistake."""
    where = source.document.where(("program",))
    try:
        program = base_program(source)
        write_variant(program, Candidate())
    except NodeError as found:
        place = source.document.where(("program", "nodes", found.node))
        yield error(found, where)._replace(where=place)
        return
    except UnknownNameError as found:
        file = next(file for file in source.sources if source.path(file) == found.where)
        yield error(found, where)._replace(where=_first_use(source, file, found.name))
        return
    except LandraceError as found:
        yield error(found, where)
        return
    for node in program.nodes.values():
        if node.parts is None:
            yield warning(
                node.path,
                "instruction and input cannot be told apart, so no strategy can vary them",
                "put the instruction into a {% section task %}, and the inputs after it",
            )


def _first_use(source: PromptSource, file: str, name: str) -> str:
    """``file:line`` of the first tag with the name; the file alone if it stands in a partial."""
    template = parse(source.sources[file], name=source.path(file))
    word = re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w)")
    for piece in template.pieces:
        found = word.search(template.source, piece.start, piece.end)
        if found and piece.kind in {"output", "tag"}:
            before = normalize_newlines(template.source[piece.start : found.start()])
            return f"{template.name}:{piece.line + before.count(chr(10))}"
    return template.name


def _metric(source: PromptSource) -> tuple[Metric | None, list[Finding]]:
    """The prompt's metric, or None and what is wrong with each part of it."""
    found = []
    for index in range(len(source.config.metrics)):
        where = source.document.where(("metrics", index))
        try:
            part = metric_part(source, index)
        except FormatError as problem:
            found.append(error(problem, where))
            continue
        try:
            metrics.digest(part)
        except FormatError as problem:  # in a file of the metric's own, which it names
            found.append(error(problem, where))
        except LandraceError as problem:
            found.append(error(problem, where)._replace(where=where))
    return (None if found else metric_of(source)), found
