"""prompts.yml and action.yml as they are, run by act; what each job may do, steps.py tells."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from steps import BIN, BOT
from workflow_file import PROMPTS
from workflow_run import Act

from world import CASES, MODEL_KEY, PIPELINE, REWORDED, TEMPLATE, cell, lines, words

if TYPE_CHECKING:
    from world import World

ALL = ["Plan", "Optimize", "Commit the winners", "Gate", "Report"]


def act_of(world: World) -> Act:
    folder = world.folder / "act"
    folder.mkdir()
    rights = {"contents": "write", "pull_requests": "write", "statuses": "write"}
    secrets = {"OPENAI_API_KEY": MODEL_KEY, **world.actions.secrets["landrace-bot"]}
    token = world.github.tokens.make(BOT, **rights)
    return Act(world.remote, token, folder, secrets, world.actions.image)


def test_a_push_is_optimized_committed_and_gated_and_then_nothing_is_left(pushed: World) -> None:
    act = dataclasses.replace(act_of(pushed), image=BIN)  # the command as it is installed
    head = pushed.head

    first = act.run(PROMPTS, pushed.runs.pull_request(1))

    assert first.jobs == dict.fromkeys(ALL, "succeeded"), first.log
    assert pushed.repository.parents("feature") == [head]
    assert f"{cell()}/evidence.json.sig" in pushed.repository.files("feature")
    [comment] = pushed.comments
    assert "## ✅ landrace: PASS" in comment.body
    [status] = pushed.github.statuses
    assert (status.sha, status.state) == (pushed.head, "success")
    assert MODEL_KEY not in first.log

    act = dataclasses.replace(act, image=pushed.actions.image)
    head, calls = pushed.head, pushed.provider.calls
    again = act.run(PROMPTS, pushed.runs.pull_request(1, sender="Bot"))

    assert again.jobs == dict.fromkeys(["Plan", "Gate", "Report"], "succeeded"), again.log
    assert (pushed.head, pushed.provider.calls) == (head, calls)
    assert [one.id for one in pushed.comments] == [comment.id]

    queued = act.run(PROMPTS, pushed.runs.merge_group(1))

    assert queued.jobs == dict.fromkeys(["Plan", "Gate"], "succeeded"), queued.log


def test_a_fork_is_only_planned_and_gated_until_a_maintainer_starts_a_run(pushed: World) -> None:
    pushed.repository.commit("theirs", {TEMPLATE: REWORDED.encode()}, start="main")
    number = pushed.github.open_pull("theirs", fork="eve/prompts")
    act, calls = act_of(pushed), pushed.provider.calls
    reading = pushed.github.tokens.make(BOT, contents="read", pull_requests="read")
    stranger = dataclasses.replace(act, token=reading, secrets={})

    theirs = stranger.run(PROMPTS, pushed.runs.pull_request(number))

    assert theirs.jobs == {"Plan": "succeeded", "Gate": "failed"}, theirs.log
    assert "a maintainer can start this workflow by hand" in theirs.log
    assert (pushed.provider.calls, pushed.comments) == (calls, [])

    head = pushed.github.head_of(number)
    ours = act.run(PROMPTS, pushed.runs.dispatch(pull_request=str(number)))

    done = {"Plan": "succeeded", "Optimize": "succeeded", "Gate": "failed", "Report": "succeeded"}
    assert ours.jobs == done, ours.log
    assert pushed.github.head_of(number) == head
    [comment] = pushed.comments
    assert comment.number == number
    assert "1 better variant found, and not committed" in comment.body


@pytest.mark.model
def test_an_embedded_model_is_optimized_without_a_key(pushed: World, smollm2: str) -> None:
    small = f'prompts: ["*"]\nmodels: [{smollm2}]\nbudget: {{calls: 100}}\n'
    pushed.push({PIPELINE: small.encode(), CASES: lines(words(36))}, branch="main")
    pushed.bring_up_to_date("feature")
    act = dataclasses.replace(act_of(pushed), secrets=pushed.actions.secrets["landrace-bot"])

    run = act.run(PROMPTS, pushed.runs.pull_request(1))

    assert run.jobs == dict.fromkeys(ALL, "succeeded"), run.log
    assert f"{cell(model=smollm2)}/pin.json" in pushed.repository.files("feature")
    [comment] = pushed.comments
    assert "landrace: NOT EVALUATED" not in comment.body
