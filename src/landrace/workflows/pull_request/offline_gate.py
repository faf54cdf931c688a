"""The gate on committed evidence: verdicts without a call.

Each pin that a pull request touches must have evidence about just what base and head hold now.
Its recorded answers are judged by base's policy, all cells together, by the code that judges
fresh ones. What has no such evidence is NOT EVALUATED, and that is never a pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import EvidenceError, LandraceError, RefusedError
from landrace.gate.verdict import INCONCLUSIVE, REGRESSION, rule_on_run
from landrace.runtime.folder import REGISTRY
from landrace.schemas.gate_report import GateCell
from landrace.store.registry import cell_path
from landrace.workflows.gating.changes import compare
from landrace.workflows.gating.decide import Deciding, decide
from landrace.workflows.gating.gate import looks_at, report_on
from landrace.workflows.gating.sides import Matcher
from landrace.workflows.gating.strays import why_refused
from landrace.workflows.pull_request.evidence import EVIDENCE
from landrace.workflows.pull_request.replay import NOTHING, Replay
from landrace.workflows.pull_request.standing import Standing
from landrace.workflows.pull_request.touched_pins import pin_notes, touched_pins

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from landrace.schemas.gate_report import Drift, GateReport
    from landrace.workflows.gating.changes import Changes
    from landrace.workflows.gating.comparison import ChangedCell
    from landrace.workflows.pull_request.opened import Opened

Name = tuple[str, str]
Decided = tuple[Deciding, "Drift | None"]


def gate_offline(change: Opened) -> GateReport:
    """Judge head by its evidence.

    The exit code is 3 for evidence that base's signers did not sign or that was edited, 1 for a
    regression, 4 where evidence is missing or stale, 6 for an inconclusive cell whose policy
    blocks on it, else 0.

    Raises:
        LandraceError: a pipeline, or a prompt that is judged, cannot be read.
    """
    strays = [_stray(path) for path in change.strays]
    standings = {(one.prompt, one.model): one for one in _standings(change)}
    fresh = [name for name, standing in standings.items() if standing.status == "fresh"]
    changes = compare(change.revisions, only=fresh)
    decided, unusable = _decided(changes, standings)
    lacking = [one for one in standings.values() if one.status != "fresh"] + unusable + strays
    report = report_on(changes, decided)
    cells = (*report.cells, *map(_not_evaluated, lacking))
    ruling = rule_on_run(cells)
    in_order = len(change.scope.cells) - len({(c.prompt, c.model) for c in cells})
    return report.model_copy(
        update={
            "verdict": ruling.verdict,
            "reason": ruling.reason,
            "cells": cells,
            "exit_code": _exit_code(cells, lacking, decided),
            "unchanged": max(0, in_order),
            "notes": (*report.notes, *change.scope.notes, *pin_notes(change)),
        }
    )


def _stray(path: str) -> Standing:
    prompt, _, rest = path.removeprefix(f"{REGISTRY}/").partition("/")
    return Standing(prompt, rest or path, "refused", (why_refused(path),))


def _standings(change: Opened) -> Iterator[Standing]:
    """What is known of the evidence of each pin that head touches, or leaves out of date."""
    in_scope = set()
    for work in change.scope.cells:
        name = (work.cell.prompt, work.cell.model.id)
        in_scope.add(name)
        if work.standing is not None:
            yield work.standing
        elif work.kind == "optimize":
            yield Standing(*name, "stale", work.cell.reasons)
    for name in touched_pins(change.revisions):
        if name not in in_scope:
            yield Standing(*name, "missing", ("no pipeline that base allows asks for this pin",))


def _decided(
    changes: Changes, standings: Mapping[Name, Standing]
) -> tuple[list[Decided], list[Standing]]:
    """The cells with fresh evidence that differ from base, each with its ruling."""
    decided: list[Decided] = []
    unusable: list[Standing] = []
    matcher = Matcher(changes)
    for cell in changes.cells:
        standing = standings[cell.prompt, cell.model.id]
        try:
            decided.append(_replayed(matcher, cell, standing))
        except RefusedError as error:
            unusable.append(standing._replace(status="refused", reasons=(error.problem,)))
        except LandraceError as error:
            unusable.append(standing._replace(status="stale", reasons=(error.problem,)))
    decide([deciding for deciding, _ in decided])
    unusable += [_ends_too_early(one) for one, _ in decided if one.is_cut_short]
    return [found for found in decided if not found[0].is_cut_short], unusable


def _ends_too_early(cell: Deciding) -> Standing:
    """What a comparison took whose budget ended decides nothing, so it is none to pass by."""
    name = _of(cell)
    path = f"{cell_path(*name)}/{EVIDENCE}"
    reason = f"its answers end before they decide; remove {path}, and it is compared again"
    return Standing(*name, "stale", (reason,))


def _replayed(matcher: Matcher, cell: ChangedCell, standing: Standing) -> Decided:
    evidence = standing.evidence
    assert evidence is not None, "fresh evidence was read"
    found = matcher.match(cell)
    looks = looks_at(found)
    return Deciding(Replay(found, evidence, looks), looks), evidence.drift


def _exit_code(
    cells: Sequence[GateCell], lacking: Sequence[Standing], decided: Sequence[Decided]
) -> int:
    verdicts = {cell.verdict for cell in cells}
    if any(standing.status == "refused" for standing in lacking):
        return RefusedError.exit_code
    if "FAIL" in verdicts:
        return REGRESSION
    if "NOT EVALUATED" in verdicts:
        return EvidenceError.exit_code
    blocking = {_of(cell) for cell, _ in decided if cell.match.policy.inconclusive == "block"}
    still_open = {(cell.prompt, cell.model) for cell in cells if cell.verdict == "INCONCLUSIVE"}
    return INCONCLUSIVE if blocking & still_open else 0


def _of(cell: Deciding) -> Name:
    return cell.match.cell.prompt, cell.match.cell.model.id


def _not_evaluated(standing: Standing) -> GateCell:
    return GateCell(
        prompt=standing.prompt,
        model=standing.model,
        verdict="NOT EVALUATED",
        reason=f"{standing.status} evidence: {'; '.join(standing.reasons)}",
        changed=(),
        base=None,
        head=None,
        line=1,
        confidence=0.0,
        split="holdout",
        cases=0,
        scored=0,
        coverage=0.0,
        looks=0,
        looks_planned=0,
        repeats=0,
        claims=(),
        breaks=(),
        drift=None,
        flips=(),
        scores=(),
        spent=NOTHING,
    )
