"""Markdown as a forge reads it: what is live in a page, and what is only text."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt  # rich needs it, so it is always there

# What a forge turns into a notification, a cross-reference or a link after Markdown is parsed.
LIVE = re.compile(r"@\w|#\d|\bGH-\d|://|www\.", re.IGNORECASE)
RUNNER_COMMAND = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)
OURS = {
    "heading",
    "paragraph",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "bullet_list",
    "list_item",
    "blockquote",
    "strong",
}


def tokens(page):
    """Every block and inline token of a page, flat."""
    for token in (
        MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(page)
    ):
        yield token
        yield from token.children or ()


def kinds(page):
    """The kinds of tokens in a page, without those that reports are made of."""
    found = {token.type.removesuffix("_open").removesuffix("_close") for token in tokens(page)}
    return found - OURS - {"inline", "text", "text_special", "softbreak", "code_inline", "fence"}


def words(page):
    """The text of a page that is neither a code span nor a code block."""
    return [token.content for token in tokens(page) if token.type in {"text", "text_special"}]


def spans(page):
    return [token.content for token in tokens(page) if token.type == "code_inline"]


def fences(page):
    return [token.content for token in tokens(page) if token.type == "fence"]


def assert_harmless(page):
    assert kinds(page) == set()
    for token in tokens(page):
        # Adjacent text tokens are one text on the page.
        if token.type == "inline":
            joined = "".join(
                "\0" if child.type == "code_inline" else child.content for child in token.children
            )
            assert not LIVE.search(joined), joined
    assert not RUNNER_COMMAND.search(page)
