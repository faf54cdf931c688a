"""One set of decoding parameters over another, whose limits go by two names."""

from __future__ import annotations

from typing import Any

import pytest

from landrace.program.params import overlaid

OLD, NEW = "max_tokens", "max_completion_tokens"


@pytest.mark.parametrize(
    ("params", "more", "wanted"),
    [
        ({"temperature": 0, OLD: 256}, {"temperature": 1}, {"temperature": 1, OLD: 256}),
        ({OLD: 256}, {OLD: 9}, {OLD: 9}),
        ({OLD: 256}, {NEW: 900}, {NEW: 900}),
        ({NEW: 900}, {OLD: 40}, {NEW: 40}),
        ({NEW: 900}, {}, {NEW: 900}),
        ({OLD: 256, NEW: 900}, {OLD: 40}, {NEW: 40}),
    ],
)
def test_of_a_limits_two_names_the_newer_one_stays(
    params: dict[str, Any], more: dict[str, Any], wanted: dict[str, Any]
) -> None:
    assert overlaid(params, more) == wanted


@pytest.mark.parametrize("params", [{}, {OLD: 256}])
def test_who_gives_both_gets_both(params: dict[str, Any]) -> None:
    both = {OLD: 8, NEW: 900}
    assert overlaid(params, both) == both
    assert overlaid(both, {"seed": 3}) == {**both, "seed": 3}
