from __future__ import annotations

import pytest
from metric_samples import judged, make, sample
from pydantic import ValidationError

from landrace.schemas.score import Usage


@pytest.mark.parametrize(
    ("options", "answer", "value"),
    [
        ({"limit": 4}, "", 1),
        ({"limit": 4}, "one two three four", 1),
        ({"limit": 4}, "one two three four five", 0.75),
        ({"limit": 4}, "x " * 99, 0),
        ({"limit": 4, "unit": "chars"}, "12345", 0.75),
        ({"target": 4, "unit": "chars"}, "12345", 0.75),
        ({"target": 4, "unit": "chars"}, "123", 0.75),
        ({"target": 4, "unit": "chars"}, "1234", 1),
    ],
)
def test_value(options, answer, value):
    assert judged("length", None, answer, **options).value == value


def test_tokens_are_the_models_own_count():
    metric = make("length", limit=10, unit="tokens")
    score = metric.score(sample(None, "x", usage=Usage(completion_tokens=15)))
    assert score.value == 0.5
    assert score.feedback == "expected at most 10 tokens, got 15"


@pytest.mark.parametrize("options", [{}, {"limit": 1, "target": 1}])
def test_it_needs_one_goal(options):
    with pytest.raises(ValidationError, match="exactly one of `limit` and `target`"):
        make("length", **options)
