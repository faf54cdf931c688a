from __future__ import annotations

import contextlib
import threading

import pytest

from forge import weather
from forge.hosted import StaleError
from landrace.errors import ConfigError, EvidenceError, RefusedError
from landrace.forge import github as github_client
from landrace.forge.base import HeadMovedError, LostAnswerError, NewCommit, UnseenError

COMMIT = "createCommitOnBranch"
LOOK = "GET /repos/{owner}/{repo}/commits"
CREATE_REF = "POST /repos/{owner}/{repo}/git/refs"
DELETE_REF = "DELETE /repos/{owner}/{repo}/git/refs/{ref}"
MERGE = "POST /repos/{owner}/{repo}/merges"
GET_REF = "GET /repos/{owner}/{repo}/git/ref/{ref}"

PIN = "registry/a/gpt/pin.json"


def new_commit(head, run="7001-1", branch="feature", **more):
    changes = {"additions": {PIN: b'{"x": 1}\n', "registry/a/gpt/bin": b"\x00\xff"}} | more
    return NewCommit(
        branch=branch,
        expected_head=head,
        headline="Pin a for gpt: +0.12",
        body=f"It won.\n\nLandrace-Evidence: {'e' * 64}\nLandrace-Run: {run}\n",
        mark=f"Landrace-Run: {run}",
        **changes,
    )


@pytest.fixture
def head(github, number):
    return github.head_of(number)


def push(github):
    """Somebody else pushes to the branch."""
    return github.repository.commit("feature", {"other": b"other"}, "somebody else's")


def test_a_commit_is_in_git(client, github, head):
    oid = client.commit(new_commit(head))
    repository = github.repository

    assert repository.existing("feature") == oid
    assert repository.parents(oid) == [head]
    assert repository.files(oid)[PIN] == b'{"x": 1}\n'
    assert repository.files(oid)["registry/a/gpt/bin"] == b"\x00\xff"
    assert repository.message(oid).splitlines()[0] == "Pin a for gpt: +0.12"
    assert repository.message(oid).splitlines()[-1] == "Landrace-Run: 7001-1"
    assert repository.git("log", "-1", "--format=%an", oid) == "landrace[bot]"


def test_files_may_go(client, github, head):
    client.commit(new_commit(head, additions={}, deletions=("prompts/a/prompt.jinja",)))
    assert set(github.repository.files("feature")) == {"README.md"}


def test_a_file_that_is_not_there_cannot_go(client, github, head):
    with pytest.raises(UnseenError, match="requested for deletion"):
        client.commit(new_commit(head, deletions=("nowhere",)))
    assert github.repository.existing("feature") == head


def test_a_branch_that_has_moved_is_left_alone(client, github, head):
    theirs = push(github)
    with pytest.raises(HeadMovedError) as caught:
        client.commit(new_commit(head))

    assert isinstance(caught.value, EvidenceError)
    assert caught.value.exit_code == 4
    assert "run the pipeline again" in caught.value.fix
    assert github.repository.existing("feature") == theirs
    assert github.count(COMMIT) == 1


def test_a_branch_that_moves_while_the_commit_is_made(client, github, head):
    github.weather.order(COMMIT, weather.after(lambda: push(github)))
    with pytest.raises(HeadMovedError):
        client.commit(new_commit(head))
    assert github.repository.message("feature") == "somebody else's"


def test_the_words_for_two_commits_that_race_are_known_too(client, github, head):
    raced = f"Ref refs/heads/feature is at {'b' * 40} but expected {head}"
    github.weather.order(COMMIT, weather.graphql_error(raced, "UNPROCESSABLE"))
    with pytest.raises(HeadMovedError):
        client.commit(new_commit(head))


@pytest.mark.parametrize("spell", [weather.lost, weather.bad_gateway])
def test_a_commit_whose_answer_got_lost_is_found_and_not_made_again(client, github, head, spell):
    github.weather.order(COMMIT, spell)
    oid = client.commit(new_commit(head))

    assert github.repository.existing("feature") == oid
    assert len(github.repository.history("feature")) == 3
    assert github.count(COMMIT) == 1


