from __future__ import annotations

import pytest
from markdown_reader import assert_harmless
from test_html_report import Tags
from test_markdown_report import poisoned
from test_neutralise import PAYLOADS

from landrace.reports.html import html
from landrace.reports.markdown import markdown
from landrace.reports.summary import summary
from landrace.reports.text import text
from landrace.reports.worth import FRESH, Worth
from report_examples import EXAMPLES, FIRST_PIN, PROMOTED

STALE = Worth("stale", ("the template changed", "the metrics changed"))
NOT_FRESH = [
    STALE,
    Worth("gone", ("the prompt is gone",)),
    Worth("refused", ("registry/a/b/prompt.jinja: the file is not the one that its pin names",)),
    Worth("unreadable", ("prompts/a/prompt.yaml:3: `inputz` is not a known key",)),
]


def name(worth: Worth) -> str:
    return worth.status


@pytest.mark.parametrize("show", [text, markdown, html])
@pytest.mark.parametrize("example", EXAMPLES)
def test_of_a_fresh_report_nothing_is_said(show, example):
    assert show(EXAMPLES[example], worth=FRESH) == show(EXAMPLES[example])
    assert "stale" not in show(EXAMPLES[example])


@pytest.mark.parametrize("worth", NOT_FRESH, ids=name)
def test_each_rendering_warns(worth, file_regression):
    plain = text(PROMOTED, worth=worth)
    [told] = [line for line in plain.splitlines() if "Mind:" in line]
    file_regression.check(told + "\n")
    added = set(markdown(PROMOTED, worth=worth).splitlines()) - set(markdown(PROMOTED).splitlines())
    [quoted] = [line for line in added if line != ">"]
    assert quoted.startswith("> **Mind:** ")
    assert quoted.replace("\\`", "`").replace("\\_", "_") == f"> **Mind:** {told[6:]}"
    shown = "".join(Tags(html(PROMOTED, worth=worth)).words)
    assert told.removeprefix("Mind: ") in shown


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_text_still_fits_a_screen(example):
    report = EXAMPLES[example].model_copy(update={"holdout_looks": 9})
    assert len(text(report, worth=STALE).splitlines()) <= 25


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_reason_that_quotes_others_acts_nowhere(payload):
    worth = Worth("unreadable", (payload,))
    assert_harmless(markdown(poisoned("plain"), worth=worth))
    page = Tags(html(PROMOTED, worth=worth))
    assert page.seen == Tags(html(PROMOTED, worth=STALE)).seen
    plain = text(PROMOTED, worth=worth)
    assert "\x1b" not in plain
    assert not any(line.lstrip().startswith("::") for line in plain.splitlines())


def test_a_summary_marks_what_is_not_fresh_and_says_what_the_mark_means(file_regression):
    reports = [
        PROMOTED.model_copy(update={"prompt": prompt}) for prompt in ["a", "b", "c", "d", "e", "f"]
    ]
    worths = dict(zip([(one.prompt, one.model) for one in reports], NOT_FRESH, strict=False))
    worths["f", PROMOTED.model] = STALE
    file_regression.check(summary(reports, worths), extension=".md")


def test_a_summary_explains_the_marks_in_use_alone():
    reports = [PROMOTED, FIRST_PIN]
    assert summary(reports, {(one.prompt, one.model): FRESH for one in reports}) == summary(reports)
    page = summary(reports, {(PROMOTED.prompt, PROMOTED.model): STALE})
    assert page.count("(stale)") == page.count("**stale**") == 1
    assert "gone" not in page
