"""What can change of a prompt, in a form that two commits can be compared by."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.key_order import inputs_in_order
from landrace.metrics import table as metrics
from landrace.workflows.freshness import contract_of
from landrace.workflows.prompt_metric import metric_of
from landrace.workflows.prompt_state import base_program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from landrace.workflows.gating.tree import Tree


class Contents(NamedTuple):
    """``parts`` are in the order in which they are told. ``marks`` has the metadata of each
    case, which no metric sees, but the gate does.
    """

    parts: Mapping[str, Any]
    marks: Mapping[str, Mapping[str, Any]]


def contents(tree: Tree, prompt: str) -> Contents:
    """A prompt as it stands in a tree.

    Raises:
        LandraceError: a file of it cannot be read.
    """
    source = tree.prompt(prompt)
    config = source.config
    with tree.at(prompt):
        metric = metric_of(source)
        eval_set = source.eval_set(metric.check_expected)
        parts = {
            "template": base_program(source).digest,
            "cases": eval_set.digest,
            "metrics": metrics.digest(metric),
            "splits": config.splits,
            "inputs": inputs_in_order(config.inputs),
            "output": (contract_of(config), config.output.max_tokens),
        }
    return Contents(parts, {case.id: case.metadata for case in eval_set.cases})


def marks_differ(before: Contents, after: Contents) -> bool:
    """Whether a case that both have is marked otherwise."""
    shared = before.marks.keys() & after.marks.keys()
    return any(before.marks[case] != after.marks[case] for case in shared)
