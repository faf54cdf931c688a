"""What prompts.yml lets each job do. The tests of steps.py read the same file."""

from __future__ import annotations

import pytest
from workflow_file import Expressions, granted, read

JOBS = read()["jobs"]
READ = {"contents": "read", "pull-requests": "read"}


def test_nothing_is_allowed_but_what_a_job_asks_for() -> None:
    assert read()["permissions"] == {}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "plan": READ,
        "optimize": READ,
        "commit": {"contents": "write", "pull-requests": "read"},
        "gate": READ,
        "report": {"contents": "read", "pull-requests": "write", "statuses": "write"},
    }


def test_secrets_are_in_environments_and_no_job_has_two() -> None:
    found = {name: job.get("environment") for name, job in JOBS.items()}
    assert found == {
        "plan": None,
        "optimize": "landrace-llm",
        "commit": "landrace-bot",
        "gate": None,
        "report": None,
    }
    assert "secrets." not in str({name: JOBS[name] for name in ("plan", "gate", "report")})
    assert str(JOBS["optimize"]).count("secrets.") == 0  # keys are added by who sets it up
    assert str(JOBS["commit"]).count("secrets.") == 1


def test_a_fork_may_only_read() -> None:
    for job in JOBS.values():
        assert set(granted(job, to_a_fork=True).values()) == {"read"}


def test_the_required_check_has_no_filter_and_always_runs() -> None:
    # `on` is a word for true in YAML 1.1.
    events = read()[True]
    assert events["pull_request"] == {"types": ["opened", "synchronize", "reopened", "edited"]}
    assert events["merge_group"] is None
    assert JOBS["gate"]["if"] == "always()"
    assert "strategy" not in JOBS["gate"]


@pytest.mark.parametrize("name", JOBS)
def test_each_job_works_in_base_with_all_of_the_history_and_keeps_no_token(name: str) -> None:
    first = JOBS[name]["steps"][0]
    assert first["uses"].startswith("actions/checkout@")
    assert first["with"] == {
        "ref": "${{ github.event.pull_request.base.sha || github.event.merge_group.base_sha || "
        "github.ref }}",
        "fetch-depth": 0,
        "persist-credentials": False,
    }


@pytest.mark.parametrize(
    ("sender", "cancels"), [("User", True), ("Bot", False)], ids=["person", "bot"]
)
def test_a_push_of_the_bot_cancels_nothing(sender: str, *, cancels: bool) -> None:
    event = {"sender": {"type": sender}, "pull_request": {"number": 1}}
    context = {"github": {"event_name": "pull_request", "event": event}}
    found = Expressions(context).text(read()["concurrency"]["cancel-in-progress"])
    assert found == str(cancels).lower()
    assert Expressions(context).text(read()["concurrency"]["group"]) == "prompts-1"


WORDS, TARGET = {"title": {"from": "a"}}, {"base": {"ref": {"from": "a"}, "sha": {"from": "b"}}}


@pytest.mark.parametrize(
    ("event", "group"),
    [
        ({"action": "synchronize", "pull_request": {"number": 1}}, "prompts-1"),
        ({"action": "edited", "changes": TARGET, "pull_request": {"number": 1}}, "prompts-1"),
        (
            {"action": "edited", "changes": WORDS, "pull_request": {"number": 1}},
            "prompts-1-wording",
        ),
    ],
)
def test_an_edited_title_ends_no_run_that_is_at_work(event: dict[str, object], group: str) -> None:
    context = {"github": {"event_name": "pull_request", "event": event}}
    assert Expressions(context).text(read()["concurrency"]["group"]) == group


@pytest.mark.parametrize("name", ["gate", "report"])
def test_what_judges_is_told_no_base_of_an_earlier_job(name: str) -> None:
    """A job that is repeated by itself keeps the outputs of the others, be they days old."""
    assert "base" not in JOBS[name]["steps"][-1]["with"]
