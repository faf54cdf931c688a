"""Lists of models and what is known of models, for tests of the watch over them."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from landrace.gateway.known_models import KnownModel

if TYPE_CHECKING:
    from collections.abc import Iterable

TODAY = date(2026, 11, 21)

# An inch of comment and layout that has to survive.
PIPELINE = """\
# The shop's prompts.
prompts: [answers, routes]
models:
  # the large ones
  - openai/gpt-8  # dear
  - id: openai/gpt-9
    params: {temperature: 0}
allowed_models: ["openai/gpt-*"]
budget: {calls: 600}
"""


def known(name: str, ends: str | None = None, mode: str = "chat") -> KnownModel:
    """A model; a name with a provider is also known without."""
    names = (name, name.partition("/")[2]) if "/" in name else (name,)
    return KnownModel(names, mode, date.fromisoformat(ends) if ends else None)


KNOWN = (
    known("openai/gpt-8", "2026-12-31"),
    known("openai/gpt-9"),
    known("openai/gpt-10"),
    known("openai/gpt-9.5", mode="responses"),
    known("anthropic/claude-7"),
)


def pipeline(
    *models: str,
    prompts: Iterable[str] = ("answers",),
    allowed: Iterable[str] = (),
    **more: Any,
) -> str:
    """A pipeline's file with a list in brackets."""
    data = {"prompts": [*prompts], "models": [*models], "allowed_models": [*allowed], **more}
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in data.items())
