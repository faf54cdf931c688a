"""Demonstrations: which search cases may be shown, how many, in which order."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from landrace.schemas.case import Case


def balanced(cases: Sequence[Case], count: int, rng: random.Random) -> list[Case]:
    """``count`` cases with the expected values as evenly represented as they can be.

    Values take turns in random order, so that neither the first nor the last demo always
    has the same label.
    """
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in rng.sample(list(cases), len(cases)):
        value = case.expected
        groups[value if isinstance(value, str) else json.dumps(value)].append(case)
    chosen: list[Case] = []
    while groups and len(chosen) < count:
        for value in rng.sample(sorted(groups), len(groups)):
            chosen.append(groups[value].pop())
            if not groups[value]:
                del groups[value]
            if len(chosen) == count:
                break
    return chosen


def labelled_cases(cases: Sequence[Case]) -> list[Case]:
    """Those that say what is expected: a judge or a pattern of all cases needs no label."""
    return [case for case in cases if case.expected is not None]


def short_enough(cases: Sequence[Case], limit: int) -> list[Case]:
    """The shorter cases, at least ``limit`` of them: a demo is paid for in every call."""
    by_length = sorted(cases, key=lambda case: (len(str(case.inputs)), case.id))
    return by_length[: max(limit, len(by_length) * 3 // 4)]
