"""Whether an alias names one model of a prompt, and whether pins have those of today."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import LandraceError
from landrace.pin import PIN_FILE
from landrace.store.registry import cell_path, read_pins
from landrace.workflows.findings import Finding, mistake, warning
from landrace.workflows.pinned_aliases import are_outdated, spelled_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from landrace.pin import Pin
    from landrace.schemas.pipeline import ModelConfig
    from landrace.store.project import PipelineSource

    Cell = tuple[str, str]


class _Listed(NamedTuple):
    """A model of a pipeline, and where it stands."""

    model: ModelConfig
    where: str


class _Holder(NamedTuple):
    """A model of a prompt that answers to ``alias``, and where that stands."""

    prompt: str
    alias: str
    model: str
    where: str


def check_aliases(root: Path, sources: Sequence[PipelineSource]) -> Iterator[Finding]:
    """Aliases between which the loader would serve neither, and pins without those of today."""
    listed = {
        (prompt, model.id): _Listed(model, source.document.where(("models", index)))
        for source in sources
        for index, model in enumerate(source.config.models)
        for prompt in source.prompts
    }
    try:
        pins = read_pins(root)
    except LandraceError:
        pins = {}  # it is told where the pins are looked at
    yield from _clashes(chain(_left_pins(pins, listed), _pipelines(listed)))
    yield from _outdated(pins, listed)


def _clashes(holders: Iterator[_Holder]) -> Iterator[Finding]:
    """Two models that share an alias for several prompts are told of once."""
    first: dict[tuple[str, str], _Holder] = {}
    told: set[tuple[str, str, str]] = set()
    for holder in holders:
        other = first.setdefault((holder.prompt, holder.alias), holder)
        clash = (holder.alias, other.model, holder.model)
        if other.model == holder.model or clash in told:
            continue
        told.add(clash)
        yield mistake(
            holder.where,
            f"{holder.model} has the alias `{holder.alias}` for {holder.prompt}, and so has "
            f"{other.model} ({other.where}): an application that asks for it would get neither",
            "leave it to one of them; the pin of a model that is no longer used can be removed "
            "with its folder",
        )


def _pipelines(listed: Mapping[Cell, _Listed]) -> Iterator[_Holder]:
    for (prompt, name), (model, where) in listed.items():
        for alias in model.aliases:
            yield _Holder(prompt, alias, name, where)


def _left_pins(pins: Mapping[Cell, Pin], listed: Mapping[Cell, _Listed]) -> Iterator[_Holder]:
    """Of pins whose aliases nothing renews: one is easily left when its model is replaced."""
    for (prompt, model), pin in pins.items():
        if (prompt, model) not in listed:
            for alias in pin.model.aliases:
                yield _Holder(prompt, alias, model, f"{cell_path(prompt, model)}/{PIN_FILE}")


def _outdated(pins: Mapping[Cell, Pin], listed: Mapping[Cell, _Listed]) -> Iterator[Finding]:
    for cell, (model, where) in listed.items():
        pin = pins.get(cell)
        if pin is not None and are_outdated(pin, model):
            yield warning(
                where,
                f"applications ask {cell[0]} for {model.id} by the aliases of its pin: "
                f"{spelled_out(pin.model.aliases)}, and not {spelled_out(model.aliases)}",
                "`landrace optimize` takes them over into the pin, without a search for that",
            )
