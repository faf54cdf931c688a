"""Tokens and what they may do, shared by a forge's API and its git remote."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

_RANKS = {"read": 1, "write": 2}


@dataclass(frozen=True)
class Token:
    """``rights`` by permission, such as ``{"contents": "read"}``."""

    login: str
    rights: dict[str, str]

    def may(self, permission: str, level: str) -> bool:
        return _RANKS.get(self.rights.get(permission, ""), 0) >= _RANKS[level]


@dataclass
class Tokens:
    """All tokens that a forge knows, by their text."""

    known: dict[str, Token] = field(default_factory=dict)

    def make(self, login: str = "landrace[bot]", **rights: str) -> str:
        """A new token; ``pull_requests="write"`` is the permission ``pull-requests``."""
        text = f"ghs_{secrets.token_hex(18)}"
        named = {name.replace("_", "-"): level for name, level in rights.items()}
        self.known[text] = Token(login, named)
        return text

    def find(self, text: str) -> Token | None:
        return self.known.get(text)
