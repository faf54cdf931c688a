from __future__ import annotations

import pytest

from landrace.reports.story import SampleFlip
from landrace.reports.text import table, text
from report_examples import EXAMPLES, PROMOTED, SAMPLES


@pytest.mark.parametrize("name", EXAMPLES)
def test_rendered(name, file_regression):
    file_regression.check(text(EXAMPLES[name]))


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_fits_a_screen(name):
    report = EXAMPLES[name].model_copy(update={"holdout_looks": 9})
    assert len(text(report).splitlines()) <= 25


def test_rendered_with_samples(file_regression):
    file_regression.check(text(PROMOTED, samples=[*SAMPLES, *SAMPLES]))


def test_no_escape_sequence_and_no_runner_command_gets_through():
    report = PROMOTED.model_copy(update={"prompt": "::error::x", "reason": "\x1b[2Jgone"})
    shown = text(report, samples=[SampleFlip(*["\x1b[2J\n::error::x"] * 6)])
    assert "\x1b" not in shown
    assert not any(line.lstrip().startswith("::") for line in shown.splitlines())


def test_a_table_aligns_words_left_and_numbers_right():
    assert table(("prompt", "n"), [("a", "1"), ("longer one", "1,000")]) == (
        "  prompt          n\n  a               1\n  longer one  1,000"
    )


def test_a_wide_character_takes_two_columns():
    assert (
        table(("", "n"), [("日本", "1"), ("abcd", "2")], indent="") == "      n\n日本  1\nabcd  2"
    )


def test_a_table_of_a_header_alone():
    assert table(("a", "b"), []) == "  a  b"
