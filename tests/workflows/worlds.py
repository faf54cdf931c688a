"""A small world for workflow tests: a prompt, its cases, and models of known character."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from colours import SOURCE, luck
from landrace.metrics.table import build
from landrace.optimizers.strategies.auto import Options
from landrace.optimizers.variants import Program
from landrace.schemas.case import Case
from landrace.schemas.pipeline import Budget, ModelConfig, PipelineConfig
from landrace.workflows.task import CellTask, Fingerprints
from strategy_world import CONFIG

if TYPE_CHECKING:
    from landrace.gateway.base import Request


def colour(word: str) -> str:
    return "red" if hashlib.sha256(word.encode()).digest()[0] % 2 else "blue"


def cases(name: str, count: int) -> tuple[Case, ...]:
    words = [f"{name}{number}" for number in range(count)]
    return tuple(Case(id=word, inputs={"word": word}, expected=colour(word)) for word in words)


def apt_pupil(request: Request) -> str:
    """A model that learns from demos: none, and it chats; more, and it gets better."""
    if "Work out what that instruction says" in request.messages[-1].content:
        return f"<instruction>Say red or blue for the word {request.repeat}.</instruction>"
    demos = sum(message.role == "assistant" for message in request.messages)
    word = request.messages[-1].content.rsplit(" ", 1)[-1]
    right = colour(word)
    wrong = "blue" if right == "red" else "red"
    if demos == 0:
        return f"I would say {right}." if luck(word) < 0.5 else right if luck(word) < 0.6 else wrong
    return right if luck(word, str(demos)) < 0.6 + 0.04 * min(demos, 8) else wrong


def perfect(request: Request) -> str:
    return colour(request.messages[-1].content.rsplit(" ", 1)[-1])


def stubborn(request: Request) -> str:
    """A model that no prompt changes."""
    word = request.messages[-1].content.rsplit(" ", 1)[-1]
    return colour(word) if luck(word) < 0.6 else "green"


def task(*, budget: Budget | None = None, seed: int = 0, **changes) -> CellTask:
    pipeline = PipelineConfig(
        prompts=("colours",), models=(ModelConfig(id="fake/pupil"),), seed=seed
    )
    values = {
        "program": Program.of("colours", SOURCE, CONFIG.output, path="prompt.jinja"),
        "config": CONFIG,
        "search": cases("search", 40),
        "select": cases("select", 30),
        "holdout": cases("holdout", 50),
        "metric": build(CONFIG.metrics),
        "fingerprints": Fingerprints("a" * 64, "b" * 64, 0, "c" * 64),
        "pipeline": pipeline,
        "model": ModelConfig(id="fake/pupil", params={"temperature": 0, "max_tokens": 8}),
        "options": Options(),
        "budget": budget or Budget(calls=600),
        "incumbent": None,
        "others": (),
    }
    return CellTask(**{**values, **changes})


__all__ = ["CONFIG", "SOURCE", "apt_pupil", "cases", "colour", "perfect", "stubborn", "task"]
