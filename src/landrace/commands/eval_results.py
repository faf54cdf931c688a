"""The file of what an eval found, case by case."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landrace.naming import model_dirname

if TYPE_CHECKING:
    from typing import Self, TextIO

    from landrace.schemas.score import Outcome
    from landrace.workflows.evaluation_setup import EvaluationSetup

FOLDER = ".landrace/evals"
ENDS = {"base": ".jsonl", "pinned": ".pinned.jsonl"}


class EvalResults:
    """The results of one eval, one line for each case, written as they come.

    While it runs the file has a name of its own, so that two runs at once do not write into each
    other's. In the end it takes the place of an older one: that of whole results after `finish`,
    else that of partial ones.
    """

    def __init__(self, root: Path, setup: EvaluationSetup, variant: str) -> None:
        whole = Path(FOLDER, setup.prompt, model_dirname(setup.model.id) + ENDS[variant])
        self._root = root
        self._whole, self._partial = whole, whole.with_suffix(".partial.jsonl")
        self._begun = root / whole.with_name(f".{whole.name}.{secrets.token_hex(4)}.tmp")
        self._finished = False
        self._file: TextIO

    @property
    def path(self) -> str:
        """Where the results go, from the root of the repository."""
        return (self._whole if self._finished else self._partial).as_posix()

    def __enter__(self) -> Self:
        self._begun.parent.mkdir(parents=True, exist_ok=True)
        # A model may answer with half of a surrogate pair: JSON reads its escape, and the
        # rest stays text that people can read.
        self._file = self._begun.open("x", encoding="utf-8", errors="backslashreplace")
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._begun.replace(self._root / self.path)
        if self._finished:
            (self._root / self._partial).unlink(missing_ok=True)  # of an earlier run

    def add(self, outcome: Outcome) -> None:
        self._file.write(json.dumps(_record(outcome), ensure_ascii=False) + "\n")

    def finish(self) -> None:
        """All cases are in."""
        self._finished = True


def _record(outcome: Outcome) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": outcome.case_id,
        "score": outcome.score.value if outcome.score else None,
        "feedback": outcome.score.feedback if outcome.score else None,
        "output": outcome.output,
        "error": outcome.error,
    }
    if outcome.trace:
        record["steps"] = [
            {"node": s.node, "output": s.output, "value": s.value, "failure": s.failure}
            for s in outcome.trace
        ]
    return record
