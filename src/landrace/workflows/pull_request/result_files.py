"""The files of a finished cell, as they leave the job that calls models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.digest import json_digest
from landrace.errors import ConfigError, RefusedError
from landrace.pin import PIN_FILE, file_digests
from landrace.redaction import find_secrets
from landrace.schemas.evidence import Evidence
from landrace.schemas.results import CellFiles
from landrace.store import files
from landrace.store.registry import cell_path
from landrace.workflows.pinning import REPORT, REPORT_DATA
from landrace.workflows.pull_request.evidence import EVIDENCE, evidence_text, most_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.workflows.plan import PlannedCell
    from landrace.workflows.pull_request.comparisons import Compared
    from landrace.workflows.pull_request.standing import EvidenceCheck
    from landrace.workflows.pull_request.work import Work


def result_files(work: Work, compared: Compared, check: EvidenceCheck) -> CellFiles:
    """What is new in the cell's folder; its evidence always is.

    Raises:
        RefusedError: there is a secret in it.
        ConfigError: a file is too large to be committed.
    """
    cell = work.cell
    texts = _searched(cell, check) if work.kind == "optimize" else {}
    evidence = _evidence(cell, compared, check, file_digests(texts))
    texts[EVIDENCE] = evidence_text(evidence)
    _refuse_large(texts, answers=len(evidence.answers))
    _refuse_secrets(texts)
    return CellFiles(prompt=cell.prompt, model=cell.model.id, files=texts)


def _searched(cell: PlannedCell, check: EvidenceCheck) -> dict[str, str]:
    root, folder = check.head.project.root, cell_path(cell.prompt, cell.model.id)
    pinned = check.head.pinned(cell.prompt, cell.model.id)
    assert pinned is not None, "a finished cell has a pin"
    names = (PIN_FILE, REPORT, REPORT_DATA)
    texts = {name: files.read_text(root, f"{folder}/{name}", most_bytes(name)) for name in names}
    return {**pinned.files, **texts}


def _evidence(
    cell: PlannedCell, compared: Compared, check: EvidenceCheck, digests: dict[str, str]
) -> Evidence:
    pinned = check.head.pinned(cell.prompt, cell.model.id)
    assert pinned is not None, "a finished cell has a pin"
    inputs = check.inputs.of(cell)
    return Evidence(
        prompt=cell.prompt,
        model=cell.model.id,
        inputs=inputs,
        digest=json_digest(inputs),
        variant=pinned.pin.variant,
        files=digests or check.pinned_files(cell, pinned),
        looks=compared.looks,
        answers=compared.answers,
        drift=compared.drift,
        transfer=compared.transfer,
    )


def _refuse_large(texts: Mapping[str, str], *, answers: int) -> None:
    """The commit job would refuse it, and every other cell with it."""
    for name, text in texts.items():
        size, most = len(text.encode()), most_bytes(name)
        if size > most:
            told = f"{name} has {size:,} bytes, and no more than {most:,} are committed"
            if name == EVIDENCE:
                told += (
                    f"; it has {answers:,} answers: hold out fewer cases, or lower the `repeats` "
                    "of base's gate"
                )
            raise ConfigError(told)


def _refuse_secrets(texts: Mapping[str, str]) -> None:
    """What leaves this job holds no key, though a case of which a winner makes an example may."""
    for name, text in texts.items():
        for secret in find_secrets(text):
            raise RefusedError(
                f"line {secret.line} of the winner's {name} looks like a secret ({secret.kind}); "
                "take it out of the prompt and its cases"
            )
