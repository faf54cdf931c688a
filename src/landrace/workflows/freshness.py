"""Whether a pin's evidence still speaks of what the repository holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.pin import Pin
    from landrace.schemas.pipeline import PipelineConfig
    from landrace.workflows.task import Fingerprints


def stale_reasons(
    pin: Pin,
    fingerprints: Fingerprints,
    *,
    params: Mapping[str, Any],
    pipeline: PipelineConfig | None = None,
) -> list[str]:
    """What changed since the pin was made; empty when its evidence is fresh.

    ``params`` are the decoding parameters that calls are made with now. The budget and the
    policy are no part of the evidence: a pin does not age when a ceiling is raised.
    """
    reasons = [
        f"the {what} changed"
        for what, then, now in (
            ("template", pin.base.template, fingerprints.template),
            ("eval set", pin.base.eval_set, fingerprints.eval_set),
            ("split seed", pin.base.split_seed, fingerprints.split_seed),
            ("metrics", pin.base.metrics, fingerprints.metrics),
        )
        if then != now
    ]
    if pin.model.params != dict(params):
        reasons.append("the model's parameters changed")
    if pipeline is not None:
        reasons.extend(_changed_search(pin, pipeline))
    return reasons


def _changed_search(pin: Pin, pipeline: PipelineConfig) -> list[str]:
    proposer = pipeline.proposer.id if pipeline.proposer else None
    return [
        f"the pipeline's {what} changed"
        for what, then, now in (
            ("strategy", pin.search.strategy, pipeline.strategy.name),
            ("options", pin.search.options, pipeline.strategy.options),
            ("seed", pin.search.seed, pipeline.seed),
            ("proposer", pin.search.proposer, proposer),
        )
        if then != now
    ]
