"""The calls of one node in one run: what to ask, and what the answers are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.errors import InputTypeError, RenderError
from landrace.parsers import ParseFailure, parse
from landrace.program.batch import numbered, read_batch
from landrace.program.nodes import Asking, Batch, ForEach, Generate
from landrace.program.trace import Step
from landrace.strict_json import kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from landrace.template import Compiled


class Call(NamedTuple):
    """One call; without ``messages`` there is none to make, and ``failure`` says why.

    ``size`` is the number of items that it asks about.
    """

    name: str
    node: Asking
    inputs: dict[str, Any]
    messages: list[dict[str, str]] | None
    size: int
    failure: str | None


def prepare(
    name: str, node: Asking, template: Compiled, values: Mapping[str, Any], *, trusted: bool
) -> list[Call]:
    """The calls of a node.

    ``trusted`` says that no value which the template reads comes from a node: then it is the
    prompt's own mistake if it does not render.

    Raises:
        ParseFailure: what should be a list is none.
        RenderError, InputTypeError: a trusted template does not render.
    """
    scope = {each: values[each] for each in sorted(template.inputs) if each in values}
    found = []
    for own, count in _portions(node, values):
        inputs = scope | own
        messages, failure = None, None
        try:
            messages = template.render(inputs)
        except (RenderError, InputTypeError) as error:
            if trusted:
                raise
            failure = f"its template does not render: {error.problem}"
        found.append(Call(name, node, inputs, messages, count, failure))
    return found


def _portions(node: Asking, values: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], int]]:
    """What each call of a node reads beside the inputs and nodes, and its number of items."""
    if isinstance(node, Generate):
        yield {}, 1
        return
    items = values.get(node.over)
    if not isinstance(items, list):
        raise ParseFailure(f"`{node.over}` is {kind(items)}, not a list")
    items = items[: node.most]
    if isinstance(node, ForEach):
        for item in items:
            yield {node.item: item}, 1
    else:
        for start in range(0, len(items), node.size):
            part = items[start : start + node.size]
            yield {node.items: numbered(part)}, len(part)


def read(call: Call, text: str | None) -> tuple[Step, list[Any]]:
    """The step of a call, and the values that its text gives; ``text`` is None if none was made."""
    if text is None:
        return _step(call, None, None, call.failure), []
    if isinstance(call.node, Batch):
        return _read_batch(call, call.node, text)
    try:
        value = parse(call.node.parser, text)
    except ParseFailure as failure:
        return _step(call, text, None, failure.reason), []
    return _step(call, text, value, None), [value]


def _read_batch(call: Call, node: Batch, text: str) -> tuple[Step, list[Any]]:
    found = read_batch(text, call.size, node.parser, node.output["type"])
    missing = [str(n) for n in range(1, call.size + 1) if str(n) not in found]
    failure = None
    if missing:
        failure = f"no answer can be read for {len(missing)} of {call.size} items: " + ", ".join(
            missing
        )
    values = list(found.values())
    return _step(call, text, values, failure), values


def _step(call: Call, text: str | None, value: Any, failure: str | None) -> Step:
    return Step(call.name, call.inputs, call.messages, text, value, failure)
