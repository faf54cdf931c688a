from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_reader import assert_harmless, fences, kinds, spans, tokens, words

from landrace.reports.neutralise import (
    PART,
    block,
    clip,
    code,
    fence,
    inside_html,
    one_line,
    prose,
    visible,
)

PAYLOADS = [
    "@octocat",
    "owner/repo#12",
    "GH-7",
    "<img src=x onerror=alert(1)>",
    "<!-- hidden",
    "</details>",
    "[click](https://example.org)",
    "![pixel](//example.org/p.png)",
    "<https://example.org>",
    "https://example.org",
    "www.example.org",
    "a@example.org",
    "::error::stop",
    "  ::set-output name=x::y",
    "##[error]stop",
    "##vso[task.complete]",
    "```",
    "````\n::error::\n````",
    "`",
    "|",
    "\\",
    "\\|",
    "~~gone~~",
    "**bold**",
    "_it_",
    "$x$",
    "&lt;b&gt;",
    "&#64;octocat",
    "\x1b[31m",
    "\r::error::",
    "\u202eevil\u2066",
    "\u200b",
    "\ud800",
    "\n\n# title\n\n- item\n\n---\n\n| a |\n| - |",
    "[x]: https://example.org",
    "\u2028",
    "\x00",
]

nasty = st.lists(st.one_of(st.sampled_from(PAYLOADS), st.text(max_size=12)), max_size=8).map(
    "".join
)


def page(text):
    """Untrusted text in every place that a report has for it."""
    return (
        f"# {code(text)} on {code(text)}\n\n**Kept.** Why: {prose(text)}.\n\n"
        f"| a | b |\n| --- | --- |\n| {code(text, cell=True)} | {prose(text)} |\n\n"
        f"- won: {code(text)}, {code(text)}\n\n{fence(text, 'diff')}\n\nEnd.\n"
    )


@given(nasty)
def test_no_text_is_live_anywhere_in_a_page(text):
    assert_harmless(page(text))


@given(nasty)
def test_a_page_keeps_its_shape_whatever_the_text(text):
    shape = [
        token.type for token in tokens(page("plain")) if token.type.endswith(("_open", "fence"))
    ]
    assert [
        token.type for token in tokens(page(text)) if token.type.endswith(("_open", "fence"))
    ] == shape


@given(nasty)
def test_a_reader_sees_what_was_written(text):
    def bare(value):
        return "".join(value.replace(PART, "").split())

    seen = page(text)
    assert bare(fences(seen)[0]) == bare(block(text))
    if one_line(text):
        # A code span drops one space at each end where both are there.
        assert bare(spans(seen)[0]) == bare(one_line(text))
    paragraph = next(t for t in tokens(seen) if t.type == "inline" and "Why:" in t.content)
    content = "".join(child.content for child in paragraph.children)
    assert bare(content) == bare(f"Kept. Why: {one_line(text, 400)}.")


@given(st.text())
def test_nothing_hidden_is_left(text):
    shown = visible(text)
    shown.encode()
    left = {c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert left <= set("\n\t\u200c\u200d")


@given(nasty)
def test_one_line_has_one_line_and_no_command(text):
    line = one_line(text)
    assert "\n" not in line
    assert not re.match(r"\s*::", line)
    assert "\x1b" not in line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, 3 of 4", "plain words, 3 of 4"),
        ("exact_match", r"exact\_match"),
        ("a < b", "a &lt; b"),
        ("@octocat", f"@{PART}octocat"),
        ("two\nlines", "two lines"),
    ],
)
def test_prose(text, shown):
    assert prose(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("route_note", "route_note"),  # a backslash would be seen
        ("a <b> & c", "a &lt;b&gt; &amp; c"),
        ("@octocat #3", f"@{PART}octocat #{PART}3"),
        ("two\nlines\x1b", r"two lines\u001b"),
    ],
)
def test_inside_html(text, shown):
    assert inside_html(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("case-1", "`case-1`"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("a|b", "`a|b`"),
        ("", "(empty)"),
        ("\x1b[2J", r"`\u001b[2J`"),
    ],
)
def test_code(text, shown):
    assert code(text) == shown


def test_a_pipe_does_not_end_a_cell():
    assert code("a\\|b", cell=True) == r"`a\\u007cb`"


def test_a_fence_is_longer_than_any_run_inside():
    assert fence("a\n````\nb\n", "diff") == "`````diff\na\n````\nb\n`````"


def test_an_absurd_run_does_not_make_an_absurd_fence():
    assert len(fence("`" * 10_000)) < 200
    assert_harmless(page("`" * 10_000 + "\n@octocat"))


def test_clip_says_that_it_cut():
    assert clip("abcdef", 4) == "abc…"
    assert clip("abcd", 4) == "abcd"


def test_the_reader_of_these_tests_sees_live_text():
    assert kinds("<b>x</b>") == {"html_inline"}
    assert kinds("[a](https://example.org)") == {"link"}
    assert words("hello @octocat") == ["hello @octocat"]
    with pytest.raises(AssertionError):
        assert_harmless("hello @octocat")
    with pytest.raises(AssertionError):
        assert_harmless("```\n  ::error::x\n```")
