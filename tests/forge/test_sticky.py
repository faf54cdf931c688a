from __future__ import annotations

import threading

import pytest

from forge import weather
from landrace.errors import ConfigError
from landrace.forge import github as github_client
from landrace.forge import sticky
from landrace.forge.base import LostAnswerError

LIST = "GET /repos/{owner}/{repo}/issues/{issue_number}/comments"
CREATE = "POST /repos/{owner}/{repo}/issues/{issue_number}/comments"
UPDATE = "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}"
DELETE = "DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}"
OURS = "landrace[bot]"
MARKER = "landrace:report"
LINE = "<!-- landrace:report -->"


def say(client, number, body):
    return client.upsert_comment(number, body, marker=MARKER)


def bodies(github, login=OURS):
    return [comment.body for comment in github.comments if comment.login == login]


def test_the_first_report_is_a_new_comment_with_a_hidden_marker(client, github, number):
    result = say(client, number, "All fine.\n")

    assert result.action == "created"
    assert bodies(github) == [f"{LINE}\nAll fine.\n"]
    assert result.url.endswith(f"#issuecomment-{github.comments[0].id}")


def test_the_next_report_takes_its_place(client, github, number):
    first = say(client, number, "All fine.")
    github.comment(number, "thanks")
    second = say(client, number, "Not so fine.")

    assert (second.action, second.url) == ("updated", first.url)
    assert bodies(github) == [f"{LINE}\nNot so fine."]


def test_what_is_there_already_is_not_sent(client, github, number):
    say(client, number, "All fine.\nReally.\n")
    github.comments[0].body = f"{LINE}\r\nAll fine.\r\nReally."  # as a form of GitHub stores it

    assert say(client, number, "All fine.\nReally.\n").action == "unchanged"
    assert (github.count(CREATE), github.count(UPDATE)) == (1, 0)


def test_a_comment_that_tells_more_stays(client, github, number):
    say(client, number, "All fine.\n\nOf a … b.")
    said = {"marker": MARKER, "unless": "Of a … b."}

    assert client.upsert_comment(number, "Fine.\n\nOf a … b.", **said).action == "unchanged"
    assert client.upsert_comment(number, "Fine.", marker=MARKER, unless="of c").action == "updated"
    assert bodies(github) == [f"{LINE}\nFine."]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_a_report_quotes_does_not_keep_it_from_being_brought_up_to_date(
    client, github, number, newline
):
    say(client, number, "Fine.\n\n```text\nOf a … b.\n```\n\nOf a … c.\n")
    github.comments[0].body = github.comments[0].body.replace("\n", newline)
    said = {"marker": MARKER, "unless": "Of a … b."}

    assert client.upsert_comment(number, "Broken.\n\nOf a … b.", **said).action == "updated"
    assert bodies(github) == [f"{LINE}\nBroken.\n\nOf a … b."]


def test_a_marker_of_somebody_else_is_not_ours(client, github, number):
    forged = github.comment(number, f"{LINE}\nAPPROVED", login="eve")
    namesake = github.comment(number, f"{LINE}\nAPPROVED", login="landrace")
    say(client, number, "All fine.")

    assert (forged.body, namesake.body) == (f"{LINE}\nAPPROVED",) * 2
    assert bodies(github) == [f"{LINE}\nAll fine."]


def test_another_comment_of_ours_is_left_alone(client, github, number):
    github.comment(number, "Hello!", login=OURS)
    github.comment(number, f"see\n{LINE}\nbelow", login=OURS)
    github.comment(number, "<!-- landrace:plan -->\nThree cells.", login=OURS)
    say(client, number, "All fine.")

    assert len(bodies(github)) == 4
    assert github.count(DELETE) == 0


def test_a_minimised_one_stays_out_of_sight(client, github, number):
    say(client, number, "Old.")
    github.comments[0].reason = "outdated"

    assert say(client, number, "New.").action == "created"
    assert bodies(github) == [f"{LINE}\nOld.", f"{LINE}\nNew."]


