"""What is wrong with a prompt: the faults of its runs, summed up by kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.proposing.reflection import deeds, node_view
from landrace.optimizers.proposing.telling import clip
from landrace.optimizers.strategies.promst.detectors import Sight, detected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.proposing.reflection import Deed
    from landrace.optimizers.strategies.promst.options import Options
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case

WRONG = "wrong"  # the kind of fault that no detector knows
SHOWN = 8  # faults of a kind that a summary sees
SUMMARY_TOKENS = 150


class Fault(NamedTuple):
    """A fault of a node on a case; each text is cut to a proposer's measure."""

    node: str
    kind: str
    input: str
    output: str
    comment: str


class Summary(NamedTuple):
    """What faults of one kind have in common, and how many runs of the batch had one."""

    kind: str
    runs: int
    text: str


def faults(
    study: Study, options: Options, entry: Entry, nodes: Sequence[str], cases: Sequence[Case]
) -> list[Fault]:
    """The faults of the candidate, which has been run on these cases; right runs have none.

    Where no detector finds anything in a run, each node may have led to it.
    """
    found = []
    for case, _ in study.errors(entry, cases):
        did = {node: own[0] for node in nodes if (own := deeds(study, entry, node, [case]))}
        named = list(_named(study, options, entry, did, case))
        found += named or [
            Fault(node, WRONG, deed.input, deed.output, _comment(deed))
            for node, deed in did.items()
        ]
    return found


def summed_up(
    study: Study, entry: Entry, found: Sequence[Fault], most: int
) -> dict[str, list[Summary]]:
    """The most frequent kinds of faults in a few sentences each, by node; one question for each.

    Raises:
        BudgetExhaustedError: a question could not be paid.
    """
    kinds: dict[tuple[str, str], list[Fault]] = {}
    for fault in found:
        kinds.setdefault((fault.node, fault.kind), []).append(fault)
    often = sorted(kinds.items(), key=lambda item: -len(item[1]))[:most]
    summaries: dict[str, list[Summary]] = {}
    for (node, kind), own in often:
        text = study.ask(
            "promst_summary",
            max_tokens=SUMMARY_TOKENS,
            temperature=0.0,
            description=study.setting.description,
            node=node if len(study.setting.program.nodes) > 1 else "",
            instruction=node_view(study, entry.candidate, node).instruction(),
            kind=kind,
            faults=[fault._asdict() for fault in own[:SHOWN]],
        )
        if text and text.strip():
            summary = Summary(kind, len(own), clip(text.strip()))
            summaries.setdefault(node, []).append(summary)
    return summaries


def _named(
    study: Study, options: Options, entry: Entry, did: dict[str, Deed], case: Case
) -> Iterator[Fault]:
    """What the detectors find in a run, once for each node."""
    for step in study.trace(entry, case):
        deed = did.get(step.node)
        if deed is None or step.output is None:
            continue
        contract = study.setting.program.nodes[step.node].contract
        fault = detected(Sight(step.output, step.failure, contract), options.detectors)
        if fault:
            del did[step.node]
            yield Fault(step.node, fault[0], deed.input, clip(step.output), fault[1])


def _comment(deed: Deed) -> str:
    wanted = f"The program should have answered: {deed.wanted}. " if deed.wanted else ""
    return f"{wanted}{deed.feedback}".strip()
