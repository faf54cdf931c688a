"""``landrace ci commit``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from landrace import signing
from landrace.commands.change import RESULTS, load_results
from landrace.commands.ci.context import REMOTE, Context, commit_options, context, token
from landrace.commands.commit import BOT, landed_text
from landrace.commands.output import emit
from landrace.errors import ConfigError, RefusedError
from landrace.forge.github import GitHub
from landrace.store.atomic import write_text
from landrace.workflows.pull_request import landings
from landrace.workflows.pull_request.land import MOST_COMMITS, Commit

if TYPE_CHECKING:
    from landrace.forge.base import PullRequest
    from landrace.workflows.pull_request.land import Landing


@click.command("commit")
@commit_options
@click.option(
    "--results",
    metavar="FILE",
    envvar="LANDRACE_RESULTS",
    default=RESULTS,
    show_default=True,
    help="The results file.",
)
@click.option(
    "--digest",
    metavar="SHA256",
    envvar="LANDRACE_DIGEST",
    required=True,
    help="Its hash, told by the optimize job.",
)
@click.option(
    "--dotenv",
    metavar="FILE",
    help="Write LANDRACE_HEAD there, too, for later steps where a forge has no outputs.",
)
@click.option(
    "--most-commits",
    type=click.IntRange(1),
    default=MOST_COMMITS,
    show_default=True,
    metavar="N",
    help="Commits of landrace that one pull request may have.",
)
def commit(
    *,
    base: str | None,
    head: str | None,
    results: str,
    digest: str,
    dotenv: str | None,
    most_commits: int,
) -> None:
    """Commit the results to the pull request's branch, once they have been checked.

    On GitHub by its API, which signs the commit; elsewhere by a push that never forces. The key
    in LANDRACE_SIGNING_KEY signs the evidence. Outputs: head (of the branch, then), committed.
    """
    with context(base, head) as ci:
        found = load_results(Path(results), digest)
        landing = _landing(ci, _writable(ci))
        sign = signing.signer(os.environ)
        landed = Commit(ci.root, ci.base, landing, sign=sign, most_commits=most_commits).run(found)
        now = landed.commit or ci.head
        is_new = landed.commit is not None and landed.is_new
        ci.runner.set_outputs({"head": now, "committed": "true" if is_new else "false"})
        if dotenv:
            write_text(Path(dotenv), f"LANDRACE_HEAD={now}\n")
    emit(None, landed_text(landed), "text")


def _writable(ci: Context) -> PullRequest:
    found = ci.event.pull_request
    if found is None:
        raise ConfigError(f"a {ci.event.kind} has no branch to commit to")
    if found.is_fork:
        raise RefusedError("the branch belongs to a fork, and nothing is pushed there")
    ci.check_open()
    return found


def _landing(ci: Context, found: PullRequest) -> Landing:
    remote = landings.Remote(ci.root, REMOTE, found.head_ref, token(os.environ))
    if isinstance(ci.forge, GitHub):
        return landings.Api(remote, ci.forge.commit)
    return landings.Push(remote, BOT)
