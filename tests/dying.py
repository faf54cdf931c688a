"""The death of the process, for tests of what goes on where it stood."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from landrace.gateway.base import Request


class Killed(BaseException):
    """Stands for the death of the process: nothing after it is done."""


def dying(
    script: Callable[[Request], Any], at: int, error: BaseException | type[BaseException] = Killed
) -> Callable[[Request], Any]:
    """The script, which dies at the call with this number, from 1, and at every later one.

    Calls come from several threads at once; whoever is told a lower number is answered.
    """
    numbers = count(1)

    def answer(request: Request) -> Any:
        if next(numbers) >= at:
            raise error
        return script(request)

    return answer
