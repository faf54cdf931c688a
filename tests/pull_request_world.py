"""A repository with a base, a branch that changes something, and a model of known character.

``main`` is base and ``change`` is head. The model's skill stands in the prompt, as in
`gating_world`, and every example in the prompt adds to it: so a search finds something.
"""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from colours import luck
from gating_world import PIPELINE
from gating_world import World as GatedWorld
from git_repo import GitRepo
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.pin import Pin, file_digests, variant_digest
from landrace.workflows.pull_request.accept import accept
from landrace.workflows.pull_request.carry_out import carry_out
from landrace.workflows.pull_request.evidence import evidence_text, parse_evidence
from landrace.workflows.pull_request.message import commit_message
from landrace.workflows.pull_request.offline_gate import gate_offline
from landrace.workflows.pull_request.opened import opened
from landrace.workflows.services import Services
from pinned import pin_prompt
from skill import PROMPT, PUPIL, skill_of, word_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from landrace.gateway.base import Gateway, Request
    from landrace.schemas.evidence import Evidence
    from landrace.schemas.gate_report import GateCell, GateReport
    from landrace.schemas.results import Results
    from landrace.workflows.pull_request.opened import Opened

RUN = "run-1"
LEDGER = ".landrace/ledger.jsonl"
CELL = f"registry/{PROMPT}/fake%2Fpupil"


def pupil(request: Request) -> str:
    """Answers the same question always the same, and better with examples."""
    demos = sum(message.role == "assistant" for message in request.messages)
    skill = skill_of(request) + 5 * min(demos, 8)
    return "red" if luck(word_of(request)) * 100 < skill else "blue"


def moody_pupil(request: Request) -> str:
    """Answers anew at each repeat."""
    drawn = luck(word_of(request), skill_of(request), request.repeat)
    return "red" if drawn * 100 < skill_of(request) else "blue"


