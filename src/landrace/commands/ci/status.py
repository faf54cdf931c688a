"""What the commit's status is called, which a branch may require."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from landrace.digest import sha256
from landrace.forge.plain import one_line

if TYPE_CHECKING:
    from landrace.forge.base import Event

STATUS = "landrace/gate"

_PLAIN = re.compile(r"[a-z0-9._/-]{1,100}\Z")
_MOST_SHOWN = 80


def status_name(event: Event) -> str:
    """``landrace/gate`` for the default branch; elsewhere the branch stands in brackets behind it.

    A forge keeps statuses by commit and name alone, and the newest counts. Under one name a
    second pull request, into a branch of its author's own, would answer for the first one.
    """
    if event.target is None:
        return f"{STATUS} (no pull request)"
    if event.target == event.default_branch:
        return STATUS
    return f"{STATUS} ({_told_apart(event.target)})"


def _told_apart(branch: str) -> str:
    """A name that no other branch has, though GitHub ignores case and cuts what is long."""
    if _PLAIN.match(branch):
        return branch
    digest = sha256(branch.encode(errors="surrogatepass"))
    return f"{one_line(branch, limit=_MOST_SHOWN)} {digest[:16]}"
