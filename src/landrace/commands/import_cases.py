"""``landrace import``."""

from __future__ import annotations

from pathlib import Path

import click

from landrace.commands.output import count, dry_run_option, emit, examples, note, pairs
from landrace.store.atomic import storage_error
from landrace.store.importers import Columns, Imported, import_csv, import_promptfoo
from landrace.store.project import Project, find_root
from landrace.workflows.import_cases import Added, add_cases, renamed


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
    type=click.Choice(["csv", "promptfoo"]),
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
    help="The column of the right answers in a CSV file.",
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

    The cases are appended to the prompt's cases.jsonl, which is made where there is none.
    Those that are there are never changed, and one whose inputs are there already is left
    out and reported. If one case does not fit the prompt, nothing is written.
    """
    source = Project(find_root(Path.cwd())).read_prompt(prompt, needs_cases=False)
    schema = source.config.inputs
    chosen = _chosen(columns)
    kind = file_format or ("promptfoo" if file.endswith((".yaml", ".yml")) else "csv")
    data = _read(file)
    if kind == "csv":
        inputs = chosen or {name: name for name in schema["properties"]}
        imported = import_csv(data, file, Columns(inputs, expected, id_column), schema=schema)
    else:
        imported = import_promptfoo(data, file)
        if chosen:
            imported = imported._replace(cases=renamed(imported.cases, chosen, file))
    added = add_cases(source, imported.cases, where=file, dry_run=dry_run)
    for line in [*imported.notes, *_duplicate_notes(added)]:
        note(f"note: {line}")
    emit(
        _data(added, imported, dry_run=dry_run),
        _text(added, dry_run=dry_run),
        "json" if as_json else "text",
    )


def _chosen(columns: tuple[str, ...]) -> dict[str, str]:
    """The column of each input; of two for one, either would be lost without a word."""
    chosen: dict[str, str] = {}
    for column, name in pairs(columns, "--input", "COLUMN=INPUT").items():
        if name in chosen:
            raise click.BadParameter(
                f"`{name}` is given two columns, `{chosen[name]}` and `{column}`",
                param_hint="--input",
            )
        chosen[name] = column
    return chosen


def _read(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise storage_error("read", Path(file), error) from error


def _duplicate_notes(added: Added) -> list[str]:
    return [
        f"left out, because its inputs are those of case `{same}`: `{case}`"
        for case, same in added.duplicates.items()
    ]


def _text(added: Added, *, dry_run: bool) -> str:
    verb = "would add" if dry_run else "added"
    duplicates = len(added.duplicates)
    left_out = f", left out {count(duplicates, 'duplicate')}" if duplicates else ""
    return f"{verb} {count(len(added.cases), 'case')} to {added.path}{left_out}"


def _data(added: Added, imported: Imported, *, dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "path": added.path,
        "added": [case.id for case in added.cases],
        "duplicates": added.duplicates,
        "notes": imported.notes,
    }
