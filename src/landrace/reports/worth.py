"""What a stored report is worth today: a fact about the repository, and no part of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Status: TypeAlias = Literal["fresh", "stale", "gone", "refused", "unreadable"]


class Worth(NamedTuple):
    """``status`` as `landrace verify` has it, and ``gone`` where the prompt is not there any more.

    ``reasons`` say why it is not fresh, without a full stop; they may quote others.
    """

    status: Status
    reasons: tuple[str, ...] = ()


FRESH = Worth("fresh")

_OPENING: dict[Status, str] = {
    "stale": "This report is stale",
    "gone": "This report is of the past",
    "refused": "What is pinned is refused",
    "unreadable": "Whether this report is stale cannot be told",
}
_ADVICE: dict[Status, str] = {
    "stale": " Its numbers are about what was there before; `landrace optimize` measures anew.",
    "gone": " Its pin is served until its folder in `registry/` is removed.",
}
_LEGEND: dict[Status, str] = {
    "stale": "the template, the cases, the metrics, the parameters or the pipeline changed since. "
    "`landrace verify` says what, and `landrace optimize` measures anew.",
    "gone": "the prompt is not there any more. Its pin is served until its folder in `registry/` "
    "is removed.",
    "refused": "an application is not served this pin. `landrace verify` says why.",
    "unreadable": "whether the row is stale cannot be told, as some file cannot be read. "
    "`landrace verify` says which.",
}


def warning(worth: Worth, harmless: Callable[[str], str]) -> str:
    """A paragraph about a report that is not fresh, or nothing; ``harmless`` is for the reasons."""
    if worth.status == "fresh":
        return ""
    reasons = harmless("; ".join(worth.reasons))
    return f"{_OPENING[worth.status]}: {reasons}.{_ADVICE.get(worth.status, '')}"


def mark(worth: Worth) -> str:
    """What follows the decision in a table of many reports."""
    return "" if worth.status == "fresh" else f" ({worth.status})"


def legend(worths: Iterable[Worth]) -> list[tuple[Status, str]]:
    """Each mark that is in use, and in a sentence or two what it means and what to do.

    Code stands between backticks, as in Markdown.
    """
    used = {worth.status for worth in worths}
    return [(status, meaning) for status, meaning in _LEGEND.items() if status in used]
