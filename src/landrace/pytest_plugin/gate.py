"""The callable of the fixture ``landrace_gate``: the gate between two commits, as a test."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from landrace.errors import LandraceError
from landrace.pytest_plugin.messages import message
from landrace.pytest_plugin.workbench import workbench
from landrace.reports.gate.text import text
from landrace.workflows.callable import check_callable
from landrace.workflows.gating.changes import find_changes, select
from landrace.workflows.gating.gate import gate, judges, matches, models
from landrace.workflows.tasks import Ceilings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.pytest_plugin.workbench import Workbench
    from landrace.schemas.gate_report import GateReport


def gate_runner(config: pytest.Config) -> GateRunner:
    """The callable; without a repository there is none, and the test is an error."""
    try:
        return GateRunner(workbench(config))
    except LandraceError as error:
        raise pytest.fail.Exception(message(error), pytrace=False) from None


class GateRunner:
    """``landrace gate`` on the repository of the rootdir."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench

    def __call__(
        self,
        base: str,
        head: str | None = None,
        *,
        prompts: Sequence[str] = (),
        models: Sequence[str] = (),
        max_calls: int | None = None,
        max_tokens: int | None = None,
        max_cost: float | None = None,
        max_time: float | None = None,
    ) -> GateReport:
        """Compare ``head``, or the work tree, with ``base``; the text is captured output.

        ``prompts`` and ``models`` are names or patterns, and none of them all. The ceilings, in
        calls, tokens, US dollars and seconds, are those of each cell.

        Raises:
            LandraceError: there is no such commit, a file cannot be read, or no model be called.
                An outage or a spent budget is no error, but NOT EVALUATED or INCONCLUSIVE.
        """
        __tracebackhide__ = True
        limits = Ceilings(max_calls, max_tokens, max_cost, max_time)
        try:
            report = self._run(base, head, prompts, models, limits)
        except LandraceError as error:
            raise error.with_traceback(None) from None
        sys.stdout.write(text(report))
        return report

    def _run(
        self,
        base: str,
        head: str | None,
        prompts: Sequence[str],
        only_models: Sequence[str],
        limits: Ceilings,
    ) -> GateReport:
        with find_changes(self._bench.project.root, base, head) as found:
            changes = select(found, prompts, only_models)
            cells = matches(changes)
            asked = models(cells)
            check_callable(asked, judges(cells))
            names = [(one.cell.prompt, one.cell.model.id) for one in cells]
            with self._bench.asking(names, asked) as services:
                return gate(changes, cells, services, ceilings=limits)
