"""What a pin of a variant would serve, and the version that `history` and the loader call it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from landrace.optimizers.variants import is_plain
from landrace.pin import PinnedModel, PinnedOutput, file_digests, served_digest
from landrace.workflows.freshness import contract_of

if TYPE_CHECKING:
    from landrace.evaluation.variant import Variant
    from landrace.workflows.task import CellTask


class Served(TypedDict):
    """The members of a pin that its version is made of."""

    files: dict[str, str]
    model: PinnedModel
    inputs: dict[str, Any]
    output: PinnedOutput
    program: dict[str, Any] | None


def served(task: CellTask, variant: Variant) -> Served:
    graph = variant.program.graph
    return Served(
        files=file_digests(variant.files),
        model=PinnedModel(task.model.id, dict(task.model.params), task.model.aliases),
        inputs=task.config.inputs,
        output=PinnedOutput(contract_of(task.config), dict(variant.parser)),
        program=None if is_plain(graph) else graph.to_dict(),
    )


def served_version(task: CellTask, variant: Variant) -> str:
    """The digest of all that the loader would serve if this search pinned the variant."""
    return served_digest(**served(task, variant))
