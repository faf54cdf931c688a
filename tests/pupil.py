"""The model of the documentation's pages; as a plugin of pytest, it answers in that process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from landrace.gateway import connect
from landrace.gateway.scripted import ScriptedGateway

if TYPE_CHECKING:
    from landrace.gateway.base import Request

CASES = "prompts/route-note/cases.jsonl"


class Pupil(ScriptedGateway):
    """Chats about the first prompt until it is shown an example; then it is right."""

    def __init__(self, cases: Path) -> None:
        super().__init__(self._say)
        lines = map(json.loads, cases.read_text(encoding="utf-8").splitlines())
        self._expected = {case["inputs"]["note"]: case["expected"] for case in lines}

    def _say(self, request: Request) -> str:
        asked = request.messages[-1].content
        label = next((team for note, team in self._expected.items() if note in asked), "none")
        shown = any(message.role == "assistant" for message in request.messages)
        return label if shown else f"I would send it to {label}."


def pytest_configure() -> None:
    connect.connect = lambda _concurrency=None: Pupil(Path(CASES))
    connect.check_model = lambda _model, _params=None: None
