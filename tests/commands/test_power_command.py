"""``landrace power``: figures, and nothing called."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gating_world import World
from landrace.gateway import connect
from landrace.reports.figures import UNKNOWN
from skill import PROMPT, PUPIL, TWIN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    Run = Callable[..., Result]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two models that nobody has, and no way to reach any."""
    made = World(tmp_path / "repo")
    made.prompt()
    made.pipeline(models=[PUPIL, "local/nobody-has-this"])
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("LANDRACE_CACHE_DIR", str(tmp_path / "empty"))
    for name in ("connect", "check_model", "price_of", "fingerprint"):
        monkeypatch.setattr(connect, name, lambda *_: pytest.fail("nothing may be called"))
    return made


def data(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, object]] = json.loads(result.stdout)
    return found


def test_a_table_with_what_is_assumed_marked(world: World, landrace: Run) -> None:
    before = world.repo.tree()
    result = landrace("power")
    assert result.exit_code == 0
    header, *rows = (line.split() for line in result.stdout.splitlines() if line)
    assert header == [
        *("prompt", "model", "which", "cases", "noise", "allowed", "detects"),
        "from",
        "needs",
    ]
    assert [row[:6] for row in rows[:2]] == [
        [PROMPT, PUPIL, "all", "60", "0.150*", "5.0"],
        [
            PROMPT,
            PUPIL,
            "holdout",
            str(data(landrace("power", "--format", "json"))[1]["cases"]),
            "0.150*",
            "5.0",
        ],
    ]
    assert " ".join(rows[-1]).startswith("* assumed: this cell has no report yet")
    assert world.repo.tree() == before, "no ledger is opened"


def test_the_same_as_json(world: World, landrace: Run) -> None:
    rows = data(landrace("power", "--format", "json"))
    assert [(row["model"], row["cases_from"]) for row in rows] == [
        (model, kind) for model in (PUPIL, "local/nobody-has-this") for kind in ("all", "holdout")
    ]
    assert set(rows[0]) == {
        *("prompt", "model", "cases_from", "cases", "noise", "known"),
        *("allowed", "detectable", "needed"),
    }


def test_overrides(world: World, landrace: Run) -> None:
    arguments = ["--allowed-drop", "0.1", "--noise", "0.3", "--cases", "400", "--claims", "20"]
    result = landrace("power", PROMPT, *arguments)
    assert "*" not in result.stdout
    [first, _] = data(landrace("power", PROMPT, *arguments, "--format", "json"))
    assert (first["cases_from"], first["cases"], first["noise"]) == ("assumed", 400, 0.3)
    assert (first["allowed"], first["known"]) == (0.1, True)
    [alone, _] = data(landrace("power", *arguments[:-2], "--format", "json"))
    assert alone["detectable"] < first["detectable"]  # type: ignore[operator]  # both numbers


def test_where_nothing_can_be_told(world: World, landrace: Run) -> None:
    world.pipeline(gate={"metrics": [{"metric": "cost_usd"}]})
    assert landrace("power").stdout.startswith("Nothing to tell: no pipeline has")
    world.pipeline(models=[TWIN], gate={"metrics": [{"allowed_drop": 0}]})
    row = data(landrace("power", "--format", "json"))[0]
    assert row["needed"] is None
    assert landrace("power").stdout.splitlines()[1].split()[-1] == UNKNOWN
    world.pipeline(models=[TWIN])
    [few, *_] = data(landrace("power", "--cases", "2", "--format", "json"))
    assert few["detectable"] is None


def test_an_unknown_prompt_is_told_with_the_nearest(world: World, landrace: Run) -> None:
    result = landrace("power", "colour")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no prompt `colour`" in result.stderr
    assert "did you mean `colours`?" in result.stderr


@pytest.mark.parametrize(
    "arguments", [["--cases", "1"], ["--noise", "0"], ["--claims", "0"], ["--allowed-drop", "2"]]
)
def test_bad_options(world: World, landrace: Run, arguments: list[str]) -> None:
    result = landrace("power", *arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.stderr


def test_a_broken_prompt_is_told(world: World, landrace: Run) -> None:
    world.cases([{"id": "a", "inputs": {"wrod": "a"}, "expected": "red"}])
    result = landrace("power")
    assert result.exit_code == 2
    assert "prompts/colours/cases.jsonl:1" in result.stderr
