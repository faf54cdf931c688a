"""How a candidate came about: the edits that led to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from landrace.optimizers.entry import Entry

_TOLD = 4  # edits; many generations would fill a report


def lineage(entries: Mapping[str, Entry], entry: Entry) -> str:
    """The operators that made a candidate, the last one last; of many, the last few.

    ``entries`` are all that a study took in, by digest. Of a merge it follows the first parent.
    The base is not named where anything came of it.
    """
    made = [each.candidate.operator for each in _ancestors(entries, entry)][::-1]
    told = made[1:] if made[0] == "base" and len(made) > 1 else made
    return " → ".join(["…", *told[-_TOLD:]] if len(told) > _TOLD else told)


def _ancestors(entries: Mapping[str, Entry], entry: Entry) -> Iterator[Entry]:
    """The candidate, its first parent, the parent of that, and so on.

    What was pinned may name a parent of an earlier study, which this one found again as its child.
    """
    seen: set[str] = set()
    current: Entry | None = entry
    while current is not None and current.digest not in seen:
        seen.add(current.digest)
        yield current
        parents = current.candidate.parents
        current = entries.get(parents[0]) if parents else None
