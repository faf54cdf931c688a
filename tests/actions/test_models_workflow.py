"""models.yml as it is, run by act on the table of models that litellm ships."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from workflow_file import ROOT
from workflow_run import Act

from forge.fixtures import github, hosted, remote, runs, started, tokens

if TYPE_CHECKING:
    from pathlib import Path

    from forge.fake_github import FakeGitHub
    from forge.git_remote import GitRemote
    from forge.runs import Runs

__all__ = ["github", "hosted", "remote", "runs", "started", "tokens"]

WORKFLOW = ".github/workflows/models.yml"
PIPELINE = """\
prompts: [answers]
models:
  - openai/gpt-5-chat  # ended
  - local/smollm2-135m-instruct
allowed_models: [openai/gpt-4o-mini]
"""
# Then every end that is known counts, whatever the day.
LONG = {"LANDRACE_DAYS": "3650"}


@pytest.fixture
def act(github: FakeGitHub, remote: GitRemote, tmp_path: Path) -> Act:
    files = {name: (ROOT / name).read_bytes() for name in (WORKFLOW, "action.yml")}
    files |= {"pipelines/shop.yaml": PIPELINE.encode(), "prompts/answers/prompt.jinja": b"Hi."}
    github.repository.commit("main", files)
    token = github.tokens.make(contents="write", pull_requests="write")
    folder = tmp_path / "act"
    folder.mkdir()
    return Act(remote, token, folder)


def test_a_scheduled_run_proposes_and_does_not_ask_again(
    act: Act, github: FakeGitHub, remote: GitRemote, runs: Runs, image: Path
) -> None:
    runs.server_url = remote.url

    first = act.run(WORKFLOW, runs.schedule(), LONG)

    assert first.jobs == {"Watch the models": "succeeded"}, first.log
    assert github.pulls[1].title == "Remove 1 model that ends and add 1 new model"
    assert github.repository.files("landrace/models")["pipelines/shop.yaml"].decode() == (
        PIPELINE.replace("  - openai/gpt-5-chat  # ended\n", "").replace(
            "135m-instruct\n", "135m-instruct\n  - openai/gpt-4o-mini\n"
        )
    )

    github.pulls[1].state = "closed"
    second = dataclasses.replace(act, image=image).run(WORKFLOW, runs.schedule(), LONG)

    assert second.jobs == {"Watch the models": "succeeded"}, second.log
    assert "somebody closed the pull request with these changes" in second.log
    assert len(github.pulls) == 1
