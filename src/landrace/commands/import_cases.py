"""``landrace import``."""

from __future__ import annotations

from pathlib import Path

import click

from landrace.commands.output import count, dry_run_option, emit, examples, note, pairs
from landrace.store.atomic import storage_error
from landrace.store.project import Project, find_root
from landrace.workflows.case_sources import Columns, csv_rows, promptfoo_rows
from landrace.workflows.import_cases import Imported, import_cases

_READERS = {"csv": csv_rows, "promptfoo": promptfoo_rows}


@click.command(
    epilog=examples(
        "landrace import reviews.csv --prompt review-sentiment \\",
        "    --input text=review --expected stars",
        "landrace import promptfooconfig.yaml --prompt support-intent --dry-run",
    )
)
@click.argument("file")
@click.option("--prompt", required=True, metavar="NAME", help="The prompt that gets the cases.")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(list(_READERS)),
    help="What the file is.  [default: promptfoo for .yaml and .yml, else csv]",
)
@click.option(
    "--input",
    "columns",
    multiple=True,
    metavar="COLUMN=INPUT",
    help="Which column or variable is which input.  [default: those of the same name]",
)
@click.option(
    "--expected",
    default="expected",
    show_default=True,
    metavar="COLUMN",
    help="The column of the right answer; for promptfoo, where a test asserts none.",
)
@click.option(
    "--id", "id_column", metavar="COLUMN", help="The column of the case ids.  [default: a hash]"
)
@dry_run_option
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    *,
    file: str,
    prompt: str,
    file_format: str | None,
    columns: tuple[str, ...],
    expected: str,
    id_column: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Turn a CSV or promptfoo file into cases.

    The cases are appended to the prompt's cases.jsonl; those that are there are never
    changed, and a row whose inputs are there already is left out and reported. If one row is
    wrong, nothing is written.
    """
    source = Project(find_root(Path.cwd())).read_prompt(prompt)
    names = pairs(columns, "--input", "COLUMN=INPUT")
    names = names or {name: name for name in source.config.inputs["properties"]}
    kind = file_format or ("promptfoo" if file.endswith((".yaml", ".yml")) else "csv")
    rows = _READERS[kind](_read(file), file, Columns(names, expected, id_column))
    found = import_cases(source, rows, dry_run=dry_run)
    for duplicate in found.duplicates:
        note(f"{duplicate.where}: left out, its inputs are those of case `{duplicate.id}`")
    emit(
        _data(found, dry_run=dry_run), _text(found, dry_run=dry_run), "json" if as_json else "text"
    )


def _read(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise storage_error("read", Path(file), error) from error


def _text(found: Imported, *, dry_run: bool) -> str:
    verb = "would add" if dry_run else "added"
    left_out = f", left out {count(len(found.duplicates), 'duplicate')}" if found.duplicates else ""
    return f"{verb} {count(len(found.added), 'case')} to {found.path}{left_out}"


def _data(found: Imported, *, dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "path": found.path,
        "added": [case.id for case in found.added],
        "duplicates": [duplicate._asdict() for duplicate in found.duplicates],
    }
