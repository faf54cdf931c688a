"""What a model is trained on: right, better and worse answers to a cell's search cases."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from landrace.digest import json_digest, sha256
from landrace.workflows.open_study import open_study
from landrace.workflows.training_rows import json_lines, training_rows
from landrace.workflows.training_scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from landrace.ledger import Ledger
    from landrace.optimizers.stages import Progress
    from landrace.schemas.candidate import Candidate
    from landrace.workflows.services import Services
    from landrace.workflows.task import CellTask
    from landrace.workflows.training_rows import Kind

# The kinds of rows, by the variable that has the path of each.
KINDS: Mapping[str, Kind] = {
    "LANDRACE_SFT": "sft",
    "LANDRACE_PREFERENCES": "preferences",
    "LANDRACE_REWARDS": "rewards",
}


class Rows(NamedTuple):
    """What a cell is trained on, as the texts of files by the variable that names each."""

    texts: Mapping[str, str]

    @property
    def digest(self) -> str:
        return json_digest({name: sha256(text.encode()) for name, text in self.texts.items()})

    def tell_good_from_bad(self) -> bool:
        """Whether there is something to learn; a graded metric may call no answer fully right."""
        if self.texts["LANDRACE_SFT"] or self.texts["LANDRACE_PREFERENCES"]:
            return True
        rows = self.texts["LANDRACE_REWARDS"].split("\n")[:-1]  # JSON leaves U+2028 in a line
        return len({json.loads(row)["reward"] for row in rows}) > 1

    def counts(self) -> dict[str, int]:
        return {KINDS[name]: text.count("\n") for name, text in self.texts.items()}


def run_on_search(
    task: CellTask,
    pinned: Sequence[Candidate],
    services: Services,
    on_progress: Callable[[Progress], None],
) -> None:
    """Answer by what is pinned and by the base every search case that they do not show.

    Raises:
        BudgetExhaustedError: not all of them could be paid; the answers that were are kept.
        OutageError: too many calls fail to go on.
        ModelError: the model cannot be called.
    """
    study, _ = open_study(task, services, on_progress)
    for entry in (*study.admit_all(pinned), study.base):
        study.evaluate([entry], study.unshown(study.search, entry))


def rows_of(task: CellTask, ledger: Ledger) -> Rows:
    """The answers to today's search cases in the ledger, of all studies on today's splits."""
    cases = {case.id: case for case in task.search}
    prints = task.fingerprints
    scope = Scope(
        task.prompt,
        task.model.id,
        cases,
        prints.eval_set,
        prints.split_seed,
        hidden=(*task.select, *task.holdout),
    )
    return Rows(
        {
            variable: json_lines(
                training_rows(ledger.records, kind=kind, of="answers", scope=scope)
            )
            for variable, kind in KINDS.items()
        }
    )
