"""What went wrong between git and a remote, told apart by git's own words."""

from __future__ import annotations

import re

from landrace.errors import ConfigError, EvidenceError, LandraceError, OutageError, RepositoryError
from landrace.redaction import redact

_LONGEST = 500

# In this order: git ends most of its failures with words that also fit an outage.
_NOT_THERE = re.compile(
    r"does not appear to be a git repository|repository '.*' not found|Repository not found"
    r"|returned error: (404|30\d)|redirect",
    re.IGNORECASE,
)
_CERTIFICATE = re.compile(r"certificate|Host key verification failed", re.IGNORECASE)
_CREDENTIALS = re.compile(
    r"Authentication failed|could not read (Username|Password)|Permission denied"
    r"|returned error: 40[13]|terminal prompts disabled",
    re.IGNORECASE,
)
_GONE = re.compile(r"not our ref|no such remote ref|unadvertised object", re.IGNORECASE)
_OUTAGE = re.compile(
    r"Could not resolve|Failed to connect|Couldn't connect|Connection (refused|reset|closed)"
    r"|timed out|is unreachable|No route to host|returned error: (408|429|5\d\d)|early EOF"
    r"|hung up unexpectedly|unexpected disconnect|RPC failed|Timeout: git|Empty reply"
    r"|transfer closed|Recv failure|failed to report status|Temporary failure",
    re.IGNORECASE,
)


def failure(stderr: str, remote: str) -> LandraceError:
    """The error for what git says when it got no answer, or none that it likes.

    Args:
        stderr: what it says.
        remote: the name or the address of the remote.
    """
    # A remote's own words may tell why, but must not choose the kind of error.
    own = "\n".join(text for text in stderr.splitlines() if not text.startswith("remote:"))
    why = remote_words(stderr) or clean(_first(own))
    if _CERTIFICATE.search(own):
        return ConfigError(
            f"the remote is not who it should be: {why}",
            where=remote,
            fix="check its address, and the certificates or known hosts of this machine",
        )
    if _CREDENTIALS.search(own):
        return ConfigError(
            f"the remote does not take these credentials: {why}",
            where=remote,
            fix="give a token that may read and write the repository, or set up git's credential"
            " helper or ssh key for it",
        )
    if _NOT_THERE.search(own):
        return ConfigError(
            f"the remote has no such repository for these credentials: {why}",
            where=remote,
            fix="check the address, and that the token or key may see the repository",
        )
    if _GONE.search(own):
        return EvidenceError(
            "the remote's branch moved while it was fetched", where=remote, fix="run it again"
        )
    if _OUTAGE.search(own):
        return OutageError(
            f"the remote cannot be reached: {why}", where=remote, fix="run it again later"
        )
    return RepositoryError(f"git could not talk to the remote: {why}", where=remote)


def remote_words(stderr: str) -> str:
    """What the remote itself had to say, in one clean line; empty for nothing."""
    spoken = [text[7:] for text in stderr.splitlines() if text.startswith("remote:")]
    return clean("\n".join(spoken))


def clean(text: str) -> str:
    """A text of somebody else's in one line: no control characters, no secrets, not too long."""
    plain = re.sub(r"\x1b\[[0-?]*[ -/]*[@-~]", "", redact(text))
    words = " ".join("".join(c if c.isprintable() else " " for c in plain).split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"


def _first(text: str) -> str:
    """The line with git's reason; lines before it are hints and progress."""
    lines = [part for part in text.splitlines() if part.strip()]
    marked = [part for part in lines if part.startswith(("fatal:", "error:", "ssh:", "ERROR:"))]
    return next(iter(marked or lines), "no reason given")
