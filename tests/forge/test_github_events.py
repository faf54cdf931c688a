from __future__ import annotations

import json
from pathlib import Path

import pytest

from landrace.errors import ConfigError, FormatError, RefusedError
from landrace.forge.base import Event, PullRequest
from landrace.forge.events import read_event, resolved

MAIN = "refs/heads/main"


def payload_of(environ):
    return json.loads(Path(environ["GITHUB_EVENT_PATH"]).read_text())


def change(environ, path, value):
    """Put a value into the payload; ``...`` removes the key."""
    payload = payload_of(environ)
    *parents, last = path.split(".")
    members = payload
    for name in parents:
        members = members[name]
    if value is ...:
        del members[last]
    else:
        members[last] = value
    Path(environ["GITHUB_EVENT_PATH"]).write_text(json.dumps(payload))
    return environ


def test_the_head_of_a_pull_request_is_not_the_merge_commit(runs, github, number):
    environ = runs.pull_request(number)
    event = read_event(environ)
    head, base = github.head_of(number), github.repository.existing("main")

    assert event == Event(
        kind="pull_request",
        repository="ada/prompts",
        head_sha=head,
        base_sha=base,
        pull_request=PullRequest(
            number=number,
            base_sha=base,
            base_ref="main",
            base_repository="ada/prompts",
            head_sha=head,
            head_ref="feature",
            head_repository="ada/prompts",
            is_fork=False,
            is_closed=False,
        ),
        sender_is_bot=False,
        run_id="7001",
        run_attempt=1,
        run_url="https://github.example/ada/prompts/actions/runs/7001",
        target="main",
        default_branch="main",
    )
    assert environ["GITHUB_SHA"] not in {head, base}


@pytest.mark.parametrize(
    ("action", "changes", "is_wording"),
    [
        ("edited", {"title": {"from": "a"}, "body": {"from": "b"}}, True),
        ("edited", {"base": {"ref": {"from": "a"}, "sha": {"from": "b"}}}, False),
        ("edited", {"title": {"from": "a"}, "base": {"ref": {}, "sha": {}}}, False),
        ("synchronize", {}, False),
    ],
)
def test_an_edit_of_words_is_told_from_one_of_the_target(runs, number, action, changes, is_wording):
    event = read_event(runs.pull_request(number, action, changes=changes))
    assert event.is_wording == is_wording


def test_an_edit_says_what_was_changed(runs, number):
    with pytest.raises(FormatError, match="changes"):
        read_event(runs.pull_request(number, "edited"))


def test_a_bot_is_known_by_its_type(runs, number):
    assert read_event(runs.pull_request(number, sender="Bot")).sender_is_bot


@pytest.mark.parametrize(("fork", "name"), [("eve/prompts", "eve/prompts"), ("", None)])
def test_a_fork_is_known_by_the_repositorys_number(runs, github, fork, name):
    github.repository.commit("stranger", {"a": b"a"}, start="main")
    pull = read_event(runs.pull_request(github.open_pull("stranger", fork=fork))).pull_request

    assert pull.is_fork
    assert pull.head_repository == name


def test_a_fork_that_took_over_our_name_is_still_a_fork(runs, number):
    environ = change(runs.pull_request(number), "pull_request.head.repo.id", 99)
    pull = read_event(environ).pull_request

    assert pull.head_repository == pull.base_repository
    assert pull.is_fork


def test_a_closed_pull_request(runs, github, number):
    github.pulls[number].state = "closed"
    assert read_event(runs.pull_request(number, "closed")).pull_request.is_closed


def test_a_merge_group_has_both_sides(runs, github, number):
    environ = runs.merge_group(number)
    event = read_event(environ)

    assert event.kind == "merge_group"
    assert (event.head_sha, event.base_sha) == (
        environ["GITHUB_SHA"],
        github.repository.existing("main"),
    )
    assert event.pull_request is None
    assert (event.target, event.default_branch) == ("main", "main")


