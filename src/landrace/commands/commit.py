"""``landrace commit``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from landrace import git, signing
from landrace.commands.change import RESULTS, load_results
from landrace.commands.output import count, dry_run_option, emit, examples
from landrace.store.project import find_root
from landrace.workflows.pull_request import landings
from landrace.workflows.pull_request.land import MOST_COMMITS, Commit, Landed

BOT = git.Author("landrace", "landrace@users.noreply.invalid")


@click.command(
    epilog=examples(
        "landrace commit --base main",
        "landrace commit --base main --dry-run",
        "landrace commit results.json --base origin/main --push origin --branch my-branch",
    )
)
@click.argument("results", required=False, metavar="[RESULTS]")
@click.option("--base", metavar="REF", required=True, help="The branch that has the say.")
@click.option("--digest", metavar="SHA256", help="Take the results file only if it has this hash.")
@click.option("--push", "remote", metavar="REMOTE", help="Push there instead of committing here.")
@click.option("--branch", metavar="NAME", help="With --push: the branch of the remote.")
@click.option("--key", metavar="FILE", help="SSH key that signs the evidence.")
@click.option(
    "--most-commits",
    type=click.IntRange(1),
    default=MOST_COMMITS,
    show_default=True,
    metavar="N",
    help="Commits of landrace that one branch may have.",
)
@dry_run_option
def command(
    *,
    results: str | None,
    base: str,
    digest: str | None,
    remote: str | None,
    branch: str | None,
    key: str | None,
    most_commits: int,
    dry_run: bool,
) -> None:
    """Commit what `landrace optimize --base` found, once it has been checked.

    RESULTS is the file that it wrote, by default .landrace/results.json. The commit goes on top
    of what is checked out, and the work tree follows; with --push onto a remote's branch.

    Takes nothing on trust: each pin must be whole, made for what base and head hold now, within
    the limits of templates, and free of secrets. One thing wrong refuses it all (exit 3);
    results that something has overtaken exit with 4.
    """
    root = find_root(Path.cwd())
    found = load_results(Path(results or root / RESULTS), digest)
    sign = None if dry_run else signing.signer(os.environ, Path(key) if key else None)
    landing = _landing(root, remote, branch)
    landed = Commit(root, base, landing, sign=sign, most_commits=most_commits).run(
        found, dry=dry_run
    )
    emit(None, landed_text(landed), "text")


def _landing(root: Path, remote: str | None, branch: str | None) -> landings.Here | landings.Push:
    if (remote is None) != (branch is None):
        raise click.UsageError("--push and --branch need each other.")
    if remote is None or branch is None:
        return landings.Here(root, BOT)
    return landings.Push(landings.Remote(root, remote, branch), BOT)


def landed_text(landed: Landed) -> str:
    """What became of a commit; of one that was only tried, its message."""
    if landed.message is None:
        seen = f"This run's commit is there already: {landed.commit}"
        return seen if landed.commit else "Nothing to commit."
    if landed.commit is None:
        return landed.message.text
    return f"Committed {count(len(landed.cells), 'cell')} as {landed.commit}"
