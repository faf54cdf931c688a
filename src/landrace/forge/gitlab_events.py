"""GitLab's events, out of the variables that it predefines for a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import ConfigError
from landrace.forge import values
from landrace.forge.base import Event, PullRequest
from landrace.forge.plain import one_line
from landrace.forge.values import first_of, variable
from landrace.strict_json import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.forge.base import Kind

# What GitLab calls its pipelines' sources, as far as they start landrace.
_KINDS: dict[str, Kind] = {
    "merge_request_event": "pull_request",
    "push": "push",
    "schedule": "schedule",
    "web": "workflow_dispatch",
    "api": "workflow_dispatch",
    "trigger": "workflow_dispatch",
    "pipeline": "workflow_dispatch",
    "parent_pipeline": "workflow_dispatch",
}


def read_event(environ: Mapping[str, str]) -> Event:
    """The event that started this pipeline of GitLab.

    Raises:
        ConfigError: not in GitLab CI, or a variable is not what GitLab sets; with its name.
    """
    source = variable(environ, "CI_PIPELINE_SOURCE", text)
    if source not in _KINDS:
        raise ConfigError(
            f"landrace has nothing to do in a pipeline from `{one_line(source, limit=60)}`",
            where="CI_PIPELINE_SOURCE",
            fix="run the job in merge request pipelines",
        )
    kind = _KINDS[source]
    if kind == "pull_request" and environ.get("CI_MERGE_REQUEST_EVENT_TYPE") == "merge_train":
        kind = "merge_group"
    is_merge_request = kind in {"pull_request", "merge_group"}
    found = _merge_request(environ, kind) if is_merge_request else None
    return Event(
        kind=kind,
        repository=variable(environ, "CI_PROJECT_PATH", values.repository),
        head_sha=_head(environ, kind),
        base_sha=found.base_sha if found else _before(environ),
        pull_request=found,
        sender_is_bot=_is_bot(environ.get("GITLAB_USER_LOGIN", "")),
        run_id=str(variable(environ, "CI_PIPELINE_ID", values.digits)),
        run_url=environ.get("CI_PIPELINE_URL") or None,
        target=found.base_ref if found else None,
        default_branch=environ.get("CI_DEFAULT_BRANCH") or None,
    )


def _merge_request(environ: Mapping[str, str], kind: Kind) -> PullRequest:
    source = variable(environ, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID", values.digits)
    target = variable(environ, "CI_MERGE_REQUEST_PROJECT_ID", values.digits)
    source_path = environ.get("CI_MERGE_REQUEST_SOURCE_PROJECT_PATH")
    return PullRequest(
        number=variable(environ, "CI_MERGE_REQUEST_IID", values.digits),
        base_sha=_base(environ, kind),
        base_ref=variable(environ, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", values.branch),
        base_repository=variable(environ, "CI_MERGE_REQUEST_PROJECT_PATH", values.repository),
        head_sha=_source(environ),
        head_ref=variable(environ, "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", values.branch),
        head_repository=(
            variable(environ, "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH", values.repository)
            if source_path
            else None
        ),
        is_fork=source != target,
        # GitLab starts no such pipeline for one that is closed.
        is_closed=False,
    )


def _head(environ: Mapping[str, str], kind: Kind) -> str:
    """The commit that is judged: on a merge train the merged result, else what was pushed."""
    if kind == "merge_group":
        return variable(environ, "CI_COMMIT_SHA", values.object_id)
    return _source(environ)


def _source(environ: Mapping[str, str]) -> str:
    """The source branch's newest commit.

    In a pipeline for merged results ``CI_COMMIT_SHA`` is a merge commit that nobody wrote, and
    only there the other variable is set.
    """
    names = ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "CI_COMMIT_SHA")
    return first_of(environ, names, values.object_id)


def _base(environ: Mapping[str, str], kind: Kind) -> str | None:
    """The commit before this one on a merge train; elsewhere git says where the branch is now.

    What GitLab tells is where the source branch has parted, or where the target branch was when
    the pipeline was made; both are old by the time that a job is repeated.
    """
    if kind == "merge_group":
        return variable(environ, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA", values.object_id)
    return None


def _before(environ: Mapping[str, str]) -> str | None:
    before = variable(environ, "CI_COMMIT_BEFORE_SHA", values.object_id, "0" * 40)
    return None if values.is_nothing(before) else before


def _is_bot(login: str) -> bool:
    """Whether it is a project's or a group's access token, or a service account."""
    return login.startswith(("project_", "group_")) and "_bot" in login
