"""``report.md``: a score report for people who review a pull request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from landrace.reports import figures, mermaid, story
from landrace.reports.neutralise import clip, code, fence, prose, visible
from landrace.reports.worth import FRESH, warning

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from landrace.reports.story import SampleFlip
    from landrace.reports.worth import Worth
    from landrace.schemas.report import Flip, Report

# A forge cuts or refuses a comment of more than 65,536 characters.
MOST_CHARACTERS = 60_000
DIFF_CHARACTERS = 16_000
DIFF_LINES = 300
STAGES_SHOWN = 20
SAMPLES_SHOWN = 5
SAMPLE_CHARACTERS = 400
UNREAD = "answers that could not be read"


def markdown(report: Report, *, samples: Sequence[SampleFlip] = (), worth: Worth = FRESH) -> str:
    """The report as Markdown of at most 60,000 characters.

    ``samples`` show what the models wrote. Leave them out of anything that is committed:
    cases and outputs can be private. What it is ``worth`` is for viewing only, too: it changes.
    """
    sections = [
        f"# {code(report.prompt)} on {code(report.model)}",
        _headline(report),
        _warnings(report, worth),
        _scores(report),
        _comparisons(report),
        _holdout(report),
        change(report),
        _flips(report),
        _samples(samples),
        _search(report),
        _finalists(report),
        _origin(report),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> str:
    """A Markdown table of cells that are safe already; columns after the ``left`` are numbers."""
    rule = ["---" if i < left else "--:" for i in range(len(header))]
    return "\n".join(f"| {' | '.join(row)} |" for row in [header, rule, *rows])


def _headline(report: Report) -> str:
    said = story.headline(report)
    evidence = f": {said.evidence}" if said.evidence else ""
    reason = f" Why: {prose(said.reason)}." if said.reason else ""
    close = f" {said.served}" if said.served else ""
    return f"**{said.verdict}{evidence}.**{reason}{close}"


def _warnings(report: Report, worth: Worth) -> str:
    told = [warning(worth, prose), *(f"{one}." for one in story.warnings(report))]
    return "\n>\n".join(f"> **Mind:** {one}" for one in told if one)


def _scores(report: Report) -> str:
    everyone = report.contenders
    columns = [
        (
            figures.estimate(one.select),
            figures.estimate(one.holdout),
            figures.cases(one.holdout),
            figures.whole(one.unread),
            figures.mean_count(one.prompt_tokens),
            figures.mean_count(one.completion_tokens),
            figures.dollars(one.cost_usd),
            code(one.operator, 160, cell=True),
            code(one.version, 16, cell=True),
        )
        for one in everyone
    ]
    names = (
        "score on select",
        "**score on holdout**",
        "holdout cases scored",
        UNREAD,
        "prompt tokens a call",
        "completion tokens a call",
        "cost a call",
        "made by",
        "variant",
    )
    header = ["", *(story.title(report, one) for one in everyone)]
    rows = zip(names, *columns, strict=True)
    shown = [row for row in rows if row[0] != UNREAD or story.has_unread(report)]
    return (
        f"## Scores\n\n{table(header, shown)}\n\n"
        f"Points out of 100 with {figures.share(report.confidence)} intervals; "
        f"metric: {prose(report.metrics, 200)}."
    )


def _comparisons(report: Report) -> str:
    if not report.comparisons:
        return ""
    rows = [
        (
            f"winner against {one.against}",
            f"**{figures.signed(one.difference)}** {figures.signed_interval(one)}",
            figures.probability(one.p),
            str(one.wins),
            str(one.losses),
            str(one.ties),
            prose(one.method, 120),
        )
        for one in report.comparisons
    ]
    header = ("same holdout cases, paired", "points", "p", "won", "lost", "tied", "method")
    return table(header, rows)


def _holdout(report: Report) -> str:
    inflation = story.inflation(report)
    return f"{inflation}. {story.looks(report)}." if inflation else f"{story.looks(report)}."


def change(report: Report) -> str:
    """The diff from the base's template to the winner's, cut to what a page has room for."""
    if not report.diff.strip():
        return ""
    shown, left_out = _cut(visible(report.diff))
    note = f"\n\n{figures.plural(left_out, 'more line')} not shown." if left_out else ""
    return f"## From the base to the winner\n\n{fence(shown, 'diff')}{note}"


def _cut(diff: str) -> tuple[str, int]:
    """The first lines of a diff that a page has room for, and the number of lines left out."""
    lines = diff.removesuffix("\n").split("\n")
    shown: list[str] = []
    room = DIFF_CHARACTERS
    for line in lines[:DIFF_LINES]:
        room -= len(line) + 1
        if room < 0:
            break
        shown.append(line)
    if not shown:
        return clip(lines[0], DIFF_CHARACTERS), len(lines) - 1
    return "\n".join(shown), len(lines) - len(shown)


def _flips(report: Report) -> str:
    if not report.flips:
        return ""
    return (
        "## Cases that changed\n\nHoldout cases on which winner and base differ.\n\n"
        f"- won: {_ids(story.won(report))}\n- lost: {_ids(story.lost(report))}"
    )


def _ids(flips: Sequence[Flip]) -> str:
    if not flips:
        return "none"
    named = ", ".join(code(flip.case_id) for flip in flips[: story.FLIPS_SHOWN])
    more = len(flips) - story.FLIPS_SHOWN
    return f"{named} and {more} more" if more > 0 else named


def _samples(samples: Sequence[SampleFlip]) -> str:
    if not samples:
        return ""
    parts = ["## What the models wrote"]
    parts += [_sample(sample) for sample in samples[:SAMPLES_SHOWN]]
    more = len(samples) - SAMPLES_SHOWN
    if more > 0:
        parts.append(f"{figures.plural(more, 'more case')} not shown.")
    return "\n\n".join(parts)


def _sample(sample: SampleFlip) -> str:
    texts = [
        ("input", sample.input),
        ("expected", sample.expected),
        ("base", sample.base_output),
        ("winner", sample.winner_output),
        ("feedback", sample.feedback),
    ]
    body = "\n\n".join(
        f"{name}:\n\n{fence(clip(visible(text), SAMPLE_CHARACTERS), 'text')}"
        for name, text in texts
        if text
    )
    return f"### {code(sample.case_id)}\n\n{body}"


def _search(report: Report) -> str:
    parts = ["## Where the calls went"]
    if report.stages:
        parts.append(_stages(report))
    chart = mermaid.chart(story.progress(report))
    if chart:
        parts.append(fence(chart, "mermaid"))
    parts.append(f"The whole study: {story.spent(report)}.")
    return "\n\n".join(parts)


def _stages(report: Report) -> str:
    rows = [
        (
            prose(stage.name, 40),
            prose(stage.note, 100),
            figures.count(stage.candidates),
            figures.count(stage.cases),
            figures.count(stage.calls),
            figures.count(stage.tokens),
            figures.UNKNOWN if stage.best is None else figures.points(stage.best),
        )
        for stage in report.stages[:STAGES_SHOWN]
    ]
    header = ("stage", "what it did", "candidates", "cases", "calls", "tokens", "best score")
    more = len(report.stages) - STAGES_SHOWN
    note = f"\n\n{figures.plural(more, 'more stage')} not shown." if more > 0 else ""
    return table(header, rows, left=2) + note


def _finalists(report: Report) -> str:
    if not report.finalists:
        return ""
    rows = [
        (
            story.place(report, one) or code(one.version, 16, cell=True),
            code(one.operator, 160, cell=True),
            figures.estimate(one.select),
            figures.mean_count(one.prompt_tokens),
            figures.mean_count(one.completion_tokens),
        )
        for one in report.finalists
    ]
    header = (
        "variant",
        "made by",
        "score on select",
        "prompt tokens a call",
        "completion tokens a call",
    )
    return f"## {story.FINALISTS}\n\n{story.FINALISTS_NOTE}\n\n{table(header, rows, left=2)}"


def _origin(report: Report) -> str:
    params = json.dumps(report.params, ensure_ascii=False, sort_keys=True, default=str)
    proposer = code(report.proposer) if report.proposer else "the task model itself"
    note = f" ({prose(report.proposer_note)})" if report.proposer_note else ""
    # Not in the order of the mapping: a report read from its file has another.
    ordered = sorted(report.splits.items(), key=lambda split: (split[0] == "holdout", split[0]))
    splits = ", ".join(f"{prose(name, 40)} {n}" for name, n in ordered)
    lines = [
        f"- strategy {code(report.strategy)}, seed {report.seed}",
        f"- decoding parameters {code(params, 500)}",
        f"- proposer: {proposer}{note}",
        f"- cases: {splits}",
    ]
    if report.training:
        made = f"{code(report.training.model)}, in round {report.training.round}"
        lines.append(f"- the model was trained by `landrace train` from {made}")
    return "## How it was made\n\n" + "\n".join(lines)
