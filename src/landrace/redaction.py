"""Keep secrets out of messages, logs and files.

Two nets: the values of environment variables that are secret by their name, also in the
encodings in which they tend to leak, and texts that look like a key whatever their origin.
`redact` masks rather too much, because a masked word costs nothing. `find_secrets` finds what is
surely one, because it keeps a commit from being made.
"""

from __future__ import annotations

import base64
import json
import os
import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MASK = "[redacted]"

# A shorter value ("test", "none") is no secret, and masking it would eat ordinary words.
_SHORTEST_SECRET = 8
# Lines of a key file: any of them alone gives part of it away.
_SHORTEST_LINE = 24
_LONGEST_WORD = 16

_SECRET_NAME = re.compile(
    r"(API_?KEY|ACCESS_KEY(_ID)?|(PRIVATE|SIGNING)_KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$",
    re.IGNORECASE,
)
_ARMOUR = "-----"

# What is surely a key of some kind, and what kind. A text can be somebody's attack: no pattern
# may look at a long run of characters again from each place in it.
_KEYS = {
    "a key of Anthropic": re.compile(r"\bsk-ant-[a-z]{2,6}\d\d-[\w-]{20,}"),
    "a key of OpenAI": re.compile(
        r"\bsk-(?:proj|svcacct|admin|None)-[\w-]{20,}|\bsk-[A-Za-z0-9]{32,}"
    ),
    "a key of OpenRouter": re.compile(r"\bsk-or-v\d-[0-9a-f]{32,}"),
    "a key of Groq or xAI": re.compile(r"\bgsk_[A-Za-z0-9]{40,}|\bxai-[A-Za-z0-9]{40,}"),
    "a token of Hugging Face": re.compile(r"\bhf_[A-Za-z0-9]{30,}"),
    "a token of Replicate": re.compile(r"\br8_[A-Za-z0-9]{30,}"),
    "a key of Stripe": re.compile(r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{20,}"),
    "a token of npm or PyPI": re.compile(r"\bnpm_[A-Za-z0-9]{36}\b|\bpypi-AgE[\w-]{50,}"),
    "a token of GitHub": re.compile(r"\bgh[opsur]_[A-Za-z0-9]{36,}|\bgithub_pat_\w{50,}"),
    "a token of GitLab": re.compile(r"\bgl(?:pat|cbt|dt|rt)-[\w-]{20,}"),
    "a token of Slack": re.compile(
        r"\bxox[abeoprs]-(?:\d-)?\d{8,}-[A-Za-z0-9-]{8,}|\bxapp-\d-[A-Z0-9]{8,}-\d+-\w{32,}"
        r"|\bhooks\.slack\.com/services/T\w{8,}/B\w{8,}/\w{20,}"
    ),
    # Amazon's own documentation has keys that end so.
    "a key of AWS": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b(?<!EXAMPLE)"),
    "a key of Google": re.compile(r"\bAIza[\w-]{35}(?![\w-])|\bGOCSPX-[\w-]{28}(?![\w-])"),
    "a JSON web token": re.compile(
        r"(?<![\w-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{20,}"
    ),
    "a private key": re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:\s|\\[nr]){0,8}"
        r"(?:[\w-]{1,40}: [^\n]{0,200}\n){0,4}\s?[A-Za-z0-9+/=]{40,}"
    ),
}

# What may be one, of the same makers or of others.
_KEY_SHAPES = (
    # OpenAI, Anthropic, OpenRouter, Groq, xAI, Hugging Face, Replicate, Stripe, npm, PyPI
    re.compile(r"\b(?:sk|pk|rk|gsk|xai|hf|r8|npm|pypi)[-_][A-Za-z0-9_-]{16,}"),
    re.compile(r"\bgh[opsur]_[A-Za-z0-9]{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{16,}"),
    re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    re.compile(r"\bAIza[A-Za-z0-9_-]{30,}"),
    re.compile(r"(?<![\w-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+"),
    re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
    ),
)

