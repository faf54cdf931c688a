"""Content hashes that do not depend on key order, platform or newline style.

Where the order of keys is a part of the content, `landrace.key_order` says so.
"""

from __future__ import annotations

import hashlib
import json
from typing import TypeAlias

# mypy needs the quotes: the alias is recursive.
JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"


def canonical_json(value: object) -> bytes:
    """The one byte form of a JSON value: sorted keys, no spaces, UTF-8, no NaN.

    Raises:
        ValueError: the value holds NaN or an infinity.
        TypeError: the value is not JSON.
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8", "surrogatepass")


def sha256(data: bytes) -> str:
    """Lower-case hexadecimal SHA-256 of bytes."""
    return hashlib.sha256(data).hexdigest()


def text_digest(text: str) -> str:
    """The hash of a text, the same for LF, CRLF and CR line ends.

    A checkout with ``core.autocrlf`` must not make every pin stale.
    """
    return sha256(normalize_newlines(text).encode("utf-8", "surrogatepass"))


def json_digest(value: object) -> str:
    """The hash of a JSON value's canonical form."""
    return sha256(canonical_json(value))


def normalize_newlines(text: str) -> str:
    """The text with every line end as LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
