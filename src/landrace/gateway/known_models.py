"""What litellm's own table of models says about each, read as data."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

# Where the table's name of a provider is not the one that stands before a model's name.
_PREFIXES = {"bedrock_converse": "bedrock"}


class KnownModel(NamedTuple):
    """A model as litellm's table has it.

    ``names`` are the ids under which it can be asked, the one with its provider first. ``mode``
    is ``chat``, ``embedding`` and so on, or empty. ``ends`` is the day from which its provider
    no longer promises an answer, None where the table has none.
    """

    names: tuple[str, ...]
    mode: str
    ends: date | None


def read_table(table: Mapping[str, Any]) -> tuple[KnownModel, ...]:
    """The models of a table in litellm's form, in its order; what is no entry is left out."""
    return tuple(
        KnownModel(_names(key, entry, table), str(entry.get("mode") or ""), _ends(entry))
        for key, entry in table.items()
        if isinstance(entry, dict) and key != "sample_spec"
    )


def _names(key: str, entry: Mapping[str, Any], table: Mapping[str, Any]) -> tuple[str, ...]:
    """The table's key, and before it ``provider/key`` where the key says no provider."""
    provider = str(entry.get("litellm_provider") or "")
    # `vertex_ai-language-models` is vertex_ai.
    prefix = _PREFIXES.get(provider, provider.partition("-")[0])
    full = f"{prefix}/{key}"
    if "/" in key or not prefix or full in table:
        return (key,)
    return (full, key)


def _ends(entry: Mapping[str, Any]) -> date | None:
    try:
        return date.fromisoformat(str(entry.get("deprecation_date")))
    except ValueError:  # there is none, or it is in words
        return None
