"""The tasks of a contest: a prompt of landrace with its splits, and what peers are told of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.tasks import write_prompt

from landrace.metrics.base import Sample
from landrace.parsers import ParseFailure, default_parser, parse
from landrace.schemas.pipeline import ModelConfig
from landrace.store.project import Project
from landrace.store.splits import split_cases
from landrace.workflows.prompt_state import prompt_state

if TYPE_CHECKING:
    from pathlib import Path

    from landrace.metrics.base import Metric
    from landrace.optimizers.variants import Program
    from landrace.schemas.case import Case
    from landrace.schemas.prompt import PromptConfig
    from landrace.schemas.score import Score

# Room for what a format wraps around an answer, the same for every contestant.
ROOM_TOKENS = 48


class Sizes(NamedTuple):
    """Cases of each split of a public set, which are its first ones."""

    search: int
    select: int
    holdout: int


@dataclass(frozen=True)
class Task:
    """A prompt, its cases by split, and the metric that judges every contestant."""

    name: str
    program: Program
    config: PromptConfig
    metric: Metric
    search: tuple[Case, ...]
    select: tuple[Case, ...]
    holdout: tuple[Case, ...]

    @property
    def instruction(self) -> str:
        """What the base prompt says, without its input."""
        parts = self.program.main.parts
        assert parts is not None
        return parts.instruction

    @property
    def answer_tokens(self) -> int:
        return self.config.output.max_tokens + ROOM_TOKENS

    def model(self, model_id: str) -> ModelConfig:
        return ModelConfig(id=model_id, params={"temperature": 0, "max_tokens": self.answer_tokens})

    def judge(self, case_id: str, answer: str | None) -> Score:
        """The score of what a contestant read from an answer: the contract's parser, the metric."""
        case = next(c for c in self.search + self.select + self.holdout if c.id == case_id)
        contract = self.config.output.model_dump(by_alias=True, exclude_none=True)
        try:
            value = None if answer is None else parse(default_parser(contract), answer)
        except ParseFailure:
            value = None
        sample = Sample(
            inputs=case.inputs, expected=case.expected, output=answer or "", answer=value
        )
        return self.metric.score(sample)

    def for_peers(self) -> dict[str, Any]:
        """All that a peer is given; of the holdout, the inputs alone."""
        return {
            "name": self.name,
            "instruction": self.instruction,
            "inputs": list(self.config.inputs["properties"]),
            "labels": list(self.config.output.labels or ()),
            "answer_tokens": self.answer_tokens,
            "search": [_example(case) for case in self.search],
            "select": [_example(case) for case in self.select],
            "holdout": [{"id": case.id, "inputs": case.inputs} for case in self.holdout],
        }


def read_task(root: Path, name: str) -> Task:
    """A prompt of the repository at ``root``; its cases are split as its prompt.yaml says."""
    state = prompt_state(Project(root).read_prompt(name))
    config = state.source.config
    splits = split_cases(state.eval_set.cases, config.splits)
    return Task(name, state.program, config, state.metric, *splits)


def write_public(root: Path, name: str, data: Path, sizes: Sizes) -> str:
    """Make a prompt of a public set in ``root``, as `benchmarks.tasks` does; gives its name."""
    folder = write_prompt(root, name)
    cases = [json.loads(line) for line in data.read_text(encoding="utf-8").splitlines()]
    places = [name for name, count in sizes._asdict().items() for _ in range(count)]
    chosen = zip(cases, places, strict=False)
    lines = [json.dumps({**case, "split": place}) + "\n" for case, place in chosen]
    (folder / "cases.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder.name


def _example(case: Case) -> dict[str, Any]:
    expected = case.expected[0] if isinstance(case.expected, list) else case.expected
    text = expected if isinstance(expected, str) else json.dumps(expected)
    return {"id": case.id, "inputs": case.inputs, "expected": text}
