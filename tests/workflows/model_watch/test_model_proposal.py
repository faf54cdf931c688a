from __future__ import annotations

import pytest

from dying import Killed
from forge import weather
from landrace.errors import ConfigError
from landrace.forge.base import HeadMovedError
from landrace.workflows.model_proposal import BRANCH
from model_lists import KNOWN, PIPELINE, known, pipeline

MERGE = "POST /repos/{owner}/{repo}/merges"
COMMIT = "createCommitOnBranch"
SHOP = "pipelines/shop.yaml"

MORE = (*KNOWN, known("openai/gpt-11"))
EDITED = PIPELINE.replace("  - openai/gpt-8  # dear\n", "").replace(
    "temperature: 0}\n", "temperature: 0}\n  - openai/gpt-10\n"
)
EDITED_MORE = EDITED.replace("gpt-10\n", "gpt-10\n  - openai/gpt-11\n")
URL = "https://github.example/ada/prompts/pull/{}"


def test_the_pull_request_and_its_commit(shop, file_regression):
    done = shop.run()

    assert (done.action, done.url) == ("created", URL.format(1))
    main, (commit,) = shop.hosted.existing("main"), shop.own_commits()
    assert shop.hosted.parents(commit) == [main]
    assert shop.hosted.files(commit) == {**shop.hosted.files(main), SHOP: EDITED.encode()}
    pull = shop.github.pulls[1]
    assert (pull.head, pull.base) == (BRANCH, "main")
    file_regression.check(
        f"{shop.hosted.message(commit)}\n\n{'-' * 20}\n\n{pull.title}\n\n{pull.body}",
        extension=".md",
    )


def test_without_a_change_nothing_is_asked_and_nothing_done(shop):
    done = shop.run([known("openai/gpt-9")])
    assert (done.action, done.url) == ("none", None)
    assert shop.github.exchanges == []


def test_a_rerun_changes_nothing(shop):
    shop.run()
    before = shop.own_commits()
    done = shop.run()
    assert (done.action, done.url) == ("unchanged", URL.format(1))
    assert shop.own_commits() == before


def test_a_newer_list_goes_on_top_into_the_same_pull_request(shop):
    shop.run()
    first = shop.own_commits()
    done = shop.run(MORE)
    assert (done.action, done.url) == ("updated", URL.format(1))
    assert shop.proposed() == EDITED_MORE
    assert shop.own_commits()[1:] == first
    assert "gpt-11" in shop.github.pulls[1].body


def test_what_the_pipeline_found_on_the_branch_stays(shop):
    """`landrace ci commit` pins the new model on this pull request."""
    shop.run()
    pin = {"registry/answers/openai%2Fgpt-10/pin.json": "{}"}
    shop.commit(BRANCH, pin, "Pin 1 better variant\n\nLandrace-Run: 7001\n")
    shop.run(MORE)
    assert shop.proposed() == EDITED_MORE
    assert shop.proposed(*pin) == "{}"
    assert shop.open() == [1]


def test_a_branch_on_which_somebody_works_is_left_alone(shop):
    shop.run()
    theirs = shop.commit(BRANCH, {SHOP: EDITED.replace("gpt-10", "gpt-10-mini")}, "Rather this")
    done = shop.run(MORE)
    assert (done.action, done.url) == ("left alone", URL.format(1))
    assert shop.hosted.existing(BRANCH) == theirs
    assert "gpt-11" not in shop.github.pulls[1].body


@pytest.mark.parametrize("path", ["evil.py", "pipelines/evil.yaml", "prompts/answers/prompt.jinja"])
def test_a_strangers_commit_is_not_ours_by_what_it_says(shop, path):
    """Anybody can type a trailer; what our commits never change stays in no pull request of ours."""
    shop.run()
    theirs = shop.commit(BRANCH, {path: "x"}, "Remove a model\n\nLandrace-Models: 0000\n")
    assert shop.run(MORE).action == "left alone"
    assert shop.hosted.existing(BRANCH) == theirs


def test_a_commit_with_two_trailers_stands_for_no_other(shop):
    shop.run()
    shop.commit(BRANCH, {SHOP: EDITED}, "Ours\n\nLandrace-Models: 0000\nLandrace-Run: 1\n")
    shop.commit(BRANCH, {SHOP: EDITED.replace("gpt-10", "gpt-10-mini")}, "Rather this")
    assert shop.run(MORE).action == "left alone"


def test_what_was_closed_is_not_proposed_again(shop):
    shop.run()
    shop.close(1)
    shop.client.delete_branch(BRANCH)
    done = shop.run()
    assert (done.action, done.url) == ("declined", URL.format(1))
    assert shop.open() == []
    assert shop.hosted.head(BRANCH) is None


def test_another_list_is_proposed_after_one_was_closed(shop):
    shop.run()
    shop.close(1)
    done = shop.run(MORE)
    assert (done.action, done.url) == ("created", URL.format(2))
    assert shop.proposed() == EDITED_MORE
    assert len(shop.own_commits()) == 1
    shop.close(2)
    assert shop.run().url == URL.format(1)


def test_an_editor_that_ends_lines_otherwise_does_not_hide_that_it_was_closed(shop):
    shop.run()
    pull = shop.github.pulls[1]
    pull.body = pull.body.replace("\n", "\r\n") + "\r\nNo."
    shop.close(1)
    assert shop.run().action == "declined"


