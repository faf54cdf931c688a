"""Retries, waits, refusals and pages, against a server that answers as it is told."""

from __future__ import annotations

import logging
import random
import traceback

import pytest

from forge.serving import DROPPED, Response, Server, json_response
from landrace.errors import ConfigError, OutageError, RefusedError
from landrace.forge.api import Api, Call
from landrace.forge.base import LostAnswerError, UnseenError

TOKEN = "plain-token-without-a-shape-1234"
NOW = 1_772_366_400.0


class Script:
    """Answers in turn, the last one for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []

    def __call__(self, request):
        self.requests.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def ask(slept):
    """Sends one call to a server with a script; what came of it and what was asked."""

    def run(*answers, method="GET", **options):
        script = Script(*answers)
        with Server(script) as server, api_of(slept) as api:
            options = {"doing": "list the comments", "needs": "`pull-requests: read`"} | options
            call = Call(method, f"{server.url}/repos/a/b", **options)
            try:
                return api.send(call), script
            except Exception as error:
                error.script = script
                raise

    return run


def api_of(slept, **options):
    return Api(
        "GitHub", TOKEN, sleep=slept.append, now=lambda: NOW, rng=random.Random(1), **options
    )


OK = json_response(200, {"fine": True})


def test_an_answer_is_its_json(ask, slept):
    answer, script = ask(OK, query={"page": 2}, body={"text": "naïve"}, method="POST")

    assert answer.body == {"fine": True}
    assert script.requests[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert script.requests[0].query == {"page": "2"}
    assert script.requests[0].json() == {"text": "naïve"}
    assert slept == []


def test_no_content_is_none(ask):
    answer, _ = ask(Response(204), method="DELETE")
    assert answer.body is None


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failure_of_the_forge_is_tried_again(ask, slept, status):
    answer, script = ask(json_response(status, {"message": "x"}), OK)
    assert answer.status == 200
    assert len(script.requests) == 2
    assert len(slept) == 1


def test_a_lost_connection_is_tried_again(ask, slept):
    answer, _ = ask(DROPPED, DROPPED, OK)
    assert answer.status == 200
    assert len(slept) == 2


def test_a_page_of_a_proxy_is_no_answer(ask):
    answer, script = ask(Response(200, b"<html>log in</html>"), OK)
    assert answer.body == {"fine": True}
    assert len(script.requests) == 2


def test_retries_end_and_their_pauses_are_bounded(ask, slept):
    with pytest.raises(OutageError) as caught:
        ask(json_response(502, {"message": "Unicorn"}))

    assert len(caught.value.script.requests) == 5
    assert caught.value.exit_code == 75
    assert "given up after 5 tries" in caught.value.problem
    assert "Unicorn" in caught.value.problem
    assert "list the comments" in caught.value.problem
    assert "/repos/a/b" in caught.value.where
    for attempt, pause in enumerate(slept):
        assert 0 <= pause <= 2.0**attempt


@pytest.mark.parametrize(
    "limited",
    [
        json_response(429, {"message": "slow down"}, retry_after=7),
        json_response(403, {"message": "You have exceeded a secondary rate limit"}, retry_after=7),
        json_response(
            403,
            {"message": "API rate limit"},
            x_ratelimit_remaining=0,
            x_ratelimit_reset=int(NOW) + 7,
        ),
    ],
)
@pytest.mark.parametrize("repeatable", [True, False])
def test_a_rate_limit_is_waited_for_as_long_as_is_wished(ask, slept, limited, repeatable):
    answer, _ = ask(limited, OK, repeatable=repeatable)
    assert answer.status == 200
    assert len(slept) == 1
    assert 7 <= slept[0] <= 8


def test_a_wish_that_takes_too_long_is_told_and_not_waited_for(ask, slept):
    with pytest.raises(OutageError, match="limits the rate") as caught:
        ask(json_response(429, {"message": "no"}, retry_after=1800))
    assert slept == []
    assert "30 minutes" in caught.value.fix


@pytest.mark.parametrize("answer", [DROPPED, json_response(502, {}), Response(200, b"<html>")])
def test_what_must_not_be_repeated_is_not_when_the_answer_is_lost(ask, slept, answer):
    with pytest.raises(LostAnswerError, match="may have been done or not") as caught:
        ask(answer, OK, method="POST", repeatable=False)
    assert len(caught.value.script.requests) == 1
    assert slept == []


def test_a_forge_that_is_not_there_was_not_asked_so_trying_again_is_safe(slept):
    with Server(Script(OK)) as server:
        url = server.url
    with api_of(slept, attempts=3) as api:
        call = Call("POST", url, "comment", "`x`", repeatable=False)
        with pytest.raises(OutageError, match="cannot be reached") as caught:
            api.send(call)
    assert not isinstance(caught.value, LostAnswerError)
    assert len(slept) == 2


@pytest.mark.parametrize(
    ("status", "message", "error", "words"),
    [
        (401, "Bad credentials", ConfigError, "expired or revoked"),
        (403, "Resource not accessible by integration", ConfigError, "`pull-requests: read`"),
        (404, "Not Found", UnseenError, "does not exist, or the token may not see it"),
        (410, "This issue was deleted", UnseenError, "does not exist"),
        (422, "Validation Failed", ConfigError, "does not take the request"),
        (409, "Git Repository is empty.", ConfigError, "does not take the request"),
        (301, "Moved Permanently", ConfigError, "new name"),
        (422, "Repository rule violations found", RefusedError, "pass the rule"),
        (403, "Protected branch update failed for refs/heads/main.", RefusedError, "pass the rule"),
        (418, "", ConfigError, "does not take the request"),
    ],
)
def test_a_refusal_says_what_to_change(ask, status, message, error, words):
    with pytest.raises(error) as caught:
        ask(json_response(status, {"message": message}))
    assert type(caught.value) is error
    assert str(status) in caught.value.problem or error is RefusedError
    assert message in caught.value.problem
    assert words in caught.value.fix
    assert len(caught.value.script.requests) == 1


def test_a_missing_right_is_named_by_the_forge_where_it_does(ask):
    denied = json_response(
        403, {"message": "no"}, x_accepted_github_permissions="issues=write; pull_requests=write"
    )
    with pytest.raises(ConfigError) as caught:
        ask(denied)
    assert "pull_requests=write" in caught.value.fix


def test_details_of_a_refusal_are_told(ask):
    errors = [
        {"resource": "Pull", "field": "head", "code": "invalid"},
        {"message": "too long"},
        "x",
    ]
    with pytest.raises(ConfigError, match="Validation Failed; Pull head invalid; too long; x"):
        ask(json_response(422, {"message": "Validation Failed", "errors": errors}))


def test_no_redirect_is_followed(ask):
    moved = Response(307, b"", (("location", "http://127.0.0.1:1/steal"),))
    with pytest.raises(ConfigError, match="307"):
        ask(moved)


HOSTILE = (
    f"token {TOKEN} is bad\n::error::boo\n\x1b[31mred ##[error]x "
    "sk-ant-api03-" + "x" * 30 + " https://me:hunter2@host/"
)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 502])
def test_an_error_body_can_neither_act_nor_tell_a_secret(ask, status):
    with pytest.raises((ConfigError, OutageError)) as caught:
        ask(json_response(status, {"message": HOSTILE, "errors": [{"message": HOSTILE}]}))
    shown = "".join(traceback.format_exception(caught.value))
    for secret in (TOKEN, "sk-ant", "hunter2", "\x1b", "\n::error", "##[error]"):
        assert secret not in shown


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"[1]", b'{"message": 5}', b"[" * 9999, b'{"errors": 3}']
)
def test_an_error_body_may_be_anything(ask, body):
    with pytest.raises(ConfigError, match="422"):
        ask(Response(422, body))


def test_the_token_is_in_no_repr_and_no_error_of_a_lost_connection(slept):
    with Server(Script(DROPPED)) as server, api_of(slept) as api:
        call = Call("GET", server.url, "read", "`x`")
        with pytest.raises(OutageError) as caught:
            api.send(call)
        assert TOKEN not in repr(api) + repr(call) + repr(caught.value)
        assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__cause__ is None


def test_the_token_is_in_no_log(slept, caplog):
    caplog.set_level(logging.DEBUG)
    with Server(Script(json_response(502, {"message": TOKEN}), OK)) as server, api_of(slept) as api:
        api.send(Call("POST", server.url, "read", "`x`", body={"text": "hi"}))
    assert caplog.text  # httpx does write one
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "naïve", "tab\there"])
def test_a_token_that_no_header_can_carry_is_refused_unseen(token):
    with pytest.raises(ConfigError, match="the token for GitHub is") as caught:
        Api("GitHub", token)
    assert not token or token not in str(caught.value)


def pages_of(slept, *answers):
    script = Script(*answers)
    with Server(script) as server, api_of(slept) as api:
        call = Call("GET", server.url, "list the comments", "`x`", query={"sort": "asc"})
        return list(api.pages(call)), script


NEXT = '<https://elsewhere.example/steal?page=2>; rel="next"'


def test_pages_are_counted_here_and_no_link_is_followed(slept):
    found, script = pages_of(slept, json_response(200, [1, 2], link=NEXT), json_response(200, [3]))
    assert found == [1, 2, 3]
    assert [request.query for request in script.requests] == [
        {"sort": "asc", "per_page": "100", "page": "1"},
        {"sort": "asc", "per_page": "100", "page": "2"},
    ]


def test_pages_end(slept):
    with pytest.raises(ConfigError, match="more than 3,000"):
        pages_of(slept, json_response(200, [1], link=NEXT))


def test_a_page_must_be_a_list(slept):
    with pytest.raises(ConfigError, match="not a list"):
        pages_of(slept, json_response(200, {"message": "hi"}))


def test_another_pause_is_longer_at_most(slept):
    with api_of(slept) as api:
        for attempt in range(1, 20):
            api.pause(attempt)
    assert all(0 <= pause <= min(120, 2.0**n) for n, pause in enumerate(slept))
    assert max(slept) > 30
