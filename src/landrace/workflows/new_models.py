"""Which models a pipeline does not have yet and may have, those that look newest first."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from itertools import zip_longest
from typing import TYPE_CHECKING

from landrace.errors import ConfigError
from landrace.naming import model_dirname

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from landrace.gateway.known_models import KnownModel

_DIGITS = re.compile(r"([0-9]+)")


def new_models(
    known: Iterable[KnownModel], patterns: Sequence[str], taken: Collection[str]
) -> list[str]:
    """The ids of models that match, each under one name, none of whose names is taken.

    Of each pattern in turn comes the model that looks newest. When a model came out stands in no
    table, so the look is that of its name: it comes last in the order of `name_order`.
    """
    found: dict[str, list[str]] = {pattern: [] for pattern in patterns}
    for model in known:
        if not any(name in taken for name in model.names):
            match = _match(model.names, patterns)
            if match is not None:
                pattern, name = match
                found[pattern].append(name)
    newest_first = [sorted(names, key=name_order, reverse=True) for names in found.values()]
    return [name for turn in zip_longest(*newest_first) for name in turn if name is not None]


def name_order(model_id: str) -> list[str | int]:
    """A key by which ``gpt-9`` is before ``gpt-10``, and ``gpt-10`` before ``gpt-10.1``."""
    parts: list[str | int] = list(_DIGITS.split(model_id))
    parts[1::2] = map(int, parts[1::2])
    return parts


def _match(names: Iterable[str], patterns: Iterable[str]) -> tuple[str, str] | None:
    """The first pattern that matches one of a model's names, and the name."""
    usable = [name for name in names if _can_be_pinned(name)]
    for pattern in patterns:
        for name in usable:
            if fnmatchcase(name, pattern):
                return pattern, name
    return None


def _can_be_pinned(model_id: str) -> bool:
    try:
        model_dirname(model_id)
    except ConfigError:
        return False
    return True
