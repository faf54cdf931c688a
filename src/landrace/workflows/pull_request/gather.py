"""Puts a run's findings together for its report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from landrace.errors import LandraceError
from landrace.schemas.evidence import Transfer
from landrace.schemas.gate_report import GateSpent
from landrace.schemas.pull_request import PullRequestReport, TransferRow
from landrace.schemas.report import Report
from landrace.strict_json import parse
from landrace.workflows.pinning import REPORT_DATA
from landrace.workflows.stored_reports import read_report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from landrace.schemas.evidence import Evidence
    from landrace.schemas.gate_report import GateReport
    from landrace.schemas.pull_request import Plan
    from landrace.schemas.report import Spent
    from landrace.schemas.results import Results
    from landrace.workflows.pull_request.opened import Opened
    from landrace.workflows.pull_request.standing import EvidenceCheck


def gather(
    gate: GateReport,
    change: Opened,
    *,
    run: str,
    plan: Plan | None = None,
    results: Results | None = None,
    committed: str | None = None,
) -> PullRequestReport:
    """The report of a run.

    ``results`` of the same run lend what was answered to cases that changed and what the
    comparisons took, and say what was not finished; the gate's own data has scores of answers,
    beside the texts of base's cases.
    """
    _, check, scope, _ = change
    evidence = [
        work.standing.evidence
        for work in scope.cells
        if work.standing is not None and work.standing.evidence and work.kind == "nothing"
    ]
    searches = tuple(_searches(evidence, check))
    uncommitted = tuple(_uncommitted(results, searches))
    return PullRequestReport(
        base=gate.base,
        head=gate.head,
        run=run,
        gate=_with_texts(gate, results),
        searches=searches,
        uncommitted=uncommitted,
        transfers=tuple(_transfers(evidence)),
        unfinished=results.unfinished if results else (),
        plan=plan,
        committed=committed,
        spent=_spent([*searches, *uncommitted], results),
    )


def _searches(evidence: Iterable[Evidence], check: EvidenceCheck) -> Iterator[Report]:
    """The score reports that evidence vouches for; others are only somebody's word."""
    for found in evidence:
        if REPORT_DATA in found.files:
            try:
                yield read_report(check.head.project, found.prompt, found.model)
            except LandraceError:  # of another version of landrace; the gate needs none
                continue


def _uncommitted(results: Results | None, vouched: Sequence[Report]) -> Iterator[Report]:
    """What this run found for cells whose evidence is not on head: a fork's, or refused ones."""
    known = {(report.prompt, report.model) for report in vouched}
    for cell in results.cells if results else ():
        if (cell.prompt, cell.model) not in known and REPORT_DATA in cell.files:
            try:
                yield Report.model_validate(parse(cell.files[REPORT_DATA], REPORT_DATA))
            except (LandraceError, ValidationError):  # the commit job has said so
                continue


def _with_texts(gate: GateReport, results: Results | None) -> GateReport:
    """The gate's data with the flips that the run which asked has seen."""
    if results is None or results.gate is None:
        return gate
    flips = {(cell.prompt, cell.model): cell.flips for cell in results.gate.cells}
    cells = tuple(
        cell.model_copy(update={"flips": flips.get((cell.prompt, cell.model), cell.flips)})
        for cell in gate.cells
    )
    return gate.model_copy(update={"cells": cells})


def _transfers(evidence: Iterable[Evidence]) -> Iterator[TransferRow]:
    for found in evidence:
        own = [answer for answer in found.answers if answer.side == "head"]
        if found.transfer and own:
            mean = sum(answer.score for answer in own) / len(own)
            cases = len({answer.case for answer in own})
            first = Transfer(model=found.model, score=round(mean, 6), cases=cases)
            yield TransferRow(
                prompt=found.prompt, winner_of=found.model, scores=(first, *found.transfer)
            )


def _spent(searches: Sequence[Report], results: Results | None) -> GateSpent:
    """What the searches took, whenever that was, and this run's comparisons.

    A search that was not finished, or whose comparison was not, has no report.
    """
    compared = results.gate.spent if results and results.gate else None
    left = [one.spent for one in results.unfinished] if results else []
    each: list[Spent | GateSpent] = [report.spent for report in searches]
    each += [spent for spent in (*left, compared) if spent is not None]
    costs = [one.cost_usd for one in each]
    known = [cost for cost in costs if cost is not None]
    return GateSpent(
        calls=sum(one.calls for one in each),
        reused=compared.reused if compared else 0,
        prompt_tokens=sum(one.prompt_tokens for one in each),
        completion_tokens=sum(one.completion_tokens for one in each),
        cost_usd=round(sum(known), 6) if len(known) == len(costs) else None,
    )
