from __future__ import annotations

import pytest
from metric_samples import make, sample

from landrace.schemas.score import Usage


@pytest.mark.parametrize(("cost", "value"), [(0.0, 1), (0.005, 0.5), (0.01, 0), (3.0, 0)])
def test_it_falls_evenly_to_the_limit(cost, value):
    score = make("cost", limit_usd=0.01).score(sample(None, None, usage=Usage(cost_usd=cost)))
    assert score.value == pytest.approx(value)


def test_feedback():
    metric = make("cost", limit_usd=0.01)
    assert metric.score(sample(None, "x", usage=Usage(cost_usd=0.004))).feedback == (
        "the call cost $0.004 of a limit of $0.01"
    )
    assert "no price is known" in metric.score(sample(None, "x", usage=Usage())).feedback
