from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from landrace.reports import mermaid
from landrace.reports.story import Progress

# Accepted by Mermaid 11's own parser when this test was written.
GRAMMAR = re.compile(
    r"xychart-beta\n"
    r'    title "[\w ]+"\n'
    r'    x-axis "calls" \["\d+"(, "\d+")+\]\n'
    r'    y-axis "points" 0 --> 100\n'
    r"    line \[[\d.]+(, [\d.]+)+\]"
)

points = st.builds(
    Progress, st.text(), st.integers(0, 10**9), st.floats(0, 1, allow_subnormal=False)
)


@given(st.lists(points, min_size=2, max_size=60))
def test_whatever_a_stage_is_called_the_chart_is_one(course):
    drawn = mermaid.chart(course)
    assert GRAMMAR.fullmatch(drawn)
    labels, line = drawn.count('"') - 6, drawn.splitlines()[-1].count(",") + 1
    assert labels == 2 * line == 2 * min(len(course), mermaid.MOST_POINTS)


def test_a_long_course_keeps_its_ends():
    drawn = mermaid.chart([Progress("", n, n / 100) for n in range(100)])
    assert '["0", ' in drawn
    assert ', "99"]' in drawn


def test_one_point_is_no_line():
    assert mermaid.chart([Progress("a", 1, 0.5)]) is None
    assert mermaid.chart([]) is None
