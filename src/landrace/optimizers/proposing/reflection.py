"""What one node did on a case, and how the whole run was scored, as a proposer reads it.

GEPA (Agrawal et al. 2025, §3.2) shows its reflection model each step's inputs and outputs with
the metric's words on the run; SIMBA shows it whole trajectories. A case's feedback is about the
whole program: the node sees it beside its own part in the run.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.optimizers.operators.base import fault_of
from landrace.optimizers.operators.induction import instruction_in
from landrace.optimizers.operators.tuning import Tuning
from landrace.optimizers.operators.view import view_of, with_instruction
from landrace.optimizers.proposing.grounded import pseudo_source
from landrace.optimizers.proposing.telling import MAX_INSTRUCTION, answer_rule, clip, telling_step
from landrace.optimizers.slots.labels import wanted_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.view import View
    from landrace.optimizers.search.recall import Past
    from landrace.optimizers.study import Study
    from landrace.optimizers.variants import Program
    from landrace.program import Step
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case


class Deed(NamedTuple):
    """What a node read and wrote in a run; ``wanted`` is the right answer of the whole program, or
    says what that has to be.

    ``score`` is 0..1. Each text is cut to a proposer's measure. ``case`` is the case's id, which
    no proposer is told.
    """

    case: str
    input: str
    output: str
    wanted: str
    feedback: str
    score: float

    def shown(self) -> dict[str, Any]:
        told = {**self._asdict(), "score": f"{self.score:.2f}"}
        del told["case"]
        return told


class Lore(NamedTuple):
    """What a reflection is told of the search so far; empty where it is told nothing.

    ``tried`` has other instructions of the node with their scores, what matters most last;
    ``rejected`` those that came of the present one and were no better; ``score`` is that of the
    present one. ``words`` is how many words may change, None for any number.
    """

    tried: Sequence[Past] = ()
    rejected: Sequence[str] = ()
    score: float | None = None
    words: int | None = None

    def shown(self) -> dict[str, Any]:
        return {
            "tried": [
                {"text": clip(p.text, MAX_INSTRUCTION), "score": round(100 * p.score)}
                for p in self.tried
            ],
            "rejected": [clip(text, MAX_INSTRUCTION) for text in self.rejected],
            "score": None if self.score is None else round(100 * self.score),
            "words": self.words,
        }


NO_LORE = Lore()


def node_view(study: Study, candidate: Candidate, node: str) -> View:
    """A node of a candidate."""
    return view_of(study.setting.program.nodes[node], candidate, Tuning())


def editable(study: Study, candidate: Candidate) -> list[str]:
    """The nodes whose instruction can be told from their input, in the program's order."""
    nodes = study.setting.program.nodes
    return [node for node in nodes if node_view(study, candidate, node).parts]


def deeds(
    study: Study, entry: Entry, node: str, cases: Iterable[Case], *, repeat: int = 0
) -> list[Deed]:
    """What the node did on those of the cases that the candidate was scored on, in order.

    A case on which the node did not run is left out. Of a node that ran several times, the
    first time that failed is shown, or else the first.
    """
    view = node_view(study, entry.candidate, node)
    contract = study.setting.program.main.contract
    found = []
    for case in cases:
        outcome = study.table.get(entry.digest, case.id, repeat)
        step = telling_step(study.trace(entry, case, repeat=repeat), node)
        if outcome is None or outcome.score is None or step is None:
            continue
        found.append(
            Deed(
                case=case.id,
                input=clip(_read(view, step)),
                output=clip(step.output or ""),
                wanted=clip(wanted_text(study.setting.labels, case, contract)),
                feedback=clip(outcome.score.feedback),
                score=outcome.score.value,
            )
        )
    return found


def telling(found: Sequence[Deed], most: int) -> list[Deed]:
    """The worst first, for most can be learned from them; the best has the last place."""
    by_score = sorted(found, key=lambda deed: deed.score)
    if len(by_score) <= most:
        return by_score
    return [*by_score[: most - 1], by_score[-1]]


def reflected(
    study: Study,
    entry: Entry,
    node: str,
    shown: Sequence[Deed],
    *,
    lore: Lore = NO_LORE,
    temperature: float = 1.0,
) -> str | None:
    """A new instruction for the node after what it did; None without one worth a call.

    Whether it changes no more words than the lore allows is for the caller to check.

    Raises:
        BudgetExhaustedError: it could not be paid.
    """
    view = node_view(study, entry.candidate, node)
    program = study.setting.program
    answer = study.ask(
        "reflect_node",
        temperature=temperature,
        description=study.setting.description,
        node=node if len(program.nodes) > 1 else "",
        is_last=node == program.main.name,
        code=source_of(program),
        instruction=view.instruction(),
        deeds=[deed.shown() for deed in shown],
        rule=answer_rule(view),
        **lore.shown(),
    )
    text = instruction_in(view, answer)
    if text is None:
        study.log("no proposal", node=node, reason="no instruction in the answer", answer=answer)
    return text


def instructed(
    study: Study, candidate: Candidate, node: str, text: str, *, operator: str, parent: str
) -> Candidate | None:
    """The candidate with another instruction in a node, as plain text.

    None, and logged, if it would lose an input. ``parent`` is the digest of the variant that it
    comes from.
    """
    slots = with_instruction(node_view(study, candidate, node), text)
    child = candidate.changed(operator, node=node, parent=parent, **slots)
    fault = fault_of(study.setting.program.nodes[node], child)
    if fault:
        study.log("dropped", operator=operator, reason=fault)
        return None
    return child


def source_of(program: Program) -> str:
    """The program as a sketch of code; empty for a single node, which has nothing around it."""
    return pseudo_source(program) if len(program.nodes) > 1 else ""


def _read(view: View, step: Step) -> str:
    """The input part as the model read it, or the bare inputs if they do not tell that."""
    told = view.told(step.inputs)
    return json.dumps(dict(step.inputs), ensure_ascii=False, default=str) if told is None else told
