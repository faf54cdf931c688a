from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from test_markdown_report import poisoned, with_unread
from test_neutralise import PAYLOADS

from landrace.reports.html import Shown, html, html_of_all
from landrace.reports.story import SampleFlip
from landrace.reports.text import text
from report_examples import EXAMPLES, PROMOTED, SAMPLES

VOID = {"meta", "hr"}


class Tags(HTMLParser):
    """The tags of a page, and whether each is closed."""

    def __init__(self, page):
        super().__init__()
        self.seen, self.open, self.words, self.declared = [], [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, tuple(name for name, _ in attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, tuple(name for name, _ in attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_decl(self, decl):
        self.declared.append(decl)

    def handle_data(self, data):
        self.words.append(data)


@pytest.mark.parametrize("name", ["promoted", "budget_ended"])
def test_rendered(name, file_regression):
    samples = SAMPLES if name == "promoted" else ()
    file_regression.check(html(EXAMPLES[name], samples=samples), extension=".html")


def test_answers_that_could_not_be_read_have_a_column():
    words = Tags(html(with_unread(17, None, 0))).words
    assert "answers that could not be read" in words
    assert "17" in words
    assert html(with_unread(0, 0, 0)) == html(PROMOTED)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_tag_is_closed(name):
    assert Tags(html(EXAMPLES[name])).open == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_nothing_is_loaded_from_anywhere(name):
    page = html(EXAMPLES[name])
    assert not re.search(r"https?:|//|url\(|@import|<script|<link|<img|src=|href=", page)
    assert "default-src 'none'" in page


@pytest.mark.parametrize(
    "payload", [*PAYLOADS, "\" onload=x '", "{{ 7 * 7 }}", "</style>", "</pre>"]
)
def test_no_text_becomes_markup(payload):
    plain = Tags(html(poisoned("plain"), samples=[SampleFlip(*["plain"] * 6)]))
    page = html(poisoned(payload), samples=[SampleFlip(*[payload] * 6)])
    lines = payload.count("\n") + payload.count("\u2028") + payload.count("\r")
    seen = Tags(page).seen
    assert set(seen) == set(plain.seen)
    assert lines or len(seen) == len(plain.seen)
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert page.encode()


def test_what_was_written_is_what_is_read():
    shown = "".join(Tags(html(PROMOTED.model_copy(update={"reason": "a <b> & c"}))).words)
    assert "Why: a <b> & c." in shown
    assert "+Answer with the intent alone, as it stands in the list." in shown


def test_a_page_has_room_for_fifty_samples_of_a_report():
    many = [SAMPLES[0]._replace(case_id=f"case-{n}") for n in range(52)]
    whole, cut = (html(PROMOTED, samples=some) for some in (many[:50], many))
    assert whole.count("<details") == cut.count("<details") == 50
    assert "not shown" not in whole
    assert "<p>2 more cases not shown.</p>" in cut
    assert "case-50" not in cut
    assert "47 more cases in --format html." in text(PROMOTED, samples=many)


def test_several_reports_are_one_page():
    reports = list(EXAMPLES.values())
    page = Tags(html_of_all([Shown(one) for one in reports]))
    assert page.declared == ["DOCTYPE html"]
    assert page.open == []
    tags = [tag for tag, _ in page.seen]
    assert [tags.count(tag) for tag in ("html", "head", "style", "body")] == [1] * 4
    assert (tags.count("h1"), tags.count("hr")) == (len(reports), len(reports) - 1)
    assert "Score reports" in page.words
    body = html_of_all([Shown(PROMOTED, SAMPLES), Shown(PROMOTED)]).partition("<body>")[2]
    alone = html(PROMOTED, samples=SAMPLES).partition("<body>")[2]
    assert body.startswith(alone.removesuffix("</body>\n</html>\n") + "<hr>\n<h1>")
