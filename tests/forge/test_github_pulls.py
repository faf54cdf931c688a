from __future__ import annotations

import pytest

from forge import weather
from landrace.errors import ConfigError
from landrace.forge.base import LostAnswerError, NewPullRequest

LIST = "GET /repos/{owner}/{repo}/pulls"
CREATE = "POST /repos/{owner}/{repo}/pulls"
UPDATE = "PATCH /repos/{owner}/{repo}/pulls/{pull_number}"

NEW = NewPullRequest("landrace/models", "main", "Optimize for new models", "There are two.\n")


@pytest.fixture(autouse=True)
def branch(github):
    github.repository.commit("landrace/models", {"a": b"a"}, start="main")


def test_one_is_opened_and_then_left_alone(client, github):
    first = client.upsert_pull_request(NEW)
    second = client.upsert_pull_request(NEW)

    assert (first.action, second.action) == ("created", "unchanged")
    assert first.url == second.url == "https://github.example/ada/prompts/pull/1"
    assert [pull.title for pull in github.pulls.values()] == ["Optimize for new models"]
    assert github.count(UPDATE) == 0


def test_another_text_is_brought_up_to_date(client, github):
    client.upsert_pull_request(NEW)
    assert client.upsert_pull_request(NEW._replace(body="There are three.")).action == "updated"
    assert client.upsert_pull_request(NEW._replace(title="New models")).action == "updated"
    assert github.pulls[1].title == "New models"
    assert len(github.pulls) == 1


def test_after_a_closed_one_there_is_a_new_one(client, github):
    client.upsert_pull_request(NEW)
    github.pulls[1].state = "closed"
    assert client.upsert_pull_request(NEW).action == "created"
    assert len(github.pulls) == 2


@pytest.mark.parametrize("spell", [weather.lost, weather.bad_gateway])
def test_one_whose_answer_got_lost_is_found(client, github, spell):
    github.weather.order(CREATE, spell)
    assert client.upsert_pull_request(NEW).action == "unchanged"
    assert len(github.pulls) == 1


def test_one_that_was_not_made_is_tried_again(client, github):
    github.weather.order(CREATE, weather.dropped)
    assert client.upsert_pull_request(NEW).action == "created"
    assert len(github.pulls) == 1


def test_tries_end(client, github):
    github.weather.order(CREATE, *[weather.dropped] * 3)
    with pytest.raises(LostAnswerError):
        client.upsert_pull_request(NEW)


def test_a_strangers_pull_request_from_a_branch_of_the_same_name_is_not_ours(client, github):
    github.repository.commit("x", {"b": b"b"}, start="main")
    stranger = github.open_pull("x", fork="ada/prompts-fork")
    github.pulls[stranger].head = NEW.head

    assert client.upsert_pull_request(NEW).action == "created"
    assert github.pulls[stranger].title == "A change"


def test_what_became_of_earlier_ones(client, github):
    for state, merged in (("closed", None), ("closed", "2026-03-01T12:00:00Z"), ("open", None)):
        client.upsert_pull_request(NEW)
        pull = github.pulls[len(github.pulls)]
        pull.state, pull.merged_at = state, merged
    github.repository.commit("x", {"b": b"b"}, start="main")
    github.pulls[github.open_pull("x", fork="ada/prompts-fork")].head = NEW.head

    found = client.proposals(NEW.head, NEW.base)

    assert [(one.number, one.state) for one in found] == [(3, "open"), (2, "merged"), (1, "closed")]
    assert found[0].body == NEW.body
    assert found[0].url == "https://github.example/ada/prompts/pull/3"
    assert client.proposals(NEW.head, "elsewhere") == []


def test_no_such_branch(client):
    with pytest.raises(ConfigError, match="Validation Failed; PullRequest head invalid"):
        client.upsert_pull_request(NEW._replace(head="nowhere"))


def test_the_consent_that_a_jobs_token_needs_is_named(client, github):
    words = "GitHub Actions is not permitted to create or approve pull requests."
    github.weather.order(CREATE, weather.answer(403, words))
    with pytest.raises(ConfigError, match="not permitted") as caught:
        client.upsert_pull_request(NEW)
    assert "Allow GitHub Actions" in caught.value.fix


def test_its_texts_tell_no_secret(client, github):
    secret = "sk-ant-" + "x" * 30
    new = NEW._replace(title=f"With {secret}\nand", body=f"With {secret} \ud800")

    assert client.upsert_pull_request(new).action == "created"
    assert client.upsert_pull_request(new).action == "unchanged"
    assert github.pulls[1].title == "With [redacted] and"
    assert github.pulls[1].body == "With [redacted] \\ud800"


def test_a_text_over_the_limit_is_not_sent(client, github):
    with pytest.raises(ConfigError, match="65,537 characters; GitHub takes 65,536"):
        client.upsert_pull_request(NEW._replace(body="x" * 65_537))
    assert github.exchanges == []