def test_a_merge_is_no_refusal(shop):
    """The branch is still there, and the list was reverted since: it is proposed again."""
    shop.run()
    shop.close(1, merged=True)
    assert shop.run().action == "none"

    main = shop.main(shop=PIPELINE)
    done = shop.run()

    assert (done.action, done.url) == ("created", URL.format(2))
    assert shop.hosted.parents(shop.own_commits()[-1]) == [main]
    assert shop.proposed() == EDITED


def test_a_strangers_pull_request_from_a_branch_of_this_name_does_not_count(shop):
    shop.run()
    body = shop.github.pulls[1].body
    shop.close(1)
    shop.github.pulls[1].fork = "eve/prompts"
    assert shop.github.pulls[1].body == body
    assert shop.run().action == "created"


def test_the_branch_follows_what_others_change_in_the_pipelines(shop):
    shop.run()
    (first,) = shop.own_commits()
    main = shop.main(shop=PIPELINE.replace("600", "900"))

    done = shop.run()

    assert (done.action, done.url) == ("unchanged", URL.format(1))
    assert shop.proposed() == EDITED.replace("600", "900")
    assert shop.hosted.parents(BRANCH) == [first, main]
    assert "Landrace-Models: " in shop.hosted.message(BRANCH)
    assert shop.run(MORE).action == "updated"
    assert shop.proposed() == EDITED_MORE.replace("600", "900")


def test_what_others_change_elsewhere_is_no_reason_to_follow(shop):
    shop.run()
    before = shop.own_commits()
    shop.commit("main", {"README.md": "else"})
    assert shop.run().action == "unchanged"
    assert shop.own_commits() == before


IN_CONFLICT = PIPELINE.replace("openai/gpt-8  # dear", "openai/gpt-8  # too dear")


def test_a_branch_in_conflict_is_made_anew(shop):
    shop.run()
    main = shop.main(shop=IN_CONFLICT)

    done = shop.run()

    assert (done.action, done.url) == ("created", URL.format(2))
    assert shop.proposed() == EDITED
    assert shop.hosted.parents(shop.own_commits()[-1]) == [main]
    assert shop.open() == [2]
    # The first one was closed by us and declines nothing, even if that was all that happened.
    shop.github.pulls[2].body = ""
    shop.close(2)
    assert shop.run().action == "created"


def test_a_token_that_may_not_push_workflows_makes_it_anew_too(shop):
    shop.run()
    main = shop.main(shop=PIPELINE.replace("600", "900"))
    words = "refusing to allow a GitHub App to create or update workflow without `workflows`"
    shop.github.weather.order(MERGE, weather.answer(403, words))
    assert shop.run().url == URL.format(2)
    assert shop.hosted.parents(shop.own_commits()[-1]) == [main]


def test_what_is_no_longer_proposed_is_taken_back(shop):
    shop.main(other=pipeline("x/old", "x/b"))
    shop.run([*KNOWN, known("x/old", "2026-12-01")])
    assert "x/old" not in shop.proposed("pipelines/other.yaml")

    assert shop.run().action == "updated"

    assert shop.proposed("pipelines/other.yaml") == pipeline("x/old", "x/b")
    assert shop.proposed() == EDITED
    assert "2026-12-01" not in shop.github.pulls[1].body


def test_of_two_pushes_at_once_ours_is_not_made(shop):
    shop.run()

    def push():
        shop.commit(BRANCH, {"note": "x"}, "somebody else's")

    shop.github.weather.order(COMMIT, weather.after(push))
    with pytest.raises(HeadMovedError) as caught:
        shop.run(MORE)
    assert caught.value.exit_code == 4
    assert shop.proposed() == EDITED
    assert shop.run(MORE).action == "left alone"


class _Mortal:
    """A client that dies instead of the n-th of the calls that change something."""

    def __init__(self, client, nth):
        self._client, self._left = client, nth

    def __getattr__(self, name):
        method = getattr(self._client, name)
        if name in {"proposals", "branch_head"}:
            return method

        def call(*arguments, **more):
            self._left -= 1
            if self._left == 0:
                raise Killed
            return method(*arguments, **more)

        return call


@pytest.mark.parametrize(
    ("start", "nth"),
    [
        *(("fresh", n) for n in range(1, 4)),
        *(("open", n) for n in range(1, 3)),
        *(("in conflict", n) for n in range(1, 7)),
    ],
)
def test_wherever_it_is_killed_the_next_run_ends_with_one_good_pull_request(shop, start, nth):
    if start != "fresh":
        shop.run()
    if start == "in conflict":
        shop.main(shop=IN_CONFLICT)
    with pytest.raises(Killed):
        shop.run(MORE, hub=_Mortal(shop.client, nth))

    shop.run(MORE)

    (number,) = shop.open()
    assert shop.proposed() == EDITED_MORE
    assert "gpt-11" in shop.github.pulls[number].body
    assert shop.run(MORE).action == "unchanged"


def test_a_repository_that_lets_no_job_open_pull_requests_says_what_to_allow(shop):
    words = "GitHub Actions is not permitted to create or approve pull requests."
    shop.github.weather.order("POST /repos/{owner}/{repo}/pulls", weather.answer(403, words))
    with pytest.raises(ConfigError) as caught:
        shop.run()
    assert "Allow GitHub Actions" in caught.value.fix
    assert shop.run().action == "created"
