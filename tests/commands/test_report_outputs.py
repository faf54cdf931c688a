"""`landrace report --outputs`: the texts behind a report's changed cases, from this machine alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from landrace.gateway import connect
from landrace.gateway.metered import Price
from landrace.gateway.scripted import ScriptedGateway
from pull_request_world import CELL, LEDGER, PROMPT, PUPIL, World, pupil

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    from landrace.gateway.base import Request

    Run = Callable[..., Result]

APE = {"name": "ape", "options": {"prompts": 4}}
REFUSED = "what stands in the registry is committed"


def answer(request: Request) -> str:
    asked = "Work out what that instruction says" in request.messages[-1].content
    return "<instruction>Say red or blue with skill=90.</instruction>" if asked else pupil(request)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> ScriptedGateway:
    made = ScriptedGateway(answer)
    monkeypatch.setattr(
        connect, "connect", lambda _most=None: connect.RoutingGateway(lambda _id: made)
    )
    monkeypatch.setattr(connect, "check_model", lambda _model, _params=None: None)
    monkeypatch.setattr(connect, "fingerprint", lambda _model: "")
    monkeypatch.setattr(connect, "price_of", lambda _model: Price(0.0, 0.0))
    return made


@pytest.fixture
def world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: ScriptedGateway, landrace: Run
) -> World:
    """One that has just been optimized."""
    made = World.make(tmp_path / "repo", strategy=APE)
    monkeypatch.chdir(made.root)
    assert landrace("optimize").exit_code == 0
    return made


def changed(world: World) -> list[str]:
    return [flip["case_id"] for flip in json.loads(world.read(f"{CELL}/report.json"))["flips"]]


def test_the_texts_are_shown_only_if_asked_for_and_cost_nothing(
    world: World, model: ScriptedGateway, landrace: Run
) -> None:
    paid, ids = model.calls, changed(world)
    assert len(ids) > 5
    plain, text, markdown, html = (
        landrace("report", PROMPT, *more)
        for more in (
            (),
            ("--outputs",),
            ("--outputs", "--format", "markdown"),
            ("--outputs", "--format", "html"),
        )
    )
    assert text.stdout.startswith(plain.stdout)
    assert text.stdout.count("\nCase word") == 3
    assert f"{len(ids) - 3} more cases in --format html." in text.stdout
    assert f"{len(ids) - 5} more cases not shown." in markdown.stdout
    assert html.stdout.count("<h3>winner</h3>") == len(ids)
    assert text.stderr == markdown.stderr == html.stderr == ""
    assert model.calls == paid


def test_a_fresh_clone_shows_the_report_and_says_how_to_pay(world: World, landrace: Run) -> None:
    plain = landrace("report", PROMPT).stdout
    (world.root / LEDGER).unlink()
    clone = landrace("report", PROMPT, "--outputs")
    assert (clone.exit_code, clone.stdout) == (0, plain)
    assert "there is no ledger on this machine" in clone.stderr
    assert not (world.root / LEDGER).exists()

    evaluate = ("eval", PROMPT, "--model", PUPIL, "--split", "holdout")
    assert landrace(*evaluate).exit_code == 0
    half = landrace("report", PROMPT, "--outputs")
    assert half.stdout == plain
    assert f"`landrace {' '.join(evaluate)} --variant pinned` pay for them." in half.stderr
    assert landrace(*evaluate, "--variant", "pinned").exit_code == 0
    whole = landrace("report", PROMPT, "--outputs")
    assert (whole.stderr, whole.stdout.count("\nCase word")) == ("", 3)


def test_what_is_edited_since_is_told_with_the_cell(world: World, landrace: Run) -> None:
    world.template(51)
    told = landrace("report", PROMPT, "--outputs")
    assert told.exit_code == 0
    assert told.stderr.startswith(f"{PROMPT} on {PUPIL}: no outputs of {len(changed(world))} ")
    assert "the prompt has changed since the report. `landrace optimize`" in told.stderr


def test_a_report_without_changed_cases_says_so(world: World, landrace: Run) -> None:
    data = json.loads(world.read(f"{CELL}/report.json"))
    world.repo.write(f"{CELL}/report.json", json.dumps({**data, "flips": []}))
    told = landrace("report", "--model", PUPIL, "--outputs")
    assert told.exit_code == 0
    assert "no holdout case changed" in told.stderr


@pytest.mark.parametrize("target", [f"{CELL}/report.md", "link/report.html"])
def test_texts_are_not_written_where_they_would_be_committed(
    world: World, landrace: Run, target: str
) -> None:
    (world.root / "link").symlink_to("registry")
    before = world.repo.tree()
    refused = landrace("report", PROMPT, "--outputs", "--format", "markdown", "-o", target)
    assert refused.exit_code == 3
    assert REFUSED in refused.stderr
    assert world.repo.tree() == before
    assert landrace("report", PROMPT, "--outputs", "-o", "report.txt").exit_code == 0
    assert "\nCase word" in world.read("report.txt")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--outputs",), "--outputs needs a PROMPT or --model"),
        ((PROMPT, "--outputs", "--format", "json"), "--outputs has no meaning with --format json"),
        (("--outputs", "--base", "main"), "--outputs has no meaning with --base"),
    ],
)
def test_wrong_usage_is_2(
    world: World, landrace: Run, arguments: tuple[str, ...], problem: str
) -> None:
    result = landrace("report", *arguments)
    assert result.exit_code == 2
    assert problem in result.stderr
