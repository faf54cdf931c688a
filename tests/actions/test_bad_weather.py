"""What else happens while a run is at work: other people, other runs, and things that fail."""

from __future__ import annotations

import dataclasses
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from forge import weather
from landrace.pin import Pin, file_digests, variant_digest
from world import CASES, PIPELINE, REWORDED, SOURCE, TEMPLATE, cell, lines, pipeline, prompt, words

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import Popen

    from steps import Run

    from world import World


# Two pull requests on one prompt.


def test_what_another_pull_request_changed_in_base_makes_evidence_stale(landed: World) -> None:
    assert landed.gate(landed.runs.merge_group(1)).exit_code == 0
    # The other one marks a case as critical; git sees no conflict.
    marked = words()
    marked[7]["metadata"] = {"critical": True}
    landed.push({CASES: lines(marked)}, branch="main")

    queued = landed.begin(landed.runs.merge_group(1))
    queued.all()
    assert queued.codes == {"plan": 0, "gate": 4}
    assert "the eval set or the metrics of base changed" in queued.jobs["gate"].log

    calls = landed.provider.calls
    run = landed.begin(landed.runs.pull_request(1))
    run.all()
    assert run.codes == dict.fromkeys(["plan", "optimize", "commit", "gate", "report"], 0)
    assert "measure" in run.jobs["plan"].log
    assert landed.provider.calls == calls  # both sides had answered every case already
    changed = landed.repository.git("diff", "--name-only", f"{landed.head}^", landed.head)
    assert set(changed.split()) == {
        f"{cell()}/{name}" for name in ("evidence.json", "evidence.json.sig")
    }
    assert landed.gate(landed.runs.merge_group(1)).exit_code == 0


# Head moves while a run is at work.


def test_results_land_on_a_head_that_changed_nothing_they_rest_on(
    optimized: tuple[World, Run],
) -> None:
    world, run = optimized
    moved = world.push({"README.md": b"Prompts.\n"})
    run.all()
    assert run.codes == dict.fromkeys(["plan", "optimize", "commit", "gate", "report"], 0)
    assert world.repository.parents("feature") == [moved]
    assert len(world.comments) == 1


def test_results_are_dropped_where_head_changed_what_they_rest_on(
    optimized: tuple[World, Run],
) -> None:
    world, run = optimized
    moved = world.push({TEMPLATE: REWORDED.replace("Say", "Answer").encode()})
    run.all()
    assert run.codes == {"plan": 0, "optimize": 0, "commit": 4, "gate": 4, "report": 0}
    assert (
        "::error title=landrace commit::commit: the pin is about something else"
        in run.jobs["commit"].log
    )
    assert world.head == moved
    # The newer commit has a run of its own, and the comment is that run's.
    assert world.comments == []
    assert "superseded" in run.jobs["report"].log


# Runs that are begun again.


def test_a_run_that_is_repeated_spends_nothing_on_a_head_of_yesterday(landed: World) -> None:
    before, calls = landed.head, landed.provider.calls
    [comment] = landed.comments
    text = comment.body
    again = landed.begin(landed.event_at(f"{before}^") | {"GITHUB_RUN_ATTEMPT": "2"})
    again.all()
    assert again.codes == {"plan": 4, "gate": 4}
    assert f"superseded: the pull request is at {before} now" in again.jobs["plan"].log
    assert (landed.head, landed.provider.calls) == (before, calls)
    assert [one.body for one in landed.comments] == [text]


def test_a_run_that_is_repeated_judges_by_the_base_of_today(landed: World) -> None:
    old = landed.runs.pull_request(1)
    run = landed.begin(old)
    run.all()
    assert run.codes == {"plan": 0, "gate": 0, "report": 0}
    stricter = pipeline(landed.provider.api_base, gate={"confidence": 0.99})
    moved = landed.push({PIPELINE: stricter}, branch="main")
    # By itself, with what the plan has told before; and after a new plan.
    assert run.job("gate").exit_code == 4
    assert "the policy of base changed" in run.jobs["gate"].log
    run.job("report")
    assert landed.github.statuses[-1].state == "error"
    assert run.job("plan").told["base"] == moved
    # GitHub tells of the old one until somebody pushes, also to a run by hand.
    assert landed.begin(landed.runs.dispatch(pull_request="1")).job("plan").told["base"] == moved


