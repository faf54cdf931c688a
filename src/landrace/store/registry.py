"""``registry/<prompt>/<model>/``: what is served, one folder a cell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from landrace.errors import ConfigError, RefusedError
from landrace.naming import NAME_RULE, is_name, model_dirname
from landrace.runtime.cell import load_pin
from landrace.runtime.choices import CHOICES_FILE
from landrace.runtime.folder import REGISTRY, RegistryFolder
from landrace.store import files
from landrace.store.atomic import storage_error, write_tree

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

    from landrace.pin import Pin

_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}\Z")
_VARIANT_FILE = re.compile(r"[a-z0-9_][a-z0-9_.-]*\.(jinja|jsonl)\Z")


def is_variant_file(name: str) -> bool:
    """Whether a template or a corpus of a cell may be called so.

    In lower case: on some file systems two names that differ in case are one file.
    """
    return bool(_VARIANT_FILE.match(name))


def cell_path(prompt: str, model: str) -> str:
    """The folder of a cell, from the root with ``/``.

    Raises:
        ConfigError: the prompt's name or the model's id makes no folder name.
    """
    if not is_name(prompt):
        raise ConfigError(
            "this cannot be the name of a prompt", where=prompt, fix=f"use {NAME_RULE}"
        )
    return f"{REGISTRY}/{prompt}/{model_dirname(model)}"


def cell_dir(root: Path, prompt: str, model: str) -> Path:
    """The folder of a cell. Raises like `cell_path`."""
    return root / cell_path(prompt, model)


def read_pins(root: Path) -> dict[tuple[str, str], Pin]:
    """All pins by prompt and model id, in sorted order; their files are not read.

    Raises:
        ConfigError: a folder is not named as landrace names it.
        FormatError: a pin is no pin, or is another cell's.
        RefusedError: there is a symbolic link.
        StorageError: something cannot be read.
    """
    files.refuse_links_below(root, REGISTRY)
    registry = RegistryFolder(str(root / REGISTRY))
    found = {
        (prompt, model): load_pin(registry, prompt, model)
        for prompt in registry.prompts()
        for model in registry.models(prompt)
    }
    return {cell: pin for cell, pin in found.items() if pin is not None}


def leftovers(root: Path, path: str, names: Container[str]) -> list[str]:
    """The files of a cell's folder that another pin left behind, for files of these names.

    That are variant files, and choices: they were made around another pin. Raises like
    `landrace.store.files.entries`.
    """
    return [
        entry.name
        for entry in files.entries(root, path)
        if entry.is_file
        and (entry.name.endswith((".jinja", ".jsonl")) or entry.name == CHOICES_FILE)
        and entry.name not in names
    ]


def write_cell(root: Path, prompt: str, model: str, contents: Mapping[str, bytes]) -> Path:
    """Write the files of a cell, the pin last, and remove its `leftovers`.

    Raises:
        ConfigError: like `cell_path`.
        RefusedError: a name leads elsewhere, or a symbolic link is in the way.
        StorageError: the disk refuses; nothing has changed then.
    """
    path = cell_path(prompt, model)
    for name in contents:
        if not _FILE_NAME.match(name):
            raise RefusedError("not the name of a file of a cell", where=ascii(name))
    stale = leftovers(root, path, contents)
    write_tree(root / path, contents)
    for name in stale:
        try:
            (root / path / name).unlink()
        except OSError as error:
            raise storage_error("removed", root / path / name, error) from error
    return root / path
