"""sammo's BeamSearch in the set-up of its paper's instruction tuning.

Four starts, beam 4, depth 4, 2 mutations out of {induce instructions, APO, paraphrase}: 36
candidates at most, each on the whole training set, hence a training set of budget / 36 cases.
These and the 5 cases that instructions are induced from are drawn from `search` and `select`.
Its cache of answers is on, as in its paper's scripts, and new for each run.
"""

from __future__ import annotations

import random
from collections import UserDict
from typing import Any, NamedTuple

from sammo import search_op
from sammo.base import EvaluationScore, Runner
from sammo.components import GenerateText, Output
from sammo.data import DataTable
from sammo.dataformatters import PlainFormatter
from sammo.instructions import InputData, MetaPrompt, Paragraph
from sammo.mutators import APO, BagOfMutators, InduceInstructions, Paraphrase
from sammo.runners import OpenAIChat
from sammo.search import BeamSearch
from side import Judge, Outcome, failure, main

WIDTH, DEPTH, MUTATIONS, STARTS = 4, 4, 2, 4
MOST_CANDIDATES = STARTS + DEPTH * WIDTH * MUTATIONS
SHOWN = 5
MOST_LABELS = 10
SECONDS = 600


class Settings(NamedTuple):
    train: list[dict[str, Any]]
    shown: list[dict[str, Any]]


def settings(job: dict[str, Any]) -> tuple[str, Settings]:
    cases = [*job["task"]["search"], *job["task"]["select"]]
    random.Random(job["seed"]).shuffle(cases)
    size = min(len(cases) - SHOWN, max(1, job["budget"] // MOST_CANDIDATES))
    words = (
        f"beam {WIDTH}, depth {DEPTH}, {MUTATIONS} mutations, {STARTS} starts, "
        f"{size} training cases, at most {size * MOST_CANDIDATES} calls"
    )
    return words, Settings(cases[SHOWN : SHOWN + size], cases[:SHOWN])


def search(job: dict[str, Any], chosen: Settings) -> tuple[Output, str]:
    judge = Judge(job["judge"])
    ids = {_key(case["inputs"]): case["id"] for case in chosen.train}

    def accuracy(truth: DataTable, answers: DataTable) -> EvaluationScore:
        inputs = truth.inputs.raw_values
        found = answers.outputs.normalized_values(on_empty="")
        scores = [judge(ids[_key(i)], str(a)).score for i, a in zip(inputs, found, strict=True)]
        mistakes = [index for index, score in enumerate(scores) if score < 1]
        return EvaluationScore(sum(scores) / len(scores), mistakes)

    space = Space(job["task"])
    bag = BagOfMutators(
        space,
        InduceInstructions("#instructions", _table(chosen.shown)),
        APO(
            "#instructions content",
            None,
            num_gradients=2,
            steps_per_gradient=1,
            num_rewrites=0,
        ),
        Paraphrase("#instructions"),
        seed=job["seed"],
        sample_for_init_candidates=True,
    )
    beam = BeamSearch(
        Models(_model(job, "task"), _model(job, "proposer")),
        bag,
        accuracy,
        maximize=True,
        depth=DEPTH,
        mutations_per_beam=MUTATIONS,
        n_initial_candidates=STARTS,
        beam_width=WIDTH,
        add_previous=True,
    )
    try:
        beam.fit(_table(chosen.train))
        ended = "finished"
    except Exception as error:  # noqa: BLE001 - however a peer ends, its best so far counts
        ended = failure(error)
    scored = beam._state["fit"]  # noqa: SLF001 - what it has of a search that was cut short
    if not scored:
        return space.original(), ended + "; the prompt as it was counts"
    best = beam.argbest(scored)
    words = (
        f"{ended}; {len(scored)} candidates, its best scores {best['objective']:.2f} in training"
    )
    return best["candidate"], words


def answer(job: dict[str, Any], winner: Output) -> Outcome:
    holdout = job["task"]["holdout"]
    asked = _model(job, "task", base=job["uncounted"])
    found = winner.run(asked, DataTable([_input(case["inputs"]) for case in holdout]))
    values = found.outputs.normalized_values(on_empty=None)
    answers = {
        case["id"]: None if value is None else str(value)
        for case, value in zip(holdout, values, strict=True)
    }
    return Outcome(answers, _first_messages(found))


class Models(Runner):
    """The task model for the prompt that is tuned, which alone sets a limit of its answer, and
    the proposer for what mutations ask.
    """

    def __init__(self, task: OpenAIChat, proposer: OpenAIChat) -> None:
        super().__init__()
        self._task = task
        self._proposer = proposer

    async def generate_text(self, prompt: str, max_tokens: int | None = None, **given: Any) -> Any:
        model = self._proposer if max_tokens is None else self._task
        return await model.generate_text(prompt, max_tokens=max_tokens, **given)


class Memory(UserDict):
    """A cache of answers; a plain dict would become one of pyglove's, which has no such keys."""


class Space:
    """The prompt of the paper's script, with the four starts of its instruction."""

    def __init__(self, task: dict[str, Any]) -> None:
        self._task = task

    def __call__(self) -> Output:
        given = self._task["instruction"]
        return self._prompt(
            search_op.one_of([given, "", "Find the best output label given the input.", given * 2])
        )

    def original(self) -> Output:
        return self._prompt(self._task["instruction"])

    def _prompt(self, instruction: Any) -> Output:
        labels = self._task["labels"]
        known = f"Output labels: {', '.join(labels)}\n" if 0 < len(labels) <= MOST_LABELS else ""
        formatter = PlainFormatter(all_labels=labels, orient="item")
        meta = MetaPrompt(
            [
                Paragraph("Instructions: "),
                Paragraph(instruction, reference_id="instructions"),
                Paragraph("\n"),
                Paragraph(known),
                Paragraph(InputData()),
                Paragraph("Output: "),
            ],
            render_as="raw",
            data_formatter=formatter,
        )
        asked = GenerateText(meta, max_tokens=self._task["answer_tokens"])
        return Output(
            formatter.get_extractor(asked, on_error="raise"),
            minibatch_size=1,
            on_error="empty_result",
        )


def _model(job: dict[str, Any], model: str, base: str = "") -> OpenAIChat:
    address = base or job["api_base"]
    return OpenAIChat(
        model_id=model,
        api_config={"api_key": "none", "base_url": address},
        cache=Memory(),
        rate_limit=1000,
        max_retries=1,
        timeout=SECONDS,
    )


def _first_messages(found: DataTable) -> list[dict[str, str]]:
    """What was asked for the first case, out of the trace that sammo keeps of each answer."""
    result = found.outputs[0]
    while result is not None and not getattr(result, "request_text", None):
        parent = result.parent
        result = parent[0] if isinstance(parent, list) and parent else parent or None
    return [{"role": "user", "content": result.request_text}] if result else []


def _input(inputs: dict[str, Any]) -> Any:
    return next(iter(inputs.values())) if len(inputs) == 1 else inputs


def _key(value: Any) -> str:
    return str(_input(value) if isinstance(value, dict) else value)


def _table(cases: list[dict[str, Any]]) -> DataTable:
    return DataTable([_input(c["inputs"]) for c in cases], [c["expected"] for c in cases])


if __name__ == "__main__":
    main(settings, search, answer)
