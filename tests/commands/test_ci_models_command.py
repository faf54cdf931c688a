from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from forge import fixtures
from forge.outputs import read_outputs
from landrace.gateway import connect
from model_lists import KNOWN, PIPELINE, known

github, hosted, remote = fixtures.github, fixtures.hosted, fixtures.remote
runs, started, tokens = fixtures.runs, fixtures.started, fixtures.tokens

BRANCH = "landrace/models"
URL = "https://github.example/ada/prompts/pull/1"
MODELS = ("ci", "models", "--today", "2026-11-21")


@pytest.fixture
def token(tokens):
    """What models.yml gives the job: `contents: write` and `pull-requests: write`."""
    return tokens.make(contents="write", pull_requests="write")


@pytest.fixture
def clone(github, remote, token, tmp_path):
    """The checkout of a job: it keeps no credential."""
    files = {"pipelines/shop.yaml": PIPELINE, "prompts/answers/x": "x", "prompts/routes/x": "x"}
    github.repository.commit("main", {path: text.encode() for path, text in files.items()})
    folder = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", remote.address(token), str(folder)], check=True)
    remove = ["remote", "set-url", "origin", remote.address()]
    subprocess.run(["git", "-C", str(folder), *remove], check=True)
    return folder


@pytest.fixture
def start(clone, runs, token, monkeypatch):
    """Gives this process the environment of a run."""
    monkeypatch.chdir(clone)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(connect, "known_models", lambda: KNOWN)

    def run(event=None, **more):
        environ = {**(event or runs.schedule()), "GITHUB_TOKEN": token, **more}
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        return {name: Path(environ[name]) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}

    return run


def test_a_scheduled_run_opens_the_pull_request(landrace, github, start):
    files = start()
    result = landrace(*MODELS)

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == f"Opened a pull request: {URL}"
    assert read_outputs(files["GITHUB_OUTPUT"]) == {"action": "created", "pull_request": URL}
    assert "### Removed" in files["GITHUB_STEP_SUMMARY"].read_text()
    assert github.pulls[1].base == "main"
    lists = github.repository.files(BRANCH)["pipelines/shop.yaml"].decode()
    assert "gpt-8" not in lists
    assert "gpt-10" in lists


def test_the_next_run_finds_it_over_http_and_changes_it(landrace, github, start, monkeypatch):
    start()
    landrace(*MODELS)
    assert landrace(*MODELS).stdout.endswith(f"The pull request says so already: {URL}\n")

    monkeypatch.setattr(connect, "known_models", lambda: (*KNOWN, known("openai/gpt-11")))
    assert f"up to date: {URL}" in landrace(*MODELS).stdout
    assert b"gpt-11" in github.repository.files(BRANCH)["pipelines/shop.yaml"]


def test_what_was_closed_is_not_opened_again(landrace, github, start):
    start()
    landrace(*MODELS)
    github.pulls[1].state = "closed"
    files = start()
    result = landrace(*MODELS)
    assert result.exit_code == 0
    assert f"somebody closed the pull request with these changes: {URL}" in result.stdout
    assert read_outputs(files["GITHUB_OUTPUT"])["action"] == "declined"


def test_without_a_finding_it_says_so_and_does_nothing(landrace, github, start, monkeypatch):
    files = start()
    monkeypatch.setattr(connect, "known_models", list)
    result = landrace(*MODELS)
    assert result.stdout.endswith("Nothing to propose.\n")
    assert read_outputs(files["GITHUB_OUTPUT"]) == {"action": "none", "pull_request": ""}
    assert github.exchanges == []


def test_the_commit_of_the_run_counts_and_not_the_work_tree(landrace, github, start):
    start()
    Path("pipelines/shop.yaml").write_text("half written")
    assert landrace(*MODELS).exit_code == 0
    assert b"gpt-10" in github.repository.files(BRANCH)["pipelines/shop.yaml"]


def test_days_and_how_many_come_from_the_environment_too(landrace, github, start):
    start(LANDRACE_DAYS="39", LANDRACE_AT_MOST="0")
    assert landrace(*MODELS).stdout.endswith("Nothing to propose.\n")


def test_by_hand_it_does_the_same(landrace, github, runs, start):
    start(runs.dispatch())
    assert landrace(*MODELS).exit_code == 0
    assert github.pulls[1].base == "main"


def test_a_pull_request_is_no_time_for_it(landrace, github, runs, start):
    github.repository.commit("feature", {"x": b"x"}, start="main")
    start(runs.pull_request(github.open_pull("feature")))
    result = landrace(*MODELS)
    assert result.exit_code == 2
    assert "no time to propose" in result.stderr
    assert github.repository.head(BRANCH) is None


def test_elsewhere_it_says_what_to_run(landrace, start):
    start(GITHUB_ACTIONS="")
    result = landrace(*MODELS)
    assert result.exit_code == 2
    assert "landrace models watch --write" in result.stderr
