"""``landrace history``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from landrace import git
from landrace.commands.output import emit, examples, format_option, note, table
from landrace.reports.figures import UNKNOWN, points, signed
from landrace.workflows.history import History, Version, prompt_history

if TYPE_CHECKING:
    from landrace.pin import Pin

_HEADER = ("date", "commit", "model", "variant", "holdout", "against base", "author")


@click.command(
    epilog=examples(
        "landrace history review-sentiment",
        "landrace history review-sentiment --model local/smollm2-135m-instruct",
        "landrace history review-sentiment --format json",
    )
)
@click.argument("prompt")
@click.option("--model", metavar="ID", help="Only the pins for this model.")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    help="Look at so many commits, the newest.",
)
@format_option()
def command(*, prompt: str, model: str | None, limit: int, output_format: str) -> None:
    """List the pinned versions of a prompt with scores.

    Everything comes out of git: the commits that changed a pin, and the holdout score, with
    its interval, that the pin held at each. Scores are points out of 100.
    """
    found = prompt_history(git.toplevel(Path.cwd()), prompt, model=model, limit=limit)
    emit([_data(version) for version in found.versions], _text(found), output_format)
    if not found.complete:
        note("Older versions exist; see them with a larger --limit or a full clone.")


def _text(found: History) -> str:
    if not found.versions:
        return "No pin of this prompt has been committed yet."
    return table(map(_row, found.versions), _HEADER)


def _row(version: Version) -> tuple[str, ...]:
    commit = version.commit
    start = (f"{commit.date:%Y-%m-%d}", commit.sha[:9], version.model)
    if version.pin is None:
        return (*start, version.problem or "removed", "", "", commit.author)
    variant = version.pin.variant[:12] + _what_else(version)
    return (*start, variant, *_scores(version.pin), commit.author)


def _what_else(version: Version) -> str:
    """What changed where the variant did not."""
    if version.same_evidence:
        return " (same evidence)"
    return " (new evidence)" if version.same_variant else ""


def _scores(pin: Pin) -> tuple[str, str]:
    """The holdout score and its gain over the base; dashes where nothing had to be proved."""
    holdout, comparison = pin.scores.holdout, pin.scores.comparison
    score = holdout.winner if holdout else None
    gain = comparison.base if comparison else None
    return (
        f"{points(score.mean)} [{points(score.low)}, {points(score.high)}]" if score else UNKNOWN,
        f"{signed(gain.difference)} [{signed(gain.low)}, {signed(gain.high)}]" if gain else UNKNOWN,
    )


def _data(version: Version) -> dict[str, Any]:
    commit = version.commit
    return {
        "model": version.model,
        "commit": commit.sha,
        "date": commit.date.isoformat(),
        "author": commit.author,
        "subject": commit.subject,
        "same_variant": version.same_variant,
        "same_evidence": version.same_evidence,
        "problem": version.problem,
        "pin": version.pin.to_dict() if version.pin else None,
    }
