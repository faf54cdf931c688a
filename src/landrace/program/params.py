"""Decoding parameters in litellm's words, laid one set over another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMITS = ("max_tokens", "max_completion_tokens")


def overlaid(params: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """``params`` with ``more`` over them; an answer's limit has two names and replaces the other.

    OpenAI refuses both at once, and its newer models the older name, so the newer one stays where
    either side has it.
    """
    found = {**params, **more}
    given = [name for name in LIMITS if name in more]
    if len(given) == 1 and all(name in found for name in LIMITS):
        del found["max_tokens"]
        found["max_completion_tokens"] = more[given[0]]
    return found
