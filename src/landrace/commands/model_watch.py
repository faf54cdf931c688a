"""``landrace models watch``, and what it shares with ``landrace ci models``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from landrace.commands.output import emit, examples, format_option, table
from landrace.gateway import connect
from landrace.reports.model_watch import rows
from landrace.store.atomic import write_bytes
from landrace.store.project import Project, find_root
from landrace.workflows.model_watch import AT_MOST, DAYS, Rules
from landrace.workflows.model_watch import watch as watch_models

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from landrace.schemas.model_findings import ModelFindings

    Command = TypeVar("Command", bound=Callable[..., Any])

_HEADER = ("pipeline", "model", "what", "what to do")


def watch_options(command: Command) -> Command:
    """``--days``, ``--at-most`` and ``--today``, read by `rules` and `day`."""
    for option in (
        click.option(
            "--today",
            type=click.DateTime(["%Y-%m-%d"]),
            metavar="DATE",
            help="Instead of today's date in UTC.",
        ),
        click.option(
            "--at-most",
            type=click.IntRange(min=0),
            default=AT_MOST,
            show_default=True,
            metavar="N",
            envvar="LANDRACE_AT_MOST",
            help="New models that a pipeline gets at once.",
        ),
        click.option(
            "--days",
            type=click.IntRange(0, 3650),
            default=DAYS,
            show_default=True,
            metavar="N",
            envvar="LANDRACE_DAYS",
            help="How many days ahead the end of a model counts.",
        ),
    ):
        command = option(command)
    return command


def rules(options: Mapping[str, Any]) -> Rules:
    """What `watch_options` were given."""
    return Rules(days=options["days"], at_most=options["at_most"])


def day(options: Mapping[str, Any]) -> date:
    """The day that `watch_options` were given, or today."""
    given: datetime = options["today"] or datetime.now(UTC)
    return given.date()


def findings_text(findings: ModelFindings) -> str:
    """The findings for a terminal."""
    shown = list(rows(findings))
    return table(shown, _HEADER) if shown else "The lists of models are in order."


@click.command(
    "watch",
    epilog=examples(
        "landrace models watch",
        "landrace models watch --days 90 --write",
    ),
)
@watch_options
@click.option("--write", is_flag=True, help="Edit the lists in pipelines/, too.")
@format_option()
def watch(*, write: bool, output_format: str, **options: Any) -> None:
    """Say which models end, which new ones may be tried, and which lack a pin.

    What is known of models comes from the table in the installed litellm; nothing is called.
    New are models that a pipeline's allowed_models match, those first whose names look newest:
    since when a model exists is not in the table. With --write the lists are edited in place,
    and no other line.
    """
    project = Project(find_root(Path.cwd()))
    findings = watch_models(project, connect.known_models(), day(options), rules(options))
    if write:
        for edit in findings.edits:
            write_bytes(project.root / edit.path, edit.text.encode())
    emit(findings.model_dump(mode="json"), findings_text(findings), output_format)
