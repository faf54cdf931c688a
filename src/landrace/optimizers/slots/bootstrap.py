"""Demo sets for every node of a program, out of its own successful runs.

MIPRO, §3.1 and §4.1 (Opsahl-Ong et al. 2024), after DSPy's BootstrapFewShot (Khattab et al.
2023): a run whose final score reaches a threshold is taken to be right in every step, so what
each node read and wrote in it becomes a demo of that node. Runs are of search cases only.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

from landrace.errors import LandraceError
from landrace.optimizers.slots.formats import answer_text
from landrace.optimizers.variants import user_turn
from landrace.schemas.candidate import Demo

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from landrace.optimizers.variants import NodeBase, Program
    from landrace.program.trace import Step
    from landrace.schemas.case import Case

DemoSet: TypeAlias = "Mapping[str, tuple[Demo, ...]]"
_T = TypeVar("_T")

FULL_MARKS = 1.0
TIE = 1e-9  # float noise of a mean


class Run(NamedTuple):
    """A program's run on a case: its final score (0..1) and its trace."""

    case: Case
    score: float
    steps: Sequence[Step]


class Limits(NamedTuple):
    """Most demos of a set: from runs, and in all once labelled cases have filled it up."""

    bootstrapped: int = 4
    labelled: int = 4


def passing(runs: Sequence[Run], threshold: float) -> list[Run]:
    """The runs that are good enough to be shown."""
    return [run for run in runs if run.score >= threshold]


def bar(scores: Sequence[float]) -> float:
    """The score from which on runs with these scores are taken to be right: full marks.

    A graded metric may give them to nobody. Then the best quarter is right as far as it is above
    the mean; of runs that are all alike, none is.
    """
    if not scores or max(scores) >= FULL_MARKS:
        return FULL_MARKS
    mean = math.fsum(scores) / len(scores)
    best = sorted(scores, reverse=True)[: math.ceil(len(scores) / 4)]
    return min((score for score in best if score > mean + TIE), default=FULL_MARKS)


def demo_sets(
    program: Program,
    runs: Sequence[Run],
    labelled: Sequence[Case],
    *,
    count: int,
    limits: Limits,
    rng: random.Random,
) -> list[DemoSet]:
    """Up to ``count`` different sets, each with the demos of every node.

    First the one without demos, then labels only, then the first passing ``runs`` in their
    order, then runs in random order and of random number, each filled up with labelled cases.
    A node of which no demo can be had is left out of a set.
    """
    sets: list[DemoSet] = [{}]
    if count > 1:
        sets.append(_set(program, (), _drawn(labelled, limits.labelled, rng), rng, limits))
    if count > 2:
        sets.append(_set(program, runs[: limits.bootstrapped], labelled, rng, limits))
    for _ in range(count - 3):
        size = rng.randint(1, max(1, limits.bootstrapped))
        chosen = _drawn(runs, min(size, limits.bootstrapped), rng)
        filling = _drawn(labelled, len(labelled), rng)
        sets.append(_set(program, chosen, filling, rng, limits))
    return [each for number, each in enumerate(sets) if each not in sets[:number]]


def _set(
    program: Program,
    runs: Sequence[Run],
    labelled: Sequence[Case],
    rng: random.Random,
    limits: Limits,
) -> DemoSet:
    shown = {run.case.id for run in runs}
    filling = [case for case in labelled if case.id not in shown]
    sets = {}
    for node in program.nodes.values():
        if node.parts is None:
            continue
        demos = [demo for run in runs if (demo := demo_of(node, run, rng))]
        if node is program.main:
            demos += _labelled(node, filling, max(0, limits.labelled - len(demos)))
        if demos:
            sets[node.name] = tuple(demos)
    return sets


def demo_of(node: NodeBase, run: Run, rng: random.Random, *, own_words: bool = True) -> Demo | None:
    """What the node read and wrote in this run; one time of several, if it ran several times.

    Without its ``own_words``, which may be in a form that is not asked for where they are shown,
    the answer that was read in them. Words that a limit cut off would teach to stop amid them.
    """
    said = _answer if own_words else _read
    steps = [step for step in run.steps if step.node == node.name and step.failure is None]
    steps = [step for step in steps if step.output is not None and step.output.strip()]
    steps = [step for step in steps if not step.is_cut or said(node, step) is not None]
    if not steps:
        return None
    step = steps[0] if len(steps) == 1 else rng.choice(steps)
    try:
        user = user_turn(node, step.inputs)
    except LandraceError:
        return None  # its input part wants what a single step does not tell
    answer = said(node, step)
    if answer is None:
        return None
    return Demo(case_id=run.case.id, user=user, assistant=answer, bootstrapped=own_words)


def _answer(node: NodeBase, step: Step) -> str | None:
    """The answer as it is to be imitated: of free text all of it, thoughts included.

    None where it was cut off.
    """
    assert step.output is not None
    if node.contract.type in {"label", "number"} and isinstance(step.value, str):
        return step.value
    return None if step.is_cut else step.output.strip()


def _read(node: NodeBase, step: Step) -> str | None:
    """The answer that was read; None without one, or where a text was cut off."""
    if step.value is None or (step.is_cut and node.contract.type == "text"):
        return None
    return answer_text(step.value, node.contract)


def _labelled(node: NodeBase, cases: Sequence[Case], count: int) -> list[Demo]:
    """Cases with their labels; none of a node that reads what other nodes make."""
    demos: list[Demo] = []
    for case in cases:
        if len(demos) == count:
            break
        try:
            user = user_turn(node, case.inputs)
        except LandraceError:
            continue
        answer = answer_text(case.expected, node.contract)
        demos.append(Demo(case_id=case.id, user=user, assistant=answer))
    return demos


def _drawn(items: Sequence[_T], count: int, rng: random.Random) -> list[_T]:
    return rng.sample(list(items), min(count, len(items)))
