from __future__ import annotations

import pytest

from landrace.ci_commands import PART, without_commands


@pytest.mark.parametrize(
    "text", ["::error::x", "a\n  ::set-output name=b::c", "see ##[group]x", "##vso[a]"]
)
def test_a_command_is_parted_and_reads_as_before(text):
    assert without_commands(text) != text
    assert without_commands(text).replace(PART, "") == text


@pytest.mark.parametrize("text", ["a::b", "## Heading", "# 1"])
def test_other_text_stays_as_it_is(text):
    assert without_commands(text) == text
