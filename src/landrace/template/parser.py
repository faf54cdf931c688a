"""Finds the tags of a template without changing a byte of it.

A template is cut into pieces the way Jinja's own lexer cuts it, so that
``{% raw %}{% section x %}{% endraw %}`` is text, and a ``%}`` inside a string ends no tag. Over
the pieces lies a tree of blocks: roles and sections. Both hold offsets into the source, which
stays as it was written.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Literal, NamedTuple, NoReturn

from landrace.errors import TemplateError

MAX_SOURCE = 200_000  # characters of a template that compiles
ROLES = ("system", "user", "assistant")
OWN_TAGS = (*ROLES, "section")
_CONTROL = ("if", "for", "set")

_OPENER = re.compile(r"\{[{%#]")
_RAW = re.compile(r"\{%[-+]?\s*raw\s*-?%\}")
_END_RAW = re.compile(r"\{%[-+]?\s*endraw\s*[-+]?%\}")
_TAG_END = {"{%": re.compile(r"[-+]?%\}"), "{{": re.compile(r"-?\}\}")}
_IN_TAG = re.compile(r"""[^'"()\[\]{}%+-]+""")
_STRING = re.compile(r"""'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*\"""", re.DOTALL)
_WORD = re.compile(r"\w*")
_SECTION_NAME = re.compile(r"[a-z][a-z0-9_]*")
_ASSIGNMENT = re.compile(r"[\w\s,.()]+=(?!=)")
_CLOSING = {")": "(", "]": "[", "}": "{"}


class Piece(NamedTuple):
    """One run of the source: text, or one Jinja tag, output or comment with its delimiters.

    ``word`` and ``args`` are a tag's first word and what follows it.
    """

    kind: Literal["text", "output", "comment", "tag"]
    start: int
    end: int
    line: int
    word: str = ""
    args: str = ""


class Block(NamedTuple):
    """A role or a section. ``kind`` is the tag's word, ``name`` a section's name.

    ``conditional`` says that it stands inside an ``if``, ``for`` or ``set``.
    """

    kind: str
    name: str
    start: int
    body_start: int
    body_end: int
    end: int
    line: int
    conditional: bool
    children: tuple[Block, ...]


class Template(NamedTuple):
    """A parsed template. Pieces follow one another without a gap; blocks nest."""

    name: str
    source: str
    pieces: tuple[Piece, ...]
    blocks: tuple[Block, ...]


class _Open(NamedTuple):
    piece: Piece
    children: list[Block]


def parse(source: str, *, name: str = "<template>") -> Template:
    """The template's structure; ``name`` is what errors call it.

    Raises:
        TemplateError: a tag is not closed, closes nothing, or stands where it must not.
    """
    pieces = _pieces(source, name)
    return Template(name, source, tuple(pieces), _blocks(pieces, name))


def count_lines(text: str) -> int:
    """How many line ends (LF, CRLF or CR) a text has."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def walk(blocks: tuple[Block, ...]) -> list[Block]:
    """All blocks, outer before inner, in the order of the source."""
    return [each for block in blocks for each in (block, *walk(block.children))]


def _pieces(source: str, name: str) -> list[Piece]:
    spans: list[tuple[Literal["text", "output", "comment", "tag"], int]] = []
    position = 0
    while opener := _OPENER.search(source, position):
        start = opener.start()
        if start > position:
            spans.append(("text", position))
        if raw := _RAW.match(source, start):
            spans.append(("tag", start))
            spans.append(("text", raw.end()))
            end_raw = _END_RAW.search(source, raw.end())
            if end_raw is None:
                _fail("`{% raw %}` is never closed", source, start, name)
            spans.append(("tag", end_raw.start()))
            position = end_raw.end()
        elif opener.group() == "{#":
            spans.append(("comment", start))
            position = source.find("#}", start + 2) + 2
            if position < 2:
                _fail("a comment is never closed", source, start, name)
        else:
            spans.append(("output" if opener.group() == "{{" else "tag", start))
            position = _tag_end(source, start, name)
    spans.append(("text", position))
    return _measured(source, spans)


def _tag_end(source: str, start: int, name: str) -> int:
    """Where the tag or output that opens at ``start`` ends, by Jinja's rules."""
    end = _TAG_END[source[start : start + 2]]
    position = start + 2
    open_brackets: list[str] = []
    while position < len(source):
        if not open_brackets and (match := end.match(source, position)):
            return match.end()
        character = source[position]
        if skipped := _IN_TAG.match(source, position) or _STRING.match(source, position):
            position = skipped.end()
            continue
        if character in "'\"":
            _fail("a quote inside a tag is never closed", source, position, name)
        if character in "([{":
            open_brackets.append(character)
        elif character in _CLOSING and (
            not open_brackets or open_brackets.pop() != _CLOSING[character]
        ):
            _fail(f"`{character}` inside a tag closes nothing", source, position, name)
        position += 1
    return _fail(f"`{source[start : start + 2]}` is never closed", source, start, name)


def _measured(
    source: str, spans: list[tuple[Literal["text", "output", "comment", "tag"], int]]
) -> list[Piece]:
    pieces = []
    line = 1
    for (kind, start), (_, end) in pairwise([*spans, ("text", len(source))]):
        if start == end:
            continue
        text = source[start:end]
        word, args = _word_and_args(text) if kind == "tag" else ("", "")
        pieces.append(Piece(kind, start, end, line, word, args))
        line += count_lines(text)
    return pieces


def _word_and_args(tag: str) -> tuple[str, str]:
    inner = tag[2:-2]
    inner = inner[inner[:1] in {"-", "+"} :].strip()
    inner = inner[:-1].rstrip() if inner[-1:] in {"-", "+"} else inner
    match = _WORD.match(inner)
    word = match.group() if match else ""
    return word, inner[len(word) :].strip()


def _blocks(pieces: list[Piece], name: str) -> tuple[Block, ...]:
    top: list[Block] = []
    stack: list[_Open] = []
    for piece in pieces:
        if piece.kind != "tag":
            continue
        where = f"{name}:{piece.line}"
        if piece.word in OWN_TAGS:
            _check_opening(piece, stack, where)
            stack.append(_Open(piece, []))
        elif piece.word in _CONTROL:
            if piece.word != "set" or not _ASSIGNMENT.match(piece.args):
                stack.append(_Open(piece, []))
        elif piece.word in {"else", "elif"}:
            if not stack or stack[-1].piece.word not in {"if", "for"}:
                _mismatch(piece, stack, where)
        elif piece.word.removeprefix("end") in (*OWN_TAGS, *_CONTROL):
            opened = _close(piece, stack, where)
            siblings = stack[-1].children if stack else top
            siblings.extend(_block(opened, piece, stack))
    _check_closed(stack, name)
    _check_unique(top, name)
    return tuple(top)


def _check_opening(piece: Piece, stack: list[_Open], where: str) -> None:
    around = {entry.piece.word for entry in stack}
    tag = f"`{{% {piece.word} %}}`"
    if piece.word == "section":
        if not _SECTION_NAME.fullmatch(piece.args):
            raise TemplateError(
                f"`{piece.args}` is no section name",
                where=where,
                fix="Use a lower-case letter, then lower-case letters, digits and underscores.",
            )
        if around & {"section", "set"}:
            raise TemplateError(f"{tag} stands inside a section or set block", where=where)
        return
    if piece.args:
        raise TemplateError(f"{tag} takes nothing after its name", where=where)
    if around & {*OWN_TAGS, "set"}:
        raise TemplateError(
            f"{tag} stands inside a role, section or set block",
            where=where,
            fix="Close that block first; a message belongs to one role.",
        )


def _close(piece: Piece, stack: list[_Open], where: str) -> _Open:
    word = piece.word.removeprefix("end")
    if not stack or stack[-1].piece.word != word:
        _mismatch(piece, stack, where)
    if piece.args:
        raise TemplateError(f"`{{% {piece.word} %}}` takes nothing after its name", where=where)
    return stack.pop()


def _mismatch(piece: Piece, stack: list[_Open], where: str) -> NoReturn:
    tag = f"`{{% {piece.word} %}}`"
    if not stack:
        raise TemplateError(f"{tag} has nothing to close", where=where)
    inner = stack[-1].piece
    raise TemplateError(
        f"{tag} stands where `{{% {inner.word} %}}` of line {inner.line} is still open",
        where=where,
        fix=f"Put `{{% end{inner.word} %}}` before it.",
    )


def _block(opened: _Open, closing: Piece, stack: list[_Open]) -> list[Block]:
    """The block that a closing tag ends; control flow hands its blocks to what is around it."""
    piece = opened.piece
    if piece.word not in OWN_TAGS:
        return opened.children
    conditional = any(entry.piece.word in _CONTROL for entry in stack)
    return [
        Block(
            piece.word,
            piece.args,
            piece.start,
            piece.end,
            closing.start,
            closing.end,
            piece.line,
            conditional,
            tuple(opened.children),
        )
    ]


def _check_closed(stack: list[_Open], name: str) -> None:
    if stack:
        piece = stack[-1].piece
        raise TemplateError(
            f"`{{% {piece.word} %}}` is never closed",
            where=f"{name}:{piece.line}",
            fix=f"Add `{{% end{piece.word} %}}`.",
        )


def _check_unique(blocks: list[Block], name: str) -> None:
    lines: dict[str, int] = {}
    for block in walk(tuple(blocks)):
        if block.kind != "section":
            continue
        if block.name in lines:
            raise TemplateError(
                f"section `{block.name}` was already opened at line {lines[block.name]}",
                where=f"{name}:{block.line}",
                fix="Give each section a name of its own.",
            )
        lines[block.name] = block.line


def _fail(problem: str, source: str, position: int, name: str) -> NoReturn:
    raise TemplateError(problem, where=f"{name}:{1 + count_lines(source[:position])}")
