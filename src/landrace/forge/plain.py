"""Words from outside made harmless: they may hold controls, a runner's commands, or a secret."""

from __future__ import annotations

import os
import re

from landrace.digest import normalize_newlines
from landrace.redaction import redact

_MOST_READ = 20_000

# Parts a trigger without a trace: the reader sees the same text, no runner sees a command.
_PART = "\u200b"
_COMMAND = re.compile(r"(?m)^([^\S\n]*):(?=:)")
# Runners read ##[group] and ##vso[task] as commands wherever they stand in a line.
_HASH_COMMAND = re.compile(r"#(?=#\w*\[)")

# Controls but for line feed and tab, line separators, what turns the direction of a line, and
# halves of surrogate pairs, which no file takes.
_ACTING = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def one_line(text: str, *, secret: str = "", limit: int = 300) -> str:
    """The text on one line, for a message: without secrets, and nothing in it can act.

    Args:
        text: whatever was read.
        secret: a secret that stands in no variable of the environment.
        limit: the most characters; what is cut ends in an ellipsis.
    """
    known = {**os.environ, "GIVEN_TOKEN": secret}
    words = " ".join(redact(text[:_MOST_READ], known).split())
    shown = without_commands("".join(map(_printable, words)))
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def written_out(text: str) -> str:
    r"""The text with its lines, and every character that acts written out, as in ``\u001b``."""
    return _ACTING.sub(lambda match: _escape(match[0]), normalize_newlines(text))


def published(text: str) -> str:
    """Markdown fit to be sent to a forge: no known or likely secret, and nothing in it acts."""
    return written_out(redact(text))


def without_commands(text: str) -> str:
    """The text with all that a runner would take for a command of the job parted."""
    return _HASH_COMMAND.sub(f"#{_PART}", _COMMAND.sub(rf"\1:{_PART}", text))


def _printable(character: str) -> str:
    return character if character.isprintable() else _escape(character)


def _escape(character: str) -> str:
    return f"\\u{ord(character):04x}"
