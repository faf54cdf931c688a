"""From a push to winners that are committed, gated and told; and that this is a fixpoint."""

from __future__ import annotations

import hashlib
import json
import subprocess
from typing import TYPE_CHECKING

import jsonschema
from workflow_file import ROOT

from landrace import Registry
from world import BUDGET, MODEL, PROMPT, cell

if TYPE_CHECKING:
    from steps import Run

    from world import Stage, World

JOBS = ["plan", "optimize", "commit", "gate", "report"]


def test_every_job_of_the_first_run_succeeds(landed_stage: Stage) -> None:
    assert list(landed_stage.jobs) == JOBS
    assert {job.result for job in landed_stage.jobs.values()} == {"success"}
    assert {job.exit_code for job in landed_stage.jobs.values()} == {0}


def test_the_plan_tells_its_ceilings_before_anything_is_spent(landed_stage: Stage) -> None:
    plan = landed_stage.jobs["plan"]
    assert (plan.told["optimize"], plan.told["work"]) == ("true", "1")
    assert BUDGET <= int(plan.told["calls"]) < BUDGET + 60  # and a comparison
    assert plan.told["cost_usd"] == ""  # nobody knows this model's price
    assert f"At most {plan.told['calls']} calls" in plan.summary
    assert "there is no pin yet" in plan.summary


def test_optimize_hands_on_one_file_and_its_hash(optimized: tuple[World, Run]) -> None:
    _, run = optimized
    [artifact] = (run.folder / "artifacts").rglob("*.json")
    told = run.jobs["optimize"].told
    assert told["digest"] == hashlib.sha256(artifact.read_bytes()).hexdigest()
    assert (told["finished"], told["unfinished"]) == ("1", "0")


def test_the_bot_makes_one_signed_commit_of_the_pin_alone(optimized: tuple[World, Run]) -> None:
    world, run = optimized
    before, calls = world.head, world.provider.calls
    done = run.job("commit")
    assert (done.exit_code, done.told) == (0, {"head": world.head, "committed": "true"})
    assert world.repository.parents("feature") == [before]
    old, new = world.repository.files(before), world.repository.files("feature")
    kinds = ("evidence.json", "evidence.json.sig", "pin.json", "prompt.jinja")
    names = (*kinds, "report.json", "report.md")
    assert new.keys() - old.keys() == {f"{cell()}/{name}" for name in names}
    assert {name: new[name] for name in old} == old
    # GitHub signs what its API makes; nothing is pushed.
    assert world.github.count("createCommitOnBranch") == 1
    assert world.remote.pushes == 0
    assert world.provider.calls == calls


def test_the_commit_says_what_won_by_how_much_and_why_it_may_be_believed(landed: World) -> None:
    headline, _, won, _, *trailers = landed.repository.message("feature").split("\n")
    assert headline == "Pin 1 better variant"
    assert won.startswith(f"- {PROMPT} on {MODEL}: promoted, +")
    assert [line.partition(":")[0] for line in trailers] == ["Landrace-Evidence", "Landrace-Run"]
    assert not {"[skip ci]", "skip-checks"} & set(headline.split())


def test_the_gate_judges_the_bots_commit_by_its_evidence_alone(
    optimized: tuple[World, Run],
) -> None:
    world, run = optimized
    run.job("commit")
    calls = world.provider.calls
    gate = run.job("gate")
    assert (gate.exit_code, gate.told) == (0, {"verdict": "PASS", "failed": "false"})
    assert gate.log == "::notice title=landrace gate::PASS: 1 of 1 changed cells\n"
    assert gate.summary.startswith("## ✅ landrace gate: PASS\n")
    assert world.provider.calls == calls
    assert "OPENAI_API_KEY" not in gate.environment


def test_the_report_is_one_comment_a_summary_a_status_and_data(landed_stage: Stage) -> None:
    report, head = landed_stage.jobs["report"], landed_stage.jobs["commit"].outputs["head"]
    [comment] = landed_stage.comments
    assert comment.body.startswith("<!-- landrace:report -->\n## ✅ landrace: PASS\n")
    assert f"Committed as {head[:12]}" in comment.body
    assert comment.login == "github-actions[bot]"
    assert report.summary in comment.body
    told = report.told
    assert (told["verdict"], told["failed"], told["changed"]) == ("PASS", "false", "1")
    assert report.workspace
    data = json.loads((report.workspace / told["result_json"]).read_text())
    schema = json.loads((ROOT / "docs/schemas/pull-request.json").read_text())
    jsonschema.Draft7Validator(schema).validate(data)
    assert data["committed"] == head
    assert (report.workspace / told["report_path"]).read_text() == report.summary
    [status] = landed_stage.statuses
    assert (status.sha, status.context, status.state) == (head, "landrace/gate", "success")


def test_the_status_is_not_on_what_was_pushed_for_it_could_be_pushed_back(
    landed: World, landed_stage: Stage
) -> None:
    """GitHub shows the green job Gate there, so docs/github.md has the status required."""
    [pushed] = landed.repository.parents("feature")
    assert pushed not in {status.sha for status in landed_stage.statuses}
    landed.repository.git("update-ref", "refs/heads/feature", pushed)
    assert landed.gate().exit_code == 4


def test_an_application_gets_what_was_pinned(landed: World) -> None:
    clone = landed.folder / "application"
    command = ["git", "clone", "--quiet", "--branch", "feature", landed.repository.path, clone]
    subprocess.run(command, check=True)
    messages = Registry(clone).get(PROMPT, model=MODEL).render(word="word1")
    assert messages[-1]["content"].endswith("The word: word1")
    assert [message["role"] for message in messages].count("assistant") > 0


def test_the_next_run_plans_calls_commits_and_says_nothing_new(landed: World) -> None:
    before, calls = landed.head, landed.provider.calls
    [comment] = landed.comments
    text = comment.body
    jobs = landed.run(landed.runs.pull_request(1, sender="Bot"))
    assert {name: job.result for name, job in jobs.items()} == {
        "plan": "success",
        "optimize": "skipped",
        "commit": "skipped",
        "gate": "success",
        "report": "success",
    }
    assert jobs["plan"].told["work"] == "0"
    assert jobs["plan"].log == "Nothing to do: 1 cell in order.\n"
    assert jobs["gate"].told["verdict"] == "PASS"
    assert (landed.head, landed.provider.calls) == (before, calls)
    assert [(one.id, one.body) for one in landed.comments] == [(comment.id, text)]
    [status] = landed.github.statuses
    assert (status.sha, status.state) == (before, "success")


def test_a_job_has_the_secrets_of_its_own_environment_and_no_other(landed_stage: Stage) -> None:
    for name, job in landed_stage.jobs.items():
        assert bool(job.environment.get("OPENAI_API_KEY")) == (name == "optimize"), name
        assert bool(job.environment["LANDRACE_SIGNING_KEY"]) == (name == "commit"), name
        assert job.environment["GITHUB_TOKEN"].startswith("ghs_")
    tokens = {job.environment["GITHUB_TOKEN"] for job in landed_stage.jobs.values()}
    assert len(tokens) == len(JOBS)
