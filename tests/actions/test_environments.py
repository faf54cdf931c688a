"""Environments that admit the default branch alone: a run is started there by hand."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from steps import JobRun

from world import PIPELINE, REWORDED, TEMPLATE, cell, pipeline

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


def test_a_pull_request_into_another_branch_does_not_answer_for_the_default_branch(
    strict: World,
) -> None:
    """Both have one head. Into a branch that has the change already there is nothing to judge."""
    strict.repository.git("update-ref", "refs/heads/theirs", strict.head)
    strict.push({"NOTES.md": b"hi\n"})
    strict.run()
    number = strict.github.open_pull("feature", "theirs")
    other = strict.run(strict.runs.pull_request(number, "opened"))

    assert other["gate"].told["verdict"] == "PASS"
    assert [(one.sha, one.context, one.state) for one in strict.github.statuses] == [
        (strict.head, "landrace/gate", "error"),
        (strict.head, "landrace/gate (theirs)", "success"),
    ]


def test_an_environment_starts_no_job_of_a_push(strict: World) -> None:
    """Whatever the workflow of that branch says; here it is the same, without the variable."""
    strict.actions = dataclasses.replace(strict.actions, variables={})
    head, calls = strict.head, strict.provider.calls
    run = strict.begin(strict.runs.pull_request(1))
    run.all()
    assert (run.jobs["optimize"].result, run.jobs["optimize"].environment) == ("failure", {})
    assert run.jobs["commit"].result == "skipped"
    assert run.jobs["gate"].exit_code == 4
    assert (strict.head, strict.provider.calls) == (head, calls)
    [comment] = strict.comments
    assert HINT in comment.body


def test_nor_one_by_hand_on_the_branch_itself(strict: World) -> None:
    run = strict.begin(strict.runs.dispatch("feature", pull_request="1"))
    run.all()
    assert run.codes == {"plan": 3, "gate": 3}
    run.jobs["plan"] = JobRun("success", outputs={"optimize": "true"})
    assert (run.job("optimize").result, run.jobs["optimize"].environment) == ("failure", {})


def test_a_run_by_hand_serves_no_pull_request_into_a_branch_that_anybody_could_have_made(
    strict: World,
) -> None:
    """Its policy, budgets and signers would count, and its address would get the key."""
    theirs = pipeline(f"{strict.provider.api_base}/theirs")
    strict.repository.commit("their-base", {PIPELINE: theirs}, start="main")
    strict.repository.commit("theirs", {TEMPLATE: REWORDED.encode()}, start="their-base")
    number = strict.github.open_pull("theirs", "their-base")
    calls = strict.provider.calls
    run = strict.begin(strict.runs.dispatch(pull_request=str(number)))
    run.all()
    assert run.codes == {"plan": 3, "gate": 3}
    ends = {"base": "their-base", "head": "theirs"}
    told = {name: strict.repository.existing(ref) for name, ref in ends.items()}
    run.jobs["plan"] = JobRun("success", outputs={**told, "optimize": "true", "commit": "true"})
    assert run.job("optimize").exit_code == 3, "as if its target had changed since the plan"
    assert "is into their-base, and this run was started on refs/heads/main" in (
        run.jobs["optimize"].log
    )
    assert strict.provider.calls == calls