# The first group stays, so that a reader still sees what was masked.
_LABELLED = (
    re.compile(r"(\bBearer\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE),
    re.compile(r"(\b[a-z][a-z0-9+.-]{0,20}://)[^\s/@:]*:[^\s/@]+(?=@)", re.IGNORECASE),
    re.compile(
        r"((?:api[-_]?key|access[-_]?token|auth[-_]?token|secret|password)[\"']?\s*[:=]\s*[\"']?)"
        r"[^\s\"',;&}]{8,}",
        re.IGNORECASE,
    ),
)


class Finding(NamedTuple):
    """Where a secret stands, and what kind of secret; never the secret.

    ``line`` counts from 1. ``kind`` is such as "a token of GitHub" or "the value of X_TOKEN".
    """

    line: int
    kind: str


def redact(text: str, environ: Mapping[str, str] | None = None) -> str:
    """The text with every known or likely secret replaced by ``[redacted]``.

    Args:
        text: anything that is about to be shown or written.
        environ: where the known secrets live; the process environment by default.
    """
    for form in _forms_of(_secrets(environ)):
        text = text.replace(form, MASK)
    for pattern in (*_KEY_SHAPES, *_KEYS.values()):
        text = pattern.sub(MASK, text)
    for pattern in _LABELLED:
        text = pattern.sub(rf"\g<1>{MASK}", text)
    return text


def find_secrets(text: str, environ: Mapping[str, str] | None = None) -> list[Finding]:
    """What in a text is surely a secret, in order of lines; one finding for a line and a kind.

    Args:
        text: what is about to be committed.
        environ: where the known secrets live; the process environment by default. Values that
            are a short word or number do not count: ordinary text has them too.
    """
    places = [(match.start(), kind) for kind, key in _KEYS.items() for match in key.finditer(text)]
    surely = {value: name for value, name in _secrets(environ).items() if not _is_word(value)}
    for form, name in _forms_of(surely).items():
        places += [(at, f"the value of {name}") for at in _occurrences(text, form)]
    ends = [match.start() for match in re.finditer("\n", text)]
    return sorted({Finding(bisect_left(ends, at) + 1, kind) for at, kind in places})


def _secrets(environ: Mapping[str, str] | None) -> dict[str, str]:
    """Every secret value, and the telling lines of one of several, with the variable it is of."""
    return {
        part: name
        for name, value in (os.environ if environ is None else environ).items()
        if _SECRET_NAME.search(name)
        for part in _parts(value.strip())
    }


def _parts(value: str) -> Iterator[str]:
    if len(value) >= _SHORTEST_SECRET:
        yield value
    lines = [line.strip() for line in value.splitlines()]
    if len(lines) > 1:
        yield from (
            line for line in lines if len(line) >= _SHORTEST_LINE and not line.startswith(_ARMOUR)
        )


def _is_word(value: str) -> bool:
    return len(value) < _LONGEST_WORD and (value.isalpha() or value.isdecimal())


def _forms_of(secrets: Mapping[str, str]) -> dict[str, str]:
    """Every form of every secret with the variable, longest first: a value may hold another."""
    forms = {form: name for value, name in secrets.items() for form in _forms(value)}
    return dict(sorted(forms.items(), key=lambda item: (-len(item[0]), item[0])))


def _forms(value: str) -> Iterator[str]:
    data = value.encode("utf-8", "surrogateescape")
    yield value
    yield json.dumps(value)[1:-1]
    yield quote(data, safe="")
    yield data.hex()
    yield data.hex().upper()
    yield from _base64_forms(data)


def _base64_forms(data: bytes) -> Iterator[str]:
    """The data in base64, alone and as part of something longer, such as a login with a name."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(data).decode("ascii")
        for before in range(3):
            # Characters that also depend on what stands before or after are left out.
            start = (before * 8 + 5) // 6
            end = (before + len(data)) * 8 // 6
            yield encode(bytes(before) + data).decode("ascii")[start:end]


def _occurrences(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + len(part))
