from __future__ import annotations

import pytest

from landrace.errors import ConfigError
from landrace.forge.gitlab_events import read_event

COMMIT, BASE, SOURCE, TARGET = "a" * 40, "b" * 40, "c" * 40, "d" * 40

MERGE_REQUEST = {
    "CI_COMMIT_SHA": COMMIT,
    "CI_DEFAULT_BRANCH": "trunk",
    "CI_MERGE_REQUEST_DIFF_BASE_SHA": BASE,
    "CI_MERGE_REQUEST_EVENT_TYPE": "detached",
    "CI_MERGE_REQUEST_IID": "3",
    "CI_MERGE_REQUEST_PROJECT_ID": "77",
    "CI_MERGE_REQUEST_PROJECT_PATH": "group/sub/prompts",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "feature",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "77",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "group/sub/prompts",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": "",
    "CI_PIPELINE_ID": "4711",
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_PIPELINE_URL": "https://gitlab.example/-/pipelines/4711",
    "CI_PROJECT_PATH": "group/sub/prompts",
    "GITLAB_USER_LOGIN": "ada",
}
MERGED_RESULTS = MERGE_REQUEST | {
    "CI_MERGE_REQUEST_EVENT_TYPE": "merged_result",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": SOURCE,
    "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": TARGET,
}
BRANCH = {name: value for name, value in MERGE_REQUEST.items() if "MERGE_REQUEST" not in name} | {
    "CI_PIPELINE_SOURCE": "push",
    "CI_COMMIT_BEFORE_SHA": BASE,
}


def test_a_merge_request():
    event = read_event(MERGE_REQUEST)
    pull = event.pull_request

    assert (event.kind, event.repository) == ("pull_request", "group/sub/prompts")
    assert (event.head_sha, event.base_sha) == (COMMIT, None)
    assert (pull.number, pull.head_ref, pull.base_ref) == (3, "feature", "main")
    assert (pull.head_sha, pull.base_sha) == (COMMIT, None)
    assert (event.target, event.default_branch) == ("main", "trunk")
    assert not pull.is_fork
    assert (event.run_id, event.run_url) == ("4711", "https://gitlab.example/-/pipelines/4711")
    assert not event.sender_is_bot


def test_in_a_pipeline_for_merged_results_the_commit_is_nobodys():
    event = read_event(MERGED_RESULTS)
    assert (event.kind, event.head_sha) == ("pull_request", SOURCE)


@pytest.mark.parametrize("made", [MERGE_REQUEST, MERGED_RESULTS])
def test_where_the_target_branch_was_when_the_pipeline_was_made_is_no_base(made):
    event = read_event(made)
    assert event.pull_request.base_ref == "main"
    assert (event.base_sha, event.pull_request.base_sha) == (None, None)


def test_a_merge_train_judges_the_merged_result():
    event = read_event(MERGED_RESULTS | {"CI_MERGE_REQUEST_EVENT_TYPE": "merge_train"})
    assert (event.kind, event.head_sha, event.base_sha) == ("merge_group", COMMIT, TARGET)


@pytest.mark.parametrize("before", ["", "--exec=id"])
def test_a_merge_train_without_the_commit_before_is_none(before):
    train = MERGED_RESULTS | {"CI_MERGE_REQUEST_EVENT_TYPE": "merge_train"}
    with pytest.raises(ConfigError, match="CI_MERGE_REQUEST_TARGET_BRANCH_SHA"):
        read_event(train | {"CI_MERGE_REQUEST_TARGET_BRANCH_SHA": before})


@pytest.mark.parametrize("path", ["eve/prompts", ""])
def test_a_fork_is_known_by_the_projects_number(path):
    pull = read_event(
        MERGE_REQUEST
        | {
            "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "78",
            "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": path,
        }
    ).pull_request
    assert pull.is_fork
    assert pull.head_repository == (path or None)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("push", "push"),
        ("schedule", "schedule"),
        ("web", "workflow_dispatch"),
        ("api", "workflow_dispatch"),
        ("trigger", "workflow_dispatch"),
    ],
)
def test_pipelines_of_branches(source, kind):
    event = read_event(BRANCH | {"CI_PIPELINE_SOURCE": source})
    assert (event.kind, event.head_sha, event.base_sha) == (kind, COMMIT, BASE)
    assert (event.pull_request, event.target) == (None, None)


@pytest.mark.parametrize("before", ["0" * 40, ""])
def test_before_the_first_push_there_was_nothing(before):
    assert read_event(BRANCH | {"CI_COMMIT_BEFORE_SHA": before}).base_sha is None


@pytest.mark.parametrize(
    ("login", "is_bot"),
    [("project_77_bot_ab12", True), ("group_7_bot", True), ("ada", False), ("robot", False)],
)
def test_access_tokens_are_bots(login, is_bot):
    assert read_event(BRANCH | {"GITLAB_USER_LOGIN": login}).sender_is_bot is is_bot


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CI_PIPELINE_SOURCE", ""),
        ("CI_PIPELINE_SOURCE", "chat\n::error::"),
        ("CI_COMMIT_SHA", "main"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", ""),
        ("CI_MERGE_REQUEST_IID", "3; id"),
        ("CI_MERGE_REQUEST_PROJECT_ID", ""),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "-x"),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_PATH", "../x"),
        ("CI_PROJECT_PATH", "prompts"),
        ("CI_PIPELINE_ID", ""),
    ],
)
def test_a_variable_of_another_shape_is_named(name, value):
    with pytest.raises(ConfigError) as caught:
        read_event(MERGE_REQUEST | {name: value})
    assert name in str(caught.value)
    assert "\n::" not in str(caught.value)
