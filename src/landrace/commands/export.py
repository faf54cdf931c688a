"""``landrace export``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from landrace.commands.output import count, examples, note
from landrace.store.atomic import write_text
from landrace.store.project import Project, find_root
from landrace.workflows.known_cases import known_cases
from landrace.workflows.services import past_ledger
from landrace.workflows.training_rows import Scope, json_lines, training_rows

if TYPE_CHECKING:
    from landrace.workflows.training_rows import Kind, Subject


@click.command(
    epilog=examples(
        "landrace export --as sft > answers.jsonl",
        "landrace export --as preferences --of templates --output pairs.jsonl",
        "landrace export --as rewards --prompt support-intent",
    )
)
@click.option(
    "--as",
    "kind",
    type=click.Choice(["sft", "preferences", "rewards"]),
    required=True,
    help="Right examples; pairs of chosen and rejected; or each with its score.",
)
@click.option(
    "--of",
    "subject",
    type=click.Choice(["answers", "templates"]),
    default="answers",
    show_default=True,
    help="Answers, to train a task model; templates, to train a model that writes prompts.",
)
@click.option("--prompt", metavar="NAME", help="Only the searches for this prompt.")
@click.option("--model", metavar="ID", help="Only the searches on this model.")
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=1.0,
    show_default=True,
    help="The least score of an answer that `sft` takes.",
)
@click.option("--output", metavar="FILE", help="Write here, not to stdout.")
def command(
    *,
    kind: Kind,
    subject: Subject,
    prompt: str | None,
    model: str | None,
    threshold: float,
    output: str | None,
) -> None:
    """Write rows to train models with, as JSON lines.

    They come out of the ledger of earlier searches, so they cost nothing. No search sees its
    holdout, so none of that is among them; a case that was moved to the holdout since may be. No
    answer is among them to a case that the prompt showed as an example. Rows hold the texts of
    your cases: keep them where those may be.
    """
    root = find_root(Path.cwd())
    project = Project(root)
    if prompt is not None:
        project.read_prompt(prompt)
    left_out: list[int] = []
    with past_ledger(root) as ledger:
        rows = training_rows(
            ledger.records,
            kind=kind,
            of=subject,
            scope=Scope(prompt, model, cases_of=known_cases(project)),
            threshold=threshold,
            on_left_out=left_out.append,
        )
        lines = json_lines(rows)
    if output:
        write_text(Path(output), lines)
    else:
        click.echo(lines, nl=False)
    rows_written = lines.count("\n")
    note(f"{count(rows_written, 'row')}.")
    if any(left_out):
        answers = count(sum(left_out), "scored answer")
        note(
            f"{answers} left out: a node that is asked about several items has one score for all "
            "of them, and a pair needs one for each."
        )
