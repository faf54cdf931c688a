"""Instructions from a proposer model: induced, rewritten, or mended after mistakes.

Induction follows APE (Zhou et al. 2022, §3.1), grounded rewriting MIPRO (Opsahl-Ong et al.
2024, §3.2: data, purpose and a tip in view), mending ProTeGi and GEPA (mistakes with the
metric's feedback). What comes back is data: it becomes literal text of a template.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from landrace.optimizers.slots.demos import turn
from landrace.optimizers.slots.formats import answer_text
from landrace.optimizers.slots.pieces import first_message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from landrace.optimizers.study import Entry, Study
    from landrace.optimizers.variants import NodeBase
    from landrace.schemas.case import Case
    from landrace.schemas.prompt import OutputContract

MAX_WORDS = 300
MIN_WORDS = 3
MAX_EXAMPLE = 600  # characters of one input or output shown to a proposer

TIPS = (
    "Be short and direct.",
    "Define each possible output so that two careful people would agree.",
    "Write for a reader who has never seen the task.",
    "State the rules for doubtful inputs as a list.",
)


def induced(study: Study, cases: Sequence[Case]) -> str | None:
    """An instruction guessed from cases alone."""
    return _clean(study, study.ask("induce", examples=_examples(study, cases)))


def rewritten(study: Study, cases: Sequence[Case], *, tip: str) -> str | None:
    """The base instruction rewritten with the purpose, cases and a tip in view."""
    answer = study.ask(
        "rewrite",
        description=study.setting.description,
        instruction=present_instruction(study.setting.program.main),
        examples=_examples(study, cases),
        rule=output_rule(study),
        tip=tip,
    )
    return _clean(study, answer)


def mended(
    study: Study, entry: Entry, cases: Sequence[Case], *, words: int, rejected: Iterable[str] = ()
) -> str | None:
    """The candidate's instruction changed after the mistakes it makes on these cases."""
    mistakes = [
        {
            "input": clip(turn(study, case, entry) or ""),
            "answer": clip(outcome.output or ""),
            "wanted": clip(answer_text(case.expected, study.setting.program.main.contract)),
            "feedback": clip(outcome.score.feedback if outcome.score else ""),
        }
        for case, outcome in study.errors(entry, cases)[:4]
    ]
    if not mistakes:
        return None
    answer = study.ask(
        "reflect",
        description=study.setting.description,
        instruction=entry.candidate.slots(study.setting.program.main.name).instruction
        or present_instruction(study.setting.program.main),
        mistakes=mistakes,
        rule=output_rule(study),
        rejected=[clip(text) for text in rejected],
        words=words,
    )
    return _clean(study, answer)


def present_instruction(node: NodeBase) -> str:
    """The node's own instruction as a model reads it; empty where it cannot be told apart."""
    if node.parts is None:
        return ""
    role = f"{{% system %}}{node.parts.instruction}{{% endsystem %}}"
    return first_message(role, {}, node.path)


def output_rule(study: Study) -> str:
    """The output contract as a sentence that can stand in an instruction."""
    return contract_rule(study.setting.program.main.contract)


def contract_rule(contract: OutputContract) -> str:
    """What a contract asks of an answer, as a sentence; empty for free text."""
    if contract.labels:
        return f"Answer with exactly one of these, and nothing else: {', '.join(contract.labels)}."
    if contract.type == "number":
        return "Answer with the number alone."
    if contract.type == "json":
        fields = (contract.json_schema or {}).get("properties", {})
        names = f" with the keys {', '.join(fields)}" if fields else ""
        return f"Answer with a JSON object{names} and nothing else."
    return ""


def _examples(study: Study, cases: Sequence[Case]) -> list[dict[str, str]]:
    return [
        {
            "input": clip(turn(study, case) or ""),
            "output": clip(answer_text(case.expected, study.setting.program.main.contract)),
        }
        for case in cases
    ]


def _clean(study: Study, answer: str | None) -> str | None:
    """The instruction in a proposer's answer, or None when there is none worth a call."""
    if answer is None:
        return None
    text = untagged(answer)
    words = len(text.split())
    if not MIN_WORDS <= words <= MAX_WORDS:
        study.log("no proposal", reason=f"{words} words", answer=answer[:500])
        return None
    labels = study.setting.program.main.contract.labels or ()
    if any(label.lower() not in text.lower() for label in labels):
        # A model cannot choose a label that it is not told of.
        text = f"{text}\n\n{output_rule(study)}"
    return text


def untagged(answer: str) -> str:
    """The text between the tags that were asked for, or what looks like the answer without."""
    opened = answer.rfind("<instruction>")
    if opened >= 0:
        body = answer[opened + len("<instruction>") :]
        return body.split("</instruction>", 1)[0].strip()
    text = answer.split("</instruction>", 1)[0]
    text = re.sub(r"^\s*```\w*\n?|\n?```\s*$", "", text.strip())
    text = re.sub(r"(?i)^\W*(the )?(new |better |improved )?instruction\W*[:\n]", "", text)
    return text.strip().strip('"').strip()


def clip(text: Any) -> str:
    """A value as text, cut at `MAX_EXAMPLE` characters."""
    whole = str(text)
    return whole if len(whole) <= MAX_EXAMPLE else whole[: MAX_EXAMPLE - 1] + "…"
