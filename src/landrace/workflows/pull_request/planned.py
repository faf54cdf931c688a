"""What a pull request's work takes at most, before a call is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import LandraceError
from landrace.schemas.pull_request import Plan, PlannedWork
from landrace.workflows.estimate import estimate
from landrace.workflows.longest_call import longest_call
from landrace.workflows.pull_request.comparison_cost import Ceiling, ComparisonCost
from landrace.workflows.tasks import Ceilings, make_task, winners_of_others

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landrace.gateway.metered import Price
    from landrace.schemas.candidate import Candidate
    from landrace.workflows.plan import PlannedCell
    from landrace.workflows.pull_request.opened import Opened
    from landrace.workflows.pull_request.standing import EvidenceCheck
    from landrace.workflows.pull_request.work import Scope, Work


def planned(
    change: Opened,
    price: Callable[[str], Price | None],
    *,
    ceilings: Ceilings = Ceilings(),  # noqa: B008 - frozen, so sharing it is safe
    why_not: str = "",
) -> Plan:
    """The work of a change with its ceilings, out of the code that keeps them.

    ``ceilings`` are those of the searches. A cell whose task cannot be made (too few cases, too
    small a budget) is listed with that as its reason, and will not be finished.
    """
    revisions, check, scope, _ = change
    estimates = _Estimates(check, price, ceilings, scope)
    return Plan(
        base=revisions.base,
        head=revisions.head,
        cells=len(scope.cells),
        work=tuple(estimates.of(work) for work in scope.work),
        why_not=why_not if scope.work else "",
        notes=scope.notes,
    )


class _Estimates:
    def __init__(
        self,
        check: EvidenceCheck,
        price: Callable[[str], Price | None],
        ceilings: Ceilings,
        scope: Scope,
    ) -> None:
        self._check = check
        self._price = price
        self._ceilings = ceilings
        self._scope = scope
        self._comparison = ComparisonCost(check, price)

    def of(self, work: Work) -> PlannedWork:
        cell, most, reasons = work.cell, None, work.cell.reasons
        try:
            most = self._search(cell) if work.kind == "optimize" else self._comparison.of(cell)
        except LandraceError as error:
            reasons = (*reasons, f"but it cannot be: {error.problem}")
        return PlannedWork(
            prompt=cell.prompt,
            model=cell.model.id,
            kind="optimize" if work.kind == "optimize" else "measure",
            reasons=reasons,
            calls=most.calls if most else None,
            tokens=most.tokens if most else None,
            cost_usd=most.cost_usd if most else None,
        )

    def _search(self, cell: PlannedCell) -> Ceiling:
        """A search, and the comparison of its winner."""
        task = make_task(
            self._check.head.project,
            cell,
            ceilings=self._ceilings,
            others=self._others(cell),
            incumbents=self._check.base.incumbent,
            state=self._check.head.prompt(cell.prompt),
        )
        longest = longest_call(task, self._price(cell.model.id))
        search = estimate(task, self._price, longest)
        compared = self._comparison.of(cell, longest)
        unknown = search.cost_usd is None or compared.cost_usd is None
        return Ceiling(
            search.calls + compared.calls,
            search.tokens + compared.tokens,
            None if unknown else (search.cost_usd or 0.0) + (compared.cost_usd or 0.0),
        )

    def _others(self, cell: PlannedCell) -> Sequence[tuple[str, Candidate]]:
        """Winners of the prompt's other models, which a search tries, too."""
        same = [
            work.cell if work.kind == "optimize" else work.cell._replace(reasons=())
            for work in self._scope.cells
            if work.cell.prompt == cell.prompt
        ]
        return winners_of_others(self._check.head.project, same, {}, self._check.base.incumbent)
