"""How long a forge wishes to be left alone, as its answer says."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIMITING = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
_LIMITED = re.compile(r"rate limit|abuse detection", re.IGNORECASE)

# What GitHub asks for where a limit is passed and no header says more.
_DEFAULT_S = 60.0


def wished_wait(status: int, headers: Mapping[str, str], words: str, now: float) -> float | None:
    """Seconds to wait before the next try; None if the answer tells of no rate limit.

    A 403 is a rate limit or a missing right; headers and words tell them apart.

    Args:
        status: of the answer.
        headers: of the answer, their names in lower case.
        words: what the answer says.
        now: seconds since 1970.
    """
    if status not in _LIMITING:
        return None
    after = headers.get("retry-after", "")
    if after.isascii() and after.isdigit():
        return float(after[:9])
    if after:
        return _until(after, now)
    spent = headers.get("x-ratelimit-remaining", headers.get("ratelimit-remaining")) == "0"
    reset = headers.get("x-ratelimit-reset", headers.get("ratelimit-reset", ""))
    if spent and reset.isascii() and reset.isdigit():
        return max(0.0, float(reset[:12]) - now)
    return _DEFAULT_S if spent or _LIMITED.search(words) else None


def _until(date: str, now: float) -> float:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return _DEFAULT_S
    return max(0.0, moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - now)
