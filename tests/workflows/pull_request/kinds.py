"""Every kind of change that a pull request can bring, by name, with what it leaves to be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from colours import CONFIG
from gating_world import PIPELINE
from pull_request_world import CELL, PROMPT, PUPIL, World
from skill import words

if TYPE_CHECKING:
    from collections.abc import Callable

TWIN = "fake/twin"
HERE = (PROMPT, PUPIL)
WHOLE = {**PIPELINE, "models": [PUPIL], "budget": {"calls": 300}}


class Kind(NamedTuple):
    """``todo`` as in `World.todo`; ``gate`` is the exit code once that is done."""

    name: str
    make: Callable[[World], object]
    todo: dict[tuple[str, str], str]
    gate: int = 0


def pipeline(**changes: object) -> Callable[[World], object]:
    return lambda world: world.pipeline(**{**WHOLE, **changes})


def remove(*paths: str) -> Callable[[World], object]:
    return lambda world: world.repo.git("rm", "-r", "--quiet", *paths)


def rename(world: World) -> None:
    world.repo.git("mv", f"prompts/{PROMPT}", "prompts/paints")
    world.repo.git("mv", f"registry/{PROMPT}", "registry/paints")


def edit_evidence(world: World) -> None:
    text = world.read(f"{CELL}/evidence.json")
    world.repo.write(f"{CELL}/evidence.json", text.replace('"score": 0.0', '"score": 1.0', 1))


def rerun_by_hand(world: World) -> None:
    """What `landrace optimize` on a developer's machine leaves: a pin, and no evidence."""
    world.pin_with(PUPIL, 95)
    world.repo.git("rm", "--quiet", f"{CELL}/evidence.json")


def mark_cases(world: World) -> None:
    lines = words(100)
    lines[0]["metadata"] = {"critical": True}
    world.cases(lines)


def merge_meanwhile(world: World) -> None:
    """Another pull request's pin of the same cell gets into base after ours was judged."""
    world.template(52)
    world.commit()
    world.finish(run="before")
    with world.on_main():
        world.pin_with(PUPIL, 65, note="Theirs.")
    world.repo.git("merge", "--quiet", "-s", "ours", "-m", "merge", "main")
    world.repo.write("README.md", "x")


KINDS = [
    Kind("nothing", lambda world: world.repo.write("README.md", "x"), {}),
    Kind("template", lambda w: w.template(52), {HERE: "optimize: the template changed"}),
    Kind("cases", lambda w: w.cases(words(99)), {HERE: "optimize: the eval set changed"}),
    Kind(
        "metric",
        lambda w: w.config(metrics=[{"metric": "contains"}]),
        {HERE: "optimize: the metrics changed"},
    ),
    Kind(
        "splits",
        lambda w: w.config(splits={"seed": 3}),
        {HERE: "optimize: the split seed changed"},
    ),
    Kind(
        "output",
        lambda w: w.config(output={**CONFIG["output"], "max_tokens": 9}),
        {HERE: "optimize: the model's parameters changed"},
    ),
    Kind(
        "a partial",
        lambda w: (
            w.repo.write("prompts/_shared/_tail.jinja", "Think. skill=54\n"),
            w.repo.write(
                f"prompts/{PROMPT}/prompt.jinja",
                '{% include "_tail.jinja" %}\nWord: {{ word }}\n',
            ),
        ),
        {HERE: "optimize: the template changed"},
    ),
    Kind("a description", lambda w: w.config(description="Other words."), {}),
    Kind("marks of cases", mark_cases, {}),
    Kind("seed", pipeline(seed=4), {HERE: "optimize: the pipeline's seed changed"}),
    Kind(
        "strategy's options",
        pipeline(strategy={"name": "auto", "options": {"max_demos": 4}}),
        {HERE: "optimize: the pipeline's options changed"},
    ),
    Kind("budget and policy", pipeline(budget={"calls": 400}, gate={"confidence": 0.8}), {}),
    Kind(
        "decoding parameters",
        pipeline(models=[{"id": PUPIL, "params": {"max_tokens": 12}}]),
        {HERE: "optimize: the model's parameters changed"},
    ),
    Kind("a model that base does not name", pipeline(models=[PUPIL, TWIN]), {}),
    Kind("no model is left", pipeline(models=[TWIN]), {}),
    Kind("a new pipeline", lambda w: w.pipeline("other", **{**WHOLE, "models": [TWIN]}), {}),
    Kind("a pipeline is removed", remove("pipelines/all.yaml"), {}),
    Kind(
        "a new prompt",
        lambda w: w.prompt("paints", skill=40, count=100),
        {("paints", PUPIL): "optimize: there is no pin yet"},
    ),
    Kind("a renamed prompt", rename, {("paints", PUPIL): "optimize: the pin cannot be read"}),
    Kind("a removed prompt", remove(f"prompts/{PROMPT}", "pipelines/all.yaml"), {}),
    Kind("a removed pin", remove(CELL), {HERE: "optimize: there is no pin yet"}),
    Kind(
        "a variant edited by hand",
        lambda w: w.repo.write(
            f"{CELL}/prompt.jinja", w.read(f"{CELL}/prompt.jinja") + "\nBe kind.\n"
        ),
        {HERE: "optimize: the pinned variant was edited by hand"},
    ),
    Kind(
        "a pin that is no JSON",
        lambda w: w.repo.write(f"{CELL}/pin.json", "<<<<<<< ours\n"),
        {HERE: "optimize: the pin cannot be read"},
    ),
    Kind("a pin made by hand", rerun_by_hand, {HERE: "measure: there is no evidence yet"}),
    Kind(
        "evidence is removed",
        remove(f"{CELL}/evidence.json"),
        {HERE: "measure: there is no evidence yet"},
    ),
    Kind("evidence of another base", merge_meanwhile, {HERE: "measure: what base serves changed"}),
    Kind(
        "evidence is no JSON",
        lambda w: w.repo.write(f"{CELL}/evidence.json", "<<<<<<< ours\n"),
        {HERE: "measure: the file is not JSON: Expecting value"},
    ),
    Kind(
        "a report edited by hand",
        lambda w: w.repo.write(f"{CELL}/report.md", "# Nothing to see\n"),
        {HERE: "optimize: what base serves changed"},
    ),
]
