from __future__ import annotations

import re

import pytest
from test_html_report import Tags
from test_markdown_report import poisoned
from test_neutralise import PAYLOADS

from landrace.reports.html_summary import html_summary
from landrace.reports.summary import summary
from landrace.reports.worth import Worth
from report_examples import EXAMPLES, FIRST_PIN, PROMOTED

REPORTS = list(EXAMPLES.values())
STALE = {(PROMOTED.prompt, PROMOTED.model): Worth("stale", ("the template changed",))}


def test_rendered(file_regression):
    file_regression.check(html_summary([PROMOTED, FIRST_PIN], STALE), extension=".html")


@pytest.mark.parametrize("worths", [{}, STALE], ids=["fresh", "stale"])
def test_it_says_what_the_table_in_markdown_says(worths):
    lines = summary(REPORTS, worths).splitlines()
    told = "".join(line for line in lines if not line.startswith("| ---"))
    page = "".join(Tags(html_summary(REPORTS, worths)).words).rpartition("Score reports")[2]
    assert re.sub(r"[\s|*`]", "", told) == re.sub(r"\s", "", page)


def test_it_is_one_whole_page_that_loads_nothing():
    page = html_summary(REPORTS, STALE)
    tags = Tags(page)
    assert (tags.declared, tags.open) == (["DOCTYPE html"], [])
    assert not re.search(r"https?:|//|url\(|@import|<script|<link|<img|src=|href=", page)
    assert "default-src 'none'" in page


@pytest.mark.parametrize("payload", [*PAYLOADS, "\" onload=x '", "{{ 7 * 7 }}", "</style>"])
def test_no_name_becomes_markup(payload):
    page = html_summary([poisoned(payload)])
    assert Tags(page).seen == Tags(html_summary([poisoned("plain")])).seen
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert page.encode()
