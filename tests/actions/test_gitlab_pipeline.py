"""The job that docs/github.md gives for GitLab, run by a shell in checkouts as a runner makes them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from steps import MACHINE
from workflow_file import ROOT, parsed

from forge.fake_gitlab import PROJECT, FakeGitLab
from forge.hosted import HostedRepository
from world import BOT_KEY, MODEL_KEY, TEMPLATE, cell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pupil_provider import PupilProvider

    from world import Stage

NUMBER = 3
EVIDENCE = f"{cell()}/evidence.json"


class Heads(dict[int, str]):
    """Where the branches of merge requests are; ``late``, as GitLab can be, where they were."""

    def __init__(self, repository: HostedRepository) -> None:
        super().__init__({NUMBER: repository.existing("feature")})
        self._repository = repository
        self.late = False

    def __getitem__(self, number: int) -> str:
        if not self.late:
            self[number] = self._repository.existing("feature")
        return super().__getitem__(number)


@dataclass
class Pipelines:
    """The project, and a runner for its merge request."""

    folder: Path
    image: Path
    repository: HostedRepository
    heads: Heads
    gitlab: FakeGitLab
    _numbers: Iterator[int] = field(default_factory=lambda: count(5))

    @property
    def head(self) -> str:
        return self.repository.existing("feature")

    def run(self, **variables: str) -> subprocess.CompletedProcess[str]:
        """A pipeline for what is pushed now."""
        number, job = str(next(self._numbers)), _job()
        known = {key: str(value) for key, value in job["variables"].items()}
        known |= {**self._predefined(number), **self.gitlab.environment(), **variables}
        clone = self._checkout(f"pipeline-{number}", known["CI_COMMIT_SHA"])
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", "\n".join(job["script"])],
            cwd=clone,
            env=self._machine() | known,
            capture_output=True,
            text=True,
            check=False,
        )

    def _checkout(self, name: str, commit: str) -> Path:
        clone = self.folder / name
        _git("clone", "--quiet", f"file://{self.repository.path}", str(clone))
        _git("-C", str(clone), "fetch", "--quiet", "origin", commit)
        _git("-C", str(clone), "checkout", "--quiet", "--detach", commit)
        return clone

    def _machine(self) -> dict[str, str]:
        return {
            **MACHINE,
            "PATH": f"{self.image}{os.pathsep}{MACHINE['PATH']}",
            "HOME": str(self.folder),
            "OPENAI_API_KEY": MODEL_KEY,
            "LANDRACE_SIGNING_KEY": (self.folder / BOT_KEY).read_text(),
        }

    def _predefined(self, number: str) -> dict[str, str]:
        full_name = self.repository.full_name
        return {
            "GITLAB_CI": "true",
            "CI_COMMIT_SHA": self.head,
            "CI_MERGE_REQUEST_IID": str(NUMBER),
            "CI_MERGE_REQUEST_PROJECT_ID": str(PROJECT),
            "CI_MERGE_REQUEST_PROJECT_PATH": full_name,
            "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "feature",
            "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": str(PROJECT),
            "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": full_name,
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_PIPELINE_ID": number,
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_PROJECT_PATH": full_name,
        }


def _job() -> dict[str, Any]:
    page = (ROOT / "docs/github.md").read_text(encoding="utf-8")
    found = re.search(r"^```yaml\n(# \.gitlab-ci\.yml\n.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert found
    job: dict[str, Any] = parsed(found[1])["prompts"]
    return job


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True, capture_output=True)


@pytest.fixture
def pipelines(pushed_stage: Stage, image: Path, tmp_path: Path) -> Iterator[Pipelines]:
    shutil.copyfile(pushed_stage.folder / BOT_KEY, tmp_path / BOT_KEY)
    shutil.copytree(pushed_stage.folder / "forge", tmp_path / "forge", symlinks=True)
    repository = HostedRepository(tmp_path / "forge")
    heads = Heads(repository)
    with FakeGitLab(heads) as gitlab:
        yield Pipelines(tmp_path, image, repository, heads, gitlab)
    assert gitlab.violations == []


@pytest.mark.parametrize("late", [False, True])
def test_winners_are_committed_reported_and_gated_and_the_next_pipeline_is_a_fixpoint(
    pipelines: Pipelines, provider: PupilProvider, *, late: bool
) -> None:
    before, pipelines.heads.late = pipelines.head, late
    job = pipelines.run()
    assert job.returncode == 0, job.stdout + job.stderr
    assert pipelines.repository.parents("feature") == [before]
    assert f"{EVIDENCE}.sig" in pipelines.repository.files("feature")
    [note] = pipelines.gitlab.notes
    assert "## ✅ landrace: PASS" in note.body
    assert f"Committed as {pipelines.head[:12]}" in note.body
    assert "- feedback: `expected " in note.body  # what models said: this run knows it

    head, said, calls, pipelines.heads.late = pipelines.head, note.body, provider.calls, False
    again = pipelines.run()
    assert again.returncode == 0, again.stdout + again.stderr
    assert (pipelines.head, provider.calls) == (head, calls)
    assert [each.body for each in pipelines.gitlab.notes] == [said]


def test_a_forks_merge_request_is_gated_and_told_why_it_waits(
    pipelines: Pipelines, provider: PupilProvider
) -> None:
    head, calls = pipelines.head, provider.calls
    job = pipelines.run(
        CI_MERGE_REQUEST_SOURCE_PROJECT_ID="78", CI_MERGE_REQUEST_SOURCE_PROJECT_PATH="eve/prompts"
    )
    assert job.returncode == 4, job.stdout + job.stderr
    assert "no such results file" not in job.stderr
    assert (pipelines.head, provider.calls) == (head, calls)
    [note] = pipelines.gitlab.notes
    assert "forks get no credential; a maintainer can work on it in a clone" in note.body
    assert "this run's results file" not in note.body


def test_a_merge_train_checks_evidence_and_neither_searches_nor_comments(
    pipelines: Pipelines, provider: PupilProvider
) -> None:
    repository, calls = pipelines.repository, provider.calls
    merged = repository.merge("main", "feature")
    assert merged
    repository.git("update-ref", "refs/merge-requests/3/train", merged)
    job = pipelines.run(
        CI_COMMIT_SHA=merged,
        CI_MERGE_REQUEST_EVENT_TYPE="merge_train",
        CI_MERGE_REQUEST_SOURCE_BRANCH_SHA=pipelines.head,
        CI_MERGE_REQUEST_TARGET_BRANCH_SHA=repository.existing("main"),
    )
    assert job.returncode == 4, job.stdout + job.stderr
    assert "a merge queue only checks evidence" in job.stdout
    assert provider.calls == calls
    assert pipelines.gitlab.notes == []


def test_what_was_not_committed_is_told(pipelines: Pipelines) -> None:
    pipelines.repository.protect("feature")
    before = pipelines.head
    job = pipelines.run()
    assert job.returncode == 4, job.stdout + job.stderr
    assert pipelines.head == before
    [note] = pipelines.gitlab.notes
    assert "nothing was committed, and the job's log says why" in note.body


def test_an_unreadable_head_is_told(pipelines: Pipelines) -> None:
    pipelines.repository.commit("feature", {TEMPLATE: b"{% section %}"})
    job = pipelines.run()
    assert job.returncode == 2, job.stdout + job.stderr
    [note] = pipelines.gitlab.notes
    assert "prompt.jinja" in note.body
