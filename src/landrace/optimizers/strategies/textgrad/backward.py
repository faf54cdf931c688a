"""The way back through a run: from what the metric said to a critique of each instruction."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.optimizers.proposing.reflection import deeds, node_view
from landrace.optimizers.proposing.telling import clip
from landrace.optimizers.strategies.textgrad.edges import ends, sources

if TYPE_CHECKING:
    from collections.abc import Collection

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.proposing.reflection import Deed
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case

CRITIQUE_TOKENS = 200
NOTHING = "NONE"  # what a critic says of a text that has no part in a fault


class Critique(NamedTuple):
    """What is wrong with an instruction by one case, and what its node read and wrote there."""

    input: str
    output: str
    text: str


def most_questions(nodes: int) -> int:
    """The most that `backward` asks: one for each node, and one for each pair, if all are edges."""
    return nodes * (nodes + 1) // 2


def backward(study: Study, entry: Entry, nodes: Collection[str], case: Case) -> dict[str, Critique]:
    """A critique of the instruction of each of the nodes that has a part in what went wrong.

    The candidate has been run on the case. Nothing is asked where it got full marks.

    Raises:
        BudgetExhaustedError: a question could not be paid.
    """
    outcome = study.table.get(entry.digest, case.id)
    if outcome is None or outcome.score is None or outcome.score.value >= 1:
        return {}
    run = _Run(study, entry, case)
    program = entry.variant.program
    said: dict[str, list[str]] = defaultdict(list)
    for name in run.scored():
        said[name].append(_loss(run.did[name]))
    flaws = {}
    for name in reversed(run.did):
        if not said[name]:
            continue
        if name in nodes:
            flaw = run.criticised("textgrad_critique", name, said[name])
            if flaw:
                flaws[name] = Critique(run.did[name].input, run.did[name].output, flaw)
        for source in sources(program, name):
            if source in run.did:
                edge = {"source": source, "text": run.did[source].output}
                flaw = run.criticised("textgrad_edge", name, said[name], **edge)
                said[source] += [flaw] if flaw else []
    return flaws


class _Run:
    """What the nodes of a candidate did on a case; ``did`` is in the order in which they ran."""

    def __init__(self, study: Study, entry: Entry, case: Case) -> None:
        self._study = study
        self._entry = entry
        known = study.setting.program.nodes
        names = [name for name in entry.variant.program.plan.order if name in known]
        found = {name: deeds(study, entry, name, [case]) for name in names}
        self.did = {name: did[0] for name, did in found.items() if did}

    def scored(self) -> list[str]:
        """The nodes that the metric speaks of; of a run that failed on its way, the last asked."""
        last = ends(self._entry.variant.program)
        return [name for name in last if name in self.did] or list(self.did)[-1:]

    def criticised(self, meta_prompt: str, name: str, said: list[str], **edge: Any) -> str | None:
        """What a critic says; None where that is nothing, or that there is no part in the fault."""
        study, deed = self._study, self.did[name]
        answer = study.ask(
            meta_prompt,
            max_tokens=CRITIQUE_TOKENS,
            temperature=0.0,
            description=study.setting.description,
            node=name if len(study.setting.program.nodes) > 1 else "",
            instruction=node_view(study, self._entry.candidate, name).instruction(),
            input=deed.input,
            output=deed.output,
            critiques=said,
            **edge,
        )
        text = clip((answer or "").strip())
        return None if text.strip(" .*\"'").upper() in {"", NOTHING} else text


def _loss(deed: Deed) -> str:
    """What is known to be wrong with an answer: the metric's words, which need no model."""
    wanted = f" The right answer: {deed.wanted}." if deed.wanted else ""
    comment = f" Comment: {deed.feedback}" if deed.feedback else ""
    return f"The final answer scored {deed.score:.2f} out of 1.{wanted}{comment}"