def test_it_is_found_under_what_others_have_built_upon_it(client, github, head):
    def lost_and_built_upon(proceed):
        proceed()
        push(github)
        return weather.DROPPED

    github.weather.order(COMMIT, lost_and_built_upon)
    oid = client.commit(new_commit(head))

    assert github.repository.parents("feature") == [oid]
    assert github.repository.parents(oid) == [head]


@pytest.mark.parametrize("spell", [weather.dropped, weather.answer(502), weather.answer(504)])
def test_a_commit_that_was_not_made_is_tried_again(client, github, head, slept, spell):
    github.weather.order(COMMIT, spell)
    oid = client.commit(new_commit(head))

    assert github.repository.existing("feature") == oid
    assert github.count(COMMIT) == 2
    assert slept


def test_a_commit_that_lands_after_we_looked_is_recognised(client, github, head):
    """The first try is carried out late: between our look and our second try."""
    late = []

    def slow(proceed):
        late.append(proceed)
        return weather.DROPPED

    def overtaken(proceed):
        late.pop()()
        return proceed()

    github.weather.order(COMMIT, slow, overtaken)
    oid = client.commit(new_commit(head))

    assert github.repository.existing("feature") == oid
    assert github.repository.parents(oid) == [head]


def test_somebody_elses_commit_is_not_taken_for_ours(client, github, head):
    github.weather.order(COMMIT, weather.after(lambda: push(github), weather.dropped))
    with pytest.raises(HeadMovedError, match=f"no longer at {head[:12]}"):
        client.commit(new_commit(head))
    assert github.count(COMMIT) == 1


def test_another_runs_commit_is_not_taken_for_ours(client, github, head):
    def other_run():
        files = {PIN: b'{"x": 1}\n'}
        github.repository.commit("feature", files, "Pin\n\nLandrace-Run: 7001-11\n")

    github.weather.order(COMMIT, weather.after(other_run, weather.dropped))
    with pytest.raises(HeadMovedError):
        client.commit(new_commit(head, run="7001-1"))


def test_after_three_lost_answers_the_last_is_told(client, github, head, slept):
    github.weather.order(COMMIT, *[weather.dropped] * 3)
    with pytest.raises(LostAnswerError, match="may have been done or not"):
        client.commit(new_commit(head))
    assert github.repository.existing("feature") == head
    assert github.count(COMMIT) == 3
    assert len(slept) == 2


def test_a_rate_limit_is_waited_for(client, github, head, slept):
    github.weather.order(
        COMMIT, weather.answer(429, retry_after=3), weather.graphql_error("slow", "RATE_LIMITED")
    )
    assert client.commit(new_commit(head)) == github.repository.existing("feature")
    assert [round(pause) for pause in slept] != []
    assert github.count(LOOK) == 0


def test_a_protected_branch_refuses(client, github, head):
    github.repository.protect("feature")
    with pytest.raises(RefusedError, match="through a pull request") as caught:
        client.commit(new_commit(head))
    assert caught.value.exit_code == 3
    assert github.repository.existing("feature") == head


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Required status check is expected.", "BRANCH_PROTECTION_RULE_VIOLATION"),
        ("Repository rule violations found\n\nCommits must be signed.", "UNPROCESSABLE"),
    ],
)
def test_a_rule_is_known_by_its_type_or_its_words(client, github, head, words, kind):
    github.weather.order(COMMIT, weather.graphql_error(words, kind))
    with pytest.raises(RefusedError):
        client.commit(new_commit(head))


def test_a_token_that_may_only_read(runs, github, head):
    token = github.tokens.make(contents="read", pull_requests="write")
    with (
        github_client.connect(runs.schedule() | {"GITHUB_TOKEN": token}) as client,
        pytest.raises(ConfigError) as caught,
    ):
        client.commit(new_commit(head))
    assert "`contents: write`" in caught.value.fix


def test_no_such_branch(client, head):
    with pytest.raises(UnseenError, match="No branch named elsewhere"):
        client.commit(new_commit(head, branch="elsewhere"))


