"""One set of decoding parameters over another, whose limits go by two names."""

from __future__ import annotations

from typing import Any

import pytest

from landrace.program.params import DECODING_PARAMS, overlaid, param_problem

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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", 0.5),
        ("top_k", 0),
        ("stop", "x"),
        ("stop", ["x", "y"]),
        ("seed", 10**400),
        ("response_format", {"type": "json_object"}),
    ],
)
def test_what_decodes_may_be_given(name: str, value: object) -> None:
    assert param_problem(name, value) is None


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("temperature", float("nan"), "is not a number"),
        ("temperature", float("inf"), "is not a number"),
        ("temperature", True, "is not a number"),
        ("max_tokens", -1, "is not a whole number"),
        ("stop", [1], "is not a text or a list of texts"),
        ("reasoning_effort", {"effort": "high"}, "is not a text"),
        ("response_format", "json", "is not an object"),
        ("api_base", "https://a.example", "is no decoding parameter"),
    ],
)
def test_what_does_not_decode_is_refused(name: str, value: object, text: str) -> None:
    problem = param_problem(name, value)
    assert problem is not None
    assert problem.text == text


def test_nothing_that_decodes_says_where_a_call_goes() -> None:
    """A list to think about: whoever adds to it lets pull requests give it."""
    assert not {
        name for name in DECODING_PARAMS if "base" in name or "key" in name or "url" in name
    }
