"""What the job that holds the model credential hands to the job that may write.

One file, so that one hash (which travels another way, as a job's output) vouches for all.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from landrace.schemas.base import Strict
from landrace.schemas.gate_report import GateReport, GateSpent

COMMIT = r"^[0-9a-f]{40}([0-9a-f]{24})?$"
RUN = r"^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,127}$"  # it becomes a line of a commit's message


class CellFiles(Strict):
    """The files of one cell in ``registry/``, by name, that are new.

    After a search that is the whole folder, else the evidence alone.
    """

    prompt: str
    model: str
    files: dict[str, str]


class Unfinished(Strict):
    """A cell that got no result; its pin stays as it is. ``exit_code`` as in the errors.

    ``spent`` is what its search took, finished or not; None where it was not searched.
    """

    prompt: str
    model: str
    reason: str
    exit_code: int
    spent: GateSpent | None = None


class Results(Strict):
    """The cells that were finished for one head against one base, and those that were not.

    ``run`` is the forge's name for the run. ``gate`` is the comparison as it was made, with the
    texts of the cases that changed; it is for the report, and no verdict is taken from it.
    """

    schema_version: Literal[1] = 1
    base: str = Field(pattern=COMMIT)
    head: str = Field(pattern=COMMIT)
    run: str = Field(pattern=RUN)
    cells: tuple[CellFiles, ...]
    unfinished: tuple[Unfinished, ...]
    gate: GateReport | None
