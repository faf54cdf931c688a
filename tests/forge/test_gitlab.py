from __future__ import annotations

import pytest

from forge import weather
from forge.fake_gitlab import LOGIN, TOKEN
from landrace.errors import ConfigError
from landrace.forge import gitlab as gitlab_client
from landrace.forge.base import Live, Status, UnseenError

NOTES = "/projects/{id}/merge_requests/{iid}/notes"
CREATE = f"POST {NOTES}"
STATUS = "POST /projects/{id}/statuses/{sha}"
LINE = "<!-- landrace:report -->"


def say(client, body, number=3):
    return client.upsert_comment(number, body, marker="landrace:report")


def test_where_a_merge_request_is_now(gitlab, gitlab_client_of):
    assert gitlab_client_of.live(3) == Live("c" * 40, "main", is_closed=False)
    gitlab.heads[3], gitlab.target, gitlab.state = "d" * 40, "release", "merged"
    assert gitlab_client_of.live(3) == Live("d" * 40, "release", is_closed=True)


def test_one_note_is_kept_up_to_date(gitlab, gitlab_client_of):
    first = say(gitlab_client_of, "All fine.")
    second = say(gitlab_client_of, "Not so fine.")
    third = say(gitlab_client_of, "Not so fine.")

    assert [one.action for one in (first, second, third)] == ["created", "updated", "unchanged"]
    assert [note.body for note in gitlab.notes] == [f"{LINE}\nNot so fine."]
    note = gitlab.notes[0]
    assert first.url == f"https://gitlab.example/ada/prompts/-/merge_requests/3#note_{note.id}"


def test_notes_of_others_and_of_the_system_are_not_ours(gitlab, gitlab_client_of):
    gitlab.note(f"{LINE}\nAPPROVED", "eve")
    gitlab.note(f"{LINE}\nadded 1 commit", LOGIN, system=True)
    gitlab.note(f"{LINE}\nelsewhere", LOGIN, iid=4)

    assert say(gitlab_client_of, "All fine.").action == "created"
    assert len(gitlab.notes) == 4


def test_all_pages_of_notes_are_read(gitlab, gitlab_client_of):
    for turn in range(150):
        gitlab.note(f"note {turn}")
    gitlab.note(f"{LINE}\nOld.", LOGIN)
    assert say(gitlab_client_of, "New.").action == "updated"


def test_a_note_whose_answer_got_lost_is_not_written_again(gitlab, gitlab_client_of):
    gitlab.weather.order(CREATE, weather.lost)
    assert say(gitlab_client_of, "All fine.").action == "created"
    assert len(gitlab.notes) == 1


def test_duplicates_go(gitlab, gitlab_client_of):
    for turn in range(3):
        gitlab.note(f"{LINE}\n{turn}", LOGIN)
    say(gitlab_client_of, "All fine.")
    assert [note.body for note in gitlab.notes] == [f"{LINE}\nAll fine."]


def test_a_note_may_be_a_million_characters_long(gitlab, gitlab_client_of):
    room = 1_000_000 - len(LINE) - 1
    say(gitlab_client_of, "x" * room)
    with pytest.raises(ConfigError, match="1,000,001 characters; the forge takes 1,000,000"):
        say(gitlab_client_of, "x" * (room + 1))
    assert len(gitlab.notes) == 1


def test_statuses(gitlab, gitlab_client_of):
    for state in ("pending", "success", "failure", "error"):
        gitlab_client_of.set_status("c" * 40, Status("landrace/gate", state, "x" * 300))
    assert [status.state for status in gitlab.statuses] == [
        "pending",
        "success",
        "failed",
        "failed",
    ]
    assert len(gitlab.statuses[0].description) == 255


def test_the_status_that_it_already_has_is_no_error(gitlab, gitlab_client_of):
    for _ in range(2):
        gitlab_client_of.set_status("c" * 40, Status("landrace/gate", "pending", "at work"))
    assert len(gitlab.statuses) == 1


def test_another_refusal_of_a_status_is_one(gitlab, gitlab_client_of):
    gitlab.weather.order(STATUS, weather.answer(400, "state does not have a valid value"))
    with pytest.raises(ConfigError, match="valid value"):
        gitlab_client_of.set_status("c" * 40, Status("landrace/gate", "success", "fine"))


def test_no_such_merge_request(gitlab_client_of):
    with pytest.raises(UnseenError, match="404 Not found"):
        gitlab_client_of.live(99)


def test_a_bad_token_is_told_and_not_shown(gitlab):
    environ = gitlab.environment() | {"GITLAB_TOKEN": "glpat-" + "z" * 20}
    with (
        gitlab_client.connect(environ) as client,
        pytest.raises(ConfigError, match="401") as caught,
    ):
        client.live(3)
    assert "glpat" not in str(caught.value)


@pytest.mark.parametrize("name", ["CI_API_V4_URL", "CI_PROJECT_ID", "GITLAB_TOKEN"])
def test_a_variable_that_is_missing_is_named(gitlab, name):
    environ = gitlab.environment() | {name: ""}
    with (
        pytest.raises(ConfigError, match=name if name.startswith("CI") else "token for GitLab"),
        gitlab_client.connect(environ),
    ):
        pass


def test_in_a_forks_pipeline_notes_go_to_the_target_project(gitlab):
    environ = gitlab.environment()
    environ["CI_MERGE_REQUEST_PROJECT_ID"] = environ["CI_PROJECT_ID"]
    environ["CI_PROJECT_ID"] = "78"
    with gitlab_client.connect(environ) as client:
        say(client, "All fine.")
    assert len(gitlab.notes) == 1


def test_messages_of_gitlab_may_be_objects(gitlab, gitlab_client_of):
    body = {"message": {"note": ["is too long"]}}
    gitlab.weather.order(CREATE, lambda _: weather.json_response(400, body))
    with pytest.raises(ConfigError, match="is too long"):
        say(gitlab_client_of, "All fine.")


def test_the_token_is_in_no_repr(gitlab_client_of):
    assert TOKEN not in repr(gitlab_client_of)
