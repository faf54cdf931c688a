"""A real repository to be gated, with the prompt and the model of `skill`."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from colours import CONFIG
from git_repo import GitRepo
from landrace.gateway.metered import Price
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import CALL, Ledger
from landrace.workflows.gating.changes import find_changes
from landrace.workflows.gating.gate import gate, matches
from landrace.workflows.services import Services
from landrace.workflows.tasks import Ceilings
from pinned import pin_prompt
from skill import PROMPT, PUPIL, TWIN, pupil, skill_of, template, variant, words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from landrace.gateway.base import Gateway, Request
    from landrace.schemas.gate_report import GateReport
    from landrace.workflows.gating.changes import Changes

PIPELINE: dict[str, Any] = {"prompts": ["*"], "models": [PUPIL, TWIN]}


class Run(NamedTuple):
    """What a gate said, and the model that it asked."""

    report: GateReport
    gateway: ScriptedGateway

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Model and skill of each request, in order of arrival."""
        return [(request.model, f"skill={skill_of(request)}") for request in self.gateway.requests]


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
