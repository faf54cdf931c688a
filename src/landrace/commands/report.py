"""``landrace report``."""

from __future__ import annotations

from pathlib import Path

import click

from landrace.commands.output import emit, examples, format_option, note
from landrace.reports.html import html
from landrace.reports.markdown import markdown
from landrace.reports.summary import summary
from landrace.reports.text import text
from landrace.store.atomic import write_text
from landrace.store.project import Project, find_root
from landrace.workflows.stored_reports import stored_reports

_SINGLE = {"text": text, "markdown": markdown, "html": html}


@click.command(
    epilog=examples(
        "landrace report",
        "landrace report review-sentiment --model local/smollm2-135m-instruct",
        "landrace report review-sentiment --format html -o report.html",
    )
)
@click.argument("prompts", nargs=-1, metavar="[PROMPT]...")
@click.option("--model", metavar="ID", help="Only the report for this model.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead of stdout.")
@format_option("markdown", "html")
def command(
    *, prompts: tuple[str, ...], model: str | None, output: str | None, output_format: str
) -> None:
    """Show the score reports that stand beside the pins.

    Without a prompt, one table of all cells: base, winner, and the paired interval between
    them on cases that no search has seen.
    """
    project = Project(find_root(Path.cwd()))
    reports = stored_reports(project, prompts, model)
    if output_format == "json":
        emit([report.model_dump(mode="json") for report in reports], "", "json")
        return
    if not reports:
        note("Nothing is pinned yet; `landrace optimize` does that.")
        return
    if not prompts and model is None:
        found = summary(reports)
    else:
        show = _SINGLE[output_format]
        found = "\n".join(show(report) for report in reports)
    if output is None:
        click.echo(found, nl=not found.endswith("\n"))
    else:
        write_text(Path(output), found)
        note(f"wrote {output}")