def test_of_two_commits_at_once_one_wins(client, github, head, runs, token):
    """Two runs on one head: compare and swap lets one through, and tells the other."""
    results = []

    def run(name):
        with github_client.connect(runs.schedule() | {"GITHUB_TOKEN": token}) as own:
            try:
                results.append(own.commit(new_commit(head, run=name)))
            except HeadMovedError as error:
                results.append(error)

    threads = [threading.Thread(target=run, args=(f"{n}-1",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(isinstance(one, HeadMovedError) for one in results) == 1
    assert github.repository.existing("feature") in results


def test_the_swap_of_the_repository_is_atomic(github, head):
    wins = []

    def run():
        with contextlib.suppress(StaleError):
            wins.append(github.repository.commit("feature", {"x": b"x"}, expected=head))

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wins) == 1
    assert github.repository.existing("feature") == wins[0]


@pytest.mark.parametrize("change", [{"mark": "Landrace-Run"}, {"additions": {}}])
def test_a_commit_without_its_mark_or_a_change_is_a_mistake_of_the_caller(change):
    given = {"branch": "b", "expected_head": "a" * 40, "headline": "h", "body": "b\nm", "mark": "m"}
    with pytest.raises(ValueError, match=r"the mark|without a change"):
        NewCommit(**{**given, "additions": {"x": b""}, **change})


def test_where_a_branch_is(client, github, head):
    assert client.branch_head("feature") == head
    assert client.branch_head("nowhere") is None
    github.repository.commit("landrace/models+new", {"a": b"a"}, start="main")
    assert client.branch_head("landrace/models+new") == github.repository.existing(
        "landrace/models+new"
    )


def test_a_branch_is_made_and_made_again(client, github, head):
    client.create_branch("landrace/models", head)
    client.create_branch("landrace/models", head)
    assert github.repository.existing("landrace/models") == head


def test_a_branch_whose_answer_got_lost_is_there(client, github, head):
    github.weather.order(CREATE_REF, weather.lost)
    client.create_branch("landrace/models", head)
    assert github.repository.existing("landrace/models") == head
    assert github.count(GET_REF) == 1


def test_a_branch_that_is_elsewhere_is_not_moved(client, github, head):
    github.repository.commit("landrace/models", {"a": b"a"}, start="main")
    with pytest.raises(ConfigError, match="Reference already exists"):
        client.create_branch("landrace/models", head)


@pytest.mark.parametrize("spell", [None, weather.lost])
def test_a_branch_goes_and_closes_its_pull_request(client, github, head, number, spell):
    if spell:
        github.weather.order(DELETE_REF, spell)
    client.delete_branch("feature")
    client.delete_branch("feature")
    assert github.repository.head("feature") is None
    assert github.pulls[number].state == "closed"
    assert github.head_of(number) == head


def test_a_branch_that_may_not_go_stays(client, github, head):
    github.weather.order(DELETE_REF, weather.answer(422, "Cannot delete this branch"))
    with pytest.raises(ConfigError, match="Cannot delete"):
        client.delete_branch("feature")
    assert github.repository.existing("feature") == head


def test_a_branch_follows_another(client, github, head):
    newer = github.repository.commit("main", {"new": b"new"}, "go on")
    client.merge("feature", newer, message="Follow main\n\nLandrace-Models: 1")
    merged = github.repository.existing("feature")

    assert github.repository.parents(merged) == [head, newer]
    assert github.repository.message(merged).splitlines()[-1] == "Landrace-Models: 1"
    client.merge("feature", newer, message="again")
    assert github.repository.existing("feature") == merged


def test_a_merge_whose_answer_got_lost_is_not_made_twice(client, github, head):
    newer = github.repository.commit("main", {"new": b"new"}, "go on")
    github.weather.order(MERGE, weather.lost)
    client.merge("feature", newer, message="Follow main")
    assert github.repository.parents("feature") == [head, newer]


def test_what_git_cannot_join_is_not_merged(client, github, head):
    newer = github.repository.commit("main", {"prompts/a/prompt.jinja": b"Else.\n"}, "go on")
    with pytest.raises(ConfigError, match="Conflict"):
        client.merge("feature", newer, message="Follow main")
    assert github.repository.existing("feature") == head


def test_a_branchs_name_cannot_act_in_a_message(client):
    with pytest.raises(ConfigError) as caught:
        client.commit(new_commit("a" * 40, branch="a\u202eb\u2066"))
    assert "\u202e" not in str(caught.value)
