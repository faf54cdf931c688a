"""dspy's BootstrapFewShotWithRandomSearch: `search` is its trainset, `select` its valset.

Changed for the budget: as many candidate programs as fit, where its default is 16. All else is its
default. It takes no seed, so that of the contest shuffles the trainset that its own seeds start
from.
"""

from __future__ import annotations

import random
from typing import Any

from dspy.teleprompt import BootstrapFewShotWithRandomSearch
from dspy_side import THREADS, answer, examples, lm_of, metric_of, program_of, searching
from fit import bootstrap_calls, bootstrap_candidates
from side import failure, main

CANDIDATES = 16


def settings(job: dict[str, Any]) -> tuple[str, int]:
    val = len(job["task"]["select"])
    candidates = bootstrap_candidates(job["budget"], val, CANDIDATES)
    return f"{candidates} candidates, about {bootstrap_calls(candidates, val)} calls", candidates


def search(job: dict[str, Any], candidates: int) -> tuple[Any, str]:
    program = program_of(job["task"])
    optimizer = BootstrapFewShotWithRandomSearch(
        metric=metric_of(job), num_candidate_programs=candidates, num_threads=THREADS
    )
    train = examples(job, "search")
    random.Random(job["seed"]).shuffle(train)
    with searching(lm_of(job, "task")):
        try:
            best = optimizer.compile(program, trainset=train, valset=examples(job, "select"))
        except Exception as error:  # noqa: BLE001 - however a peer ends, it is told and it counts
            return program, failure(error) + "; the program as it was counts"
    return best, f"finished; its best scores {best.candidate_programs[0]['score']:.1f} on select"


if __name__ == "__main__":
    main(settings, search, answer)