def test_what_was_found_for_another_target_says_nothing_of_the_new_one(landed: World) -> None:
    mild = pipeline(landed.provider.api_base, gate={"confidence": 0.6})
    landed.repository.commit("release", {PIPELINE: mild}, start="main")
    landed.github.retarget(1, "release")
    run = landed.begin(landed.runs.pull_request(1))
    run.all()
    assert run.codes == dict.fromkeys(["plan", "optimize", "commit", "gate", "report"], 0)
    landed.github.retarget(1, "main")
    calls, told = landed.provider.calls, len(landed.github.statuses)
    for name in ("report", "gate", "commit", "optimize", "plan"):  # each with what was told before
        assert run.job(name).exit_code == 4, name
        assert "superseded: the pull request is into main now" in run.jobs[name].log
    assert (landed.provider.calls, len(landed.github.statuses)) == (calls, told)
    changes = {"base": {"ref": {"from": "release"}, "sha": {"from": "0" * 40}}}
    edited = landed.begin(landed.runs.pull_request(1, "edited", changes=changes))
    assert edited.job("plan").told["optimize"] == "true"
    assert landed.gate(landed.runs.pull_request(1, "edited", changes=changes)).exit_code == 4


def test_an_edited_title_costs_no_call_and_leaves_the_gate_as_it_is(pushed: World) -> None:
    calls = pushed.provider.calls
    run = pushed.begin(pushed.runs.pull_request(1, "edited", changes={"title": {"from": "A"}}))
    run.all()
    assert run.codes == {"plan": 0, "gate": 4, "report": 0}
    assert run.jobs["plan"].told["work"] == "1"
    for name in ("plan", "gate"):
        assert "nothing but the title or the text of the pull request" in run.jobs[name].summary
    assert pushed.provider.calls == calls


@pytest.mark.parametrize(("change", "code"), [("pushed to", 4), ("closed", 3)])
def test_nothing_is_spent_on_what_has_ended_since_the_plan(
    pushed: World, change: str, code: int
) -> None:
    """*Re-run failed jobs* keeps what the plan has told, be it of days ago."""
    run = pushed.begin(pushed.runs.pull_request(1))
    assert run.job("plan").told["optimize"] == "true"
    if change == "closed":
        pushed.github.pulls[1].state = "closed"
    else:
        pushed.push({TEMPLATE: SOURCE.replace("Word:", "Next:").encode()})
    calls = pushed.provider.calls
    assert run.job("optimize").exit_code == code
    assert pushed.provider.calls == calls


def test_a_closed_pull_request_is_not_worked_on_by_hand(optimized: tuple[World, Run]) -> None:
    world, run = optimized
    world.github.pulls[1].state = "closed"
    head, calls = world.head, world.provider.calls
    by_hand = world.begin(world.runs.dispatch(pull_request="1"))
    assert by_hand.job("plan").exit_code == 3
    assert "the pull request 1 is closed" in by_hand.jobs["plan"].log
    assert by_hand.jobs["plan"].told.get("optimize") is None
    # Its event was sent when the pull request was open.
    assert run.job("commit").exit_code == 3
    assert (world.head, world.provider.calls) == (head, calls)


def test_a_commit_job_that_is_repeated_finds_its_own_commit(optimized: tuple[World, Run]) -> None:
    world, run = optimized
    assert run.job("commit").told == {"head": world.head, "committed": "true"}
    before = world.head
    assert run.job("commit").told == {"head": before, "committed": "false"}
    assert world.head == before
    assert world.github.count("createCommitOnBranch") == 1


def test_two_runs_for_one_push_make_one_commit_and_one_comment(
    optimized: tuple[World, Run],
) -> None:
    world, first = optimized
    head = world.head
    second = world.begin(world.runs.pull_request(1))
    calls = world.provider.calls
    assert second.until("optimize").exit_code == 0
    assert world.provider.calls == calls  # out of the first one's ledger
    with ThreadPoolExecutor() as both:
        list(both.map(lambda run: run.job("commit"), (first, second)))
        list(both.map(lambda run: run.all(), (first, second)))
    assert world.repository.parents("feature") == [head]
    assert sorted(run.jobs["commit"].exit_code or 0 for run in (first, second)) == [0, 4]
    [comment] = world.comments
    assert "## ✅ landrace: PASS" in comment.body


