"""Whether an alias names one model of a prompt: between two, the loader serves neither."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import LandraceError
from landrace.pin import PIN_FILE
from landrace.store.registry import cell_path, read_pins
from landrace.workflows.findings import Finding, mistake

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from landrace.store.project import PipelineSource


class _Holder(NamedTuple):
    """A model of a prompt that answers to ``alias``, and where that stands."""

    prompt: str
    alias: str
    model: str
    where: str


def check_aliases(root: Path, sources: Sequence[PipelineSource]) -> Iterator[Finding]:
    """Aliases that two models of a prompt have: in pipelines, or in pins that no pipeline renews.

    Such a pin is easily left when a model is replaced by another of the same alias. Two models
    that share an alias for several prompts are told of once.
    """
    first: dict[tuple[str, str], _Holder] = {}
    told: set[tuple[str, str, str]] = set()
    for holder in (*_left_pins(root, sources), *_pipelines(sources)):
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


def _pipelines(sources: Sequence[PipelineSource]) -> Iterator[_Holder]:
    for source in sources:
        for index, model in enumerate(source.config.models):
            where = source.document.where(("models", index))
            for prompt in source.prompts:
                for alias in model.aliases:
                    yield _Holder(prompt, alias, model.id, where)


def _left_pins(root: Path, sources: Sequence[PipelineSource]) -> Iterator[_Holder]:
    """Of pins whose aliases no search will renew."""
    renewed = {
        (p, model.id)
        for source in sources
        for model in source.config.models
        for p in source.prompts
    }
    try:
        pins = read_pins(root)
    except LandraceError:
        return  # it is told where the pins are looked at
    for (prompt, model), pin in pins.items():
        if (prompt, model) not in renewed:
            for alias in pin.model.aliases:
                yield _Holder(prompt, alias, model, f"{cell_path(prompt, model)}/{PIN_FILE}")
