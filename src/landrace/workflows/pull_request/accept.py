"""What the job that may write takes from the job that called models: only what validates.

The results file came through an artifact store and out of a job that read head's data, so
nothing in it is believed. Whatever base and head determine is computed anew; what remains (the
variant, its scores) must be whole, in its place, harmless as a template and free of secrets.
One thing wrong refuses it all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError

from landrace.digest import sha256
from landrace.errors import EvidenceError, FormatError, RefusedError
from landrace.schemas.results import Results
from landrace.strict_json import parse
from landrace.workflows.pull_request.accept_cell import CellCheck
from landrace.workflows.pull_request.evidence import EVIDENCE, SIGNATURE, first_problem
from landrace.workflows.pull_request.fitting import MOST_RESULT_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from landrace.schemas.evidence import Evidence
    from landrace.schemas.report import Report
    from landrace.workflows.pull_request.opened import Opened


class AcceptedCell(NamedTuple):
    """A cell that may be committed; ``files`` by their path from the root, None for one that goes.

    Without a search there is no ``report``.
    """

    prompt: str
    model: str
    report: Report | None
    evidence: Evidence
    files: dict[str, bytes | None]


def read_results(data: bytes, digest: str, *, where: str) -> Results:
    """The results in a file that has just this SHA-256.

    Raises:
        RefusedError: it is another file, or too large.
        FormatError: it is no results file.
    """
    if len(data) > MOST_RESULT_BYTES:
        raise RefusedError(f"the file is larger than {MOST_RESULT_BYTES} bytes", where=where)
    if sha256(data) != digest:
        raise RefusedError(
            "the file is not the one whose hash the optimize job told",
            where=where,
            fix="run the pipeline again; if it happens twice, look who can write artifacts",
        )
    try:
        return Results.model_validate(parse(data, where))
    except ValidationError as error:
        problem = f"this is no results file: {first_problem(error)}"
        raise FormatError(problem, where=where) from error


def accept(
    results: Results, change: Opened, sign: Callable[[bytes], str] | None = None
) -> list[AcceptedCell]:
    """Check every cell against what base and head hold now; sign its evidence.

    Raises:
        RefusedError: something in it must not be committed; nothing is then.
        EvidenceError: it is about something that base or head no longer hold.
    """
    revisions, check, scope, _ = change
    asked = {(work.cell.prompt, work.cell.model.id): work for work in scope.work}
    accepted = []
    for found in results.cells:
        work = asked.pop((found.prompt, found.model), None)
        if work is None:
            # Somebody else may have done it meanwhile, but not on this very head.
            kind = RefusedError if results.head == revisions.head else EvidenceError
            raise kind(
                f"the results hold {found.prompt!a} on {found.model!a}, which needs no work",
                fix="run the pipeline again on the newest commit",
            )
        cell = CellCheck(found.files, work, check)
        report, evidence = cell.checked()
        files = dict.fromkeys(cell.paths_to_remove())
        files |= {cell.path(name): text.encode() for name, text in found.files.items()}
        if sign is not None:
            text = found.files[EVIDENCE]
            files[cell.path(SIGNATURE)] = sign(text.encode()).encode()
        accepted.append(AcceptedCell(found.prompt, found.model, report, evidence, files))
    return accepted