@pytest.mark.parametrize("ref", ["main", "refs/tags/main", "refs/heads/", "refs/heads/-x"])
def test_a_merge_group_is_into_a_branch(runs, number, ref):
    environ = change(runs.merge_group(number), "merge_group.base_ref", ref)
    with pytest.raises(FormatError, match=r"`merge_group.base_ref`"):
        read_event(environ)


def test_a_runner_need_not_tell_the_default_branch(runs, number):
    environ = change(runs.pull_request(number), "repository.default_branch", ...)
    assert read_event(environ).default_branch is None
    environ = change(environ, "repository.default_branch", "a\nb")
    with pytest.raises(FormatError, match=r"`repository.default_branch`"):
        read_event(environ)


def test_a_push_has_what_was_there_before(runs, github):
    before = github.repository.existing("main")
    after = github.repository.commit("main", {"a": b"a"})
    event = read_event(runs.push("main", before))

    assert (event.kind, event.base_sha, event.head_sha) == ("push", before, after)


def test_before_the_first_push_there_was_nothing(runs):
    assert read_event(runs.push("main")).base_sha is None


def test_a_deleted_branch_is_no_work(runs):
    environ = change(runs.push("main"), "after", "0" * 40)
    with pytest.raises(FormatError, match="the branch was deleted"):
        read_event(environ)


def test_a_schedule_has_no_sender_and_no_other_side(runs, github):
    event = read_event(runs.schedule())
    assert (event.kind, event.base_sha) == ("schedule", None)
    assert event.head_sha == github.repository.existing("main")


@pytest.mark.parametrize("inputs", [{}, {"pull_request": ""}, {"other": "7"}])
def test_a_dispatch_need_not_name_a_pull_request(runs, inputs):
    event = read_event(runs.dispatch(**inputs))
    assert (event.kind, event.asked_for, event.pull_request) == ("workflow_dispatch", None, None)
    assert resolved(event, MAIN, pytest.fail) is event


def test_a_dispatch_that_names_one_is_resolved_at_the_forge(runs, github, client, number):
    event = read_event(runs.dispatch(pull_request=str(number)))
    assert event.asked_for == number
    found = resolved(event, MAIN, client.pull_request)

    assert found.asked_for is None
    assert (found.target, found.default_branch) == ("main", "main")
    assert found.head_sha == found.pull_request.head_sha == github.head_of(number)
    assert found.base_sha == github.repository.existing("main")


@pytest.mark.parametrize("ref", [MAIN, "refs/tags/theirs", "theirs", "refs/heads/their", ""])
def test_a_dispatch_is_for_pull_requests_into_the_branch_that_it_was_started_on(
    runs, github, client, ref
):
    """An environment admitted that branch, and base has the say over what its keys do."""
    github.repository.commit("theirs", {"a": b"a"}, start="main")
    github.repository.commit("feature", {"b": b"b"}, start="theirs")
    event = read_event(runs.dispatch(pull_request=str(github.open_pull("feature", "theirs"))))
    with pytest.raises(RefusedError, match=r"is into theirs, and this run was started on") as told:
        resolved(event, ref, client.pull_request)
    assert (told.value.where, "start it on theirs" in told.value.fix) == ("GITHUB_REF", True)
    assert resolved(event, "refs/heads/theirs", client.pull_request).pull_request


@pytest.mark.parametrize("text", ["12; rm -rf /", "-1", "0", "main", "١"])
def test_a_dispatch_takes_a_number_only(runs, text):
    with pytest.raises(FormatError, match=r"event.json: `inputs.pull_request`"):
        read_event(runs.dispatch(pull_request=text))


def test_inputs_may_come_as_numbers_and_nothing_else(runs):
    environ = runs.dispatch(pull_request="1")
    assert read_event(change(environ, "inputs.pull_request", 12)).asked_for == 12
    for value in (True, [12], {"number": 12}, 1.5):
        with pytest.raises(FormatError):
            read_event(change(environ, "inputs.pull_request", value))


