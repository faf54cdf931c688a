"""``landrace ci models``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from landrace import git
from landrace.commands.ci.context import REMOTE, token
from landrace.commands.model_watch import day, findings_text, rules, watch_options
from landrace.commands.output import emit
from landrace.errors import ConfigError
from landrace.forge import events, github
from landrace.forge.runner import Runner
from landrace.gateway import connect
from landrace.reports.model_watch import summary
from landrace.store.project import find_root
from landrace.workflows.model_proposal import BRANCH, Base, propose
from landrace.workflows.model_watch import watch_commit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.workflows.model_proposal import Action, Proposed

_KINDS = ("schedule", "workflow_dispatch", "push")
_HEADS = "refs/heads/"
_SAID: dict[Action, str] = {
    "none": "Nothing to propose.",
    "created": "Opened a pull request",
    "updated": "Brought the pull request up to date",
    "unchanged": "The pull request says so already",
    "declined": "Not proposed again: somebody closed the pull request with these changes",
    "left alone": f"The pull request is left alone: {BRANCH} has commits of somebody else",
}


@click.command("models")
@watch_options
def models(**options: Any) -> None:
    """Open or update the one pull request that changes the lists of models. On a schedule.

    It removes models that end and adds new ones that the pipelines' allowed_models match, on
    the branch landrace/models; see `landrace models watch`. Once it was closed, the same
    changes are not proposed again. Outputs: action, pull_request (its address).
    """
    root = find_root(Path.cwd())
    base = _base(root, os.environ)
    found = watch_commit(root, base.commit, connect.known_models(), day(options), rules(options))
    with github.connect(os.environ) as hub:
        done = propose(found, base, hub)
    runner = Runner(os.environ)
    runner.add_summary(summary(found))
    runner.set_outputs({"action": done.action, "pull_request": done.url or ""})
    emit(None, f"{findings_text(found)}\n\n{_text(done)}", "text")


def _base(root: Path, environ: Mapping[str, str]) -> Base:
    if environ.get("GITHUB_ACTIONS") != "true":
        raise ConfigError(
            "this is not GitHub Actions",
            fix="elsewhere run `landrace models watch --write`, and propose what it edits",
        )
    event = events.read_event(environ)
    ref = environ.get("GITHUB_REF", "")
    if event.kind not in _KINDS or not ref.startswith(_HEADS):
        raise ConfigError(
            f"a {event.kind} on {ref or 'no ref'} is no time to propose changes to a branch",
            where="GITHUB_EVENT_NAME",
            fix="start the workflow on a schedule, or by hand on the default branch",
        )

    def fetch(branch: str) -> str:
        return git.fetch(root, REMOTE, [branch], token=token(environ))[branch]

    return Base(root, ref.removeprefix(_HEADS), event.head_sha, fetch)


def _text(done: Proposed) -> str:
    said = _SAID[done.action]
    return f"{said}: {done.url}" if done.url else said
