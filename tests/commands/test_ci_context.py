"""What a step takes on, where GitLab knows more than its pipeline; GitHub's are in tests/actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from forge.fake_gitlab import FakeGitLab
from pull_request_world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def gitlab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitLab]:
    """The environment of a pipeline for the merge request 3, at the heads of a real repository."""
    world = World.make(tmp_path / "repo")
    world.template(51)
    head, base = world.commit(), world.repo.git("rev-parse", "main")
    world.repo.git("remote", "add", "origin", f"file://{world.root}")
    with FakeGitLab({3: head}) as made:
        environ = made.environment() | {
            "GITLAB_CI": "true",
            "CI_COMMIT_SHA": head,
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
            "CI_MERGE_REQUEST_IID": "3",
            "CI_MERGE_REQUEST_PROJECT_ID": "77",
            "CI_MERGE_REQUEST_PROJECT_PATH": "ada/prompts",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "change",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": head,
            "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "77",
            "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "ada/prompts",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": base,
            "CI_PIPELINE_ID": "4711",
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_PROJECT_PATH": "ada/prompts",
            "NO_PROXY": "127.0.0.1",
        }
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(world.root)
        yield made
    assert made.violations == []


def test_a_merge_train_judges_a_commit_that_no_branch_is_at(
    gitlab: FakeGitLab, landrace: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI_MERGE_REQUEST_EVENT_TYPE", "merge_train")
    gitlab.heads[3] = "c" * 40
    monkeypatch.setenv("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", gitlab.heads[3])
    planned = landrace("ci", "plan")
    assert planned.exit_code == 0, planned.stderr
    refused = landrace("ci", "optimize")
    assert refused.exit_code == 3
    assert "a merge queue only checks evidence" in refused.stderr


@pytest.mark.parametrize("step", ["plan", "optimize"])
@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"state": "merged"}, (3, "the pull request 3 is closed")),
        ({"heads": {3: "d" * 40}}, (4, "superseded: the pull request is at dddd")),
        ({"target": "release"}, (4, "superseded: the pull request is into release now")),
    ],
    ids=["merged", "pushed to", "into another branch"],
)
def test_nothing_is_begun_for_what_the_merge_request_is_no_more(
    gitlab: FakeGitLab,
    landrace: Callable[..., Any],
    step: str,
    changed: dict[str, Any],
    told: tuple[int, str],
) -> None:
    for name, value in changed.items():
        setattr(gitlab, name, value)
    ended = landrace("ci", step)
    code, reason = told
    assert ended.exit_code == code
    assert reason in ended.stderr
