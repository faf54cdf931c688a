"""Everything that landrace does at GitHub, once, against the fake."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forge import weather
from landrace.errors import ConfigError
from landrace.forge import github as github_client
from landrace.forge.base import NewCommit, NewPullRequest, Status

if TYPE_CHECKING:
    from forge.fake_github import FakeGitHub
    from forge.runs import Runs
    from landrace.forge.github import GitHub


def everything(github: FakeGitHub, runs: Runs) -> None:
    """Every operation of the contract, with success and, where it matters, without."""
    token = github.tokens.make(contents="write", pull_requests="write", statuses="write")
    github.repository.commit("feature", {"a": b"a"}, start="main")
    number = github.open_pull("feature", body="What it is about.")
    environ = runs.pull_request(number) | {"GITHUB_TOKEN": token}
    with github_client.connect(environ, sleep=lambda _: None) as client:
        head = client.live(number).head_sha
        github.weather.order("createCommitOnBranch", weather.lost)
        made = client.commit(_commit(head))
        for state in ("pending", "success", "failure", "error"):
            status = Status("landrace/gate", state, "two cells", "https://ci.example/1")
            client.set_status(made, status)
        _comments(github, client, number)
        _pull_requests(github, client, made)


def _commit(head: str) -> NewCommit:
    return NewCommit(
        branch="feature",
        expected_head=head,
        headline="Pin a for b",
        body="It won.\n\nLandrace-Run: 1",
        mark="Landrace-Run: 1",
        additions={"registry/a/b/pin.json": b"{}\n"},
        deletions=("a",),
    )


def _comments(github: FakeGitHub, client: GitHub, number: int) -> None:
    for body in ("All fine.", "Not so fine."):
        client.upsert_comment(number, body, marker="landrace:report")
    copy = github.comment(number, github.comments[-1].body, "landrace[bot]")
    hidden = github.comment(number, copy.body, "landrace[bot]")
    hidden.reason = "outdated"
    client.upsert_comment(number, "Fine again.", marker="landrace:report")


def _pull_requests(github: FakeGitHub, client: GitHub, head: str) -> None:
    client.branch_head("landrace/models")
    client.create_branch("landrace/models", head)
    client.create_branch("landrace/models", head)
    new = NewPullRequest("landrace/models", "main", "New models", "There are two.")
    for text in ("There are two.", "There are three."):
        client.upsert_pull_request(new._replace(body=text))
    client.proposals(new.head, new.base)
    for branch, path in (("new", "other"), ("in-conflict", "registry/a/b/pin.json")):
        newer = github.repository.commit(branch, {path: b"theirs\n"}, start="main")
        with suppress(ConfigError):
            client.merge(new.head, newer, message="Follow")
    for _ in range(2):
        client.delete_branch(new.head)


def payloads(github: FakeGitHub, runs: Runs) -> dict[str, list[Any]]:
    """The payloads that our tests make, by event."""
    github.repository.commit("theirs", {"b": b"b"}, start="main")
    fork = github.open_pull("theirs", fork="eve/prompts")
    environments = [
        runs.pull_request(fork),
        runs.pull_request(1, sender="Bot"),
        runs.pull_request(1, "edited", changes={"title": {"from": "Another"}}),
        runs.merge_group(1),
        runs.dispatch(pull_request="1"),
        runs.dispatch(),
        runs.push("main"),
        runs.schedule(),
    ]
    found = defaultdict(list)
    for environ in environments:
        payload = json.loads(Path(environ["GITHUB_EVENT_PATH"]).read_text())
        found[environ["GITHUB_EVENT_NAME"]].append(payload)
    return found
