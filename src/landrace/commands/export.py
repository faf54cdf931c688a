"""``landrace export``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from landrace.commands.finite import FiniteRange
from landrace.commands.output import count, examples, note
from landrace.errors import UnknownModelError
from landrace.store.atomic import write_text
from landrace.store.project import Project, find_root
from landrace.strict_json import near_fix
from landrace.workflows.services import past_ledger
from landrace.workflows.todays_scope import TAKEN, scope_of_all, todays_scope
from landrace.workflows.training_rows import json_lines, training_rows
from landrace.workflows.training_scope import OTHER_SPLIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from landrace.workflows.training_rows import Kind, Subject
    from landrace.workflows.training_scope import Scope


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
@click.option(
    "--split",
    type=click.Choice(list(TAKEN)),
    default="search",
    show_default=True,
    help="Answers to the cases that are in this split today.",
)
@click.option("--prompt", metavar="NAME", help="Only the searches for this prompt.")
@click.option("--model", metavar="ID", help="Only the searches on this model.")
@click.option(
    "--threshold",
    type=FiniteRange(0, 1),
    default=1.0,
    show_default=True,
    help="The least score of an answer that `sft` takes.",
)
@click.option("--output", metavar="FILE", help="Write here, not to stdout.")
def command(
    *,
    kind: Kind,
    subject: Subject,
    split: str,
    prompt: str | None,
    model: str | None,
    threshold: float,
    output: str | None,
) -> None:
    """Write rows to train models with, as JSON lines.

    They come out of the ledger of earlier searches, so they cost nothing. Answers are to cases
    that are in `search` today, of searches on today's cases and expected answers: a model that
    was trained on `select` knows by heart what its next search chooses by. None is of the holdout,
    or to a case that the prompt showed as an example. Templates are told by all scores of all
    searches. Rows hold the texts of your cases: keep them where those may be.
    """
    root = find_root(Path.cwd())
    project = Project(root)
    if prompt is not None:
        project.read_prompt(prompt)
    left_out: Counter[str] = Counter()
    with past_ledger(root) as ledger:
        if model is not None:
            _check_model(model, ledger.records())
        rows = training_rows(
            ledger.records,
            kind=kind,
            of=subject,
            scope=_scope(project, subject, split, prompt, model),
            threshold=threshold,
            on_left_out=lambda why, answers: left_out.update({why: answers}),
        )
        lines = json_lines(rows)
    if output:
        write_text(Path(output), lines)
    else:
        click.echo(lines, nl=False)
    rows_written = lines.count("\n")
    note(f"{count(rows_written, 'row')}.")
    _tell(left_out, split)


def _check_model(model: str, records: Iterable[Mapping[str, Any]]) -> None:
    searched = sorted({record["model"] for record in records if record["kind"] == "study"})
    if model not in searched:
        there = f"there are some on {', '.join(searched)}" if searched else None
        raise UnknownModelError(
            "no search on this model is in the ledger",
            where=model,
            fix=near_fix(model, searched) or there or "run `landrace optimize` first",
        )


def _scope(
    project: Project, subject: Subject, split: str, prompt: str | None, model: str | None
) -> Callable[[str], Scope]:
    if subject == "templates":
        return scope_of_all(project, prompt, model)
    return todays_scope(project, prompt, model, TAKEN[split])


def _tell(left_out: Mapping[str, int], split: str) -> None:
    """How many answers are in no row, by the reason."""
    for why, answers in left_out.items():
        is_choice = why == OTHER_SPLIT and split != "all"
        remedy = "; `--split all` takes `search` and `select`" if is_choice else ""
        note(f"{count(answers, 'scored answer')} left out: {why}{remedy}.")
