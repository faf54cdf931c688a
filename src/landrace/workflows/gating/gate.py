"""The gate: base against head on every changed cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.gate.verdict import exit_code, key, rule_on_run
from landrace.schemas.gate_report import GateReport, GateSpent
from landrace.workflows.gating.cell_report import cell_report
from landrace.workflows.gating.cell_run import CellRun
from landrace.workflows.gating.decide import Deciding, decide
from landrace.workflows.gating.drift import drift_answers, find_drift
from landrace.workflows.gating.looks import planned_looks
from landrace.workflows.gating.sides import Matcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from landrace.gateway.metered import Spend
    from landrace.metrics.base import Judge
    from landrace.schemas.gate_report import Drift, GateCell
    from landrace.schemas.pipeline import ModelConfig
    from landrace.workflows.gating.changes import Changes
    from landrace.workflows.gating.looks import Look
    from landrace.workflows.gating.sides import Match
    from landrace.workflows.services import Services
    from landrace.workflows.tasks import Ceilings

    OnProgress = Callable[["Progress"], None]


class Progress(NamedTuple):
    """Where a cell stands, for a person who waits: ``look`` of ``looks`` is being answered."""

    prompt: str
    model: str
    look: int
    looks: int
    spent: Spend


def matches(changes: Changes) -> list[Match]:
    """Every changed cell, read and rendered; nothing is called. Raises like `Matcher.match`."""
    matcher = Matcher(changes)
    return [matcher.match(cell) for cell in changes.cells]


def models(found: Iterable[Match]) -> list[ModelConfig]:
    """The models that the matches call, without judges."""
    return [side.model for one in found if most_answers(one) for side in (one.base, one.head)]


def judges(found: Iterable[Match]) -> list[Judge]:
    """The judges that the matches call; of a changed suite no others are asked."""
    return [judge for one in found if most_answers(one) for judge in one.suite.metric.judges]


def most_answers(one: Match) -> int:
    """The most answers of models, judges among them, that a cell can need, known ones included.

    They are those of the verdict, and those that show what a changed suite does.
    """
    is_ruled = one.is_same or one.head.unfit or one.not_compared
    looks = () if is_ruled else looks_at(one)
    runs = looks[-1].cases * looks[-1].repeats if looks else 0
    return runs * one.calls_a_case(one.suite) + drift_answers(one)


def looks_at(one: Match) -> tuple[Look, ...]:
    """The looks that are planned at a cell."""
    return planned_looks(len(one.suite.cases), one.policy, one.head.model.params)


def gate(
    changes: Changes,
    found: Sequence[Match],
    services: Services,
    *,
    ceilings: Ceilings,
    on_progress: OnProgress = lambda _progress: None,
) -> GateReport:
    """Evaluate and judge the matches of the changes.

    What an outage, refused calls or a policy without a rule for it leave open is NOT EVALUATED,
    and what a budget leaves open is that or INCONCLUSIVE; never a pass or a failure.

    Raises:
        ModelError: a model cannot be called at all.
    """
    deciding = evaluate(found, services, ceilings=ceilings, on_progress=on_progress)
    return report_on(changes, [(cell, find_drift(run)) for cell, run in deciding])


def evaluate(
    found: Sequence[Match],
    services: Services,
    *,
    ceilings: Ceilings,
    on_progress: OnProgress = lambda _progress: None,
    stops_no_other: bool = False,
) -> list[tuple[Deciding, CellRun]]:
    """Ask and judge; every cell has its ruling then.

    Raises like `gate`, unless a cell ``stops_no_other``: that one is NOT EVALUATED then.
    """
    deciding = [
        _deciding(one, services, ceilings, on_progress, stops_no_other=stops_no_other)
        for one in found
    ]
    decide([cell for cell, _ in deciding])
    return deciding


def report_on(changes: Changes, decided: Sequence[tuple[Deciding, Drift | None]]) -> GateReport:
    """The data of a run whose cells have their rulings."""
    cells = tuple(cell_report(cell, drift) for cell, drift in decided)
    ruling = rule_on_run(cells)
    pairs = [(cell, data) for (cell, _), data in zip(decided, cells, strict=True)]
    return GateReport(
        base=changes.base,
        head=changes.head,
        verdict=ruling.verdict,
        reason=ruling.reason,
        exit_code=exit_code(
            cells,
            budget_ended=[key(data) for cell, data in pairs if cell.budget_ended],
            need_change=[key(data) for cell, data in pairs if cell.needs_change],
            blocking=[key(d) for c, d in pairs if c.match.policy.inconclusive == "block"],
        ),
        cells=cells,
        unchanged=len(changes.unchanged),
        notes=(*changes.told, *_left_out(cell.match for cell, _ in decided)),
        spent=_sum(cells),
    )


def _left_out(found: Iterable[Match]) -> Iterable[str]:
    """A sentence for each prompt whose cases a search on head can have seen."""
    told = (
        f"{one.left_out} of the {one.left_out + len(one.suite.cases)} holdout cases that base has "
        f"of {one.cell.prompt} are left out: head's splits let its search see them"
        for one in found
        if one.left_out
    )
    return dict.fromkeys(told)


def _deciding(
    one: Match,
    services: Services,
    ceilings: Ceilings,
    on_progress: OnProgress,
    *,
    stops_no_other: bool,
) -> tuple[Deciding, CellRun]:
    def tell() -> None:
        look = min(state.looked + 1, len(looks))
        spent = run.meter.spent
        on_progress(Progress(one.cell.prompt, one.cell.model.id, look, len(looks), spent))

    run = CellRun(one, ceilings.over(one.policy.budget), services, on_outcome=tell)
    looks = looks_at(one)
    state = Deciding(run, looks, stops_no_other=stops_no_other)
    return state, run


def _sum(cells: Sequence[GateCell]) -> GateSpent:
    each = [cell.spent for cell in cells]
    costs = [spent.cost_usd for spent in each]
    known = [cost for cost in costs if cost is not None]
    return GateSpent(
        calls=sum(spent.calls for spent in each),
        reused=sum(spent.reused for spent in each),
        prompt_tokens=sum(spent.prompt_tokens for spent in each),
        completion_tokens=sum(spent.completion_tokens for spent in each),
        cost_usd=round(sum(known), 6) if len(known) == len(costs) else None,
    )
