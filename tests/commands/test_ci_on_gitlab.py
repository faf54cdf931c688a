"""The steps of a pull request in the pipelines of GitLab, beside a real remote."""

from __future__ import annotations

import os

import pytest

from git_repo import GitRepo
from pull_request_world import World
from signing_keys import make_key

TARGET, FORK = "ada/prompts", "eve/prompts"


@pytest.fixture(scope="module")
def gated(tmp_path_factory):
    """A pull request is open, and its gate passes."""
    world = World.make(tmp_path_factory.mktemp("gated") / "seed")
    world.template(51)
    world.commit()
    world.finish()
    return world.repo


@pytest.fixture
def hosted(gated, tmp_path):
    """Where GitLab keeps the target project."""
    return hosted_at(gated, tmp_path / "gitlab" / f"{TARGET}.git")


def hosted_at(repo, path):
    repo.git("clone", "--quiet", "--bare", str(repo.root), str(path))
    return GitRepo(path)


@pytest.fixture
def job(hosted, tmp_path, monkeypatch):
    """Checks out a project's branch ``change`` and gives this process a job's environment."""

    def begin(project=TARGET, **variables):
        origin = hosted.root.parents[1] / f"{project}.git"
        clone = tmp_path / "job"
        hosted.git("clone", "--quiet", "--branch=change", f"file://{origin}", str(clone))
        head = GitRepo(clone).git("rev-parse", "HEAD")
        parted = GitRepo(clone).git("merge-base", "origin/main", "HEAD")
        for name, value in {**pipeline(project, head, parted), **variables}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(clone)

    for name in [name for name in os.environ if name.startswith(("GITHUB_", "GITLAB_", "CI_"))]:
        monkeypatch.delenv(name)
    return begin


def pipeline(project, head, parted):
    """What GitLab sets in a plain pipeline of a merge request."""
    return {
        "GITLAB_CI": "true",
        "CI_COMMIT_SHA": head,
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": parted,
        "CI_MERGE_REQUEST_IID": "3",
        "CI_MERGE_REQUEST_PROJECT_ID": "77",
        "CI_MERGE_REQUEST_PROJECT_PATH": TARGET,
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "change",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "77" if project == TARGET else "78",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": project,
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_PIPELINE_ID": "5",
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_PROJECT_PATH": project,
    }


def on_main(hosted, tmp_path, path, text):
    """Somebody merges something else meanwhile."""
    clone = tmp_path / "other"
    hosted.git("clone", "--quiet", "--branch=main", str(hosted.root), str(clone))
    repo = GitRepo(clone)
    repo.write(path, text)
    repo.commit("another pull request")
    repo.git("push", "--quiet", "origin", "main")


def sign_from_now_on(hosted, tmp_path):
    key = make_key(tmp_path, "bot")
    on_main(hosted, tmp_path, "pipelines/allowed_signers", key.allowed())


def test_what_a_merge_request_needs_passes(landrace, job):
    job()
    assert landrace("ci", "gate").exit_code == 0


def test_base_is_where_the_target_branch_is_now(landrace, hosted, job, tmp_path):
    sign_from_now_on(hosted, tmp_path)
    job()
    result = landrace("ci", "gate")
    assert result.exit_code == 3
    assert "not signed" in result.stdout


def test_a_repeated_job_is_told_the_same_and_looks_again(landrace, hosted, job, tmp_path):
    job(CI_MERGE_REQUEST_TARGET_BRANCH_SHA=hosted.git("rev-parse", "main"))
    sign_from_now_on(hosted, tmp_path)
    assert landrace("ci", "gate").exit_code == 3


def test_a_forks_own_pipeline_has_the_target_projects_branch_for_base(
    landrace, hosted, job, tmp_path, monkeypatch
):
    hosted_at(hosted, hosted.root.parents[1] / f"{FORK}.git")
    sign_from_now_on(hosted, tmp_path)
    asked = f"file://{hosted.root.parents[1]}/"
    replace(monkeypatch, asked, "https://gitlab.example/")
    job(FORK, CI_MERGE_REQUEST_PROJECT_URL=f"https://gitlab.example/{TARGET}")
    assert landrace("ci", "gate").exit_code == 3


def replace(monkeypatch, address, by):
    """Let this machine's git find a folder behind an address."""
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{address}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", by)


def test_without_the_target_branch_there_is_no_base(landrace, hosted, job):
    job(CI_MERGE_REQUEST_TARGET_BRANCH_NAME="gone")
    result = landrace("ci", "gate")
    assert result.exit_code == 2
    assert "the remote has no refs/heads/gone" in result.output
