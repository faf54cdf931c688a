"""Pieces of templates that a search reads again and again, compiled once each."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from landrace.template import compile_template, split_instruction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.template import Compiled, Parts, Template


@lru_cache(maxsize=1024)
def compiled(source: str, name: str = "<template>") -> Compiled:
    """`landrace.template.compile_template`, which takes a third of a search beside its models.

    Raises:
        TemplateError, RefusedError: it does not compile.
    """
    return compile_template(source, name=name)


@lru_cache(maxsize=1024)
def parts_of(template: Template) -> Parts | None:
    """`landrace.template.split_instruction`, asked for each operator and each case."""
    return split_instruction(template)


def names_read(source: str, name: str = "<template>") -> frozenset[str]:
    """The names that a piece reads and has not surely set before. Raises like `compiled`."""
    return compiled(source, name).inputs


def first_message(source: str, inputs: Mapping[str, Any], name: str = "<template>") -> str:
    """The text of the first message that a piece prints.

    Raises:
        TemplateError, RefusedError: it does not compile.
        RenderError: it cannot be rendered with these inputs.
    """
    return compiled(source, name).render(inputs)[0]["content"]
