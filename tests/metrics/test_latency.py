from __future__ import annotations

import pytest
from metric_samples import make, sample


@pytest.mark.parametrize(("seconds", "value"), [(0.0, 1), (1.0, 0.5), (2.0, 0), (60.0, 0)])
def test_it_falls_evenly_to_the_limit(seconds, value):
    score = make("latency", limit_s=2.0).score(sample(None, None, latency_s=seconds))
    assert score.value == pytest.approx(value)


def test_feedback():
    score = make("latency", limit_s=2.0).score(sample(None, "x", latency_s=0.5))
    assert score.feedback == "the call took 0.5 s of 2 s"
