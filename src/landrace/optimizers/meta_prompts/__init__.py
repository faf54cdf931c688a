"""What is asked of a proposer: chat templates, rendered like any prompt."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from landrace.template import compile_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.template import Compiled


def render_meta_prompt(name: str, inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The messages, as (role, content), of ``<name>.jinja`` in this folder."""
    return [(m["role"], m["content"]) for m in _compiled(name).render(inputs)]


@cache
def _compiled(name: str) -> Compiled:
    """The same question is asked many times, and compiling it takes longer than all else."""
    file = resources.files(__name__).joinpath(f"{name}.jinja")
    return compile_template(file.read_text("utf-8"), name=f"{name}.jinja")
