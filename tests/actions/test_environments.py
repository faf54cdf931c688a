"""Environments that admit the default branch alone: a run is started there by hand."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from world import cell

if TYPE_CHECKING:
    from world import World

HINT = "> Note: not done; the job Optimize had no result; a maintainer can start this workflow"
SKIPPED = {"plan": 0, "gate": 4, "report": 0}
ALL = {"plan": 0, "optimize": 0, "commit": 0, "gate": 0, "report": 0}


@pytest.fixture
def strict(pushed: World) -> World:
    """What docs/github.md asks for where not all who push are trusted."""
    pushed.actions = dataclasses.replace(
        pushed.actions, admits="refs/heads/main", variables={"LANDRACE_BY_HAND": "true"}
    )
    return pushed


def test_a_push_is_only_planned_and_gated_and_the_comment_says_how_to_go_on(strict: World) -> None:
    head, calls = strict.head, strict.provider.calls
    run = strict.begin(strict.runs.pull_request(1))
    run.all()
    assert run.codes == SKIPPED
    assert run.jobs["optimize"].result == "skipped"
    assert (strict.head, strict.provider.calls) == (head, calls)
    [comment] = strict.comments
    assert "## ⚪ landrace: NOT EVALUATED" in comment.body
    assert HINT in comment.body


def test_a_run_by_hand_optimizes_commits_gates_and_reports_and_is_a_fixpoint(
    strict: World,
) -> None:
    # Whoever may push can write to the cache of the pull request; this would be an error.
    poisoned = strict.actions.cache / "landrace-1-0-1"
    poisoned.parent.mkdir(parents=True)
    poisoned.write_text("no ledger\nat all\n")
    strict.run()
    head = strict.head
    run = strict.begin(strict.runs.dispatch(pull_request="1"))
    run.all()

    assert run.codes == ALL
    assert strict.repository.parents("feature") == [head]
    assert run.jobs["commit"].told == {"head": strict.head, "committed": "true"}
    assert f"{cell()}/evidence.json.sig" in strict.repository.files("feature")
    assert run.jobs["gate"].told == {"verdict": "PASS", "failed": "false"}
    [comment] = strict.comments
    assert "## ✅ landrace: PASS" in comment.body
    assert f"Committed as {strict.head[:12]}" in comment.body
    status = strict.github.statuses[-1]
    assert (status.sha, status.context, status.state) == (strict.head, "landrace/gate", "success")
    assert list(strict.actions.cache.iterdir()) == [poisoned]

    head, calls = strict.head, strict.provider.calls
    again = strict.begin(strict.runs.dispatch(pull_request="1"))
    again.all()
    assert again.codes == {"plan": 0, "gate": 0, "report": 0}
    assert (strict.head, strict.provider.calls) == (head, calls)


@pytest.mark.parametrize("started", ["by a push", "by hand on the branch itself"])
def test_an_environment_starts_no_job_of_what_it_does_not_admit(
    strict: World, started: str
) -> None:
    """Whatever the workflow of that branch says; here it is the same, without the variable."""
    strict.actions = dataclasses.replace(strict.actions, variables={})
    event = (
        strict.runs.pull_request(1)
        if started == "by a push"
        else strict.runs.dispatch("feature", pull_request="1")
    )
    head, calls = strict.head, strict.provider.calls
    run = strict.begin(event)
    run.all()
    assert (run.jobs["optimize"].result, run.jobs["optimize"].environment) == ("failure", {})
    assert run.jobs["commit"].result == "skipped"
    assert run.jobs["gate"].exit_code == 4
    assert (strict.head, strict.provider.calls) == (head, calls)
    [comment] = strict.comments
    assert HINT in comment.body
