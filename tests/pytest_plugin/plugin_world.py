"""Runs pytest in a real repository: in this process, or in processes of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

# Imported before a run in this process drops what it has imported: numpy cannot be loaded twice.
import numpy  # noqa: ICN001, F401
import scipy.optimize
import scipy.stats  # noqa: F401

import landrace.pytest_plugin.collection
import landrace.pytest_plugin.gate  # noqa: F401
from git_repo import _ENVIRONMENT as GIT_ENVIRONMENT
from landrace.gateway import connect
from landrace.gateway.metered import Price
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import CALL, Ledger
from skill import PROMPT, PUPIL, pupil
from skilled_repo import SkilledRepo

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from landrace.gateway.base import Request

TESTS = Path(__file__).parents[1]
FOLDER = "tests/landrace/colours/fake%2Fpupil"
SNAPSHOT, ALL, HOLDOUT = (
    f"{FOLDER}/{name}" for name in ("snapshot.txt", "gate-all.yml", "gate-holdout.yml")
)
CELL = f"prompts/{PROMPT}/prompt.yaml::{PUPIL}"
INI = "[pytest]\ntestpaths = tests\nfilterwarnings = default\n"

# What a process of its own asks instead of a provider.
CONFTEST = f"""
import sys
sys.path[:0] = [{str(TESTS)!r}]
from landrace.gateway import connect
from skill import pupil
from landrace.gateway.scripted import ScriptedGateway
connect.connect = lambda _at_once: ScriptedGateway(pupil)
connect.check_model = connect.price_of = lambda *_args: None
"""


class PluginWorld:
    """``gateway`` is what the runs in this process have asked so far."""

    def __init__(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in GIT_ENVIRONMENT.items():
            monkeypatch.setenv(name, value)
        self._pytester = pytester
        self._monkeypatch = monkeypatch
        self.repo = SkilledRepo.make(pytester.path)
        self.repo.write("pytest.ini", INI)
        self.repo.write(".gitignore", ".landrace/\n__pycache__/\n.pytest_cache/\n")
        self.repo.write("tests/test_other.py", "def test_other():\n    pass\n")
        monkeypatch.setattr(connect, "check_model", lambda _model, _params=None: None)
        # Else litellm is imported in the run, and what it does to sys.meta_path outlives it.
        monkeypatch.setattr(connect, "price_of", lambda _model: Price(0.0, 0.0))
        self.answer(pupil)

    def answer(self, script: Callable[[Request], Any]) -> None:
        """Let a model answer so from now on."""
        self.gateway = ScriptedGateway(script)
        self._monkeypatch.setattr(connect, "connect", lambda _at_once: self.gateway)

    def run(self, *arguments: str) -> pytest.RunResult:
        """``pytest --landrace`` in this process."""
        return self.pytest("--landrace", *arguments)

    def pytest(self, *arguments: str) -> pytest.RunResult:
        return self._pytester.runpytest_inprocess(*arguments)

    def run_apart(self, *arguments: str) -> pytest.RunResult:
        """``pytest --landrace`` in processes of its own, where a skilled model answers."""
        self.repo.write("conftest.py", CONFTEST)
        return self._pytester.runpytest_subprocess("--landrace", *arguments)

    def bless(self) -> None:
        """Make all files that are missing, and commit them; nothing is asked after this."""
        self.run("-q", "--regen-all").assert_outcomes(passed=self.items() + 1)
        self.repo.commit()
        self.answer(pupil)

    def items(self) -> int:
        collected = self.run("--collect-only", "-q", "-m", "landrace").outlines
        return sum("prompt.yaml::" in line for line in collected)

    def exists(self, path: str) -> bool:
        return (self.repo.root / path).exists()

    def text(self, path: str) -> str:
        return (self.repo.root / path).read_text(encoding="utf-8")

    def paid(self) -> list[str]:
        """The keys of all calls in the ledger."""
        with Ledger(self.repo.root / ".landrace/ledger.jsonl") as ledger:
            return [record["key"] for record in ledger.records() if record["kind"] == CALL]
