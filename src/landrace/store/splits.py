"""Which case belongs to search, select and holdout: a pure function of the cases.

The place of a case is the hash of its inputs and the seed, as a number in 0..1 on the shares
of search, select and holdout in this order. So neither its line, nor its id, nor its label,
nor any other case decides where it falls, with two exceptions:

* a ``split`` given by hand wins;
* near-duplicates (`landrace.store.near`) stay together. A group falls where its member with
  the smallest hash falls, or where a ``split`` by hand puts a member. A new case can therefore
  move the cases that it is a near-duplicate of, and no other. Where that matters, give the new
  case the ``split`` of the old ones.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from landrace.digest import json_digest
from landrace.errors import CaseError
from landrace.schemas.case import SPLITS, Case, Split
from landrace.store.near import groups, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from landrace.schemas.prompt import SplitConfig

_HEX_DIGITS = 13  # 52 bits, all of which a float holds exactly


class Splits(NamedTuple):
    """The cases of each split, in the one order that all comparisons share."""

    search: tuple[Case, ...]
    select: tuple[Case, ...]
    holdout: tuple[Case, ...]


def split_cases(cases: Iterable[Case], config: SplitConfig, where: str | None = None) -> Splits:
    """The three splits. Their order follows the hash, not the file.

    Raises:
        CaseError: a split has fewer than ``config.min_cases`` cases.
    """
    ordered = _ordered(cases, config.seed)
    chosen = _assign(ordered, config)
    parts: dict[Split, list[Case]] = {split: [] for split in SPLITS}
    for _, case in ordered:
        parts[chosen[case.id]].append(case)
    sizes = Counter(chosen.values())
    if any(sizes[split] < config.min_cases for split in SPLITS):
        raise _too_few([case for _, case in ordered], sizes, config, where)
    return Splits(**{split: tuple(part) for split, part in parts.items()})


def assign_splits(cases: Iterable[Case], config: SplitConfig) -> dict[str, Split]:
    """The split of each case, by its id."""
    return _assign(_ordered(cases, config.seed), config)


def position(case: Case, seed: int) -> float:
    """Where the hash of a case's inputs puts it, in 0..1 without 1."""
    digest = json_digest({"inputs": case.inputs, "seed": seed})
    return int(digest[:_HEX_DIGITS], 16) / (1 << 4 * _HEX_DIGITS)


def _ordered(cases: Iterable[Case], seed: int) -> list[tuple[float, Case]]:
    placed = [(position(case, seed), case) for case in cases]
    return sorted(placed, key=lambda item: (item[0], item[1].id))


def _assign(ordered: Sequence[tuple[float, Case]], config: SplitConfig) -> dict[str, Split]:
    leaders = groups([words(case.inputs) for _, case in ordered])
    by_hand: dict[int, Split] = {}
    for leader, (_, case) in zip(leaders, ordered, strict=True):
        if case.split is not None:
            by_hand.setdefault(leader, case.split)
    chosen: dict[str, Split] = {}
    for leader, (_, case) in zip(leaders, ordered, strict=True):
        # In order of the hash, so that the leader of a group is its smallest.
        hashed = _split_at(ordered[leader][0], config)
        chosen[case.id] = case.split or by_hand.get(leader, hashed)
    return chosen


def _split_at(place: float, config: SplitConfig) -> Split:
    if place < config.search:
        return "search"
    return "select" if place < config.search + config.select else "holdout"


def _too_few(
    cases: Sequence[Case], sizes: Mapping[Split, int], config: SplitConfig, where: str | None
) -> CaseError:
    alike = Counter(groups([words(case.inputs) for case in cases]))
    kept_together = sum(size for size in alike.values() if size > 1)
    counts = ", ".join(f"{split} {sizes.get(split, 0)}" for split in SPLITS)
    problem = f"too few cases for its splits: {counts}, and each needs {config.min_cases}"
    add = "add cases"
    if kept_together:
        problem += f"; {kept_together} of {len(cases)} are near-duplicates that are kept together"
        add = "add cases that are unlike those"
    share = min(config.search, config.select, config.holdout)
    enough = round(1.5 * config.min_cases / share)  # the half covers the luck of the hash
    # Of near-duplicates each group falls as one case does.
    needed = len(cases) + enough - len(alike)
    if len(alike) < enough:
        add += f" until there are about {needed}"
    return CaseError(
        problem,
        where=where,
        fix=f"{add}, give some a `split` by hand, or lower `splits.min_cases` in prompt.yaml",
    )
