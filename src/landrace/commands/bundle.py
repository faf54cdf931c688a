"""``landrace bundle``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from landrace import git
from landrace.commands.output import count, dry_run_option, emit, examples, format_option
from landrace.errors import NotPinnedError
from landrace.runtime.bundle import Bundle, bundle_folder, make_bundle
from landrace.runtime.folder import REGISTRY
from landrace.store.atomic import write_bytes


@click.command(
    epilog=examples(
        "landrace bundle -o prompts.json",
        "landrace bundle -o prompts.json --ref production",
        "landrace bundle -o - | jq .digest",
    )
)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    help="The file to write, or - for stdout.",
)
@click.option(
    "--ref", metavar="REF", help="A branch, tag or commit.  [default: the files as they are]"
)
@dry_run_option
@format_option()
def command(*, output: str, ref: str | None, dry_run: bool, output_format: str) -> None:
    """Write all pinned prompts into one file to serve.

    Every variant is verified against its pin first. The same registry always gives the same
    bytes, so a bundle made at a tag is how an environment gets its own prompts.
    """
    data = _bundle(git.toplevel(Path.cwd()), ref)
    if output == "-":
        sys.stdout.buffer.write(data)
        return
    if not dry_run:
        write_bytes(Path(output), data)
    bundle = Bundle(data, output)
    cells = [(prompt, model) for prompt in bundle.prompts() for model in bundle.models(prompt)]
    verb = "would write" if dry_run else "wrote"
    emit(
        {"dry_run": dry_run, "output": output, "bytes": len(data), "cells": cells},
        f"{verb} {output}: {count(len(cells), 'pinned cell')}, {len(data):,} bytes",
        output_format,
    )


def _bundle(root: Path, ref: str | None) -> bytes:
    if ref is None:
        data = bundle_folder(root / REGISTRY)
    else:
        tree = git.read_tree(root, ref, REGISTRY)
        data = make_bundle({path.removeprefix(f"{REGISTRY}/"): tree[path] for path in tree})
    if not Bundle(data, REGISTRY).prompts():
        raise NotPinnedError(
            "nothing is pinned here",
            where=f"{REGISTRY}/ at {ref}" if ref else f"{REGISTRY}/",
            fix="Run `landrace optimize`, and commit what it pins.",
        )
    return data
