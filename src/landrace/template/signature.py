"""Do the arguments of a filter or test fit it? Asked before a template ever runs."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_OWN = 2  # the state and the value, which no template writes


def misfit(
    function: Callable[..., Any], positional: int, keywords: Iterable[str]
) -> tuple[str, str] | None:
    """What is wrong with a call of so many arguments and these keywords, and how to mend it."""
    known = signature(function)
    try:
        known.bind(*[None] * (_OWN + positional), **dict.fromkeys(keywords))
    except TypeError as error:
        names = list(known.parameters)[_OWN:]
        takes = (
            f"It takes {', '.join(f'`{name}`' for name in names)}." if names else "It takes none."
        )
        return str(error), takes
    return None
