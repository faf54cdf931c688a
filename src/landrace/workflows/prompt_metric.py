"""The metric of a prompt's file, built so that errors name the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.metrics import table as metrics

if TYPE_CHECKING:
    from landrace.metrics.base import Metric, MetricOptions
    from landrace.store.project import PromptSource


def metric_of(source: PromptSource) -> Metric:
    """What a prompt's answers are scored by; files are read from the repository that holds it.

    Raises:
        FormatError: a metric or its options are not known.
    """
    return metrics.build(source.config.metrics, root=source.root, where=source.document.where)


def metric_part(source: PromptSource, index: int) -> MetricOptions:
    """One metric of the list by itself. Raises like `metric_of`."""
    config = source.config.metrics[index]
    return metrics.build_part(index, config, root=source.root, where=source.document.where)
