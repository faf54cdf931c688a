"""A template that was composed of an instruction, examples and an input, taken apart again."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.template import parse

if TYPE_CHECKING:
    from landrace.schemas.candidate import Layout
    from landrace.template import Block, Template


class Composed(NamedTuple):
    """What the template says, as Jinja source: ``task`` with the sentence of its answer format,
    and examples as ``shown`` in the text or as ``turns``, each with its answer.
    """

    layout: Layout
    task: str
    shown: str
    turns: tuple[tuple[str, str], ...]
    input: str


def taken_apart(template: Template) -> Composed | None:
    """What `landrace.optimizers.variants.written` put together; None for another shape.

    That the shape is right does not say that just this was written so.
    """
    turns = [(block.kind, _inside(template.source, block)) for block in template.blocks]
    layout: Layout = "user"
    opening = ""
    if turns and turns[0][0] == "system":
        layout, opening = "system", turns.pop(0)[1]
    kinds = [kind for kind, _ in turns]
    if len(turns) % 2 == 0 or kinds != [("user", "assistant")[n % 2] for n in range(len(turns))]:
        return None
    texts = [text for _, text in turns]
    task, rest = _cut("task", opening or texts[0])
    shown, texts[0] = _cut("examples", texts[0] if opening else rest)
    pairs = tuple(zip(texts[:-1:2], texts[1::2], strict=True))
    return Composed(layout, task, shown, pairs, texts[-1])


def _cut(name: str, text: str) -> tuple[str, str]:
    """What stands in a section with which a text begins, and the rest of the text."""
    first = next(iter(parse(text).blocks), None)
    if first is None or first.start or (first.kind, first.name) != ("section", name):
        return "", text
    return _inside(text, first), text[first.end :].removeprefix("\n\n")


def _inside(source: str, block: Block) -> str:
    """What stands on the lines between two tags."""
    return source[block.body_start + 1 : block.body_end - 1]
