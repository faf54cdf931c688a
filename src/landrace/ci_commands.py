"""Text that a CI runner must not take for its commands: it reads them in stdout and stderr."""

from __future__ import annotations

import re

# Parts a trigger without a trace: the reader sees the same text, no parser sees the trigger.
PART = "\u200b"

_COMMAND = re.compile(r"(?m)^([^\S\n]*):(?=:)")
# The older command forms of runners count anywhere in a line: ##[error], ##vso[task].
_HASH_COMMAND = re.compile(r"#(?=#\w*\[)")


def without_commands(text: str) -> str:
    """The text as a reader sees it, with nothing in it that steers a runner."""
    return _HASH_COMMAND.sub(f"#{PART}", _COMMAND.sub(rf"\1:{PART}", text))
