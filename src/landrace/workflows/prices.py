"""Whether a ceiling on cost can be kept: each model that may be asked needs a known price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import LandraceError
from landrace.gateway import connect
from landrace.gateway.metered import unpriced
from landrace.metrics.table import build
from landrace.workflows.findings import error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from landrace.gateway.metered import Price
    from landrace.store.project import PipelineSource, PromptSource
    from landrace.workflows.findings import Finding
    from landrace.workflows.task import CellTask


def require_prices(task: CellTask, price: Callable[[str], Price | None]) -> None:
    """Refuse a ceiling on cost that would end the study once some of it is paid for.

    Raises:
        ConfigError: a model that the study may ask has no known price.
    """
    if task.budget.cost_usd is None:
        return
    judges = (judge.model for judge in task.metric.judges)
    for model in (task.model.id, task.proposer.id, *judges):
        if price(model) is None:
            raise unpriced(model)


def check_prices(source: PipelineSource, prompts: Iterable[PromptSource]) -> Iterator[Finding]:
    """The models without a known price, for each of a pipeline's ceilings on cost."""
    config = source.config
    if config.budget.cost_usd is None and config.gate.budget.cost_usd is None:
        return
    compared = [*(model.id for model in config.models), *_judges(prompts)]
    searched = [*compared, *([config.proposer.id] if config.proposer else [])]
    for budget, path, models in (
        (config.budget, ("budget",), searched),
        (config.gate.budget, ("gate", "budget"), compared),
    ):
        if budget.cost_usd is not None:
            where = source.document.where((*path, "cost_usd"))
            yield from (
                error(unpriced(each), where) for each in dict.fromkeys(models) if _lacks(each)
            )


def _judges(prompts: Iterable[PromptSource]) -> Iterator[str]:
    """Those that can be read; what is wrong with others is found where the prompt is looked at."""
    for prompt in prompts:
        try:
            metric = build(prompt.config.metrics, root=prompt.root)
        except LandraceError:
            continue
        yield from (judge.model for judge in metric.judges)


def _lacks(model: str) -> bool:
    try:
        return connect.price_of(model) is None
    except LandraceError:  # it cannot be called either, which is found by itself
        return False
