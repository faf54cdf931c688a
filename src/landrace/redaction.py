"""Keep secrets out of messages, logs and files.

Two nets: the values of environment variables that are secret by their name, also in the
encodings in which they tend to leak, and texts that look like a key whatever their origin.
"""

from __future__ import annotations

import base64
import os
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MASK = "[redacted]"

# A shorter value ("test", "none") is no secret, and masking it would eat ordinary words.
_SHORTEST_SECRET = 8

_SECRET_NAME = re.compile(
    r"(API_?KEY|ACCESS_KEY(_ID)?|PRIVATE_KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$",
    re.IGNORECASE,
)

_KEY_SHAPES = (
    # OpenAI, Anthropic, OpenRouter, Groq, xAI, Hugging Face, Replicate, Stripe, npm, PyPI
    re.compile(r"\b(?:sk|pk|rk|gsk|xai|hf|r8|npm|pypi)[-_][A-Za-z0-9_-]{16,}"),
    re.compile(r"\bgh[opsur]_[A-Za-z0-9]{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{16,}"),
    re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    re.compile(r"\bAIza[A-Za-z0-9_-]{30,}"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+"),
    re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
    ),
)

# The first group stays, so that a reader still sees what was masked.
_LABELLED = (
    re.compile(r"(\bBearer\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE),
    re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/@:]*:[^\s/@]+(?=@)", re.IGNORECASE),
    re.compile(
        r"((?:api[-_]?key|access[-_]?token|auth[-_]?token|secret|password)[\"']?\s*[:=]\s*[\"']?)"
        r"[^\s\"',;&}]{8,}",
        re.IGNORECASE,
    ),
)


def redact(text: str, environ: Mapping[str, str] | None = None) -> str:
    """The text with every known or likely secret replaced by ``[redacted]``.

    Args:
        text: anything that is about to be shown or written.
        environ: where the known secrets live; the process environment by default.
    """
    for value in _known_forms(os.environ if environ is None else environ):
        text = text.replace(value, MASK)
    for pattern in _KEY_SHAPES:
        text = pattern.sub(MASK, text)
    for pattern in _LABELLED:
        text = pattern.sub(rf"\g<1>{MASK}", text)
    return text


def _known_forms(environ: Mapping[str, str]) -> list[str]:
    """Every form of every secret value, longest first: a value may hold another."""
    forms = {
        form
        for name, value in environ.items()
        if _SECRET_NAME.search(name) and len(value.strip()) >= _SHORTEST_SECRET
        for form in _forms(value.strip())
    }
    return sorted(forms, key=lambda form: (-len(form), form))


def _forms(value: str) -> Iterator[str]:
    data = value.encode("utf-8", "surrogateescape")
    yield value
    yield quote(data, safe="")
    yield base64.b64encode(data).decode("ascii")
    yield base64.urlsafe_b64encode(data).decode("ascii")
    yield data.hex()
