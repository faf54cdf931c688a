"""Names for the slots of a program, and patterns that choose among them.

A slot's address is a path: ``query/sections/task`` is the section ``task`` in the template of the
node ``query``; ``query/demos``, ``query/format``, ``query/params/temperature`` are its other
slots; ``passages/count`` is the field ``count`` of the node ``passages``. A prompt without a
graph has the one node ``prompt``. A pattern is an address with ``*`` for any run of characters:
``*/sections/*`` are all sections of all nodes. SAMMO addresses the nodes of its programs with
CSS selectors; paths are enough for two levels, and read like the files they stand for.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

ALL = ("*",)


class Slot(NamedTuple):
    """``kind`` is "sections", "demos", "format", "params", or a field's name; ``name`` what is
    below it, if anything.
    """

    node: str
    kind: str
    name: str = ""

    @classmethod
    def of(cls, address: str) -> Slot | None:
        """The slot that an address or pattern names; None if it has too few or too many parts."""
        parts = address.split("/")
        return cls(*parts) if len(parts) in {2, 3} and all(parts) else None

    def __str__(self) -> str:
        return "/".join(part for part in self if part)


def chosen(slot: Slot, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns names the slot."""
    return any(fnmatchcase(str(slot), pattern) for pattern in patterns)
