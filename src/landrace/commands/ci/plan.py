"""``landrace ci plan``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from landrace.commands.change import plan_text
from landrace.commands.ci.context import Context, commit_options, context
from landrace.commands.output import emit, format_option
from landrace.gateway import connect
from landrace.reports.pull_request.preflight import preflight
from landrace.store.atomic import write_json
from landrace.workflows.pull_request.opened import opened
from landrace.workflows.pull_request.planned import planned

_FORK = "the branch belongs to a fork, and forks get no credential; a maintainer can "
_BY_HAND = "start this workflow by hand for the pull request"
_ON_A_CLONE = "work on it in a clone, with `landrace optimize`"

WORDING = "nothing but the title or the text of the pull request was edited"


@click.command("plan")
@commit_options
@click.option(
    "--output", metavar="FILE", envvar="LANDRACE_OUTPUT", help="Write the plan there as JSON, too."
)
@format_option()
def plan(*, base: str | None, head: str | None, output: str | None, output_format: str) -> None:
    """List the cells that lack evidence, and what they cost at most. Calls nothing.

    Outputs: base, head, work (the number of cells), optimize (true if they are to be done now),
    commit (true if the branch is this repository's own), calls, cost_usd.
    """
    with context(base, head) as ci:
        ci.check_open()
        # Before anything is read: a report can then be made of a head that cannot be read.
        own = ci.event.pull_request is not None and not ci.is_fork
        ends = {"base": ci.base, "head": ci.head, "commit": "true" if own else "false"}
        ci.runner.set_outputs(ends)
        _plan(ci, output, output_format)


def _plan(ci: Context, output: str | None, output_format: str) -> None:
    with opened(ci.root, ci.base, ci.head) as change:
        found = planned(change, connect.price_of, why_not=why_not(ci))
        data = found.model_dump(mode="json")
        costs = [work.cost_usd for work in found.work]
        known = [cost for cost in costs if cost is not None]
        ci.runner.set_outputs(
            {
                "work": str(len(found.work)),
                "optimize": "true" if found.work and not found.why_not else "false",
                "calls": str(sum(work.calls or 0 for work in found.work)),
                "cost_usd": f"{sum(known):.6f}" if len(known) == len(costs) else "",
            }
        )
        ci.runner.add_summary(preflight(found))
        if output:
            write_json(Path(output), data)
        emit(data, plan_text(found), output_format)


def why_not(ci: Context) -> str:
    """Why a run does none of the work, as a sentence without its full stop, or nothing."""
    if ci.event.kind == "merge_group":
        return "a merge queue only checks evidence"
    if ci.event.kind == "workflow_dispatch":  # a maintainer has read the fork's change
        return ""
    if ci.is_fork:
        # GitLab has no run by hand that is told which merge request to work on.
        by_hand = os.environ.get("GITHUB_ACTIONS") == "true"
        return _FORK + (_BY_HAND if by_hand else _ON_A_CLONE)
    return WORDING if ci.event.is_wording else ""
