"""What every optimizer of promptolution is given: models, task, first prompts; and its answers.

It reads answers with its marker-based predictor, as its own `optimize` does, and asks in its own
way: a system prompt, the prompt, the input below it. Its task scores with the contest's metric.
Cases are drawn from `search` and `select`, since it has no second set to choose on. A population
starts from the base prompt and the proposer's variations of it, by promptolution's own helper; to
have the task model write them, as its default is, would take budget.

Retries are off, for a call beyond the budget would be tried six times; what ends a step ends the
search, and the best of the steps before it counts. The proposer has temperature 1, which is the
API's own default, and promptolution sets none.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from promptolution.llms import APILLM
from promptolution.predictors import MarkerBasedPredictor
from promptolution.tasks.base_task import BaseTask
from promptolution.utils import DEFAULT_SYS_PROMPT, Prompt, create_prompt_variation
from promptolution.utils.callbacks import BaseCallback
from side import Judge, Outcome, failure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

THREADS = 4
SECONDS = 3600.0


class JudgedTask(BaseTask):
    """Cases with the contest's metric in place of accuracy.

    Expected answers are in lower case, as in its classification task, for its predictor lowers
    what it reads.
    """

    def __init__(self, job: dict[str, Any], cases: Sequence[dict[str, Any]], **given: Any) -> None:
        self._judge = Judge(job["judge"])
        self._ids = {text_of(case): case["id"] for case in cases}
        super().__init__(
            table(cases),
            "x",
            "y",
            task_description=job["task"]["instruction"],
            seed=job["seed"],
            **given,
        )

    def _evaluate(self, xs: list[str], ys: list[str], preds: list[str]) -> np.ndarray:
        del ys
        scores = [self._judge(self._ids[x], pred).score for x, pred in zip(xs, preds, strict=True)]
        return np.asarray(scores, dtype=float)


class Parts(NamedTuple):
    """What an optimizer takes: ``optimizer(**parts._asdict())``."""

    predictor: MarkerBasedPredictor
    task: JudgedTask
    meta_llm: APILLM
    initial_prompts: list[str]


def parts(
    job: dict[str, Any], cases: Sequence[dict[str, Any]], population: int, **task: Any
) -> Parts:
    proposer = _model(job, "proposer", max_tokens=job["proposal_tokens"], temperature=1.0)
    return Parts(
        MarkerBasedPredictor(_task_model(job, job["api_base"])),
        JudgedTask(job, cases, **task),
        proposer,
        _population(job["task"]["instruction"], population, proposer),
    )


def draw(job: dict[str, Any]) -> list[dict[str, Any]]:
    """All cases but the holdout, shuffled; and the generators that promptolution draws from."""
    random.seed(job["seed"])
    np.random.seed(job["seed"])  # noqa: NPY002 - it is what promptolution uses
    cases = [*job["task"]["search"], *job["task"]["select"]]
    random.shuffle(cases)
    return cases


class Steps(BaseCallback):
    """How many steps ended by themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.done = 0

    def on_step_end(self, optimizer: Any) -> bool:
        del optimizer
        self.done += 1
        return True


def best(job: dict[str, Any], make: Callable[[], Any], steps: int) -> tuple[Prompt, str]:
    """The best prompt of a search, and how it ended."""
    original, done = Prompt(job["task"]["instruction"]), Steps()
    try:
        optimizer = make()
        optimizer.callbacks.append(done)
        optimizer.optimize(steps)
    except Exception as error:  # noqa: BLE001 - however a peer ends, it is told and it counts
        return original, failure(error) + "; the prompt as it was counts"
    scores = list(optimizer.scores)
    ended = f"{done.done} of {steps} steps finished"
    if len(scores) != len(optimizer.prompts):
        return original, ended + "; the prompt as it was counts"
    place = int(np.argmax(scores))
    return (
        optimizer.prompts[place],
        f"{ended}; its best scores {100 * scores[place]:.1f} in training",
    )


def answer(job: dict[str, Any], winner: Prompt) -> Outcome:
    holdout = job["task"]["holdout"]
    texts = [text_of(case) for case in holdout]
    predictor = MarkerBasedPredictor(_task_model(job, job["uncounted"]))
    found, _ = predictor.predict([str(winner)] * len(texts), texts)
    answers = {case["id"]: value for case, value in zip(holdout, found, strict=True)}
    first = [
        {"role": "system", "content": DEFAULT_SYS_PROMPT},
        {"role": "user", "content": f"{winner}\n{texts[0]}"},
    ]
    return Outcome(answers, first)


def table(cases: Sequence[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(
        {"x": [text_of(case) for case in cases], "y": [c["expected"].lower() for c in cases]}
    )


def text_of(case: dict[str, Any]) -> str:
    inputs = case["inputs"]
    if len(inputs) == 1:
        return str(next(iter(inputs.values())))
    return "\n".join(f"{name}: {value}" for name, value in inputs.items())


def _population(instruction: str, size: int, proposer: APILLM) -> list[str]:
    """The instruction and variations, each once; fewer where the proposer repeats itself."""
    found = [instruction]
    if size > 1:
        found += create_prompt_variation([instruction] * (size - 1), proposer)
    return list(dict.fromkeys(text for text in found if text))


def _task_model(job: dict[str, Any], address: str) -> APILLM:
    return _model(job, "task", address, max_tokens=job["task"]["answer_tokens"], temperature=0.0)


def _model(
    job: dict[str, Any], model: str, address: str = "", *, max_tokens: int, temperature: float
) -> APILLM:
    return APILLM(
        api_url=address or job["api_base"],
        model_id=model,
        api_key="none",
        max_concurrent_calls=THREADS,
        max_tokens=max_tokens,
        call_timeout_s=SECONDS,
        gather_timeout_s=SECONDS,
        max_retries=0,
        call_kwargs={"temperature": temperature},
    )
