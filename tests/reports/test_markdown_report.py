from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_reader import assert_harmless, fences
from test_neutralise import PAYLOADS

from landrace.ci_commands import PART
from landrace.reports.markdown import DIFF_LINES, MOST_CHARACTERS, markdown
from landrace.reports.story import SampleFlip
from landrace.schemas.report import Flip, Report, TrainedFrom
from report_examples import EXAMPLES, PROMOTED, SAMPLES


@pytest.mark.parametrize("name", EXAMPLES)
def test_rendered(name, file_regression):
    file_regression.check(markdown(EXAMPLES[name]), extension=".md")


def test_rendered_with_samples(file_regression):
    file_regression.check(markdown(PROMOTED, samples=SAMPLES), extension=".md")


@pytest.mark.parametrize("name", EXAMPLES)
def test_only_our_own_markup_is_live(name):
    assert_harmless(markdown(EXAMPLES[name]))


def test_a_trained_models_report_says_what_it_was_trained_from():
    heir = PROMOTED.model_copy(update={"training": TrainedFrom(model="fake/pupil", round=2)})
    assert "trained by `landrace train` from `fake/pupil`, in round 2" in markdown(heir)
    assert Report.model_validate(heir.model_dump(mode="json")) == heir


def test_of_no_training_nothing_is_said():
    assert "training" not in PROMOTED.model_dump(mode="json")
    assert "landrace train" not in markdown(PROMOTED)


def with_unread(*counts):
    """The promoted example, in which so many answers of each contender could not be read."""
    contenders = zip(PROMOTED.contenders, counts, strict=True)
    return PROMOTED.model_copy(
        update={"contenders": tuple(one.model_copy(update={"unread": n}) for one, n in contenders)}
    )


def test_answers_that_could_not_be_read_have_a_row():
    report = with_unread(17, None, 0)
    assert "| answers that could not be read | 17 | \u2013 | 0 |" in markdown(report).splitlines()
    assert Report.model_validate(report.model_dump(mode="json")) == report


@pytest.mark.parametrize("count", [None, 0])
def test_where_all_could_be_read_no_row_is_spent_on_it(count):
    assert markdown(with_unread(count, count, count)) == markdown(PROMOTED)


def test_a_report_from_before_they_were_counted_keeps_its_bytes():
    for one in PROMOTED.model_dump(mode="json")["contenders"]:
        assert "unread" not in one
    assert [one["unread"] for one in with_unread(0, 1, 2).model_dump()["contenders"]] == [0, 1, 2]


def poisoned(text):
    """A report with the text in every field that may hold another's words."""
    return PROMOTED.model_copy(
        update={
            "prompt": text,
            "model": text,
            "params": {text: text},
            "strategy": text,
            "proposer": text,
            "proposer_note": text,
            "reason": text,
            "metrics": text,
            "splits": {text: 3},
            "contenders": tuple(
                one.model_copy(update={"operator": text, "digest": text})
                for one in PROMOTED.contenders
            ),
            "comparisons": tuple(
                one.model_copy(update={"method": text}) for one in PROMOTED.comparisons
            ),
            "stages": tuple(
                one.model_copy(update={"name": text, "note": text}) for one in PROMOTED.stages
            ),
            "flips": (
                Flip(case_id=text, base=0, winner=1),
                Flip(case_id=text, base=1, winner=0),
            ),
            "diff": text,
            "training": TrainedFrom(model=text, round=1),
        }
    )


@given(st.lists(st.one_of(st.sampled_from(PAYLOADS), st.text(max_size=8)), max_size=5).map("".join))
@settings(max_examples=60, deadline=None)
def test_no_field_can_act(text):
    assert_harmless(markdown(poisoned(text), samples=[SampleFlip(*[text] * 6)]))


def test_what_is_quoted_shows_no_escapes_that_are_ours():
    """A command is parted by a character that nobody sees, once."""
    text = "::error::stop ##[error]x"
    page = markdown(poisoned(text), samples=[SampleFlip(*[text] * 6)])
    quoted = [fence.replace(PART, "").strip() for fence in fences(page) if "xychart" not in fence]
    assert set(quoted) == {text}


@pytest.mark.parametrize(
    "text", ["&" * 3000, "\u202e" * 3000, "`" * 3000, "_@" * 3000, "\n" * 3000]
)
def test_no_report_is_longer_than_a_forge_takes(text):
    report = poisoned(text)
    report = report.model_copy(
        update={
            "stages": report.stages * 100,
            "flips": report.flips * 100,
            "diff": f"+{text}\n" * 100,
        }
    )
    assert len(markdown(report, samples=[SampleFlip(*[text] * 6)] * 50)) <= MOST_CHARACTERS


def test_a_long_diff_is_cut_with_a_note():
    report = PROMOTED.model_copy(update={"diff": "+line\n" * (DIFF_LINES + 7)})
    page = markdown(report)
    assert page.count("+line") == DIFF_LINES
    assert "\n7 more lines not shown." in page


def test_a_diff_of_one_endless_line_is_cut_too():
    page = markdown(PROMOTED.model_copy(update={"diff": "+" + "x" * 100_000 + "\n+y"}))
    assert "…" in fences(page)[0]
    assert "1 more line not shown." in page


def test_samples_show_only_where_they_are_asked_for():
    assert "What the models wrote" not in markdown(PROMOTED)
    assert SAMPLES[0].base_output in markdown(PROMOTED, samples=SAMPLES)


def test_ten_cases_are_named_and_the_rest_counted():
    page = markdown(PROMOTED)
    assert page.count("`intent-0") == 10
    assert "and 19 more" in page
