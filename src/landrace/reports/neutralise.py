"""Untrusted text made harmless: case ids, diffs, model outputs and notes are data, never markup.

A report is read on a forge, in a terminal and in a CI log. In each of them text can act:
an @mention notifies, an issue number leaves a cross-reference, a link or an image calls out,
HTML and table pipes break the page, ``::`` commands steer a CI runner, escape sequences
steer a terminal, and bidirectional controls hide what a diff does.
"""

from __future__ import annotations

import re
import unicodedata

from landrace.ci_commands import PART, without_commands
from landrace.digest import normalize_newlines

ELLIPSIS = "…"

# Joiners are invisible as well, but emoji and several scripts are misspelt without them.
_JOINERS = "\u200c\u200d"
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})

_REFERENCE = re.compile(r"@|#(?=\w)|\bgh-(?=\d)|:(?=//)|www(?=\.)", re.IGNORECASE)
_SPECIAL = re.compile(r"[\\`*_\[\]|~$]")
# A fence must be longer than the longest run inside; no honest text needs a longer one.
_LONG_RUN = re.compile("`{33,}")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def visible(text: str) -> str:
    r"""The text with every control and hidden character written out, as in ``\u202e``.

    Line feeds, tabs and joiners stay; other line ends become line feeds.
    """
    return "".join(map(_visible_character, normalize_newlines(text)))


def one_line(text: str, limit: int = 200) -> str:
    """The text visible, on one line, without CI commands and of at most ``limit`` characters."""
    return without_commands(clip(" ".join(visible(text).split()), limit))


def block(text: str) -> str:
    """The text visible and without CI commands, its lines kept."""
    return without_commands(visible(text))


def inside_html(text: str, limit: int = 200) -> str:
    """Text for an element of HTML, into which Markdown does not look."""
    return _parted(one_line(text, limit)).translate(_ENTITIES)


def prose(text: str, limit: int = 400) -> str:
    """Text for a Markdown paragraph or table cell, as plain words.

    It must follow something on its line: a line's beginning has a syntax of its own.
    """
    parted = _parted(one_line(text, limit)).translate(_ENTITIES)
    return _SPECIAL.sub(lambda match: "\\" + match[0], parted)


def code(text: str, limit: int = 200, *, cell: bool = False) -> str:
    """Text for a Markdown code span; with ``cell``, for one in a table, without a pipe."""
    line = _LONG_RUN.sub("`" * 32 + ELLIPSIS, one_line(text, limit))
    if not line:
        return "(empty)"
    if cell:
        line = line.replace("|", "\\u007c")
    ticks = "`" * (_longest_run(line) + 1)
    pad = " " if "`" in (line[0], line[-1]) else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def fence(text: str, info: str = "") -> str:
    """Text as a fenced Markdown block, fenced by more backticks than it holds in a row."""
    body = _LONG_RUN.sub("`" * 32 + ELLIPSIS, block(text).removesuffix("\n"))
    ticks = "`" * max(3, _longest_run(body) + 1)
    return f"{ticks}{info}\n{body}\n{ticks}"


def clip(text: str, limit: int) -> str:
    """The text, cut to ``limit`` characters with an ellipsis as the last of them."""
    return text if len(text) <= limit else text[: limit - 1] + ELLIPSIS


def _visible_character(character: str) -> str:
    if character in "\n\t" or character in _JOINERS:
        return character
    if unicodedata.category(character) not in _HIDDEN:
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _parted(line: str) -> str:
    return _REFERENCE.sub(lambda match: match[0] + PART, line)


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
