"""Demonstrations: which search cases are shown, how many, in which order.

Labelled and bootstrapped demos follow DSPy's BootstrapFewShot (Khattab et al. 2023): a case
with its label, or with the model's own output where that scored full marks.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from landrace.optimizers.slots.formats import answer_text
from landrace.optimizers.variants import user_turn
from landrace.schemas.candidate import Demo

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from landrace.optimizers.study import Entry, Study
    from landrace.schemas.case import Case


def turn(study: Study, case: Case, entry: Entry | None = None) -> str | None:
    """What the node that answers reads of a case; None where that is not known.

    In a program it reads what other nodes made, so the candidate (or else the base) must have
    been run on the case before.
    """
    program = study.setting.program
    if program.is_plain:
        return user_turn(program.main, case.inputs)
    steps = study.trace(entry or study.base, case)
    read = [step.inputs for step in steps if step.node == program.main.name and step.messages]
    return user_turn(program.main, read[0]) if read else None


def labelled(study: Study, cases: Sequence[Case]) -> tuple[Demo, ...]:
    """The cases with their labels, but for those of which `turn` knows nothing."""
    contract = study.setting.program.main.contract
    found = ((case, turn(study, case)) for case in cases)
    return tuple(
        Demo(case_id=case.id, user=user, assistant=answer_text(case.expected, contract))
        for case, user in found
        if user is not None
    )


def bootstrapped(study: Study, entry: Entry, cases: Sequence[Case]) -> tuple[Demo, ...]:
    """The cases that the candidate answers with full marks, in its own words."""
    demos = []
    for case in cases:
        outcome = study.table.get(entry.digest, case.id)
        if outcome is None or outcome.score is None or outcome.output is None:
            continue
        user = turn(study, case, entry)
        if outcome.score.value >= 1 and isinstance(outcome.answer, str) and user is not None:
            demos.append(
                Demo(
                    case_id=case.id,
                    user=user,
                    assistant=outcome.answer,
                    bootstrapped=True,
                )
            )
    return tuple(demos)


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
    """Those that say what is expected: a judge or a pattern needs no label, a demo does."""
    return [case for case in cases if case.expected is not None]


def short_enough(cases: Sequence[Case], limit: int) -> list[Case]:
    """The shorter cases, at least ``limit`` of them: a demo is paid for in every call."""
    by_length = sorted(cases, key=lambda case: (len(str(case.inputs)), case.id))
    return by_length[: max(limit, len(by_length) * 3 // 4)]
