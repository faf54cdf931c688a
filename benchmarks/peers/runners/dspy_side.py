"""What every optimizer of dspy is given: models, program, examples; and how its winner answers.

A `dspy.Predict` over the inputs, with labels as a Literal, so what the model reads is dspy's chat
format around the same instruction. Its own cache is on, as by default, and new for each run.

By default dspy gives a search up at the tenth answer that it cannot read, and nothing is left of
what was found. A small model gets there soon and the end of the budget at once, so here they are
without limit, and each scores 0.
"""

from __future__ import annotations

from typing import Any, Literal

import dspy
from side import Judge, Outcome, failure

THREADS = 4
MOST_ERRORS = 1_000_000


class Spent(dspy.utils.BaseCallback):
    """Whether the end of the budget refused a call; for `dspy.context(callbacks=...)`."""

    def __init__(self) -> None:
        self.is_so = False

    def on_lm_end(self, call_id: str, outputs: Any, exception: Any = None) -> None:
        del call_id, outputs
        self.is_so = self.is_so or "calls are spent" in str(exception)


def searching(task: dspy.LM, *callbacks: Any) -> Any:
    """The context of a search with ``task`` as its model."""
    return dspy.context(lm=task, max_errors=MOST_ERRORS, callbacks=list(callbacks))


def metric_of(job: dict[str, Any]) -> Any:
    """The contest's metric, as dspy calls it."""
    judge = Judge(job["judge"])
    return lambda example, answer, _trace=None: judge(example.case, str(answer.answer)).score


def answer(job: dict[str, Any], winner: Any) -> Outcome:
    """What the program makes of the holdout; None where dspy cannot read an answer."""
    lm = lm_of(job, "task", base=job["uncounted"])
    answers: dict[str, str | None] = {}
    with dspy.context(lm=lm):
        for case in job["task"]["holdout"]:
            try:
                answers[case["id"]] = str(winner(**case["inputs"]).answer)
            except Exception as error:  # noqa: BLE001 - an answer that dspy cannot read
                answers[case["id"]] = None
                failure(error)
    return Outcome(answers, lm.history[0]["messages"])


def lm_of(job: dict[str, Any], model: str, base: str = "") -> Any:
    """The model ``task`` or ``proposer``, at the contest's address or another."""
    return dspy.LM(
        f"openai/{model}",
        api_base=base or job["api_base"],
        api_key="none",
        temperature=0.0 if model == "task" else 1.0,
        max_tokens=job["task"]["answer_tokens"] if model == "task" else job["proposal_tokens"],
    )


def program_of(task: dict[str, Any]) -> Any:
    """The program that is optimized."""
    kind = Literal[tuple(task["labels"])] if task["labels"] else str
    fields: dict[str, Any] = {name: (str, dspy.InputField()) for name in task["inputs"]}
    fields["answer"] = (kind, dspy.OutputField())
    return dspy.Predict(dspy.Signature(fields, task["instruction"]))


def examples(job: dict[str, Any], split: str) -> list[Any]:
    return [
        dspy.Example(**case["inputs"], answer=case["expected"], case=case["id"]).with_inputs(
            *job["task"]["inputs"]
        )
        for case in job["task"][split]
    ]
