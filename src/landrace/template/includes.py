"""Writes partials into a template, so that a variant stands on its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from landrace.errors import TemplateError
from landrace.template.parser import MAX_SOURCE, Template, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from landrace.template.parser import Piece

MAX_DEPTH = 8

_ARGUMENT = re.compile(r"""(["'])(_[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*)\1""")
_FINAL_LINE_END = re.compile(r"(?:\r\n|\r|\n)\Z")


def resolve_includes(template: Template, load: Callable[[str], str | None]) -> Template:
    """The template with each ``{% include "_name.jinja" %}`` replaced by that partial's source.

    ``load`` gives a partial's source by its file name, or None if there is none. One line end
    at a partial's end is dropped, as Jinja does.

    Raises:
        TemplateError: a partial is missing, malformed or includes itself, or the whole is too
            large.
    """
    return parse(_resolved(template, load, ()), name=template.name)


def _resolved(
    template: Template, load: Callable[[str], str | None], around: tuple[str, ...]
) -> str:
    texts = []
    size = 0
    for piece in template.pieces:
        text = template.source[piece.start : piece.end]
        if piece.word == "include":
            where = f"{template.name}:{piece.line}"
            partial = _load(_partial_name(piece, text, where), load, around, where)
            text = _FINAL_LINE_END.sub("", _resolved(partial, load, (*around, partial.name)))
        texts.append(text)
        size += len(text)
        if size > MAX_SOURCE:
            raise TemplateError(
                f"with its partials the template passes {MAX_SOURCE:,} characters",
                where=f"{template.name}:{piece.line}",
            )
    return "".join(texts)


def _partial_name(piece: Piece, tag: str, where: str) -> str:
    match = _ARGUMENT.fullmatch(piece.args)
    if match is None or tag[2] in "+-" or tag[-3] in "+-":
        raise TemplateError(
            f"`{tag}` is no include of a partial",
            where=where,
            fix='Write `{% include "_name.jinja" %}`, a plain file name that starts with `_`.',
        )
    return match.group(2)


def _load(
    name: str, load: Callable[[str], str | None], around: tuple[str, ...], where: str
) -> Template:
    if name in around or len(around) >= MAX_DEPTH:
        raise TemplateError(
            f"partial `{name}` is included by itself, or more than {MAX_DEPTH} deep",
            where=where,
            fix=f"The way to it is: {' > '.join((*around, name))}.",
        )
    source = load(name)
    if source is None:
        raise TemplateError(
            f"there is no partial `{name}`",
            where=where,
            fix="Put it beside the prompt or in prompts/_shared.",
        )
    return parse(source.removeprefix("\ufeff"), name=name)