# Runs that are cut short.


def test_a_cancelled_search_keeps_its_calls_and_the_next_run_goes_on(pushed: World) -> None:
    begun = pushed.provider.calls
    head = pushed.head
    run = pushed.begin(pushed.runs.pull_request(1))
    run.job("plan")

    def interrupt(process: Popen[str]) -> None:
        pushed.provider.after(70, lambda: process.send_signal(signal.SIGINT))

    run.job("optimize", interrupt)
    assert run.jobs["optimize"].exit_code == 130
    run.all()
    assert run.codes == {"plan": 0, "optimize": 130, "gate": 4, "report": 0}
    assert pushed.head == head
    kept, asked = pushed.paid(), pushed.provider.calls - begun
    assert 60 <= kept.total() <= asked
    again = pushed.begin(pushed.runs.pull_request(1))
    assert again.until("commit").exit_code == 0
    paid = pushed.paid()
    assert set(paid.values()) == {1}
    assert pushed.provider.calls - begun - asked == paid.total() - kept.total()


@pytest.mark.parametrize(
    ("job", "operation"),
    [
        ("plan", "GET /repos/{owner}/{repo}/pulls/{pull_number}"),
        ("commit", "createCommitOnBranch"),
        ("report", "POST /repos/{owner}/{repo}/issues/{issue_number}/comments"),
    ],
)
def test_a_job_that_is_cancelled_in_a_request_is_done_once_when_it_is_repeated(
    optimized: tuple[World, Run], job: str, operation: str
) -> None:
    world, run = optimized
    if job == "report":
        run.until("gate")

    def interrupt(process: Popen[str]) -> None:
        world.github.weather.order(
            operation, weather.after(lambda: process.send_signal(signal.SIGINT))
        )

    assert run.job(job, interrupt).exit_code == 130
    assert run.job(job).exit_code == 0
    assert world.bot_commits() == (0 if job == "plan" else 1)
    assert len(world.comments) == (1 if job == "report" else 0)


def test_a_budget_that_ends_leaves_what_is_finished(optimized: tuple[World, Run]) -> None:
    world, _ = optimized
    small = pipeline(world.provider.api_base, prompts=["shapes"], gate={"budget": {"calls": 2}})
    first = pipeline(world.provider.api_base, prompts=["colours"])
    # Other words, or the ledger would know the answers.
    other = SOURCE.replace("Word:", "The next word:")
    shapes = prompt("shapes", source=other)
    main = {**shapes, "pipelines/small.yaml": small, PIPELINE: first}
    world.push(main, branch="main")
    world.bring_up_to_date("feature")
    world.push({"prompts/shapes/prompt.jinja": other.replace("next", "last").encode()})
    run = world.begin(world.runs.pull_request(1))
    run.all()
    assert run.codes == {"plan": 0, "optimize": 5, "commit": 0, "gate": 4, "report": 0}
    assert f"{cell()}/pin.json" in world.repository.files("feature")
    assert f"{cell('shapes')}/pin.json" not in world.repository.files("feature")
    [comment] = world.comments
    assert "## ⚪ landrace: NOT EVALUATED" in comment.body
    assert "**Not finished.** What was paid for is kept" in comment.body
    assert "✅ PASS | `colours`" in comment.body
    assert world.github.statuses[-1].state == "error"


def test_an_outage_of_the_provider_is_neither_a_pass_nor_a_failure(
    pushed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushed.provider, "down", True)
    head = pushed.head
    run = pushed.begin(pushed.runs.pull_request(1))
    run.all()
    assert run.codes == {"plan": 0, "optimize": 75, "gate": 4, "report": 0}
    assert pushed.head == head
    [comment] = pushed.comments
    assert "## ⚪ landrace: NOT EVALUATED" in comment.body
    assert "only 0% of the calls were answered" in comment.body


# The repository is not what it should be.


