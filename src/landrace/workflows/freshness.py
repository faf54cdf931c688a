"""Whether a pin's evidence still speaks of what the repository holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.digest import json_digest
from landrace.key_order import inputs_in_order, values_in_order
from landrace.pin import PinnedSplits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.pin import Pin
    from landrace.schemas.pipeline import PipelineConfig
    from landrace.schemas.prompt import PromptConfig
    from landrace.workflows.fingerprints import Known


def stale_reasons(
    pin: Pin,
    known: Known,
    *,
    params: Mapping[str, Any],
    pipeline: PipelineConfig | None = None,
) -> list[str]:
    """What changed since the pin was made; empty when its evidence is fresh.

    ``params`` are the decoding parameters that calls are made with now. The budget and the
    policy are no part of the evidence: a pin does not age when a ceiling is raised.
    """
    now = known.fingerprints
    reasons = _changed_sources(pin, known)
    if pin.splits not in {None, shares_of(known.config)}:
        reasons.append("the shares of the splits changed")
    reasons += [
        f"the {what} changed"
        for what, before, after in (
            ("eval set", pin.base.eval_set, now.eval_set),
            ("split seed", pin.base.split_seed, now.split_seed),
            ("metrics", pin.base.metrics, now.metrics),
            ("inputs", inputs_in_order(pin.inputs), inputs_in_order(known.config.inputs)),
            ("output contract", pin.output.contract, contract_of(known.config)),
        )
        if before != after
    ]
    if values_in_order(pin.model.params) != values_in_order(params):
        reasons.append("the model's parameters changed")
    if pipeline is not None:
        reasons.extend(changed_search(pin, pipeline))
    return reasons


def _changed_sources(pin: Pin, known: Known) -> list[str]:
    """Whether templates or graph changed, and which corpora did, by the copies beside the pin."""
    if pin.base.template == known.fingerprints.template:
        return []
    parts = known.parts or {"corpora": {}}
    now = parts["corpora"]
    then = {file: pin.files.get(file, digest) for file, digest in now.items()}
    corpora = [f"the corpus `{file}` changed" for file in now if then[file] != now[file]]
    if corpora and json_digest({**parts, "corpora": then}) == pin.base.template:
        return corpora
    return ["the template changed", *corpora]


def shares_of(config: PromptConfig) -> PinnedSplits:
    """The shares of the splits as a pin records them.

    With others, what is held out now may have been searched then.
    """
    splits = config.splits
    return PinnedSplits(splits.search, splits.select, splits.holdout)


def contract_of(config: PromptConfig) -> dict[str, Any]:
    """A prompt's output contract as a pin records it; `max_tokens` is among its parameters."""
    return config.output.model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude={"max_tokens"}
    )


def changed_search(pin: Pin, pipeline: PipelineConfig) -> list[str]:
    """What a pipeline asks of a search otherwise than it was when the pin was made."""
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
