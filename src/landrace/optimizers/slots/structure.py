"""Pure edits of a template's structure: what is dropped, repeated, or set off in another way.

Like `landrace.template.edit`, each leaves every byte that it does not name as it was. SAMMO
(Schnabel and Neville 2024, table 1) has these as operators on a program's sections.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from landrace.errors import TemplateError
from landrace.optimizers.slots.pieces import first_message, names_read
from landrace.template import (
    drop_section,
    parse,
    replace_section,
    sections,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from landrace.template import Block, Template

Style: TypeAlias = Literal["plain", "markdown", "xml"]
STYLES: tuple[Style, ...] = ("plain", "markdown", "xml")

# What an introduction is called: the part that sets a scene and asks for nothing.
INTRO_NAMES = frozenset({"intro", "introduction", "persona", "role", "preamble", "background"})
EXAMPLE_NAMES = frozenset({"examples", "example", "demos", "shots", "few_shot"})

_HEADING = re.compile(r"#{1,6}[ \t]+(?P<title>[^\r\n{]+?)[ \t]*(?:\r\n|\r|\n)+")


class Dress(NamedTuple):
    """How a section is set off from the others; ``title`` is a heading's text, if it has one."""

    style: Style
    title: str = ""


def undress(name: str, body: str) -> tuple[Dress, str]:
    """A section's dress and the bare text, as Jinja source.

    A markdown heading is the first line of at least two; XML are the section's own tags.
    """
    text = body.strip()
    heading = _HEADING.match(text)
    if heading and text[heading.end() :].strip():
        return Dress("markdown", heading["title"]), text[heading.end() :].strip()
    opening, closing = f"<{name}>", f"</{name}>"
    if text.startswith(opening) and text.endswith(closing):
        return Dress("xml"), text[len(opening) : -len(closing)].strip()
    return Dress("plain"), text


def dress(name: str, text: str, how: Dress) -> str:
    """The text set off; a heading without a title is made of the section's name."""
    if how.style == "markdown":
        return f"## {how.title or name.replace('_', ' ').capitalize()}\n{text}"
    if how.style == "xml":
        return f"<{name}>\n{text}\n</{name}>"
    return text


def restyle(template: Template, style: Style, names: Collection[str] | None = None) -> Template:
    """The template with all of its sections, or these, set off in one way.

    Their bare text is unchanged.
    """
    for name, section in sections(template).items():
        if names is not None and name not in names:
            continue
        how, text = undress(name, section.body)
        if text and how.style != style:
            body = dress(name, text, Dress(style, how.title))
            template = replace_section(template, name, body)
    return template


def repeat_section(template: Template, name: str, after: str | None = None) -> Template:
    """The template with a copy of a section after another one, or at the end of the last message.

    Raises:
        TemplateError: there is no such section, or one of the two is inside a condition or loop.
    """
    copied = _section(template, name)
    place = _end(template) if after is None else _section(template, after).end
    body = template.source[copied.body_start : copied.body_end]
    taken = sections(template)
    fresh = next(f"{name}_{number}" for number in count(2) if f"{name}_{number}" not in taken)
    newline = "\r\n" if "\r\n" in template.source else "\n"
    copy = f"{{% section {fresh} %}}{body}{{% endsection %}}"
    before, rest = template.source[:place], template.source[place:]
    gap = newline if before.endswith(("\n", "\r")) else newline * 2
    closing = "" if rest.startswith(("\n", "\r")) else newline
    return parse(f"{before}{gap}{copy}{closing}{rest}", name=template.name)


def drop_intro(template: Template) -> Template | None:
    """The template without its introduction; None where it has none.

    That is every section with a name of an introduction, or else the plain text in front of the
    first section.
    """
    names = [name for name in sections(template) if name in INTRO_NAMES]
    for name in names:
        template = drop_section(template, name)
    if names:
        return template
    return _without_opening(template)


def static_text(source: str) -> str | None:
    """What a piece of Jinja prints for any input; None where that depends on the input."""
    if not source.strip():
        return ""
    try:
        if names_read(source):
            return None
        return first_message(f"{{% system %}}\n{source}\n{{% endsystem %}}", {})
    except TemplateError:
        return None


def _without_opening(template: Template) -> Template | None:
    blocks = [block for block in _flat(template.blocks) if block.kind == "section"]
    if not blocks or blocks[0].conditional:
        return None
    first = blocks[0]
    around = [b for b in template.blocks if b.start < first.start and first.end <= b.body_end]
    start = around[0].body_start if around else 0
    opening = template.source[start : first.start]
    if not opening.strip() or not static_text(opening):
        return None
    kept = opening[: len(opening) - len(opening.lstrip())]
    source = template.source
    return parse(source[:start] + kept + source[first.start :], name=template.name)


def _section(template: Template, name: str) -> Block:
    found = {block.name: block for block in _flat(template.blocks) if block.kind == "section"}
    block = found.get(name)
    if block is None or block.conditional:
        raise TemplateError(
            f"there is no section `{name}` outside of conditions and loops", where=template.name
        )
    return block


def _end(template: Template) -> int:
    """The end of the last message's text."""
    roles = [block for block in template.blocks if block.kind != "section"]
    last = roles[-1] if roles else None
    if last is not None and last.conditional:
        raise TemplateError("the last message stands inside a condition", where=template.name)
    tail = template.source[last.end :] if last else template.source
    if last is not None and not tail.strip():
        body = template.source[last.body_start : last.body_end]
        return last.body_start + len(body.rstrip())
    return len(template.source.rstrip())


def _flat(blocks: tuple[Block, ...]) -> list[Block]:
    return [each for block in blocks for each in (block, *_flat(block.children))]