@pytest.mark.parametrize("name", ["pull_request_target", "workflow_run", "issue_comment"])
def test_events_that_give_strangers_rights_are_refused(runs, number, name):
    environ = runs.pull_request(number) | {"GITHUB_EVENT_NAME": name}
    with pytest.raises(RefusedError, match=name) as caught:
        read_event(environ)
    assert "pull_request" in caught.value.fix


def test_an_unknown_event_is_named_and_cannot_act(runs, number):
    environ = runs.pull_request(number) | {"GITHUB_EVENT_NAME": "star\n::error::\x1b[31m"}
    with pytest.raises(ConfigError) as caught:
        read_event(environ)
    assert "\x1b" not in str(caught.value)
    assert "\n::" not in str(caught.value)
    assert "merge_group" in caught.value.fix


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("pull_request", ...),
        ("pull_request", None),
        ("pull_request.head", ...),
        ("pull_request.head.sha", ...),
        ("pull_request.head.sha", "main"),
        ("pull_request.head.sha", "a" * 39),
        ("pull_request.head.ref", "--upload-pack=touch"),
        ("pull_request.head.ref", "a b"),
        ("pull_request.head.repo", "eve/prompts"),
        ("pull_request.head.repo.full_name", "eve"),
        ("pull_request.base.repo", None),
        ("pull_request.base.repo.full_name", "eve/prompts"),
        ("pull_request.base.sha", None),
        ("pull_request.number", "1"),
        ("pull_request.number", True),
        ("pull_request.number", 0),
        ("pull_request.state", ...),
        ("sender.type", ...),
        ("sender", "ada"),
    ],
)
def test_a_payload_of_another_shape_is_named_with_file_and_key(runs, number, path, value):
    environ = change(runs.pull_request(number), path, value)
    with pytest.raises(FormatError) as caught:
        read_event(environ)
    assert caught.value.where == environ["GITHUB_EVENT_PATH"]
    assert path.split(".")[0] in caught.value.problem


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{", b"\xff", b'{"a": 1, "a": 2}', b"[" * 100_000, b"null", b'"' + b"a" * 10],
)
def test_a_payload_that_is_no_json_object(runs, content):
    environ = runs.schedule()
    Path(environ["GITHUB_EVENT_PATH"]).write_bytes(content)
    with pytest.raises(FormatError) as caught:
        read_event(environ)
    assert caught.value.where.startswith(environ["GITHUB_EVENT_PATH"])


def test_a_payload_that_github_would_not_deliver_is_not_read(runs):
    environ = runs.schedule()
    with Path(environ["GITHUB_EVENT_PATH"]).open("wb") as file:
        file.truncate((25 << 20) + 1)
    with pytest.raises(ConfigError, match="more than 25 MB"):
        read_event(environ)


def test_a_payload_that_is_not_there(runs):
    environ = runs.schedule() | {"GITHUB_EVENT_PATH": "/nowhere/event.json"}
    with pytest.raises(ConfigError, match="No such file") as caught:
        read_event(environ)
    assert caught.value.where == "/nowhere/event.json"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_EVENT_NAME", ""),
        ("GITHUB_EVENT_PATH", ""),
        ("GITHUB_REPOSITORY", "prompts"),
        ("GITHUB_SHA", "HEAD"),
        ("GITHUB_RUN_ID", "7; id"),
        ("GITHUB_RUN_ATTEMPT", "first"),
        ("GITHUB_SERVER_URL", "http://github.example"),
    ],
)
def test_a_variable_of_another_shape_is_named(runs, name, value):
    with pytest.raises(ConfigError, match=name):
        read_event(runs.schedule() | {name: value})


def test_outside_of_a_run_the_error_says_so():
    with pytest.raises(ConfigError) as caught:
        read_event({})
    assert "CI job" in caught.value.fix
