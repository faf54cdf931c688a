"""What a model is trained on: right, better and worse answers to a cell's search cases."""

from __future__ import annotations

import json
from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from landrace.digest import json_digest, sha256
from landrace.errors import BudgetExhaustedError, EvidenceError
from landrace.workflows.ceiling import raising
from landrace.workflows.open_study import open_study
from landrace.workflows.own_words import OwnWords
from landrace.workflows.training_rows import json_lines, training_rows
from landrace.workflows.training_scope import SHOWN, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from landrace.ledger import Ledger
    from landrace.optimizers.stages import Progress
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case
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
    left_out: Mapping[str, int] = MappingProxyType({})  # how many answers are no rows, by reason

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
    try:
        for entry in (*study.admit_all(pinned), study.base):
            study.evaluate([entry], study.unshown(study.search, entry))
    except BudgetExhaustedError as error:
        raise BudgetExhaustedError(
            f"the budget of {task.cell} ended before its `search` cases were answered: "
            f"{error.problem}",
            fix=f"{raising(error.ceiling)}, and run the same command again: what was answered is "
            "not paid for twice",
            ceiling=error.ceiling,
        ) from error


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
    left_out: dict[str, Counter[str]] = {variable: Counter() for variable in KINDS}

    def text(variable: str, kind: Kind) -> str:
        def tell(why: str, answers: int) -> None:
            left_out[variable].update({why: answers})

        found = training_rows(
            ledger.records, kind=kind, of="answers", scope=scope, on_left_out=tell
        )
        return json_lines(found)

    texts = {variable: text(variable, kind) for variable, kind in KINDS.items()}
    return Rows(texts, left_out["LANDRACE_REWARDS"])


def nothing_to_learn(task: CellTask, rows: Rows) -> EvidenceError:
    """Why there is nothing to train with; what is left out as shown may have been right."""
    problem = "there are no right answers to its `search` cases, and all score alike"
    fix = "run `landrace optimize` for it first, which may find a prompt that gives some"
    if SHOWN in rows.left_out:
        problem = (
            "there are no right answers to its `search` cases that can be trained on, and all "
            f"score alike; {rows.left_out[SHOWN]} left out, each since {SHOWN}"
        )
        names = ", ".join(case.id for case in _hidden_in_base(task))
        if names:
            fix = (
                f"take the inputs of these `select` and `holdout` cases out of the prompt: {names}"
            )
    return EvidenceError(problem, where=task.cell, fix=fix)


def _hidden_in_base(task: CellTask) -> list[Case]:
    sources = [node.source for node in task.program.nodes.values()]
    hidden, own = (*task.select, *task.holdout), OwnWords(sources)
    return [case for case in hidden if not Scope(hidden=[case]).has_prompt("\n".join(sources), own)]