class World(GatedWorld):
    """One prompt, of the skill 50, on one model, committed on ``main``; on ``change`` then."""

    @classmethod
    def make(cls, root: Path, *, models: tuple[Any, ...] = (PUPIL,), **pipeline: Any) -> World:
        world = cls(root)
        world.prompt(skill=50, count=100)
        world.pipeline(models=list(models), budget={"calls": 300}, **pipeline)
        world.commit()
        world.branch("change")
        return world

    def commit(self, subject: str = "change") -> str:
        """Commit everything, be it nothing; the full id of the commit."""
        self.repo.git("add", "--all")
        self.repo.git("commit", "--quiet", "--allow-empty", "--message", subject)
        return self.repo.git("rev-parse", "HEAD")

    def copy(self, root: Path) -> World:
        """The same repository elsewhere, as it is now."""
        shutil.copytree(self.root, root)
        copied = World.__new__(World)
        copied.root = root
        copied.repo = GitRepo(root)
        return copied

    @contextmanager
    def on_main(self) -> Iterator[None]:
        """What is written meanwhile is committed on base."""
        self.switch("main")
        yield
        self.commit()
        self.switch("change")

    def read(self, path: str) -> str:
        return (self.root / path).read_text()

    def pin_of(self, model: str = PUPIL, prompt: str = PROMPT) -> Pin:
        return Pin.read(self.root / f"registry/{prompt}/{model.replace('/', '%2F')}/pin.json")

    def edit_pin(
        self, change: Callable[[Pin], Pin], model: str = PUPIL, prompt: str = PROMPT
    ) -> None:
        """Change a pin as somebody would who knows how it is hashed."""
        pin = change(self.pin_of(model, prompt))
        path = f"registry/{prompt}/{model.replace('/', '%2F')}/pin.json"
        self.repo.write(path, pin._replace(variant=variant_digest(pin)).dumps())

    def pin_with(self, model: str, skill: int, prompt: str = PROMPT, note: str = "") -> None:
        """A pin that is up to date with the prompt; the note makes it another variant."""
        text = f"{{% user %}}\nPinned. {note} skill={skill} {{{{ word }}}}\n{{% enduser %}}\n"
        pin_prompt(self.root, prompt, model, variant=text)

    def evidence(self, cell: str = CELL) -> Evidence:
        return parse_evidence(self.read(f"{cell}/evidence.json"), "evidence.json")

    def edit_evidence(self, change: Callable[[Evidence], Evidence], cell: str = CELL) -> None:
        """Change evidence as somebody would who knows how it is written."""
        text = evidence_text(change(self.evidence(cell)))
        self.repo.write(f"{cell}/evidence.json", text)

    def forge_evidence(self, cell: str = CELL, **changes: Any) -> None:
        """Make the evidence of another variant that of the pin which stands there now."""
        pin = Pin.read(self.root / cell / "pin.json")
        names = [name for name in self.evidence(cell).files if (self.root / cell / name).exists()]
        files = file_digests({name: self.read(f"{cell}/{name}") for name in names})
        update = {"variant": pin.variant, "files": files, **changes}
        self.edit_evidence(lambda old: old.model_copy(update=update), cell)

    def opened(self, base: str = "main", head: str = "HEAD") -> AbstractContextManager[Opened]:
        return opened(self.root, base, head)

    def todo(self) -> dict[tuple[str, str], str]:
        """What is left to be done: the kind, and the first reason, by cell."""
        with self.opened() as change:
            return {
                (work.cell.prompt, work.cell.model.id): f"{work.kind}: {work.cell.reasons[0]}"
                for work in change.scope.work
            }

    def scope_notes(self) -> str:
        with self.opened() as change:
            return "\n".join(change.scope.notes)

    def carry_out(
        self,
        script: Callable[[Request], Any] = pupil,
        *,
        gateway: Gateway | None = None,
        ledger: str = LEDGER,
        run: str = RUN,
        check_model: Callable[[str, Any], None] = lambda _model, _params: None,
        **options: Any,
    ) -> Results:
        with self.opened() as change, Ledger(self.root / ledger) as known:
            asked = gateway or ScriptedGateway(script)
            services = Services(asked, known, check_model=check_model)
            return carry_out(change, services, run=run, **options)

    def take(self, results: Results, sign: Callable[[bytes], str] | None = None) -> None:
        """Accept results and commit them, as the bot would."""
        with self.opened() as change:
            cells = accept(results, change, sign)
        for cell in cells:
            self.repo.put(cell.files)
        self.commit(commit_message(cells, results.run).text)

    def finish(self, script: Callable[[Request], Any] = pupil, **options: Any) -> Results:
        """Carry everything out and take it."""
        results = self.carry_out(script, **options)
        assert not results.unfinished
        self.take(results)
        return results

    def gate_offline(self) -> GateReport:
        with self.opened() as change:
            return gate_offline(change)


def cell_of(report: GateReport, model: str = PUPIL, prompt: str = PROMPT) -> GateCell:
    return next(c for c in report.cells if (c.prompt, c.model) == (prompt, model))


def with_file(results: Results, name: str, text: str | None, index: int = 0) -> Results:
    """The results with one file of a cell replaced, or left out for None."""
    cell = results.cells[index]
    files = {key: value for key, value in cell.files.items() if key != name}
    if text is not None:
        files[name] = text
    changed = cell.model_copy(update={"files": files})
    cells = (*results.cells[:index], changed, *results.cells[index + 1 :])
    return results.model_copy(update={"cells": cells})


def as_json(text: str, **changes: Any) -> str:
    """A JSON file's text with some of its keys replaced, in landrace's own form."""
    data = {**json.loads(text), **changes}
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


__all__ = [
    "CELL",
    "LEDGER",
    "PIPELINE",
    "PROMPT",
    "PUPIL",
    "RUN",
    "World",
    "cell_of",
    "moody_pupil",
    "pupil",
]
