from __future__ import annotations

from pathlib import Path

from landrace.reports.markdown import markdown
from report_examples import PROMOTED

PAGE = Path(__file__).parents[2] / "docs" / "reports.md"


def test_the_page_about_reports_ends_with_a_report_as_it_is_rendered_today():
    assert PAGE.read_text(encoding="utf-8").endswith(f"\n\n{markdown(PROMOTED)}")
