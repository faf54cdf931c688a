"""What a pin that is not committed yet says of the past: it is no incumbent, but it happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import LandraceError
from landrace.optimizers.table import STRATEGIES
from landrace.pin import PinnedBase
from landrace.runtime.cell import load_pin
from landrace.runtime.folder import REGISTRY, RegistryFolder
from landrace.workflows.freshness import changed_search

if TYPE_CHECKING:
    from landrace.pin import Pin
    from landrace.schemas.pipeline import PipelineConfig
    from landrace.store.project import Project
    from landrace.workflows.task import Fingerprints


def pin_in_work_tree(project: Project, prompt: str, model: str) -> Pin | None:
    """What the work tree pins, committed or not; None for nothing, or nothing readable.

    A broken pin must not stop the search for a new one; `landrace verify` complains.
    """
    try:
        return load_pin(RegistryFolder(str(project.root / REGISTRY)), prompt, model)
    except LandraceError:
        return None


def earlier_looks(pin: Pin, pipeline: PipelineConfig, now: Fingerprints, parent: str | None) -> int:
    """How often the holdout of today was looked at, by a pin in the work tree.

    ``parent`` is the variant that the last commit pins. Where the pin is of the search that is to
    run, which is then repeated, its own look is not counted twice.
    """
    if pin.base.split_seed != now.split_seed:
        return 0
    is_repeated = (
        not changed_search(pin, pipeline)
        and pin.search.version == STRATEGIES[pipeline.strategy.name].version
        and (pin.base, pin.parent) == (PinnedBase(*now), parent)
    )
    return pin.holdout_looks - int(is_repeated and pin.scores.holdout is not None)
