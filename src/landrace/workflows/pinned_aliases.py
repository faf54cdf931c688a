"""Aliases of pins: applications go by these, and a change of them alone needs no search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.pin import PIN_FILE, Pin
from landrace.store.atomic import write_text
from landrace.store.registry import cell_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from landrace.schemas.pipeline import ModelConfig
    from landrace.store.project import Project
    from landrace.workflows.plan import PlannedCell


def are_outdated(pin: Pin, model: ModelConfig) -> bool:
    """Whether a pin has other aliases than its model has in the pipeline; order is nothing."""
    return set(pin.model.aliases) != set(model.aliases)


def renamed(cells: Iterable[PlannedCell], pins: Mapping[tuple[str, str], Pin]) -> Iterator[Pin]:
    """The pins of cells that need no search, but other aliases, with these.

    Nothing that was scored goes by them. A search writes them of its own accord.
    """
    for cell in cells:
        pin = pins.get((cell.prompt, cell.model.id))
        if pin is not None and not cell.reasons and are_outdated(pin, cell.model):
            yield pin._replace(model=pin.model._replace(aliases=cell.model.aliases))


def write_renamed(project: Project, pin: Pin) -> None:
    """Put a pin of `renamed` in its place.

    Raises:
        StorageError: the disk refuses; nothing has changed then.
    """
    write_text(project.root / cell_path(pin.prompt, pin.model.id) / PIN_FILE, pin.dumps())


def spelled_out(aliases: Iterable[str]) -> str:
    """Aliases for people: ``small and cheap``, or ``none``."""
    *others, last = sorted(aliases) or ["none"]
    return f"{', '.join(others)} and {last}" if others else last
