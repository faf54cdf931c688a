from __future__ import annotations

import pytest

from landrace.reports import chart
from landrace.reports.story import Progress
from report_examples import PROMOTED, estimate


def test_a_score_stands_at_its_percentage():
    assert chart.score_span(estimate(0.5, 0.25, 1, 9)) == (25, 50, 100)


def test_the_axis_of_differences_is_the_smallest_that_fits():
    assert chart.reach(PROMOTED.comparisons) == 0.3
    assert chart.reach(PROMOTED.comparisons[1:]) == 0.2
    assert chart.reach([]) == 0.05


def test_no_difference_stands_in_the_middle():
    level = PROMOTED.comparisons[0].model_copy(update={"difference": 0, "low": -0.1, "high": 0.2})
    assert chart.difference_span(level, 0.2) == pytest.approx((25, 50, 100))


def test_a_better_score_stands_higher():
    worse, better = chart.dots([Progress("a", 5, 0.1), Progress("b", 10, 0.9)], 10)
    assert worse.y > better.y
    assert (worse.x, better.x) == (50, 100)


def test_a_course_without_calls_divides_by_nothing():
    assert chart.dots([Progress("a", 0, 0.5)], 0)[0].x == 0
