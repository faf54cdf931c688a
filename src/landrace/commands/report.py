"""``landrace report``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from landrace.commands.change import change_options, check_options, load_results, named_head
from landrace.commands.output import examples, format_option, json_of, note
from landrace.commands.report_outputs import check_outputs, outputs_of
from landrace.reports.html import Shown, html_of_all
from landrace.reports.html_summary import html_summary
from landrace.reports.markdown import markdown
from landrace.reports.pull_request.markdown import markdown as markdown_of_change
from landrace.reports.pull_request.text import text as text_of_change
from landrace.reports.summary import summary
from landrace.reports.text import text
from landrace.store.atomic import write_text
from landrace.store.project import Project, find_root
from landrace.workflows.pull_request.gather import gather
from landrace.workflows.pull_request.offline_gate import gate_offline
from landrace.workflows.pull_request.opened import opened
from landrace.workflows.report_worth import worth_today
from landrace.workflows.stored_reports import stored_reports

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.schemas.pull_request import PullRequestReport
    from landrace.schemas.report import Report

_SINGLE = {"text": text, "markdown": markdown}
_OF_CHANGE = {"text": text_of_change, "markdown": markdown_of_change}


@click.command(
    epilog=examples(
        "landrace report",
        "landrace report review-sentiment --model local/smollm2-135m-instruct",
        "landrace report review-sentiment --format html -o report.html",
        "landrace report review-sentiment --outputs",
        "landrace report --base main --format markdown",
    )
)
@click.argument("prompts", nargs=-1, metavar="[PROMPT]...")
@click.option("--model", metavar="ID", help="Only the report for this model.")
@click.option("--outputs", is_flag=True, help="Show the texts of holdout cases that changed.")
@change_options
@click.option("--results", metavar="FILE", help="With --base: what `landrace optimize` found.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead of stdout.")
@format_option("markdown", "html")
def command(
    *,
    prompts: tuple[str, ...],
    model: str | None,
    outputs: bool,
    base: str | None,
    head: str | None,
    results: str | None,
    output: str | None,
    output_format: str,
) -> None:
    """Show the score reports that stand beside the pins.

    Without a prompt, one table of all cells: base, winner, and the paired interval between
    them on cases that no search has seen. A report about files that changed since is marked
    as stale; JSON has what is stored and nothing else.

    With --outputs what base and winner wrote on holdout cases that changed, the lost ones first,
    with input, expected answer and the metric's feedback. It comes out of the ledger on this
    machine and costs nothing. Such texts can be private: keep them where those may be.

    With --base the report of a pull request: the gate's verdicts on committed evidence, and
    what was found for each cell that the change touches.
    """
    without = {
        "PROMPT": prompts,
        "--model": model,
        "--format html": output_format == "html",
        "--outputs": outputs,
    }
    check_options(base, without=without, only_with={"--head": head, "--results": results})
    project = Project(find_root(Path.cwd()))
    is_summary = not prompts and model is None
    if outputs:
        check_outputs(project, output, output_format, is_summary=is_summary)
    if base is not None:
        told = _of_change(project, base, head, results)
        if output_format == "json":
            _put(json_of(told.model_dump(mode="json")), output)
        else:
            _put(_OF_CHANGE[output_format](told), output)
        return
    reports = stored_reports(project, prompts, model)
    if output_format == "json":
        _put(json_of([report.model_dump(mode="json") for report in reports]), output)
    elif not reports:
        note("Nothing is pinned yet; `landrace optimize` does that.")
    else:
        shown = _shown(project, reports, output_format, outputs=outputs, is_summary=is_summary)
        _put(shown, output)


def _shown(
    project: Project,
    reports: Sequence[Report],
    output_format: str,
    *,
    outputs: bool,
    is_summary: bool,
) -> str:
    """The table of all cells, or the reports one below the other."""
    worths = worth_today(project, [(one.prompt, one.model) for one in reports])
    if is_summary:
        return (html_summary if output_format == "html" else summary)(reports, worths)
    samples = outputs_of(project, reports) if outputs else [()] * len(reports)
    whole = [
        Shown(one, each, worths[one.prompt, one.model])
        for one, each in zip(reports, samples, strict=True)
    ]
    if output_format == "html":
        return html_of_all(whole)
    show = _SINGLE[output_format]
    return "\n".join(show(one, samples=each, worth=worth) for one, each, worth in whole)


def _of_change(
    project: Project, base: str, head: str | None, results: str | None
) -> PullRequestReport:
    known = load_results(Path(results), None) if results else None
    with opened(project.root, base, named_head(head)) as change:
        run = known.run if known else "by hand"
        return gather(gate_offline(change), change, run=run, results=known)


def _put(text: str, output: str | None) -> None:
    whole = text if text.endswith("\n") else f"{text}\n"
    if output is None:
        click.echo(whole, nl=False)
    else:
        write_text(Path(output), whole)
        note(f"wrote {output}")
