from __future__ import annotations

import pytest

from landrace.forge.waiting import wished_wait

NOW = 1_772_366_400.0  # 2026-03-01 12:00 UTC


@pytest.mark.parametrize(
    ("status", "headers", "words", "seconds"),
    [
        (429, {"retry-after": "7"}, "", 7),
        (403, {"retry-after": "60"}, "You have exceeded a secondary rate limit", 60),
        (429, {"retry-after": "Sun, 01 Mar 2026 12:00:30 GMT"}, "", 30),
        (429, {"retry-after": "Sun, 01 Mar 2026 11:00:00 GMT"}, "", 0),
        (429, {"retry-after": "soon"}, "", 60),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1772366410"}, "", 10),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1772366000"}, "", 0),
        (403, {"x-ratelimit-remaining": "0"}, "", 60),
        (429, {"ratelimit-remaining": "0", "ratelimit-reset": "1772366405"}, "", 5),
        (403, {"x-ratelimit-remaining": "99"}, "You have exceeded a secondary rate limit.", 60),
        (429, {}, "Too Many Requests", None),
        (403, {"x-ratelimit-remaining": "99"}, "Resource not accessible by integration", None),
        # Every answer of GitHub has these two.
        (403, {"x-ratelimit-remaining": "99", "x-ratelimit-reset": "1772366410"}, "no", None),
        (403, {}, "", None),
        (502, {"retry-after": "7"}, "", None),
        (422, {}, "rate limit", None),
        (429, {"retry-after": "9" * 400}, "", 999_999_999),
    ],
)
def test_the_wait_is_what_the_forge_says(status, headers, words, seconds):
    assert wished_wait(status, headers, words, NOW) == seconds
