"""Whether models and judges can be called, told before a call is paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.gateway import connect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landrace.metrics.base import Judge
    from landrace.schemas.pipeline import ModelConfig


def check_callable(models: Iterable[ModelConfig], judges: Iterable[Judge]) -> None:
    """Check, without a call, that calls may succeed: no answer shall wait for a judge in vain.

    Raises:
        ModelError: an unknown id, a missing file or key, or a parameter that cannot be given.
    """
    for model in models:
        connect.check_model(model.id, model.params)
    for judge in judges:
        connect.check_model(judge.model, judge.params)
