"""Instructions from a proposer that knows the data, the program, the node and what was tried.

MIPRO, §3.1 (Opsahl-Ong et al. 2024), in the form that DSPy's MIPROv2 gave it: the data are
summed up batch by batch until nothing new turns up, the program and its nodes are described
from their source, and each proposal sees demos and a tip. All prompts are our own. What comes
back is text of unknown origin: it becomes literal text of a template, or part of another
question.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.optimizers.proposing.reading import is_instruction, untagged
from landrace.optimizers.proposing.telling import (
    MAX_INSTRUCTION,
    clip,
    completed,
    contract_rule,
    present_instruction,
)
from landrace.optimizers.slots.labels import wanted_text
from landrace.optimizers.slots.pieces import names_read
from landrace.program.nodes import kind_of, links

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landrace.optimizers.study import Study
    from landrace.optimizers.variants import NodeBase, Program
    from landrace.schemas.candidate import Demo
    from landrace.schemas.case import Case

BATCH = 10  # cases a call of the data summary
MOST_BATCHES = 10
QUIET = 5  # calls without news that end the summary
HISTORY = 5  # tried instructions that a proposal sees
SHOWN_DEMOS = 3
JOINT_TOKENS = 400  # of each node's instruction, where all are asked for in one answer
MAX_NOTES = 4000  # characters of notes on the data
MAX_SUMMARY = 1200  # characters of a summary

TIPS: Mapping[str, str] = {
    "none": "",
    "creative": "Dare an approach that nobody would think of first.",
    "simple": "Keep it short, and in words that cannot be misread.",
    "description": "Say in detail what is asked, what matters, and how to decide doubtful cases.",
    "high stakes": "Put the reader into a situation in which a wrong answer would do harm.",
    "persona": "Open by telling the reader who they are: an expert in just this task.",
}


class Facts(NamedTuple):
    """What is found out once and shown to every proposal; empty where it is not wanted."""

    data: str = ""
    program: str = ""
    code: str = ""
    roles: Mapping[str, str] = {}


class Tried(NamedTuple):
    """An instruction and the whole program's mean score with it, 0..1."""

    text: str
    score: float


class View(NamedTuple):
    """What one proposal sees beside the present instruction."""

    facts: Facts = Facts()
    demos: Sequence[Demo] = ()
    tip: str = ""
    history: Sequence[Tried] = ()


