"""dspy's GEPA: `search` is its trainset, `select` the valset of its Pareto frontier.

Changed for the budget: as many metric calls as the budget has task-model calls, in place of an
``auto`` setting, and no proposal once it is spent, of which nothing could come. The metric tells
it what it tells our own strategies. All else is its default, merging among it.
"""

from __future__ import annotations

from typing import Any

import dspy
from dspy.teleprompt import GEPA
from dspy_side import THREADS, Spent, answer, examples, lm_of, program_of, searching
from side import Judge, failure, main


def settings(job: dict[str, Any]) -> tuple[str, int]:
    calls = job["budget"]
    return f"max_metric_calls={calls}", calls


def search(job: dict[str, Any], calls: int) -> tuple[Any, str]:
    program = program_of(job["task"])
    task, spent = lm_of(job, "task"), Spent()
    optimizer = GEPA(
        metric=_metric(job),
        max_metric_calls=calls,
        reflection_lm=lm_of(job, "proposer"),
        num_threads=THREADS,
        track_stats=True,
        seed=job["seed"],
        gepa_kwargs={"stop_callbacks": lambda _state: spent.is_so},
    )
    with searching(task, spent):
        try:
            best = optimizer.compile(
                program, trainset=examples(job, "search"), valset=examples(job, "select")
            )
        except Exception as error:  # noqa: BLE001 - however a peer ends, it is told and it counts
            return program, failure(error) + "; the program as it was counts"
    found = best.detailed_results
    score = 100 * max(found.val_aggregate_scores)
    return best, (
        f"finished; {len(found.candidates)} candidates, its best scores {score:.1f} on select"
    )


def _metric(job: dict[str, Any]) -> Any:
    judge = Judge(job["judge"])

    def metric(
        example: Any, answer: Any, trace: Any = None, name: Any = None, steps: Any = None
    ) -> Any:
        del trace, name, steps
        verdict = judge(example.case, str(answer.answer))
        return dspy.Prediction(score=verdict.score, feedback=verdict.feedback)

    return metric


if __name__ == "__main__":
    main(settings, search, answer)
