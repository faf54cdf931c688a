"""What every peer's runner has in common; runs in the peers' environment, without landrace."""

from __future__ import annotations

import json
import sys
import time
import traceback
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Outcome(NamedTuple):
    """``answers`` has what the winner's own parser read for each holdout case, None for nothing;
    ``messages`` what the winner sends for the first of them.
    """

    answers: dict[str, str | None]
    messages: list[dict[str, str]]


class Verdict(NamedTuple):
    """``feedback`` says in a sentence what was wrong, as our own strategies are told."""

    score: float
    feedback: str


class Judge:
    """The contest's metric, over HTTP."""

    def __init__(self, address: str) -> None:
        self._address = address

    def __call__(self, case_id: str, answer: str | None) -> Verdict:
        body = json.dumps({"id": case_id, "answer": answer}).encode()
        request = urllib.request.Request(
            self._address, data=body, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as response:
            return Verdict(**json.load(response))


def main(
    settings: Callable[[dict[str, Any]], tuple[str, Any]],
    search: Callable[[dict[str, Any], Any], tuple[Any, str]],
    answer: Callable[[dict[str, Any], Any], Outcome],
) -> None:
    """Read the job, run its three parts, write the result.

    ``settings`` gives the settings in words and as the peer wants them; ``search`` the winner and
    how it ended; ``answer`` has the winner answer the holdout.
    """
    job = json.loads(Path(sys.argv[1]).read_text())
    words, chosen = settings(job)
    began = time.monotonic()
    winner, ended = search(job, chosen)
    took = time.monotonic() - began
    found = answer(job, winner)
    result = {**found._asdict(), "settings": words, "ended": ended, "search_s": took}
    Path(sys.argv[2]).write_text(json.dumps(result))


def failure(error: BaseException) -> str:
    """How a search that raised ended, in a line; the rest goes to the log."""
    traceback.print_exception(error)
    return f"raised {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[
        :200
    ]
