"""``landrace ci report``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from landrace.commands.change import RESULTS, load_results
from landrace.commands.ci.context import Context, commit_options, context
from landrace.commands.ci.gate import explained
from landrace.commands.ci.plan import why_not
from landrace.commands.ci.status import status_name
from landrace.commands.output import emit, note
from landrace.errors import LandraceError
from landrace.forge.base import Status
from landrace.reports.gate.story import headline
from landrace.reports.pull_request.markdown import about, markdown
from landrace.reports.pull_request.trouble import trouble
from landrace.store.atomic import write_json, write_text
from landrace.workflows.pull_request.gather import gather
from landrace.workflows.pull_request.offline_gate import gate_offline
from landrace.workflows.pull_request.opened import Opened, opened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from landrace.forge.base import State
    from landrace.schemas.pull_request import PullRequestReport
    from landrace.schemas.results import Results

MARKER = "landrace:report"
NOT_EVALUATED = "NOT EVALUATED"
FOLDER = ".landrace/report"


@click.command("report")
@commit_options
@click.option(
    "--results",
    metavar="FILE",
    envvar="LANDRACE_RESULTS",
    default=RESULTS,
    show_default=True,
    help="What this run's optimize job found, if it is there.",
)
@click.option("--digest", metavar="SHA256", envvar="LANDRACE_DIGEST", help="The hash of that file.")
@click.option(
    "--status/--no-status",
    default=False,
    envvar="LANDRACE_STATUS",
    help="Set the commit's status, too: `landrace/gate`, or `landrace/gate (BRANCH)` where the "
    "pull request is into another branch than the default one.",
)
@click.option(
    "--problem", metavar="TEXT", envvar="LANDRACE_PROBLEM", help="Why an earlier step failed."
)
@click.option(
    "--output", metavar="FOLDER", default=FOLDER, show_default=True, help="For report.md and .json."
)
def report(
    *,
    base: str | None,
    head: str | None,
    results: str,
    digest: str | None,
    status: bool,
    problem: str | None,
    output: str,
) -> None:
    """Tell the pull request, in its one comment, what was found.

    Where the pull request has moved on, the comment is left to the newer commit's run.

    Outputs: verdict, failed, result_json, report_path, cost_usd, changed (cells).
    """
    folder = Path(output)
    with context(base, head) as ci:
        try:
            known = _results(results, digest)
            with opened(ci.root, ci.base, ci.head) as change:
                found = _gathered(ci, change, known, _notes(ci, known, problem))
        except LandraceError as error:
            said = Status(status_name(ci.event), "error", f"{NOT_EVALUATED}: {error.problem}")
            ci.runner.set_outputs({"verdict": NOT_EVALUATED, "failed": "true"})
            _tell(ci, trouble(error), said if status else None)
            raise
        body = markdown(found)
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / "report.json", found.model_dump(mode="json"))
        write_text(folder / "report.md", body)
        ci.runner.add_summary(body)
        ci.runner.set_outputs(_outputs(found, folder))
        said = Status(status_name(ci.event), _state(found), headline(found.gate))
        # The run that asked knows outputs, too; one that only gated must not take them away.
        asked = known is not None and (known.cells or known.unfinished)
        _tell(ci, body, said if status else None, unless=None if asked else about(found))
    emit(None, headline(found.gate), "text")


def _notes(ci: Context, known: Results | None, problem: str | None) -> Iterator[str]:
    """Why what this run found is not on head."""
    if problem:
        yield f"not done; {problem.rstrip('.')}"
    if ci.is_fork and known:
        yield (
            "nothing is pushed to a fork; its owner can take this run's results file, and give "
            "it to `landrace commit`"
        )


def _gathered(
    ci: Context, change: Opened, results: Results | None, notes: Iterable[str]
) -> PullRequestReport:
    gate = explained(gate_offline(change), why_not(ci))
    return gather(
        gate.model_copy(update={"notes": (*notes, *gate.notes)}),
        change,
        run=ci.run,
        results=results,
        committed=None if results is None or results.head == ci.head else ci.head,
    )


def _results(path: str, digest: str | None) -> Results | None:
    """The results of this run; without them the report only lacks answers."""
    if not Path(path).exists():
        return None
    try:
        return load_results(Path(path), digest)
    except LandraceError:  # the commit job has said what is wrong with them
        return None


def _outputs(found: PullRequestReport, folder: Path) -> dict[str, str]:
    cost = found.spent.cost_usd
    return {
        "verdict": found.gate.verdict,
        "failed": "true" if found.gate.exit_code else "false",
        "result_json": str(folder / "report.json"),
        "report_path": str(folder / "report.md"),
        "cost_usd": "" if cost is None else f"{cost:.6f}",
        "changed": str(len(found.gate.cells)),
    }


def _tell(ci: Context, body: str, status: Status | None, unless: str | None = None) -> None:
    if ci.forge is None:
        return
    pull_request = ci.event.pull_request
    if pull_request is not None:
        live = ci.forge.live(pull_request.number).head_sha
        # GitLab goes on naming the event's head for a moment after this run's own push.
        if live in {ci.head, ci.event.head_sha}:
            ci.forge.upsert_comment(pull_request.number, body, marker=MARKER, unless=unless)
        else:
            note(f"superseded: the pull request is at {live} now; its comment stays as it is")
    if status is not None:
        ci.forge.set_status(ci.head, status)


def _state(found: PullRequestReport) -> State:
    if found.gate.exit_code == 0:
        return "success"
    return "failure" if found.gate.verdict == "FAIL" else "error"
