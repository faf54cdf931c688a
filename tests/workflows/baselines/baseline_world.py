"""Blesses and compares in a real repository, with a scripted model and a real ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.store.project import Project
from landrace.workflows.baselines.bless import bless
from landrace.workflows.baselines.compare import compare
from landrace.workflows.baselines.served import read_served, served_cells
from landrace.workflows.services import Services
from skill import PROMPT, pupil
from skilled_repo import SkilledRepo

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from landrace.gateway.base import Request
    from landrace.schemas.baseline import Baseline
    from landrace.schemas.gate_report import GateCell, GateReport
    from landrace.workflows.baselines.served import Served

    Script = Callable[[Request], Any]


class Run(NamedTuple):
    report: GateReport
    gateway: ScriptedGateway

    @property
    def cell(self) -> GateCell:
        (cell,) = self.report.cells
        return cell


class World:
    def __init__(self, folder: Path) -> None:
        self.repo = SkilledRepo.make(folder / "repo")
        self._ledger = folder / "ledger.jsonl"

    def served(self, case_set: str = "all") -> Served:
        project = Project(self.repo.root)
        (cell,) = served_cells(project)[PROMPT]
        return read_served(project, cell, case_set)

    def bless(self, script: Script = pupil, case_set: str = "all") -> Baseline:
        with Ledger(self._ledger) as ledger:
            return bless(self.served(case_set), Services(ScriptedGateway(script), ledger))

    def compare(self, baseline: Baseline, script: Script = pupil, case_set: str = "all") -> Run:
        gateway = ScriptedGateway(script)
        with Ledger(self._ledger) as ledger:
            report = compare(
                self.served(case_set), baseline, Services(gateway, ledger), where="kept/gate.yml"
            )
        return Run(report, gateway)
