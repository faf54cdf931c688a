from __future__ import annotations

import pytest

from forge import weather
from landrace.errors import ConfigError, FormatError, OutageError
from landrace.forge import github as github_client
from landrace.forge.base import Comment, Live, Status, UnseenError

PULL = "GET /repos/{owner}/{repo}/pulls/{pull_number}"
LIST = "GET /repos/{owner}/{repo}/issues/{issue_number}/comments"
STATUS = "POST /repos/{owner}/{repo}/statuses/{sha}"


def connect(runs, token, **more):
    return github_client.connect(runs.schedule() | {"GITHUB_TOKEN": token, **more})


def test_where_a_pull_request_is_now(client, github, number):
    assert client.live(number) == Live(github.head_of(number), "main", is_closed=False)
    moved = github.repository.commit("feature", {"a": b"a"})
    github.repository.commit("release", {"b": b"b"}, start="main")
    github.retarget(number, "release")
    github.pulls[number].state = "closed"

    assert client.live(number) == Live(moved, "release", is_closed=True)


def test_a_pull_request_as_it_is_now_but_for_its_base(client, github, number):
    found = client.pull_request(number)
    assert (found.number, found.head_ref, found.base_ref) == (number, "feature", "main")
    assert (found.is_fork, found.is_closed) == (False, False)

    github.pulls[number].state = "closed"
    github.repository.commit("main", {"b": b"b"})
    again = client.pull_request(number)
    assert again.is_closed
    assert again.base_sha == found.base_sha != github.repository.existing("main")


def test_a_pull_request_of_a_fork(client, github):
    github.repository.commit("theirs", {"a": b"a"}, start="main")
    number = github.open_pull("theirs", fork="eve/prompts")
    assert client.pull_request(number).is_fork


def test_no_such_pull_request(client):
    with pytest.raises(
        UnseenError, match="could not read the pull request 999: Not Found"
    ) as caught:
        client.pull_request(999)
    assert "`pull-requests: read`" in caught.value.fix


def test_an_answer_of_another_shape_is_named(client, github, number):
    github.weather.order(PULL, lambda _: weather.json_response(200, {"number": number}))
    with pytest.raises(FormatError, match="is missing") as caught:
        client.pull_request(number)
    assert f"/pulls/{number}" in caught.value.where


def test_whose_token_it_is(client):
    assert client.viewer() == "landrace[bot]"


@pytest.mark.parametrize("token", ["ghs_unknown", ""])
def test_a_token_that_is_unknown_or_missing(runs, token):
    with pytest.raises(ConfigError, match=r"token|credentials"), connect(runs, token) as client:
        client.viewer()


def test_a_bad_token_is_told_by_both_interfaces(runs, number):
    with connect(runs, "ghs_" + "A" * 36) as client:
        for ask in (client.viewer, lambda: client.pull_request(number)):
            with pytest.raises(ConfigError, match="401") as caught:
                ask()
            assert "ghs_" not in str(caught.value)


def test_a_right_that_is_missing_is_named(runs, github, number):
    token = github.tokens.make(pull_requests="read")
    sha = github.head_of(number)
    with connect(runs, token) as client:
        with pytest.raises(ConfigError, match="not accessible") as caught:
            client.create_comment(number, "hi")
        assert "pull_requests=write" in caught.value.fix
        with pytest.raises(ConfigError) as caught:
            client.set_status(sha, Status("landrace/gate", "success", "fine"))
        assert "statuses=write" in caught.value.fix
    assert github.comments == []


def test_another_repository_is_not_seen(runs, token):
    other = connect(runs, token, GITHUB_REPOSITORY="ada/others")
    with other as client, pytest.raises(UnseenError):
        client.live(1)


@pytest.mark.parametrize("name", ["GITHUB_API_URL", "GITHUB_GRAPHQL_URL"])
def test_a_token_goes_to_no_address_in_the_clear(runs, name):
    with (
        pytest.raises(ConfigError, match=name),
        connect(runs, "x", **{name: "http://github.example"}),
    ):
        pass


def test_statuses(client, github, number):
    sha = github.head_of(number)
    client.set_status(sha, Status("landrace/gate", "pending", "at work", "https://ci.example/7"))
    client.set_status(sha, Status("landrace/gate", "success", "é" * 200))

    first, second = github.statuses
    assert (first.state, first.context, first.url) == (
        "pending",
        "landrace/gate",
        "https://ci.example/7",
    )
    assert second.description == "é" * 139 + "…"
    assert (second.sha, second.url, second.login) == (sha, None, "landrace[bot]")


def test_a_status_may_be_set_twice_so_a_lost_answer_is_asked_again(client, github, number):
    github.weather.order(STATUS, weather.lost, weather.bad_gateway)
    client.set_status(github.head_of(number), Status("landrace/gate", "success", "fine"))
    assert {status.state for status in github.statuses} == {"success"}
    assert github.count(STATUS) == 3


def test_comments_are_listed_page_by_page(client, github, number):
    for turn in range(205):
        github.comment(number, f"comment {turn}")
    github.comment(number + 1, "elsewhere")

    found = client.comments(number)

    assert [comment.body for comment in found] == [f"comment {turn}" for turn in range(205)]
    assert github.count(LIST) == 3


def test_a_comment_is_read_as_it_is(client, github, number):
    made = github.comment(number, "hi")
    github.comment(number, "gone", login="")
    hidden = github.comment(number, "old")
    hidden.reason = "outdated"

    first, second, third = client.comments(number)

    page = f"https://github.example/ada/prompts/pull/{number}#issuecomment-{made.id}"
    assert first == Comment(made.id, "eve", "hi", page)
    assert second.author == ""
    assert third.is_hidden


def test_an_outage_is_told_as_one(client, github, number, slept):
    github.weather.order(PULL, *[weather.answer(503, "Service unavailable")] * 5)
    with pytest.raises(OutageError, match="503: Service unavailable"):
        client.live(number)
    assert len(slept) == 4


def test_graphql_has_failures_of_its_own(client, github, slept):
    github.weather.order(
        "viewer",
        weather.graphql_error("Something went wrong while executing your query."),
        weather.graphql_error("API rate limit exceeded", "RATE_LIMITED"),
        weather.answer(502),
    )
    assert client.viewer() == "landrace[bot]"
    assert len(slept) == 3
    assert slept[1] >= 60


@pytest.mark.parametrize(
    ("kind", "error", "words"),
    [
        ("FORBIDDEN", ConfigError, "the right that it lacks"),
        ("NOT_FOUND", UnseenError, "may not see it"),
        ("UNPROCESSABLE", ConfigError, "does not take"),
        (None, ConfigError, "does not take"),
    ],
)
def test_graphql_refuses_with_a_good_status(client, github, kind, error, words):
    github.weather.order("viewer", weather.graphql_error("no\n::error::\x1b[1m", kind))
    with pytest.raises(error) as caught:
        client.viewer()
    assert words in caught.value.fix
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("body", [None, [], {"errors": [7]}, {"errors": "x"}, {"data": None}, {}])
def test_graphql_may_answer_anything(client, github, body):
    github.weather.order("viewer", lambda _: weather.json_response(200, body))
    with pytest.raises(ConfigError):
        client.viewer()
