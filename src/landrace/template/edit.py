"""Pure edits of templates: every byte that an edit does not name stays as it was."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from landrace.digest import normalize_newlines
from landrace.errors import TemplateError
from landrace.template.parser import Block, Template, parse, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

_NEEDS_ESCAPE = re.compile(r"\{*\r\n?|\{+[{%#]|\{+\Z")
_LITERAL = re.compile(r"""\{\{\s*(?:"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')\s*\}\}""")
_ESCAPED = re.compile(r"""\{\{ "([{%#]+|\{*\\r(?:\\n)?)" \}\}""")
_RAW = ("raw", "endraw")
_LINE_END = re.compile(r"[ \t]*(?:\r\n|\r|\n)")


class Section(NamedTuple):
    """``body`` is Jinja source without the blank space around it."""

    name: str
    body: str
    line: int


class Parts(NamedTuple):
    """What a prompt says and what it is given, both as Jinja source."""

    instruction: str
    input: str


def sections(template: Template) -> dict[str, Section]:
    """The sections by name, in the order of the template."""
    return {
        block.name: Section(block.name, _body(template, block).strip(), block.line)
        for block in _section_blocks(template)
    }


def replace_section(template: Template, name: str, new_body: str) -> Template:
    """The template with another text, as Jinja source, in a section.

    The blank space between the tags and the text stays, and the new text gets the template's
    line ends. Use `literal` for text that is no template.

    Raises:
        TemplateError: there is no such section, or the text holds a role or section, or a tag
            that is not closed.
    """
    block = _find(template, name)
    newline = "\r\n" if "\r\n" in template.source else "\n"
    text = normalize_newlines(new_body).strip().replace("\n", newline)
    body = _body(template, block)
    if text == body.strip():
        return template
    before, after = _edges(body, newline)
    # On its own first, so that it cannot close this section and open another.
    alone = parse(text, name=f"new text of section {name}")
    edited = _spliced(template, block.body_start, block.body_end, before + text + after)
    if alone.blocks or len(walk(edited.blocks)) != len(walk(template.blocks)):
        raise TemplateError(
            f"the new text of section `{name}` holds, or makes, a role or section tag",
            where=f"{template.name}:{block.line}",
            fix="Escape text that is no template with `literal`.",
        )
    return edited


def drop_section(template: Template, name: str) -> Template:
    """The template without a section, its tags, and the blank line that set it apart.

    Raises:
        TemplateError: there is no such section.
    """
    return _spliced(template, *_with_blank_line(template.source, _find(template, name)), "")


def literal(text: str) -> str:
    """Jinja source that prints exactly this text, and is this text wherever that will do.

    Only ``{{``, ``{%``, ``{#``, a brace at the end and carriage returns are escaped. Blank space
    at the ends of a message is no part of it: rendering strips it, escaped or not. Put the
    result after text that does not end in a brace.
    """
    return _NEEDS_ESCAPE.sub(_escaped, text)


def literal_text(source: str) -> str | None:
    """The text of which `literal` makes just this source; None where there is none."""
    text = _ESCAPED.sub(lambda found: _unescaped(found[1]), source)
    return text if literal(text) == source else None


def inputs_read(template: Template) -> set[str]:
    """The names that a template reads and has not surely set before.

    Raises:
        TemplateError: the template does not compile.
        RefusedError: it uses what templates may not use.
    """
    from landrace.template.render import compile_template  # noqa: PLC0415 - may import jinja2

    return set(compile_template(template.source, name=template.name).inputs)


def split_instruction(template: Template) -> Parts | None:
    """The instruction and the input of a template that asks one question.

    The instruction is the system message and the text of the sections; the input is the rest
    of the one user message. None where they cannot be told apart: with an assistant's turn or a
    second user message, a block inside an ``if`` or ``for``, a variable or statement inside the
    instruction, no instruction at all, or no variable outside it.
    """
    template = parse(template.source.removeprefix("\ufeff"), name=template.name)
    roles = [block for block in template.blocks if block.kind != "section"]
    kinds = [block.kind for block in roles]
    if kinds not in ([], ["system"], ["user"], ["system", "user"]):
        return None
    if any(block.conditional for block in walk(template.blocks)):
        return None
    asked = _asked(template, roles)
    system = [block for block in roles if block.kind == "system"]
    return _parts(template, system, *asked) if asked else None


def _asked(template: Template, roles: Sequence[Block]) -> tuple[int, int] | None:
    """Where the user's message stands, with tags or without; None if more is said elsewhere."""
    source = template.source
    if not roles:
        return 0, len(source)
    last = roles[-1]
    if last.kind == "user":
        outside = _without(template, 0, len(source), roles)
        return None if _says(outside) else (last.body_start, last.body_end)
    return None if _says(source[: last.start]) else (last.end, len(source))


def _says(source: str) -> bool:
    """Whether a passage holds more than blanks and comments."""
    pieces = parse(source).pieces
    return any(
        piece.kind != "comment" and source[piece.start : piece.end].strip() for piece in pieces
    )


def _parts(template: Template, system: Sequence[Block], start: int, end: int) -> Parts | None:
    spoken = [each for each in _section_blocks(template) if start <= each.start < end]
    texts = [_unwrapped(template, block).strip() for block in (*system, *spoken)]
    instruction = "\n\n".join(text for text in texts if text)
    rest = _without(template, start, end, spoken).strip()
    if not instruction or not _is_static(instruction) or _is_static(rest):
        return None
    return Parts(instruction, rest)


def _section_blocks(template: Template) -> list[Block]:
    return [block for block in walk(template.blocks) if block.kind == "section"]


def _find(template: Template, name: str) -> Block:
    blocks = {block.name: block for block in _section_blocks(template)}
    if name not in blocks:
        raise TemplateError(
            f"there is no section `{name}`",
            where=template.name,
            fix=f"Its sections are: {', '.join(blocks) or 'none'}.",
        )
    return blocks[name]


def _body(template: Template, block: Block) -> str:
    return template.source[block.body_start : block.body_end]


def _spliced(template: Template, start: int, end: int, text: str) -> Template:
    source = template.source
    return parse(source[:start] + text + source[end:], name=template.name)


def _edges(body: str, newline: str) -> tuple[str, str]:
    """The blank space at both ends of a section's body."""
    core = body.strip()
    if not core:
        edge = newline if newline in body else ""
        return edge, edge
    before = body[: len(body) - len(body.lstrip())]
    return before, body[len(before) + len(core) :]


def _own_lines(source: str, start: int, end: int) -> tuple[int, int]:
    """A span widened to its whole lines, if nothing else stands on them."""
    line_start = len(source[:start].rstrip(" \t"))
    after = _LINE_END.match(source, end)
    if line_start and not source[:line_start].endswith(("\n", "\r")):
        return start, end
    if after is None:
        return (start, end) if source[end:].strip(" \t") else (line_start, len(source))
    return line_start, after.end()


def _with_blank_line(source: str, block: Block) -> tuple[int, int]:
    """The lines of a block, and one blank line after it where none is needed any more."""
    start, end = _own_lines(source, block.start, block.end)
    blank = _LINE_END.match(source, end)
    if (start, end) == (block.start, block.end) or blank is None:
        return start, end
    before = source[:start].splitlines()
    joins_text = before and before[-1].strip() and not before[-1].endswith("%}")
    return (start, end) if joins_text else (start, blank.end())


def _without(template: Template, start: int, end: int, cut: Sequence[Block]) -> str:
    """A span of the source without some blocks of it."""
    kept = []
    for block in cut:
        cut_start, cut_end = _with_blank_line(template.source, block)
        kept.append(template.source[start:cut_start])
        start = max(start, cut_end)
    return "".join([*kept, template.source[start:end]])


def _unwrapped(template: Template, block: Block) -> str:
    """A block's text with the tags of its sections, but not their text, removed."""
    source, kept, position = template.source, [], block.body_start
    for child in block.children:
        for tag in ((child.start, child.body_start), (child.body_end, child.end)):
            start, end = _own_lines(source, *tag)
            kept.append(source[position:start])
            position = end
    return "".join([*kept, source[position : block.body_end]])


def _is_static(source: str) -> bool:
    """Whether a source prints the same whatever the inputs are, without any logic."""
    for piece in parse(source).pieces:
        text = source[piece.start : piece.end]
        is_literal = piece.kind == "output" and _LITERAL.fullmatch(text)
        if piece.kind not in {"text", "comment"} and piece.word not in _RAW and not is_literal:
            return False
    return True


def _escaped(match: re.Match[str]) -> str:
    printed = match.group().replace("\r", "\\r").replace("\n", "\\n")
    return f'{{{{ "{printed}" }}}}'


def _unescaped(printed: str) -> str:
    return printed.replace("\\r", "\r").replace("\\n", "\n")
