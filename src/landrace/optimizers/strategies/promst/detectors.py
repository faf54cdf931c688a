"""Rules that find a fault in what a node wrote, and say it in a sentence. Pure.

PROMST has such rules written for each task. A `Detector` is what one of a prompt's own would be,
too; none is loaded from files: in a pull request code comes from the base commit alone, and which
file that is must then be part of what an evaluation is known by, as a `python` metric's is. Until
there is such a way for searches, what is special about a task goes into the metric's feedback,
which faults without a detector carry.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from landrace.schemas.output import OutputContract

TALK = 20  # words beyond the longest label, or a number, that an answer may have
FULL = 0.6  # words for each token of the limit that make an answer look cut off
ENDINGS = ".!?…\"')]}>*`"
PHRASE = 4  # words
TIMES = 4  # that a phrase, or a line, stands in an answer that goes round in circles


class Sight(NamedTuple):
    """What one node did; ``failure`` says why its output could not be read, None if it could."""

    output: str
    failure: str | None
    contract: OutputContract


Detector: TypeAlias = "Callable[[Sight], str]"  # nothing where there is no fault


def empty(sight: Sight) -> str:
    return "" if sight.output.strip() else "Nothing was written."


def form(sight: Sight) -> str:
    return f"The output could not be read: {sight.failure}." if sight.failure else ""


def labels(sight: Sight) -> str:
    allowed = sight.contract.labels
    if not allowed:
        return ""
    named = [label for label in allowed if _names(sight.output, label)]
    if not named:
        return "It names none of the allowed labels."
    # "not spam" names "spam", too, and is one label.
    longest = max(named, key=len).casefold()
    apart = [label for label in named if label.casefold() not in longest]
    return f"It names several labels: {', '.join(named)}." if apart else ""


def too_long(sight: Sight) -> str:
    words, contract = len(sight.output.split()), sight.contract
    if contract.type in {"label", "number"}:
        longest = max((len(label.split()) for label in contract.labels or ()), default=1)
        return f"It has {words} words around the answer." if words > longest + TALK else ""
    is_cut = words >= FULL * contract.max_tokens and sight.output.rstrip()[-1:] not in ENDINGS
    return f"It seems cut off, after {words} words." if is_cut else ""


def repeated(sight: Sight) -> str:
    lines = Counter(filter(None, (line.strip() for line in sight.output.splitlines())))
    words = sight.output.split()
    phrases = Counter(zip(*(words[start:] for start in range(PHRASE)), strict=False))
    often = [line for line, count in lines.items() if count >= TIMES]
    often += [" ".join(phrase) for phrase, count in phrases.items() if count >= TIMES]
    return f"It says again and again: {often[0][:80]}" if often else ""


DETECTORS: dict[str, Detector] = {
    "empty": empty,
    "format": form,
    "labels": labels,
    "too long": too_long,
    "repeated": repeated,
}


def detected(
    sight: Sight, names: Sequence[str], rules: Mapping[str, Detector] = DETECTORS
) -> tuple[str, str] | None:
    """The name of the first rule that finds a fault, and what it says; None without a fault."""
    found = ((name, rules[name](sight)) for name in names)
    return next((each for each in found if each[1]), None)


def _names(text: str, label: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(label)}(?!\w)", text, re.IGNORECASE) is not None
