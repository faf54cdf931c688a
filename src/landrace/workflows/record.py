"""The report of a finished study: only what its tables, stages and meter say."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.lineage import lineage
from landrace.schemas.report import (
    Comparison,
    Contender,
    Estimate,
    Finalist,
    Flip,
    Report,
    Spent,
    TrainedFrom,
)
from landrace.workflows.conclude import Decision, compare, estimate
from landrace.workflows.served_version import served_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.gateway.metered import Meter
    from landrace.optimizers.entry import Entry
    from landrace.optimizers.study import Study
    from landrace.pin import PinnedTraining
    from landrace.schemas.case import Case
    from landrace.schemas.score import Outcome
    from landrace.workflows.task import CellTask

TIE = 1e-9  # float noise of a mean of parts
FINALISTS = 10  # of the best that a report keeps


class Shortlist(NamedTuple):
    """Frozen before the holdout is looked at; ``holdout`` are its cases that none of them shows."""

    base: Entry
    incumbent: Entry | None
    winner: Entry
    holdout: tuple[Case, ...]

    @property
    def rival(self) -> Entry:
        """What the winner has to beat."""
        return self.incumbent or self.base

    def entries(self) -> list[Entry]:
        """Each variant once, the winner first."""
        found = [self.winner, self.base, *([self.incumbent] if self.incumbent else [])]
        return list({entry.digest: entry for entry in found}.values())


def compare_with(
    rival: Entry, task: CellTask, study: Study, shortlist: Shortlist
) -> Comparison | None:
    """The winner against a rival on the holdout; None where no case has both scores."""
    return compare(
        study.table,
        shortlist.winner.digest,
        rival.digest,
        shortlist.holdout,
        against="base" if rival is shortlist.base else "incumbent",
        confidence=task.policy.confidence,
    )


def make_report(
    task: CellTask,
    study: Study,
    meter: Meter,
    shortlist: Shortlist,
    decision: Decision,
    *,
    looked: bool,
) -> Report:
    """What happened, for `registry/` and for people. ``looked``: whether at the holdout."""
    contenders = _contenders(task, study, shortlist, looked=looked)
    comparisons = _comparisons(task, study, shortlist) if looked else ()
    winner = contenders[-1]
    inflation = None
    if winner.select and winner.holdout:
        inflation = round(winner.select.mean - winner.holdout.mean, 6)
    return Report(
        prompt=task.prompt,
        model=task.model.id,
        params=dict(task.model.params),
        strategy=task.pipeline.strategy.name,
        seed=task.pipeline.seed,
        proposer=task.proposer.id,
        proposer_note=_proposer_note(task),
        decision="promoted" if decision.promoted else "kept incumbent",
        reason=decision.reason,
        confidence=task.policy.confidence,
        metrics=", ".join(config.metric for config in task.config.metrics),
        splits={
            "search": len(task.search),
            "select": len(task.select),
            "holdout": len(task.holdout),
        },
        contenders=contenders,
        comparisons=comparisons,
        inflation=inflation,
        holdout_looks=task.holdout_looks + int(looked),
        stages=tuple(study.stages),
        finalists=_finalists(task, study),
        flips=_flips(study, shortlist),
        spent=_spent(study, meter),
        diff=_diff(task, shortlist.winner),
        training=trained_from(task.training),
    )


def trained_from(training: PinnedTraining | None) -> TrainedFrom | None:
    """What a report says of a pin's training."""
    return TrainedFrom(model=training.model, round=training.round) if training else None


def _contenders(
    task: CellTask, study: Study, shortlist: Shortlist, *, looked: bool
) -> tuple[Contender, ...]:
    rows: list[Contender] = []
    for role, entry in (
        ("base", shortlist.base),
        ("incumbent", shortlist.incumbent),
        ("winner", shortlist.winner),
    ):
        if entry is None:
            continue
        cases = shortlist.holdout if looked else task.select
        scored = [o for o in study.table.outcomes(entry.digest, cases) if o.score is not None]
        rows.append(
            Contender(
                role=role,  # type: ignore[arg-type]  # the literals above
                digest=entry.digest,
                operator=lineage(study.entries, entry),
                select=_estimate(task, study, entry, task.select),
                holdout=_estimate(task, study, entry, shortlist.holdout) if looked else None,
                **_a_call(scored),
                unread=sum(outcome.answer is None for outcome in scored),
                variant=served_version(task, entry.variant),
            )
        )
    return tuple(rows)


