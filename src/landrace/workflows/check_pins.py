"""The mistakes of a registry: files that are not their pin's, and folders of no prompt."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from landrace.errors import LandraceError
from landrace.naming import model_id
from landrace.pin import PIN_FILE
from landrace.runtime.cell import load_cell
from landrace.runtime.choices import CHOICES_FILE, load_choices
from landrace.runtime.folder import REGISTRY, RegistryFolder
from landrace.store import files
from landrace.workflows.findings import Finding, error, mistake, warning
from landrace.workflows.pinning import REPORT, REPORT_DATA
from landrace.workflows.pull_request.evidence import EVIDENCE, SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

BESIDE = frozenset({REPORT, REPORT_DATA, EVIDENCE, SIGNATURE, CHOICES_FILE})


def check_pins(
    root: Path, *, known: Collection[str], only: Collection[str] | None = None
) -> tuple[int, list[Finding]]:
    """How many pins there are, and what is wrong with them.

    ``known`` are the prompts of the repository. ``only`` leaves out other prompts' pins.
    """
    findings: list[Finding] = []
    count = 0
    try:
        for prompt in _folders(root, REGISTRY):
            if only is not None and prompt not in only:
                continue
            if prompt not in known:
                where = f"{REGISTRY}/{prompt}"
                findings.append(warning(where, "no prompt has this name", "remove the folder"))
            if files.exists(root, f"{REGISTRY}/{prompt}/{PIN_FILE}"):
                fix = "move it to the folder of its model, or remove it"
                place = f"{REGISTRY}/{prompt}/{PIN_FILE}"
                findings.append(mistake(place, "a pin without a model, which nothing serves", fix))
            for folder in _folders(root, f"{REGISTRY}/{prompt}"):
                count += 1
                findings += _cell_findings(root, prompt, folder)
    except LandraceError as found:
        findings.append(error(found, REGISTRY))
    return count, findings


def _cell_findings(root: Path, prompt: str, folder: str) -> Iterator[Finding]:
    where = f"{REGISTRY}/{prompt}/{folder}"
    try:
        model = model_id(folder)
    except LandraceError as found:
        yield mistake(where, found.problem, found.fix)
        return
    registry = RegistryFolder(str(root / REGISTRY))
    try:
        present = files.entries(root, where)
        cell = load_cell(registry, prompt, model)
        choices = None if cell is None else load_choices(registry, cell.pin)
    except LandraceError as found:
        yield _from_root(error(found, where), root)
        return
    if cell is None:
        yield mistake(where, f"the folder has no {PIN_FILE}", "restore it from git, or remove it")
        return
    if choices is None and CHOICES_FILE in {entry.name for entry in present}:
        fix = "make it anew with `landrace choices`, or remove it"
        yield warning(f"{where}/{CHOICES_FILE}", "it is about another pin, so it is not used", fix)
    for entry in present:
        if entry.name not in {PIN_FILE, *BESIDE, *cell.pin.files}:
            fix = "remove it; a registry holds what pins name, choices, reports and evidence"
            yield mistake(f"{where}/{entry.name}", "no pin names this file", fix)


def _from_root(finding: Finding, root: Path) -> Finding:
    """The finding with its file named from the root of the repository."""
    return finding._replace(where=finding.where.removeprefix(f"{root}{os.sep}"))


def _folders(root: Path, path: str) -> list[str]:
    return [entry.name for entry in files.entries(root, path) if entry.is_folder]
