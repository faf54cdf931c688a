from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from git_repo import GitRepo
from landrace.reports.worth import Worth
from landrace.store.project import Project
from landrace.workflows.initialise import initialise
from landrace.workflows.report_worth import worth_today
from pinned import MODEL, pin_prompt

if TYPE_CHECKING:
    from pathlib import Path

OTHER_MODEL = "openai/gpt-5-mini"
PIPELINE = "pipelines/default.yaml"


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo.make(tmp_path / "repo")
    initialise(made.root)
    initialise(made.root, prompt="other")
    pin_prompt(made.root)
    pin_prompt(made.root, "other")
    return made


def worths(repo: GitRepo) -> dict[str, Worth]:
    """By prompt, on the one model."""
    cells = [("other", MODEL), ("route-note", MODEL)]
    return {prompt: worth for (prompt, _), worth in worth_today(Project(repo.root), cells).items()}


def test_what_changed_since_is_told_of_the_cell_that_it_is_about(repo: GitRepo) -> None:
    assert worths(repo) == {"other": Worth("fresh"), "route-note": Worth("fresh")}
    repo.edit("prompts/other/prompt.jinja", "You sort", "Sort")
    repo.edit("prompts/other/cases.jsonl", "42.90", "42.91")
    stale = Worth("stale", ("the template changed", "the eval set changed"))
    assert worths(repo) == {"other": stale, "route-note": Worth("fresh")}


def test_a_changed_pipeline_makes_its_cells_stale(repo: GitRepo) -> None:
    repo.edit(PIPELINE, "seed: 0", "seed: 1")
    assert worths(repo)["other"] == Worth("stale", ("the pipeline's seed changed",))


def test_a_prompt_that_is_gone_and_one_that_does_not_load_stop_nothing(repo: GitRepo) -> None:
    repo.write("prompts/route-note/prompt.yaml", "inputz: {}\n")
    (repo.root / "prompts/other").rename(repo.root / "prompts/_other")
    found = worths(repo)
    assert found["other"] == Worth("gone", ("the prompt is gone",))
    assert found["route-note"].status == "unreadable"
    [reason] = found["route-note"].reasons
    assert reason.startswith("prompts/route-note/prompt.yaml: ")
    assert "\n" not in reason


def test_a_variant_that_was_edited_is_refused(repo: GitRepo) -> None:
    repo.edit("registry/other/local%2Fsmollm2-135m-instruct/prompt.jinja", "Which", "What")
    found = worths(repo)
    assert (found["other"].status, found["route-note"].status) == ("refused", "fresh")


def test_a_pipeline_that_names_a_prompt_that_is_gone_leaves_its_other_cells_open(
    repo: GitRepo,
) -> None:
    repo.edit(PIPELINE, 'prompts: ["*"]', "prompts: [other, route-note]")
    (repo.root / "prompts/other").rename(repo.root / "prompts/_other")
    found = worths(repo)
    assert found["other"].status == "gone"
    assert found["route-note"].status == "unreadable"
    assert found["route-note"].reasons[0].startswith(PIPELINE)
    assert "no prompt is called `other`" in found["route-note"].reasons[0]


def test_what_another_pipeline_asks_for_is_told_beside_one_that_cannot_be_read(
    repo: GitRepo,
) -> None:
    repo.write("pipelines/broken.yaml", "models: 3\n")
    assert {worth.status for worth in worths(repo).values()} == {"fresh"}
    pin_prompt(repo.root, "other", OTHER_MODEL)
    cell = ("other", OTHER_MODEL)
    [worth] = worth_today(Project(repo.root), [cell]).values()
    assert worth.status == "unreadable"
    assert worth.reasons[0].startswith("pipelines/broken.yaml")


def test_a_folder_that_cannot_be_a_prompts_leaves_everything_open(repo: GitRepo) -> None:
    (repo.root / "prompts/Not a name").mkdir()
    found = worths(repo)
    assert {worth.status for worth in found.values()} == {"unreadable"}
    assert found["other"].reasons[0].startswith("prompts/Not a name: ")
