"""Templates: parse, edit, render. Nothing here imports jinja2 before the first template compiles.

A template is Jinja with block tags for chat roles (``{% system %}``, ``{% user %}``,
``{% assistant %}``) and for ``{% section NAME %}``, a part that an optimizer may rewrite.

- Text outside a role is one user message for each run of it. Contents are stripped of blank
  space at both ends.
- A line that holds nothing but tags and comments prints nothing; ``-`` and ``+`` in a tag mean
  what they mean in Jinja.
- Values are JSON. Text prints as it is, everything else as JSON: ``true``, ``null``, ``["a"]``.
- ``x.y`` and ``x["y"]`` are the same: an item of a dict. Nothing can be called.
- An undefined name, key or item is an error unless ``| default(…)`` or ``is defined`` asks.
"""

from __future__ import annotations

from landrace.template.edit import (
    Parts,
    Section,
    drop_section,
    inputs_read,
    literal,
    literal_text,
    replace_section,
    sections,
    split_instruction,
)
from landrace.template.includes import resolve_includes
from landrace.template.parser import Block, Piece, Template, parse
from landrace.template.render import Compiled, compile_template
from landrace.template.state import Limits

__all__ = [
    "Block",
    "Compiled",
    "Limits",
    "Parts",
    "Piece",
    "Section",
    "Template",
    "compile_template",
    "drop_section",
    "inputs_read",
    "literal",
    "literal_text",
    "parse",
    "replace_section",
    "resolve_includes",
    "sections",
    "split_instruction",
]
