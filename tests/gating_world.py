"""A real repository to be gated, and a model whose skill stands in its prompt.

Every case wants the answer `red`. The model gives it where the luck of the case's word is below
the skill that the prompt names, so a lower skill loses cases and wins none.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from git_repo import GitRepo
from landrace.gateway.metered import Price
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import CALL, Ledger
from landrace.workflows.gating.changes import find_changes
from landrace.workflows.gating.gate import gate, matches
from landrace.workflows.services import Services
from landrace.workflows.tasks import Ceilings
from pinned import pin_prompt

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from landrace.gateway.base import Gateway, Request
    from landrace.schemas.gate_report import GateReport
    from landrace.workflows.gating.changes import Changes

PUPIL, TWIN = "fake/pupil", "fake/twin"
PROMPT = "colours"

CONFIG: dict[str, Any] = {
    "description": "Words have colours.",
    "inputs": {
        "type": "object",
        "properties": {"word": {"type": "string"}},
        "required": ["word"],
        "additionalProperties": False,
    },
    "output": {"type": "label", "labels": ["red", "blue"], "max_tokens": 8},
    "metrics": [{"metric": "exact_match"}],
}
PIPELINE: dict[str, Any] = {"prompts": ["*"], "models": [PUPIL, TWIN]}


class Run(NamedTuple):
    """What a gate said, and the model that it asked."""

    report: GateReport
    gateway: ScriptedGateway

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Model and skill of each request, in order of arrival."""
        return [(request.model, f"skill={skill_of(request)}") for request in self.gateway.requests]


def luck(*parts: object) -> float:
    """A number in 0..1 that depends on the parts alone."""
    text = "/".join(map(str, parts))
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 16**8


def skill_of(request: Request) -> int:
    text = "\n".join(message.content for message in request.messages)
    found = re.search(r"skill=(\d+)", text)
    return int(found[1]) if found else 0


def word_of(request: Request) -> str:
    return request.messages[-1].content.split()[-1]


def pupil(request: Request) -> str:
    """Answers the same question always the same."""
    return "red" if luck(word_of(request)) * 100 < skill_of(request) else "blue"


def moody(request: Request) -> str:
    """Answers anew at each repeat."""
    drawn = luck(word_of(request), skill_of(request), request.repeat)
    return "red" if drawn * 100 < skill_of(request) else "blue"


def template(skill: int) -> str:
    return f"{{% section task %}}\nSay red or blue. skill={skill}\n{{% endsection %}}\n\nWord: {{{{ word }}}}\n"


def variant(skill: int) -> str:
    return f"{{% user %}}\nPinned. skill={skill} {{{{ word }}}}\n{{% enduser %}}\n"


def words(count: int, name: str = "word") -> list[dict[str, Any]]:
    """Cases, as they stand in a file."""
    return [
        {"id": f"{name}{n}", "inputs": {"word": f"{name}{n}"}, "expected": "red"}
        for n in range(count)
    ]


def verdicts(run: Run) -> dict[tuple[str, str], str]:
    """The verdict of each cell."""
    return {(cell.prompt, cell.model): cell.verdict for cell in run.report.cells}


def without_spending(report: GateReport) -> str:
    """All that a report says but for what was paid: a resumed run pays less."""
    cells = {"__all__": {"spent"}}
    return report.model_dump_json(exclude={"spent": True, "cells": cells})


class World:
    """A repository on the branch ``main`` with what is written to it."""

    def __init__(self, root: Path) -> None:
        self.repo = GitRepo.make(root)
        self.root = root
        self.repo.write(".gitignore", ".landrace/\n")

    def config(self, prompt: str = PROMPT, **changes: Any) -> None:
        self.repo.write(f"prompts/{prompt}/prompt.yaml", json.dumps({**CONFIG, **changes}))

    def template(self, skill: int, prompt: str = PROMPT) -> None:
        self.repo.write(f"prompts/{prompt}/prompt.jinja", template(skill))

    def cases(self, lines: list[dict[str, Any]], prompt: str = PROMPT) -> None:
        text = "".join(json.dumps(line) + "\n" for line in lines)
        self.repo.write(f"prompts/{prompt}/cases.jsonl", text)

    def prompt(
        self, prompt: str = PROMPT, *, skill: int = 90, count: int = 60, **changes: Any
    ) -> None:
        self.config(prompt, **changes)
        self.template(skill, prompt)
        self.cases(words(count), prompt)

    def pipeline(self, name: str = "all", **changes: Any) -> None:
        self.repo.write(f"pipelines/{name}.yaml", json.dumps({**PIPELINE, **changes}))

    def pin(self, skill: int, model: str = PUPIL, prompt: str = PROMPT) -> None:
        pin_prompt(self.root, prompt, model, variant=variant(skill))

    def branch(self, name: str = "topic") -> None:
        self.repo.git("checkout", "--quiet", "-b", name)

    def switch(self, name: str) -> None:
        self.repo.git("checkout", "--quiet", name)

    def commit(self) -> str:
        return self.repo.commit()

    def changes(self, head: str | None = None, base: str = "main") -> Changes:
        """What differs; its folders are gone, so that only its names and notes can be read."""
        with find_changes(self.root, base, head) as found:
            return found

    def gate(
        self,
        script: Callable[[Request], Any] = pupil,
        *,
        head: str | None = None,
        base: str = "main",
        through: Callable[[ScriptedGateway], Gateway] = lambda gateway: gateway,
        ledger: str = ".landrace/ledger.jsonl",
        failure_rate: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        price: float | None = 0.0,
        **ceilings: Any,
    ) -> Run:
        """Gate the work tree, or ``head``, against ``base``; ``through`` wraps the model.

        ``price`` is that of a token, None where none is known.
        """
        gateway = ScriptedGateway(script, failure_rate=failure_rate, price_usd=price)
        known = None if price is None else Price(price, price)
        with (
            find_changes(self.root, base, head) as changes,
            Ledger(self.root / ledger) as opened,
        ):
            services = Services(through(gateway), opened, price=lambda _m: known, clock=clock)
            report = gate(changes, matches(changes), services, ceilings=Ceilings(**ceilings))
        return Run(report, gateway)

    def paid(self, ledger: str = ".landrace/ledger.jsonl") -> list[str]:
        """The keys of all calls in the ledger."""
        with Ledger(self.root / ledger) as opened:
            return [record["key"] for record in opened.records() if record["kind"] == CALL]
