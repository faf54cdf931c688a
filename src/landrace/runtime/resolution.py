"""Which pin answers for a model that an application asks for.

In this order: the model itself; a pin that names the asked id among its aliases; the only pin
of the same family; the pin with the alias ``default``. Nothing is ever guessed between two.

The family of an id is what is left without its provider (all before the first ``/``) and
without every trailing ``:tag``, ``@version``, ``-latest``, ``-YYYY-MM-DD``, ``-YYYYMMDD``, and
the ``-v1:0`` of some clouds: ``azure/gpt-4o-2024-08-06`` and ``openai/gpt-4o`` are both
``gpt-4o``. Pins of the asked provider are nearer than pins of another. An id that is longer than
any that can be pinned is of no family.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from landrace.naming import MAX_NAME_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

By: TypeAlias = Literal["exact", "alias", "family", "default"]

DEFAULT_ALIAS = "default"

# Compiled at first use: most applications ask for what is pinned.
_STAMP = r"(?:-v\d+:\d+|:[^:/]+|@[^@/]+|-latest|-\d{4}-\d{2}-\d{2}|-\d{8})\Z"


class Resolution(NamedTuple):
    """How a model was chosen: what was asked for, what was found, by which rule, and why."""

    asked: str
    model: str
    by: By
    why: str


class Unresolved(NamedTuple):
    """Why no pin answers; ``rivals`` are the models between which nothing was guessed."""

    asked: str
    rivals: tuple[str, ...]


class Family(NamedTuple):
    provider: str
    stem: str


def family(model: str) -> Family:
    """The family of a model id, in lower case."""
    provider, slash, rest = model.lower().partition("/")
    stem = rest if slash else provider
    while (shorter := re.sub(_STAMP, "", stem)) not in {stem, ""}:
        stem = shorter
    return Family(provider if slash else "", stem)


def exact(model: str) -> Resolution:
    return Resolution(model, model, "exact", "the model itself is pinned")


def resolve(asked: str, pinned: Mapping[str, tuple[str, ...]]) -> Resolution | Unresolved:
    """The answer to ``asked`` among pinned models, given with their aliases."""
    if asked in pinned:
        return exact(asked)
    named = _holders(asked, pinned)
    if len(named) == 1:
        return Resolution(asked, named[0], "alias", f"{asked} is an alias of {named[0]}")
    if named:
        return Unresolved(asked, named)
    kin = _kin(asked, pinned)
    if len(kin) == 1:
        why = f"{kin[0]} is the nearest pin of the family {family(asked).stem}"
        return Resolution(asked, kin[0], "family", why)
    fallback = _holders(DEFAULT_ALIAS, pinned)
    if len(fallback) == 1:
        why = f"{asked} is not pinned, and {fallback[0]} is the default"
        return Resolution(asked, fallback[0], "default", why)
    return Unresolved(asked, kin or fallback)


def _holders(alias: str, pinned: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted(model for model, aliases in pinned.items() if alias in aliases))


def _kin(asked: str, pinned: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The pinned models of the asked family, of the asked provider alone if it has any."""
    # A client may make up megabytes, and `family` takes the square of the length.
    if len(asked) > MAX_NAME_BYTES:
        return ()
    wanted = family(asked)
    kin = [model for model in sorted(pinned) if family(model).stem == wanted.stem]
    near = [model for model in kin if family(model).provider == wanted.provider]
    return tuple(near or kin)
