"""dspy's MIPROv2: `search` is its trainset, `select` its valset."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from dspy.teleprompt import MIPROv2
from dspy_side import THREADS, answer, examples, lm_of, metric_of, program_of, searching
from side import failure, main

MINIBATCH, FULL_EVERY, MINIBATCH_ABOVE = 35, 5, 50
SCALES = {"heavy": (18, 1000), "medium": (12, 300), "light": (6, 100)}
LEAST_CANDIDATES = 4
DEMOS = 4


class Settings(NamedTuple):
    """``auto``, or else ``candidates`` and ``trials``."""

    auto: str | None
    candidates: int
    trials: int


def settings(job: dict[str, Any]) -> tuple[str, Settings]:
    """The largest setting whose arithmetic fits the budget.

    That is dspy's own count of evaluations, with the first one of the default program, and four
    runs for each set of examples that is bootstrapped, which can take more.
    """
    val, budget = len(job["task"]["select"]), job["budget"]
    for auto, (candidates, cap) in SCALES.items():
        trials = int(max(4 * math.log2(candidates), 1.5 * candidates))
        expected = _calls(candidates, trials, min(val, cap))
        if expected <= budget:
            return f"auto={auto}, {trials} trials, about {expected} calls", Settings(auto, 0, 0)
    fitting = [n for n in range(1, 100) if _calls(LEAST_CANDIDATES, n, val) <= budget]
    trials = max(fitting, default=1)
    expected = _calls(LEAST_CANDIDATES, trials, val)
    words = f"num_candidates={LEAST_CANDIDATES}, num_trials={trials}, about {expected} calls"
    return words, Settings(None, LEAST_CANDIDATES, trials)


def _calls(candidates: int, trials: int, val: int) -> int:
    bootstrapping = DEMOS * (candidates - 2)
    if val <= MINIBATCH_ABOVE:
        return bootstrapping + val * (1 + trials)
    full = 1 + math.ceil(trials / FULL_EVERY)
    return bootstrapping + MINIBATCH * trials + full * val


def search(job: dict[str, Any], chosen: Settings) -> tuple[Any, str]:
    task = lm_of(job, "task")
    program = program_of(job["task"])
    optimizer = MIPROv2(
        metric=metric_of(job),
        prompt_model=lm_of(job, "proposer"),
        task_model=task,
        auto=chosen.auto,
        num_candidates=None if chosen.auto else chosen.candidates,
        seed=job["seed"] + 1,  # 0 means its default
        num_threads=THREADS,
    )
    val = job["task"]["select"]
    with searching(task):
        try:
            best = optimizer.compile(
                program,
                trainset=examples(job, "search"),
                valset=examples(job, "select"),
                num_trials=None if chosen.auto else chosen.trials,
                minibatch=len(val) > MINIBATCH_ABOVE,
            )
        except Exception as error:  # noqa: BLE001 - however a peer ends, it is told and it counts
            return program, failure(error) + "; the program as it was counts"
    return best, f"finished; its best scores {best.score:.1f} on select"


if __name__ == "__main__":
    main(settings, search, answer)
