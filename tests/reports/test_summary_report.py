from __future__ import annotations

from markdown_reader import assert_harmless
from test_markdown_report import poisoned

from landrace.reports.summary import summary
from report_examples import EXAMPLES, FIRST_PIN, PROMOTED


def test_rendered(file_regression):
    file_regression.check(summary(list(EXAMPLES.values())), extension=".md")


def test_the_order_of_the_reports_does_not_matter():
    assert summary([PROMOTED, FIRST_PIN]) == summary([FIRST_PIN, PROMOTED])


def test_no_reports_leave_a_header():
    assert len(summary([]).splitlines()) == 2


def test_a_name_cannot_break_the_table():
    page = summary([poisoned("a|b`\n\n<b> @octocat")])
    assert len(page.splitlines()) == 3
    assert_harmless(page)
