"""Does the work of a pull request: searches for winners, and compares them with base's.

It holds a model credential and writes nothing but head's snapshot: what it found goes into one
results file, which another job takes or refuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import LandraceError
from landrace.schemas.results import Results
from landrace.workflows.pull_request.called import not_callable
from landrace.workflows.pull_request.comparisons import Comparisons
from landrace.workflows.pull_request.fitting import fitting
from landrace.workflows.pull_request.not_comparable import not_comparable
from landrace.workflows.pull_request.result_files import result_files
from landrace.workflows.pull_request.searches import Searches
from landrace.workflows.pull_request.unfinished import name_of, unfinished
from landrace.workflows.pull_request.watch import Watch
from landrace.workflows.tasks import Ceilings

if TYPE_CHECKING:
    from collections.abc import Container

    from landrace.workflows.pull_request.opened import Opened
    from landrace.workflows.pull_request.unfinished import Name
    from landrace.workflows.pull_request.work import Scope
    from landrace.workflows.services import Services


def carry_out(
    change: Opened,
    services: Services,
    *,
    run: str,
    ceilings: Ceilings = Ceilings(),  # noqa: B008 - frozen, so sharing it is safe
    watch: Watch = Watch(),  # noqa: B008 - frozen
) -> Results:
    """Finish as many cells as can be; each of the others says why not.

    ``run`` is the forge's name for this run. ``ceilings`` are those of the searches; the
    comparisons have the budget of base's gate. A cell whose budget ended before its comparison
    was decided, or whose provider fell silent, is left as it was: the ledger keeps what was paid
    for, and the next run goes on from there. One that needs a model or a judge that cannot be
    called, or whose winner base's holdout could not judge, is left before its first call, and one
    whose files are too large to be committed after its last.

    Raises:
        LandraceError: a pipeline, or a prompt that has cells here, cannot be read.
    """
    revisions, check, wanted, _ = change
    refused = {
        **not_comparable(check, wanted.work),
        **not_callable(check, wanted.work, services.check_model),
    }
    scope = _without(wanted, refused)
    searches = Searches(check, services, ceilings, watch)
    searches.run(scope)
    searched = [work for work in scope.work if name_of(work.cell) not in searches.unfinished]
    comparisons = Comparisons(revisions, services, watch)
    report = comparisons.run([work.cell for work in searched])
    left = {**refused, **searches.unfinished, **comparisons.unfinished}
    cells = []
    for work in searched:
        name = name_of(work.cell)
        if name in left:
            continue
        try:
            cells.append(result_files(work, comparisons.of(work.cell), check))
        except LandraceError as error:
            left[name] = unfinished(name, error)
    results = Results(
        base=revisions.base,
        head=revisions.head,
        run=run,
        cells=tuple(cells),
        unfinished=tuple(
            one.model_copy(update={"spent": searches.spent.get(name)}) for name, one in left.items()
        ),
        gate=report,
    )
    return fitting(results, searches.spent)


def _without(scope: Scope, refused: Container[Name]) -> Scope:
    """The same cells, for the searches know the winners of all, but with nothing to do for some."""
    cells = (
        work._replace(kind="nothing") if name_of(work.cell) in refused else work
        for work in scope.cells
    )
    return scope._replace(cells=tuple(cells))