def fact_calls(search: int, nodes: int, *, data: bool, program: bool) -> int:
    """The most proposer calls that `gather` makes for so many search cases and nodes."""
    batches = min(MOST_BATCHES, -(-search // BATCH))
    describing = 1 if nodes == 1 else 1 + nodes
    return (batches + 1) * data + describing * program


def gather(study: Study, *, data: bool, program: bool) -> Facts:
    """Sum up the data and describe the program, as far as wanted."""
    summary = data_summary(study) if data else ""
    if not program:
        return Facts(data=summary)
    code = pseudo_source(study.setting.program)
    nodes = study.setting.program.nodes
    what = _answer(
        study,
        "program_describe",
        description=study.setting.description,
        code=code,
        steps=len(nodes),
        examples=_examples(study, study.search[:SHOWN_DEMOS]),
    )
    roles = {}
    if len(nodes) > 1:
        for name in nodes:
            roles[name] = _answer(study, "node_describe", program=what, code=code, node=name)
    return Facts(summary, what, code, roles)


def data_summary(study: Study) -> str:
    """A few sentences on the search cases; empty if the proposer says nothing."""
    cases = study.rng("data summary").sample(study.search, len(study.search))
    notes = ""
    quiet = 0
    for start in range(0, min(len(cases), BATCH * MOST_BATCHES), BATCH):
        examples = _examples(study, cases[start : start + BATCH])
        news = (study.ask("dataset_observe", examples=examples, notes=notes) or "").strip()
        if not news or news.upper().startswith("NOTHING"):
            quiet += 1
            if quiet == QUIET:
                break
            continue
        notes = f"{notes}\n{news}".strip()[:MAX_NOTES]
    return _answer(study, "dataset_condense", notes=notes) if notes else ""


def pseudo_source(program: Program) -> str:
    """The program as a reader of code would sketch it: each node, what it reads, what it says."""
    steps = [_sketched(program, name) for name in program.graph.nodes]
    return "\n\n".join([*steps, f"return {program.graph.output}"])


def _sketched(program: Program, name: str) -> str:
    kind = kind_of(program.graph.nodes[name])
    node = program.nodes.get(name)
    if node is None:
        return f"{name} = {kind}({', '.join(links(program.graph.nodes[name]))})"
    reads = sorted(names_read(node.source, node.path))
    return f'{name} = {kind}({", ".join(reads)}):\n"""\n{node.source.strip()}\n"""'


def proposed(study: Study, node: NodeBase, view: View, *, temperature: float = 0.8) -> str | None:
    """A new instruction for a node, or None when the answer holds none worth a call."""
    facts = view.facts
    answer = study.ask(
        "grounded",
        temperature=temperature,
        description=study.setting.description,
        data=facts.data,
        program=facts.program,
        code=facts.code,
        node=node.name,
        role=facts.roles.get(node.name, ""),
        instruction=present_instruction(node),
        demos=[{"input": clip(d.user), "output": clip(d.assistant)} for d in view.demos],
        history=_history(view.history),
        rule=contract_rule(node.contract),
        tip=view.tip,
    )
    return None if answer is None else _checked(study, node, untagged(answer))


def proposed_together(
    study: Study,
    nodes: Sequence[NodeBase],
    facts: Facts,
    tried: Sequence[tuple[Mapping[str, str], float]],
    *,
    demos: Mapping[str, Sequence[Demo]] | None = None,
    tip: str = "",
) -> dict[str, str] | None:
    """New instructions for all nodes in one answer; None when one of them is missing.

    ``demos`` are shown of each node by its name.
    """
    answer = study.ask(
        "grounded_joint",
        max_tokens=JOINT_TOKENS * len(nodes),
        description=study.setting.description,
        data=facts.data,
        program=facts.program,
        code=facts.code,
        steps=[{"name": n.name, "instruction": present_instruction(n)} for n in nodes],
        history=[
            {
                "score": round(100 * score),
                "steps": [{"name": n, "instruction": text} for n, text in texts.items()],
            }
            for texts, score in sorted(tried, key=lambda item: item[1])[-HISTORY:]
        ],
        demos=[
            {"step": node.name, "input": clip(d.user), "output": clip(d.assistant)}
            for node in nodes
            for d in (demos or {}).get(node.name, ())
        ],
        tip=tip,
    )
    if answer is None:
        return None
    found = {}
    for node in nodes:
        text = _checked(study, node, between(answer, node.name, alone=len(nodes) == 1))
        if text is None:
            return None
        found[node.name] = text
    return found


def between(answer: str, tag: str, *, alone: bool) -> str:
    """The text in a node's tag; of a program with one node what looks like an answer will do."""
    _, opened, rest = answer.rpartition(f"<{tag}>")
    if not opened and alone:
        return untagged(answer)
    return rest.split(f"</{tag}>", 1)[0].strip() if opened else ""


def _checked(study: Study, node: NodeBase, text: str) -> str | None:
    if not is_instruction(text, present_instruction(node)):
        reason = f"{len(text.split())} words"
        study.log("no proposal", node=node.name, reason=reason, answer=text[:500])
        return None
    return completed(node.contract, text)


def _history(tried: Sequence[Tried]) -> list[dict[str, Any]]:
    """The best of what was tried, the best last: models heed most what they read last."""
    best = sorted(tried, key=lambda item: item.score)[-HISTORY:]
    return [
        {"text": clip(item.text, MAX_INSTRUCTION), "score": round(100 * item.score)}
        for item in best
    ]


def _examples(study: Study, cases: Sequence[Case]) -> list[dict[str, str]]:
    contract = study.setting.program.main.contract
    return [
        {
            "input": clip(json.dumps(case.inputs, ensure_ascii=False)),
            "output": clip(wanted_text(study.setting.labels, case, contract)),
        }
        for case in cases
    ]


def _answer(study: Study, meta_prompt: str, **inputs: Any) -> str:
    return (study.ask(meta_prompt, max_tokens=200, **inputs) or "").strip()[:MAX_SUMMARY]
