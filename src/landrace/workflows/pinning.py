"""The pin and the files of a cell, out of its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.table import STRATEGIES
from landrace.pin import (
    PIN_FILE,
    Pin,
    PinnedBase,
    PinnedComparison,
    PinnedComparisons,
    PinnedContenders,
    PinnedEstimate,
    PinnedScores,
    PinnedSearch,
    PinnedSpent,
    variant_digest,
)
from landrace.reports.markdown import markdown
from landrace.store.atomic import json_text
from landrace.workflows.freshness import shares_of
from landrace.workflows.served_version import served

if TYPE_CHECKING:
    from landrace.schemas.report import Comparison, Contender, Estimate, Report
    from landrace.workflows.run_cell import CellResult

REPORT, REPORT_DATA = "report.md", "report.json"


def cell_files(result: CellResult) -> dict[str, str]:
    """Everything that `registry/<prompt>/<model>/` holds, by file name."""
    return {
        **result.served.variant.files,
        PIN_FILE: make_pin(result).dumps(),
        REPORT_DATA: json_text(result.report.model_dump(mode="json")),
        REPORT: markdown(result.report),
    }


def make_pin(result: CellResult) -> Pin:
    """The record of what is served and why.

    The scores are those of the served variant: where the incumbent was kept, its own.
    """
    task, report = result.task, result.report
    search, scores = task.pipeline, scores_of(report)
    assert scores is not None, "run_cell raises where the base or what is served has none"
    pin = Pin(
        prompt=task.prompt,
        **served(task, result.served.variant),
        base=PinnedBase(*task.fingerprints),
        search=PinnedSearch(
            strategy=search.strategy.name,
            version=STRATEGIES[search.strategy.name].version,
            options=search.strategy.options,
            seed=search.seed,
            proposer=search.proposer.id if search.proposer else None,
            spent=PinnedSpent(
                report.spent.calls,
                report.spent.prompt_tokens,
                report.spent.completion_tokens,
                report.spent.cost_usd,
            ),
        ),
        parent=task.incumbent.variant if task.incumbent else None,
        variant="",
        scores=scores,
        inflation=report.inflation,
        holdout_looks=report.holdout_looks,
        training=task.training,
        splits=shares_of(task.config),
    )
    return pin._replace(variant=variant_digest(pin))


def scores_of(report: Report) -> PinnedScores | None:
    """What a pin says of a report's scores; None of a report without the served variant's."""
    by_role: dict[str, Contender] = {contender.role: contender for contender in report.contenders}
    served = "winner"
    if report.decision != "promoted":
        served = "incumbent" if "incumbent" in by_role else "base"
    select = _contenders(by_role, served, "select")
    if select is None:
        return None
    return PinnedScores(
        select=select,
        holdout=_contenders(by_role, served, "holdout"),
        comparison=_comparisons(report) if served == "winner" else None,
    )


def _contenders(by_role: dict[str, Contender], served: str, split: str) -> PinnedContenders | None:
    def score(role: str) -> PinnedEstimate | None:
        contender = by_role.get(role)
        found: Estimate | None = getattr(contender, split) if contender else None
        return PinnedEstimate(**found.model_dump()) if found else None

    base, winner = score("base"), score(served)
    if base is None or winner is None:
        return None
    return PinnedContenders(base, score("incumbent"), winner)


def _comparisons(report: Report) -> PinnedComparisons | None:
    found = {comparison.against: _comparison(comparison) for comparison in report.comparisons}
    base = found.get("base")
    return PinnedComparisons(base, found.get("incumbent")) if base else None


def _comparison(comparison: Comparison) -> PinnedComparison:
    return PinnedComparison(**comparison.model_dump(exclude={"against"}))
