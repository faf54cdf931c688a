"""``landrace ci gate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from landrace.commands.ci.context import commit_options, context
from landrace.commands.ci.plan import why_not
from landrace.errors import EvidenceError
from landrace.reports.gate.formats import FORMATS
from landrace.store.atomic import write_json
from landrace.workflows.pull_request.offline_gate import gate_offline
from landrace.workflows.pull_request.opened import opened

if TYPE_CHECKING:
    from landrace.schemas.gate_report import GateReport


@click.command("gate")
@commit_options
@click.option(
    "--output",
    metavar="FILE",
    envvar="LANDRACE_OUTPUT",
    help="Write the result there as JSON, too.",
)
def gate(*, base: str | None, head: str | None, output: str | None) -> None:
    """Judge head by its committed evidence, with base's policy. Calls nothing.

    Prints annotations and writes the job's summary. Outputs: verdict, failed. Exits with 1 for
    a regression, 3 for evidence that base's signers did not sign, 4 where it is missing or
    stale, 6 where something is inconclusive and the policy blocks on it.
    """
    with context(base, head) as ci, opened(ci.root, ci.base, ci.head) as change:
        report = explained(gate_offline(change), why_not(ci))
        if output:
            write_json(Path(output), report.model_dump(mode="json"))
        ci.runner.set_outputs(
            {
                "verdict": report.verdict,
                "failed": "true" if report.exit_code else "false",
            }
        )
        ci.runner.add_summary(FORMATS["markdown"](report))
    click.echo(FORMATS["github"](report), nl=False)
    raise click.exceptions.Exit(report.exit_code)


def explained(report: GateReport, reason: str) -> GateReport:
    """With the reason why what is missing is not made by this run."""
    if not reason or report.exit_code != EvidenceError.exit_code:
        return report
    return report.model_copy(update={"notes": (reason, *report.notes)})
