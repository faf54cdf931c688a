"""What a step of CI works on: the event, the forge, and two commits that are here."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from landrace import git
from landrace.errors import (
    ConfigError,
    EvidenceError,
    LandraceError,
    RefusedError,
    RepositoryError,
)
from landrace.forge import events, github, gitlab, gitlab_events, values
from landrace.forge.plain import one_line
from landrace.forge.runner import Runner
from landrace.forge.values import variable
from landrace.reports.pull_request.trouble import trouble
from landrace.store.project import Project, find_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from landrace.forge.base import Event, Live, PullRequest
    from landrace.forge.github import GitHub
    from landrace.forge.gitlab import GitLab

Command = TypeVar("Command", bound="Callable[..., Any]")

REMOTE = "origin"


@dataclass(frozen=True)
class Context:
    """``base`` and ``head`` are full ids of commits whose objects are here.

    ``forge`` is None where the step has no token for it: the event is then believed. ``live`` is
    where the pull request was as the step began; None without one, or without a token.
    """

    project: Project
    event: Event
    forge: GitHub | GitLab | None
    runner: Runner
    base: str
    head: str
    live: Live | None

    @property
    def root(self) -> Path:
        return self.project.root

    @property
    def run(self) -> str:
        """The name of this run; a repeated one has another attempt but the same name."""
        return self.event.run_id

    @property
    def is_fork(self) -> bool:
        found = self.event.pull_request
        return found is not None and found.is_fork

    def check_open(self) -> None:
        """Raise `RefusedError` if the pull request is closed, or merged: nothing is done for it."""
        found = self.event.pull_request
        if found and (self.live.is_closed if self.live else found.is_closed):
            raise RefusedError(f"the pull request {found.number} is closed")

    def check_newest(self) -> None:
        """Raise `EvidenceError` if the pull request has another head by now."""
        _check_newest(self.head, self.live)


def commit_options(command: Command) -> Command:
    """``--base`` and ``--head``, which a first step tells the later ones."""
    told = "Instead of what the event and the forge say."
    for option in (
        click.option("--head", metavar="OID", envvar="LANDRACE_HEAD", help=told),
        click.option("--base", metavar="OID", envvar="LANDRACE_BASE", help=told),
    ):
        command = option(command)
    return command


@contextmanager
def context(base: str | None, head: str | None) -> Iterator[Context]:
    """The step's context; an error inside it is told to the job, and as the output ``problem``.

    Raises:
        ConfigError: not in CI, or the event is none that landrace works on.
        EvidenceError: the pull request has moved on since the event.
        RefusedError: a run by hand for a pull request into another branch than it was started on.
        RepositoryError: a commit is not here and cannot be fetched.
    """
    runner = Runner(os.environ)
    with ExitStack() as stack, _telling(runner):
        project = Project(find_root(Path.cwd()))
        event, forge = _event(os.environ, stack)
        live = _live(event, forge)
        base = base or _base(project.root, event, forge)
        head = head or _head(event, live)
        for oid, ref in ((base, _base_ref(event)), (head, _head_ref(event))):
            _have(project.root, oid, ref)
        yield Context(project, event, forge, runner, base, head, live)


@contextmanager
def _telling(runner: Runner) -> Iterator[None]:
    try:
        yield
    except LandraceError as error:
        step = click.get_current_context().info_name
        problem = one_line(f"{step}: {error.problem}")
        runner.set_outputs({"problem": problem})
        runner.add_summary(trouble(error))
        if os.environ.get("GITHUB_ACTIONS") == "true":
            click.echo(f"::error title=landrace {step}::{problem.replace('%', '%25')}")
        raise


def token(environ: Mapping[str, str]) -> git.Token | None:
    """The token of the step, for git over HTTP."""
    if value := environ.get("GITHUB_TOKEN"):
        return git.Token(value)
    if value := environ.get("GITLAB_TOKEN"):
        return git.Token(value, user="oauth2")
    return None


def _event(environ: Mapping[str, str], stack: ExitStack) -> tuple[Event, GitHub | GitLab | None]:
    if environ.get("GITHUB_ACTIONS") == "true":
        hub = stack.enter_context(github.connect(environ)) if environ.get("GITHUB_TOKEN") else None
        event = events.read_event(environ)
        if event.asked_for is not None:
            if hub is None:
                raise ConfigError(
                    "the pull request cannot be looked up without a token",
                    where="GITHUB_TOKEN",
                    fix="give the step `github.token`, with the right `pull-requests: read`",
                )
            event = events.resolved(event, environ.get("GITHUB_REF", ""), hub.pull_request)
        return event, hub
    if environ.get("GITLAB_CI") == "true":
        lab = stack.enter_context(gitlab.connect(environ)) if environ.get("GITLAB_TOKEN") else None
        return gitlab_events.read_event(environ), lab
    raise ConfigError(
        "this is neither GitHub Actions nor GitLab CI",
        fix="elsewhere run `landrace plan`, `optimize`, `commit`, `gate` with --base and --head",
    )


def _live(event: Event, forge: GitHub | GitLab | None) -> Live | None:
    """The event's pull request now, still into the branch whose rules the event's run goes by."""
    found = event.pull_request
    if found is None or forge is None:
        return None
    live = forge.live(found.number)
    if live.base_ref != found.base_ref:
        raise EvidenceError(
            f"superseded: the pull request is into {one_line(live.base_ref)} now",
            where=one_line(found.base_ref),
            fix="start a run for it as it is now, unless the change of its target has",
        )
    return live


def _base(root: Path, event: Event, forge: GitHub | GitLab | None) -> str:
    """The newest commit of the target branch: a repeated run's event has an old one.

    So has GitHub's pull request itself, until somebody pushes to it. In a merge queue or train the
    event's counts, which is what the merge will be made on.
    """
    found = event.pull_request
    if found is not None and isinstance(forge, github.GitHub):
        return _tip(forge, found.base_ref)
    if event.base_sha is not None:
        return event.base_sha
    if found is None:
        raise ConfigError(
            f"a {event.kind} has no base to compare with",
            fix="start it for a pull request: give its number, or --base and --head",
        )
    ref = _base_ref(event)
    remote = _target_remote(event.repository, found)
    return git.fetch(root, remote, [ref], token=token(os.environ))[ref]


def _tip(forge: GitHub, branch: str) -> str:
    tip = forge.branch_head(branch)
    if tip is None:
        raise ConfigError(
            f"the branch {one_line(branch)} is gone, or hidden from the token",
            where="GITHUB_TOKEN",
            fix="give the job `contents: read`",
        )
    return tip


def _target_remote(repository: str, found: PullRequest) -> str:
    """A fork's own pipeline of GitLab has the fork for its origin, whose branches are its own."""
    if repository == found.base_repository:
        return REMOTE
    return f"{variable(os.environ, 'CI_MERGE_REQUEST_PROJECT_URL', values.web_address)}.git"


def _head(event: Event, live: Live | None) -> str:
    """The event's head; on a merge train, a merge that nobody wrote."""
    if event.pull_request:
        _check_newest(event.pull_request.head_sha, live)
    return event.head_sha


def _check_newest(head: str, live: Live | None) -> None:
    """Work on an older one would be thrown away."""
    if live and live.head_sha != head:
        raise EvidenceError(
            f"superseded: the pull request is at {live.head_sha} now",
            where=head,
            fix="nothing to do: the newer commit has a run of its own",
        )


def _base_ref(event: Event) -> str:
    found = event.pull_request
    return f"refs/heads/{found.base_ref}" if found else ""


def _head_ref(event: Event) -> str:
    found = event.pull_request
    if found is None:
        return ""
    return f"refs/pull/{found.number}/head" if found.is_fork else f"refs/heads/{found.head_ref}"


def _have(root: Path, oid: str, ref: str) -> None:
    try:
        git.resolve(root, oid)
    except RepositoryError:
        if not ref:
            raise
        git.fetch(root, REMOTE, [ref], token=token(os.environ))
        git.resolve(root, oid)
