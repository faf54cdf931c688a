"""`landrace train`, and what `landrace plan` says of it."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from landrace import Registry
from landrace.errors import ModelError
from landrace.gateway import connect
from landrace.gateway.metered import Price
from landrace.runtime.choices import CHOICES_FILE
from landrace.store.project import Project
from landrace.store.registry import cell_dir
from landrace.store.splits import assign_splits
from landrace.workflows.initialise import initialise
from landrace.workflows.train import CI_VARIABLES
from pinned import MODEL
from pupil import CASES, Pupil

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    from git_repo import GitRepo

    Run = Callable[..., Result]

TRAINER = (
    "import os, pathlib; "
    "pathlib.Path(os.environ['LANDRACE_ANSWER']).write_text('{\"model\": \"fake/heir\"}')"
)

_WOULD = ("--dry-run", "--format", "json")


@pytest.fixture
def optimized(repo: GitRepo, landrace: Run, monkeypatch: pytest.MonkeyPatch) -> GitRepo:
    """The first prompt with a pipeline that trains, after its search."""
    for name in CI_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(connect, "connect", lambda _concurrency: Pupil(repo.root / CASES))
    monkeypatch.setattr(connect, "check_model", lambda _model, _params=None: None)
    monkeypatch.setattr(connect, "price_of", lambda _model: Price(0.0, 0.0))
    initialise(repo.root)
    config = {
        "prompts": ["*"],
        "models": [MODEL],
        "budget": {"calls": 200},
        "training": {"command": [sys.executable, "-c", TRAINER]},
    }
    (name,) = (path.stem for path in (repo.root / "pipelines").glob("*.yaml"))
    repo.write(f"pipelines/{name}.yaml", json.dumps(config))
    repo.commit("Set up")
    assert landrace("optimize").exit_code == 0
    return repo


def test_plan_names_the_command(optimized: GitRepo, landrace: Run) -> None:
    assert "`landrace train` runs `" in landrace("plan").stdout
    assert "train` runs" in landrace("plan", "--force").stdout
    (row,) = json.loads(landrace("plan", "--format", "json").stdout)
    assert row["training"] == [sys.executable, "-c", TRAINER]


def test_a_dry_run_shows_the_command_and_runs_nothing(optimized: GitRepo, landrace: Run) -> None:
    said = landrace("train", "--dry-run")
    assert said.exit_code == 0
    assert f"for route-note on {MODEL}, 1 round; rows so far: " in said.stdout
    assert "search cases." in said.stdout
    (row,) = json.loads(landrace("train", "--dry-run", "--format", "json").stdout)
    assert set(row["rows"]) == {"sft", "preferences", "rewards"}
    assert not (optimized.root / ".landrace/training").exists()


def test_a_dry_run_before_any_search_has_no_rows_yet(optimized: GitRepo, landrace: Run) -> None:
    shutil.rmtree(optimized.root / ".landrace")
    said = landrace("train", *_WOULD)
    assert said.exit_code == 0, said.output
    (row,) = json.loads(said.stdout)
    assert row["rows"] == {"sft": 0, "preferences": 0, "rewards": 0}


@pytest.mark.parametrize("options", [("--dry-run",), ()])
def test_a_ceiling_that_ends_it_is_told_before_the_first_call(
    optimized: GitRepo,
    landrace: Run,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
) -> None:
    def no_call(_concurrency: object) -> Pupil:
        raise AssertionError("a model is asked")

    rows = [json.loads(row) for row in (optimized.root / CASES).read_text().splitlines()]
    kept = [{**row, "split": ("search", "select", "holdout")[i % 3]} for i, row in enumerate(rows)]
    more = [
        {**rows[0], "id": f"more{i}", "inputs": {"note": f"{i * 7919} lamps"}, "split": "search"}
        for i in range(200)
    ]
    optimized.write(CASES, "".join(json.dumps(row) + "\n" for row in (*kept, *more)))
    monkeypatch.setattr(connect, "connect", no_call)
    said = landrace("train", *options)
    assert said.exit_code == 2, said.output
    assert f"200 calls are too few to train for route-note on {MODEL}" in said.stderr
    assert "raise `calls` in the pipeline's `budget`, or --max-calls" in said.stderr
    assert not (optimized.root / ".landrace/training").exists()


def test_a_trained_model_is_searched_for_and_pinned(optimized: GitRepo, landrace: Run) -> None:
    said = landrace("train", "--format", "json")
    assert said.exit_code == 0, said.output
    assert Registry(optimized.root).models("route-note") == ["fake/heir", MODEL]
    (report,) = json.loads(said.stdout)
    assert (report["round"], report["model"]) == (1, "fake/heir")
    assert "report.md" in landrace("train").stdout


def test_an_heir_that_is_looked_after_is_not_trained_unless_it_is_named(
    optimized: GitRepo, landrace: Run
) -> None:
    assert landrace("train").exit_code == 0
    (path,) = (optimized.root / "pipelines").glob("*.yaml")
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "models": [MODEL, "fake/heir"]}))
    optimized.commit("Look after the heir, too")
    parents = [row["model"] for row in json.loads(landrace("train", *_WOULD).stdout)]
    assert parents == [MODEL]
    named = landrace("train", "--model", "fake/heir", *_WOULD)
    assert [row["model"] for row in json.loads(named.stdout)] == ["fake/heir"]


def test_in_ci_it_is_refused(
    optimized: GitRepo, landrace: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    said = landrace("train")
    assert said.exit_code == 3
    assert "no training command is run in CI" in said.stderr
    assert Registry(optimized.root).models("route-note") == [MODEL]


def answered(optimized: GitRepo, rows: str) -> set[str]:
    """The splits of the cases that rows answer; what is shown as examples stands before them."""
    source = Project(optimized.root).read_prompt("route-note")
    cases = source.eval_set().cases
    splits = assign_splits(cases, source.config.splits)
    asked = [json.loads(row)["prompt"][-1]["content"] for row in rows.splitlines()]
    last = [max(cases, key=lambda case: text.rfind(case.inputs["note"])) for text in asked]
    return {splits[case.id] for case in last}


def test_rows_are_of_search_cases_unless_others_are_asked_for(
    optimized: GitRepo, landrace: Run
) -> None:
    """A model that was trained on `select` knows by heart what its next search chooses by."""
    assert landrace("train").exit_code == 0  # has `search` answered; the first search did not
    said = landrace("export", "--as", "rewards")
    assert said.exit_code == 0, said.output
    typo = landrace("export", "--as", "rewards", "--model", "fake/pupli")
    assert (typo.exit_code, typo.stdout) == (2, "")
    assert "no search on this model is in the ledger" in typo.stderr
    assert answered(optimized, said.stdout) == {"search"}
    assert "left out: its case is in another split today; `--split all` takes" in said.stderr
    chosen = landrace("export", "--as", "rewards", "--split", "select")
    assert answered(optimized, chosen.stdout) == {"select"}
    every = landrace("export", "--as", "rewards", "--split", "all")
    assert answered(optimized, every.stdout) == {"search", "select"}
    assert "another split" not in every.stderr


def test_answers_that_were_right_before_an_edit_are_no_rows(
    optimized: GitRepo, landrace: Run
) -> None:
    assert landrace("export", "--as", "sft", "--split", "all").stdout
    first, *others = (optimized.root / CASES).read_text().splitlines(keepends=True)
    case = json.loads(first)
    optimized.write(CASES, json.dumps({**case, "expected": "other"}) + "\n" + "".join(others))
    said = landrace("export", "--as", "sft", "--split", "all")
    assert (said.exit_code, said.stdout) == (0, "")
    assert "left out: its search was on other cases, expected answers or splits" in said.stderr
    assert landrace("export", "--as", "rewards", "--of", "templates").stdout


def test_choices_say_whether_choosing_pays(optimized: GitRepo, landrace: Run) -> None:
    said = landrace("choices")
    assert said.exit_code == 0, said.output
    assert "choosing does not pay: " in said.stdout
    (row,) = json.loads(landrace("choices", "--format", "json").stdout)
    assert row["variants"] == []
    assert not list(optimized.root.glob("registry/*/*/choices.json"))


def test_a_budget_that_sufficed_before_there_was_a_pin(optimized: GitRepo, landrace: Run) -> None:
    """The incumbent takes calls of its own; who asks for no call is not told of them."""
    (path,) = (optimized.root / "pipelines").glob("*.yaml")
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "budget": {"calls": 132}}))
    assert landrace("plan", "--force").exit_code == 0, "nothing is committed yet"
    optimized.commit("Pin it")
    said = landrace("plan", "--force")
    assert said.exit_code == 2
    assert "132 calls are too few" in said.stderr
    assert "; what is pinned is scored as well" in said.stderr
    chosen = landrace("choices")
    assert chosen.exit_code == 0, chosen.output


def test_a_stale_pin_keeps_no_other_cell_from_its_choices(
    optimized: GitRepo, landrace: Run
) -> None:
    shutil.copytree(optimized.root / "prompts/route-note", optimized.root / "prompts/another")
    optimized.commit("One more")
    assert landrace("optimize").exit_code == 0
    # What pays no more is removed, which shows that the cell was written.
    stale, fresh = (
        cell_dir(optimized.root, prompt, MODEL) / CHOICES_FILE
        for prompt in ("another", "route-note")
    )
    for path in (stale, fresh):
        path.write_text("{}")
    optimized.edit("prompts/another/prompt.jinja", "You sort", "Sort")

    said = landrace("choices", "--dry-run")
    assert said.exit_code == 4
    assert fresh.exists()
    said = landrace("choices")
    assert said.exit_code == 4
    assert said.stdout.startswith(f"route-note on {MODEL}: choosing does not pay: ")
    assert said.stdout.count("\n") == 1
    assert f"error: another on {MODEL}: the pin's evidence is about other files" in said.stderr
    assert (stale.exists(), fresh.exists()) == (True, False)
    (row,) = json.loads(landrace("choices", "--format", "json").stdout)
    assert row["prompt"] == "route-note"


def test_choices_need_a_pin(repo: GitRepo, landrace: Run) -> None:
    initialise(repo.root)
    repo.commit("Set up")
    said = landrace("choices")
    assert said.exit_code == 2
    assert "none of these cells is pinned" in said.stderr


def test_what_cannot_be_called_is_told_before_the_training(
    optimized: GitRepo, landrace: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_key(_model: str, _params: object = None) -> None:
        raise ModelError("there is no key for it", fix="set one")

    monkeypatch.setattr(connect, "check_model", no_key)
    said = landrace("train")
    assert said.exit_code == 2
    assert "there is no key for it" in said.stderr
    assert not (optimized.root / ".landrace/training").exists()
