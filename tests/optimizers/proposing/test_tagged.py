from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.proposing.tagged import tagged


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("<instruction> Say red. </instruction>", "Say red."),
        ("A plan. <instruction>no</instruction> So: <instruction>yes</instruction> Good?", "yes"),
        ("<instruction>Say red.", None),
        ("Say red.</instruction>", None),
        ("</instruction>Say red.<instruction>", None),
        ("Say red.", None),
        ("", None),
    ],
)
def test_the_last_pair_of_tags_counts(answer, text):
    assert tagged(answer) == text


@given(st.text(), st.text(), st.text())
def test_what_was_put_between_tags_comes_out(before, text, after):
    if "instruction>" in before + text + after:
        return
    assert tagged(f"{before}<instruction>{text}</instruction>{after}") == text.strip()