def _finalists(task: CellTask, study: Study) -> tuple[Finalist, ...]:
    found = []
    for entry in study.entries.values():
        outcomes = study.table.outcomes(entry.digest, task.select)
        if len(outcomes) < len(task.select):
            continue
        select = _estimate(task, study, entry, task.select)
        if select is not None:
            scored = [outcome for outcome in outcomes if outcome.score is not None]
            found.append((entry, select, _a_call(scored)))
    found.sort(key=lambda one: (-one[1].mean, one[2]["prompt_tokens"] or 0.0))
    return tuple(
        Finalist(
            digest=entry.digest,
            variant=served_version(task, entry.variant),
            operator=lineage(study.entries, entry),
            select=select,
            prompt_tokens=a_call["prompt_tokens"],
            completion_tokens=a_call["completion_tokens"],
        )
        for entry, select, a_call in found[:FINALISTS]
    )


def _estimate(task: CellTask, study: Study, entry: Entry, cases: Sequence[Case]) -> Estimate | None:
    return estimate(study.table, entry.digest, cases, task.policy.confidence)


def _a_call(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    """Mean tokens and money of a call that was answered."""
    if not outcomes:
        return {"prompt_tokens": None, "completion_tokens": None, "cost_usd": None}
    costs = [o.usage.cost_usd for o in outcomes]
    known = [cost for cost in costs if cost is not None]
    return {
        "prompt_tokens": round(sum(o.usage.prompt_tokens for o in outcomes) / len(outcomes), 1),
        "completion_tokens": round(
            sum(o.usage.completion_tokens for o in outcomes) / len(outcomes), 1
        ),
        "cost_usd": round(sum(known) / len(known), 8) if len(known) == len(costs) else None,
    }


def _comparisons(task: CellTask, study: Study, shortlist: Shortlist) -> tuple[Comparison, ...]:
    rivals = {entry.digest: entry for entry in (shortlist.base, shortlist.rival)}
    found = (compare_with(rival, task, study, shortlist) for rival in rivals.values())
    return tuple(comparison for comparison in found if comparison is not None)


def _flips(study: Study, shortlist: Shortlist) -> tuple[Flip, ...]:
    base, winner = shortlist.base.digest, shortlist.winner.digest
    shared = study.table.shared([base, winner], shortlist.holdout)
    pairs = zip(
        shared, study.table.scores(base, shared), study.table.scores(winner, shared), strict=True
    )
    flips = [
        Flip(case_id=case.id, base=round(before, 6), winner=round(after, 6))
        for case, before, after in pairs
        if abs(before - after) > TIE
    ]
    return tuple(sorted(flips, key=lambda flip: (flip.winner - flip.base, flip.case_id)))


def _spent(study: Study, meter: Meter) -> Spent:
    spent = meter.spent
    return Spent(
        calls=spent.calls,
        prompt_tokens=spent.prompt_tokens,
        completion_tokens=spent.completion_tokens,
        cost_usd=None if meter.unpriced else round(spent.cost_usd, 6),
        proposer_calls=study.proposer_calls,
        failed_calls=spent.failed,
        coverage=round(study.table.coverage(), 6),
    )


def _proposer_note(task: CellTask) -> str:
    if task.pipeline.proposer is None:
        return "no proposer is configured, so the task model wrote the proposals (weak)"
    if not task.proposer_is_weak:
        return ""
    if task.proposer.id.startswith("local/"):
        return "a small embedded model (weak)"
    return "the task model, which rewrites its own prompt (weak)"


def _diff(task: CellTask, winner: Entry) -> str:
    """The templates of the base against those of the winner, node by node."""
    graph = winner.variant.program.graph
    lines: list[str] = []
    for name, node in graph.asking().items():
        base = task.program.nodes.get(name)
        lines += difflib.unified_diff(
            base.source.splitlines() if base else [],
            winner.variant.files[node.template].splitlines(),
            base.path if base else name,
            "winner" if task.program.is_plain else f"winner: {name}",
            lineterm="",
        )
    return "\n".join(lines)
