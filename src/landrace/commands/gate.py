"""``landrace gate``."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from landrace.commands.output import dry_run_option, emit, examples, note
from landrace.commands.progress import progress
from landrace.commands.services import ceilings, ceilings_options, services
from landrace.commands.shown_work import show_look
from landrace.errors import ConfigError
from landrace.reports.gate.formats import FORMATS
from landrace.reports.text import table
from landrace.store.atomic import write_text
from landrace.store.project import Project, find_root
from landrace.workflows.callable import check_callable
from landrace.workflows.gating.changes import find_changes, select
from landrace.workflows.gating.gate import gate, judges, matches, models, most_answers
from landrace.workflows.pull_request.offline_gate import gate_offline
from landrace.workflows.pull_request.opened import opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.schemas.gate_report import GateReport
    from landrace.workflows.gating.changes import Changes
    from landrace.workflows.gating.sides import Match


@click.command(
    epilog=examples(
        "landrace gate --base main",
        "landrace gate --base main --dry-run",
        "landrace gate --base main --head my-branch --format markdown --output gate.md",
        "landrace gate --base origin/main --head HEAD --offline",
    )
)
@click.option("--base", metavar="REF", required=True, help="What it is compared with.")
@click.option("--head", metavar="REF", help="What is judged.  [default: the work tree]")
@click.option(
    "--prompt", "prompts", multiple=True, metavar="NAME", help="Only this one; may repeat."
)
@click.option(
    "--model", "only_models", multiple=True, metavar="ID", help="Only this one; may repeat."
)
@click.option(
    "--offline", is_flag=True, help="Judge committed evidence, as on a pull request; no call."
)
@ceilings_options
@dry_run_option
@click.option(
    "--format",
    "output_format",
    type=click.Choice([*FORMATS, "json"]),
    default="text",
    show_default=True,
    help="How to print the result; github is for annotations.",
)
@click.option(
    "--output", metavar="FILE", help="Write the result there, and print it as text as well."
)
def command(
    *,
    base: str,
    head: str | None,
    offline: bool,
    dry_run: bool,
    output_format: str,
    output: str | None,
    **options: Any,
) -> None:
    """Say whether a change makes prompts worse, and how sure that is.

    Both sides answer the same cases. Only what changed is evaluated, and what the ledger has is
    not asked again. Cases, metrics, models and policy are base's; head is data. Exits with 1
    for a regression, 6 for an inconclusive result where the policy blocks on it, 75 where the
    provider did not answer, 5 where the budget ended, 2 where something must be changed first.

    With --offline the answers are those in registry/, which `landrace commit` put there: each pin
    that changed must have evidence about just what base and head hold, judged by base's policy.
    Exits with 3 for evidence that was edited or that base's signers did not sign, 4 where it is
    missing or stale.
    """
    if dry_run:
        _refuse_showing(output_format, output)
    project = Project(find_root(Path.cwd()))
    target = Path(output) if output else None
    if target:
        _check_folder(target)
    if offline:
        _refuse_asking({**options, "dry_run": dry_run})
        with opened(project.root, base, head) as change:
            report = gate_offline(change)
        _show(report, output_format, target)
        raise click.exceptions.Exit(report.exit_code)
    with find_changes(project.root, base, head) as found:
        changes = select(found, options["prompts"], options["only_models"])
        cells = matches(changes)
        if dry_run:
            emit(_planned(changes, cells), _planned_text(changes, cells), output_format)
            return
        check_callable(models(cells), judges(cells))
        report = _run(project, changes, cells, options)
    _show(report, output_format, target)
    raise click.exceptions.Exit(report.exit_code)


def _refuse_asking(options: dict[str, Any]) -> None:
    """What chooses or bounds calls says nothing where there are none."""
    given = next((name for name, value in options.items() if value), None)
    if given:
        name = {"prompts": "prompt", "only_models": "model"}.get(given, given.replace("_", "-"))
        raise click.UsageError(f"--{name} has no meaning with --offline.")


def _refuse_showing(output_format: str, output: str | None) -> None:
    """What is planned is no result, for a pull request or a CI system to show."""
    if output:
        raise click.UsageError("--output has no meaning with --dry-run: there is no result.")
    if output_format not in {"text", "json"}:
        raise click.UsageError(f"--dry-run prints text or json, not {output_format}.")


def _run(
    project: Project, changes: Changes, cells: Sequence[Match], options: dict[str, Any]
) -> GateReport:
    with services(project, models(cells)) as given, progress() as shown:
        limits = ceilings(options)
        return gate(changes, cells, given, ceilings=limits, on_progress=partial(show_look, shown))


def _check_folder(target: Path) -> None:
    """Before anything is paid for."""
    if target.is_dir():
        raise ConfigError("this is a folder, not a file", where=str(target), fix="name a file")
    if not target.parent.is_dir():
        raise ConfigError("there is no such folder", where=str(target.parent), fix="make it first")


def _show(report: GateReport, output_format: str, target: Path | None) -> None:
    data = report.model_dump(mode="json")
    if target is None and output_format == "json":
        emit(data, "", "json")
        return
    shown = output_format if target is None else "text"
    click.echo(FORMATS[shown](report), nl=False)
    if target:
        is_json = output_format == "json"
        # Escaped, because a model may answer with half of a surrogate pair.
        text = json.dumps(data, indent=2) + "\n" if is_json else FORMATS[output_format](report)
        write_text(target, text)
        note(f"{target} has the result as {output_format}.")


def _planned_text(changes: Changes, cells: Sequence[Match]) -> str:
    lines = [f"{note_}." for note_ in changes.told]
    if not cells:
        return "\n".join([*lines, f"Nothing to evaluate: {len(changes.unchanged):,} unchanged."])
    header = ("prompt", "model", "changed", "compared", "cases", "answers ≤")
    rows = [
        (
            one.cell.prompt,
            one.cell.model.id,
            ", ".join(one.cell.changed),
            f"{one.base.side.kind} → {one.head.side.kind}",
            f"{len(one.suite.cases):,}",
            f"{most_answers(one):,}",
        )
        for one in cells
    ]
    summary = f"{len(cells):,} changed; {len(changes.unchanged):,} unchanged."
    return "\n".join([*lines, table(header, rows, left=4, indent=""), "", summary])


def _planned(changes: Changes, cells: Sequence[Match]) -> dict[str, Any]:
    return {
        "base": changes.base,
        "head": changes.head,
        "cells": [
            {
                "prompt": one.cell.prompt,
                "model": one.cell.model.id,
                "changed": list(one.cell.changed),
                "base": one.base.side.model_dump(),
                "head": one.head.side.model_dump(),
                "cases": len(one.suite.cases),
                "answers_at_most": most_answers(one),
            }
            for one in cells
        ],
        "unchanged": len(changes.unchanged),
        "notes": list(changes.told),
    }