def test_of_duplicates_the_oldest_stays(client, github, number):
    made = [github.comment(number, f"{LINE}\n{n}", login=OURS) for n in range(3)]

    assert say(client, number, "All fine.").action == "updated"
    assert [comment.id for comment in github.comments] == [made[0].id]
    assert bodies(github) == [f"{LINE}\nAll fine."]


def test_a_duplicate_that_another_run_made_meanwhile_is_removed_at_once(client, github, number):
    def other_run():
        github.comment(number, f"{LINE}\nfrom the other webhook", login=OURS)

    github.weather.order(CREATE, weather.after(other_run))

    assert say(client, number, "All fine.").action == "updated"
    assert bodies(github) == [f"{LINE}\nAll fine."]


def test_a_duplicate_of_a_run_that_was_killed_right_after_is_removed_too(client, github, number):
    def killed_run():
        github.comment(number, f"{LINE}\nfrom the killed run", login=OURS)

    github.weather.order(LIST, weather.after(list), weather.after(killed_run))

    assert say(client, number, "All fine.").action == "created"
    assert bodies(github) == [f"{LINE}\nAll fine."]


def test_two_webhooks_leave_one_comment(github, runs, token, number):
    """Both list, both create: whoever looks last cleans up."""
    barrier = threading.Barrier(2)

    def both_have_listed(proceed):
        response = proceed()
        barrier.wait(10)
        return response

    github.weather.order(LIST, both_have_listed, both_have_listed)

    def run():
        with github_client.connect(runs.schedule() | {"GITHUB_TOKEN": token}) as client:
            say(client, number, "All fine.")

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert bodies(github) == [f"{LINE}\nAll fine."]
    assert github.count(CREATE) == 2


def test_a_duplicate_that_is_gone_already_is_no_error(client, github, number):
    made = [github.comment(number, f"{LINE}\n{n}", login=OURS) for n in range(2)]
    github.weather.order(DELETE, weather.after(lambda: github.comments.remove(made[1])))

    assert say(client, number, "All fine.").action == "updated"
    assert github.comments == [made[0]]


@pytest.mark.parametrize("spell", [weather.lost, weather.bad_gateway])
def test_one_whose_answer_got_lost_is_found_and_not_written_again(client, github, number, spell):
    github.weather.order(CREATE, spell)

    assert say(client, number, "All fine.").action == "created"
    assert bodies(github) == [f"{LINE}\nAll fine."]
    assert github.count(CREATE) == 1


def test_one_that_was_not_written_is_tried_again(client, github, number):
    github.weather.order(CREATE, weather.dropped)
    assert say(client, number, "All fine.").action == "created"
    assert bodies(github) == [f"{LINE}\nAll fine."]


def test_tries_end(client, github, number):
    github.weather.order(CREATE, *[weather.dropped] * 3)
    with pytest.raises(LostAnswerError):
        say(client, number, "All fine.")
    assert github.comments == []


def test_a_text_over_the_limit_is_never_sent(client, github, number):
    room = 65_536 - len(LINE) - 1
    say(client, number, "x" * room)
    before = len(github.exchanges)

    with pytest.raises(ConfigError, match="65,537 characters; the forge takes 65,536"):
        say(client, number, "x" * (room + 1))
    assert len(github.exchanges) == before


def test_a_report_tells_no_secret_and_cannot_break_the_request(client, github, number, monkeypatch):
    monkeypatch.setenv("LLM_API_KEY", "abcdefgh-and-more")
    body = "key abcdefgh-and-more, sk-ant-" + "x" * 30 + " \ud800 \x1b[31m"

    assert say(client, number, body).action == "created"
    assert say(client, number, body).action == "unchanged"
    assert bodies(github) == [f"{LINE}\nkey [redacted], [redacted] \\ud800 \\u001b[31m"]


@pytest.mark.parametrize("marker", ["", "a--b", "a -->", "A", "x" * 70, "a\nb"])
def test_a_marker_cannot_leave_its_comment(client, number, marker):
    with pytest.raises(ValueError, match="not a marker"):
        sticky.upsert(client, number, "x", marker=marker)
