from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.search.schedules import Schedule, whole

FORMS = ("fixed", "linear", "cosine")
schedules = st.builds(
    Schedule,
    st.sampled_from(FORMS),
    first=st.integers(1, 200),
    last=st.integers(1, 200),
    steps=st.integers(1, 50),
    warm_up=st.integers(0, 20),
)


def test_words_of_gpo_fall_along_a_cosine_from_50_to_10():
    schedule = Schedule("cosine", 50, 10, 24)
    assert [whole(schedule, step) for step in (0, 6, 12, 18, 24)] == [50, 44, 30, 15, 10]


@pytest.mark.parametrize(("form", "middle"), [("fixed", 50), ("linear", 30), ("cosine", 30)])
def test_forms_are_told_apart_by_where_they_stand(form, middle):
    schedule = Schedule(form, 50, 10, 8)
    assert schedule.at(4) == pytest.approx(middle)
    assert schedule.at(8) == pytest.approx(50 if form == "fixed" else 10)


def test_a_warm_up_rises_to_the_first_value_and_allows_a_word_at_once():
    schedule = Schedule("linear", 40, 10, 14, warm_up=4)
    assert [whole(schedule, step) for step in (0, 1, 2, 4, 9, 14)] == [1, 10, 20, 40, 25, 10]


@given(schedules, st.integers(0, 100))
def test_a_step_always_allows_a_word_and_never_more_than_the_ends(schedule, step):
    assert 1 <= whole(schedule, step) <= max(schedule.first, schedule.last)


@given(schedules, st.integers(0, 100))
def test_after_its_end_a_schedule_stays(schedule, step):
    end = schedule._replace(warm_up=0)
    assert end.at(end.steps + step) == pytest.approx(end.at(end.steps))
