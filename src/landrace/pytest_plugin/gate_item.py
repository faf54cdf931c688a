"""The gate item: what is served against its baseline, judged by the pipeline's policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from landrace.pytest_plugin import InconclusiveWarning, StaleBaselineWarning
from landrace.pytest_plugin.items import BLESS, CellItem
from landrace.pytest_plugin.messages import NOT_EVALUATED
from landrace.reports.gate import story
from landrace.reports.gate.text import text
from landrace.schemas.baseline import Baseline
from landrace.store.baselines import read_baseline
from landrace.workflows.baselines.bless import bless
from landrace.workflows.baselines.comparable import ASKED, differences, suite_note
from landrace.workflows.baselines.compare import compare
from landrace.workflows.baselines.served import read_served
from landrace.workflows.callable import check_callable

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from pytest_regressions.data_regression import DataRegressionFixture

    from landrace.schemas.baseline import CaseSet
    from landrace.schemas.gate_report import GateReport
    from landrace.workflows.baselines.served import Served
    from landrace.workflows.services import Services


class Unasked(NamedTuple):
    """The model would be asked what it was asked before; ``note`` says what else changed."""

    note: str


class GateItem(CellItem):
    """Judges one cell on one set of its cases, or makes its baseline."""

    def __init__(self, *, case_set: CaseSet, **kwargs: Any) -> None:
        super().__init__(name=f"gate-{case_set}", test=_check, **kwargs)
        self._case_set = case_set
        self.found: Unasked | Baseline | GateReport = Unasked("")

    def prepare(self) -> None:
        """Find out what is new, and ask the model where it must be asked."""
        served = read_served(self.bench.project, self.cell, self._case_set)
        baseline, regen = self._baseline(), self.config.getoption("force_regen")
        if baseline is None or (regen and differences(served, baseline)):
            self.found = self._blessed(served)
        elif not ASKED.intersection(differences(served, baseline)):
            self.found = Unasked(suite_note(served, baseline))
        else:
            self.found = self._compared(served, baseline)

    def _baseline(self) -> Baseline | None:
        """What is kept, or None where it shall be made, whatever is kept."""
        if self.config.getoption("regen_all"):
            return None
        path = self.kept(".yml")
        return read_baseline(path, self.bench.shown(path))

    def _blessed(self, served: Served) -> Baseline:
        with self._asking(served) as services:
            return bless(served, services)

    def _compared(self, served: Served, baseline: Baseline) -> GateReport:
        where = self.bench.shown(self.kept(".yml"))
        with self._asking(served) as services:
            report = compare(served, baseline, services, where=where)
        if report.exit_code in NOT_EVALUATED:
            pytest.fail(text(report), pytrace=False)
        return report

    def _asking(self, served: Served) -> AbstractContextManager[Services]:
        model = served.side.model
        check_callable([model], served.suite.metric.judges)
        return self.bench.asking([(self.cell.prompt, model.id)], self.bench.models())


@pytest.mark.landrace
@pytest.mark.landrace_gate
def _check(request: pytest.FixtureRequest, data_regression: DataRegressionFixture) -> None:
    item = request.node
    assert isinstance(item, GateItem)
    if isinstance(item.found, Baseline):
        data = item.found.model_dump(mode="json", exclude_unset=True)
        data_regression.check(data, fullpath=item.kept(".yml"))
    elif isinstance(item.found, Unasked):
        _warn_of_another_suite(item, item.found.note)
    else:
        _report(item, item.found)


def _report(item: GateItem, report: GateReport) -> None:
    item.user_properties.append(("landrace_verdict", report.verdict))
    if report.exit_code:
        pytest.fail(f"{text(report)}\n{BLESS}", pytrace=False)
    item.add_report_section("call", "landrace", text(report))
    for note in report.notes:
        _warn_of_another_suite(item, note)
    if report.verdict == "INCONCLUSIVE":
        (cell,) = report.cells
        claim = story.decisive(cell)
        needs = f" ({story.power(claim)})" if claim and story.power(claim) else ""
        item.warn(InconclusiveWarning(f"{_title(item)}: INCONCLUSIVE: {report.reason}{needs}"))


def _warn_of_another_suite(item: GateItem, note: str) -> None:
    if note:
        item.warn(StaleBaselineWarning(f"{_title(item)}: {note}. {BLESS}"))


def _title(item: GateItem) -> str:
    return f"{item.cell.prompt} on {item.cell.model.id}, {item.name}"
