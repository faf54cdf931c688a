"""dspy's SIMBA, which has a trainset alone: drawn from `search` and `select`.

Changed for the budget: a smaller batch, then fewer steps, and a trainset of a tenth of the calls,
since it tries a winner of each step on all of it. The proposer writes its rules; its other settings
are its defaults.
"""

from __future__ import annotations

import random
from typing import Any

from dspy.teleprompt import SIMBA
from dspy_side import THREADS, answer, examples, lm_of, metric_of, program_of, searching
from fit import SIMBA_CANDIDATES, SimbaSize, simba_size
from side import failure, main


def settings(job: dict[str, Any]) -> tuple[str, SimbaSize]:
    task = job["task"]
    size = simba_size(job["budget"], len(task["search"]) + len(task["select"]))
    words = (
        f"batch {size.batch}, {size.steps} steps, {size.train} training cases, "
        f"at most {size.calls} calls"
    )
    return words, size


def search(job: dict[str, Any], size: SimbaSize) -> tuple[Any, str]:
    program = program_of(job["task"])
    optimizer = SIMBA(
        metric=metric_of(job),
        bsize=size.batch,
        num_candidates=SIMBA_CANDIDATES,
        max_steps=size.steps,
        prompt_model=lm_of(job, "proposer"),
        num_threads=THREADS,
    )
    cases = [*examples(job, "search"), *examples(job, "select")]
    random.Random(job["seed"]).shuffle(cases)
    with searching(lm_of(job, "task")):
        try:
            best = optimizer.compile(program, trainset=cases[: size.train], seed=job["seed"])
        except Exception as error:  # noqa: BLE001 - however a peer ends, it is told and it counts
            return program, failure(error) + "; the program as it was counts"
    score = 100 * best.candidate_programs[0]["score"]
    return best, f"finished; its best scores {score:.1f} in training"


if __name__ == "__main__":
    main(settings, search, answer)