def test_a_shallow_clone_without_the_common_commit_is_an_error(pushed: World) -> None:
    pushed.push({"README.md": b"Prompts.\n"}, branch="main")
    shallow = dataclasses.replace(pushed.actions, depth=1)
    run = dataclasses.replace(pushed, actions=shallow).begin(pushed.runs.pull_request(1))
    run.all()
    assert run.codes == {"plan": 2, "gate": 2, "report": 2}
    [comment] = pushed.comments
    assert "NOT EVALUATED" in comment.body
    assert "fetch-depth: 0" in comment.body


def test_a_base_that_was_rewritten_has_the_say_as_it_is_now(landed: World) -> None:
    main = landed.repository
    landed.push({"README.md": b"Prompts.\n"}, branch="main")
    landed.bring_up_to_date("feature")
    before = landed.runs.pull_request(1)
    stricter = pipeline(landed.provider.api_base, gate={"confidence": 0.99})
    for files, code in (({"NOTES.md": b"Begun anew.\n"}, 0), ({PIPELINE: stricter}, 4)):
        main.git("update-ref", "refs/heads/main", "main^")
        landed.push(files, branch="main")
        assert landed.gate().exit_code == code
    # A run of before, too, though its event has a base that no branch has any more.
    assert landed.gate(before).exit_code == 4


def test_histories_with_nothing_in_common_are_an_error(pushed: World) -> None:
    main = pushed.repository
    files = main.files("main")
    main.git("update-ref", "-d", "refs/heads/main")
    main.commit("main", files, "start anew")
    assert main.merge("main", "feature") is None, "GitHub starts no run"
    for command in ("plan --base origin/main", "gate --base origin/main --head HEAD --offline"):
        done = pushed.by_hand(*command.split())
        assert done.returncode == 2
        assert "have no common commit" in done.stderr


def test_a_merge_conflict_starts_no_run_and_is_clear_by_hand(landed: World) -> None:
    landed.push(another_pin(landed), branch="main")
    assert landed.repository.merge("main", "feature") is None, "GitHub starts no run"
    stale = landed.by_hand("gate", "--base", "origin/main", "--head", "HEAD", "--offline")
    assert stale.returncode == 4
    assert "stale evidence: what base serves changed" in stale.stdout
    # Somebody has committed git's marks.
    marked = f"<<<<<<< HEAD\n{landed.read(TEMPLATE)}=======\n{SOURCE}>>>>>>> main\n"
    landed.push({f"{cell()}/evidence.json": marked.encode(), TEMPLATE: marked.encode()})
    broken = landed.by_hand("plan", "--base", "origin/main")
    assert broken.returncode == 2
    assert f":{TEMPLATE}:8: section `task` was already opened" in broken.stderr


def another_pin(world: World) -> dict[str, bytes]:
    """The cell's files with another template, as another pull request would have left them."""
    files = {"prompt.jinja": "Theirs {{ word }}\n"}
    pin = Pin.loads(world.read(f"{cell()}/pin.json").encode())
    pin = pin._replace(files=file_digests(files))
    texts = {**files, "pin.json": pin._replace(variant=variant_digest(pin)).dumps()}
    return {f"{cell()}/{name}": text.encode() for name, text in texts.items()}


def protect(world: World) -> None:
    world.repository.protect("feature")


def commit_five_times(world: World) -> None:
    for number in range(5):
        files = {"README.md": f"{number}\n".encode()}
        world.repository.commit("feature", files, f"Pin\n\nLandrace-Run: {number}")


@pytest.mark.parametrize(
    ("forbid", "reason"),
    [
        (protect, "Changes must be made through a pull request"),
        (commit_five_times, "this branch has 5 commits of landrace already"),
    ],
)
def test_nothing_lands_where_a_rule_forbids_it_and_the_comment_says_why(
    optimized: tuple[World, Run], forbid: Callable[[World], None], reason: str
) -> None:
    world, run = optimized
    forbid(world)
    run.jobs["plan"].outputs["head"] = head = world.head  # the plan has seen what is there
    run.all()
    assert run.codes == {"plan": 0, "optimize": 0, "commit": 3, "gate": 4, "report": 0}
    assert world.head == head
    assert reason in run.jobs["commit"].told["problem"]
    [comment] = world.comments
    assert "> Note: not done; commit: " in comment.body
    assert reason in comment.body
