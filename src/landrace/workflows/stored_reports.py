"""The score reports in ``registry/``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from landrace.errors import EvidenceError, FormatError
from landrace.pin import MAX_VARIANT_BYTES
from landrace.schemas.report import Report
from landrace.store import files
from landrace.store.registry import cell_path, read_pins
from landrace.strict_json import near_fix
from landrace.workflows.pinning import REPORT_DATA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.store.project import Project


def stored_reports(project: Project, prompts: Sequence[str], model: str | None) -> list[Report]:
    """The reports of the pinned cells, sorted by prompt and model; all for no prompts.

    A model may be named by an alias of its pin.

    Raises:
        EvidenceError: a cell that was asked for has no pin, or a pin has no report.
        FormatError: a report is no report.
    """
    cells = [
        cell
        for cell, pin in read_pins(project.root).items()
        if (not prompts or cell[0] in prompts) and model in {None, cell[1], *pin.model.aliases}
    ]
    for prompt in prompts:
        if prompt not in {name for name, _ in cells}:
            raise EvidenceError(
                f"{prompt} has no pin" + (f" for {model}" if model else ""),
                where="registry",
                fix=_how_to_get_one(project, prompt),
            )
    return [read_report(project, *cell) for cell in cells]


def _how_to_get_one(project: Project, prompt: str) -> str:
    known = project.prompts()
    guess = None if prompt in known else near_fix(prompt, known)
    return guess or "run `landrace optimize` first"


def read_report(project: Project, prompt: str, model: str) -> Report:
    """The report of one cell. Raises like `stored_reports`."""
    path = f"{cell_path(prompt, model)}/{REPORT_DATA}"
    if not files.exists(project.root, path):
        raise EvidenceError(
            "the pin has no report", where=path, fix="run `landrace optimize --force`"
        )
    try:
        text = files.read_text(project.root, path, MAX_VARIANT_BYTES)
        return Report.model_validate(json.loads(text))
    except (ValueError, ValidationError) as error:
        raise FormatError(
            "this is no report of this version of landrace",
            where=path,
            fix="restore it from git, or run `landrace optimize --force`",
        ) from error
