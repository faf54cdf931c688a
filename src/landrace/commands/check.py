"""``landrace check``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from landrace.commands.output import count, emit, examples, format_option
from landrace.reports.neutralise import one_line, visible
from landrace.store.project import find_root
from landrace.workflows.check import Checked, check
from landrace.workflows.findings import exit_code

if TYPE_CHECKING:
    from landrace.workflows.findings import Finding

_LONGEST = 2000


@click.command(
    epilog=examples(
        "landrace check",
        "landrace check review-sentiment 'support-*'",
        "landrace check --ready            before a run on this machine",
        "landrace check --format github    annotations in a pull request",
    )
)
@click.argument("prompts", nargs=-1, metavar="[PROMPT]...")
@click.option(
    "--ready",
    is_flag=True,
    help="Take a key, a model file or a parser that this machine lacks for an error, not a "
    "warning.",
)
@format_option("github")
def command(*, prompts: tuple[str, ...], ready: bool, output_format: str) -> None:
    """Find every mistake in prompts, cases and pipelines.

    Reads everything, or the named prompts with their pins, and reports all problems at once.
    No model is called. Exits with 2 if something is wrong, and with 3 if something is refused,
    such as a symbolic link or a variant edited by hand. Warnings alone exit with 0.
    """
    found = check(find_root(Path.cwd()), prompts, ready=ready)
    if output_format == "github":
        click.echo(_github(found))
    else:
        emit(_data(found), _text(found), output_format)
    raise click.exceptions.Exit(exit_code(found.findings))


def _text(found: Checked) -> str:
    lines = [line for finding in found.findings for line in _lines(finding)]
    return "\n".join([*lines, _summary(found)])


def _lines(finding: Finding) -> list[str]:
    head = f"{finding.where}: {finding.severity}: {finding.problem}"
    fix = [f"  {one_line(finding.fix, _LONGEST)}"] if finding.fix else []
    return [one_line(head, _LONGEST), *fix]


def _summary(found: Checked) -> str:
    severities = [finding.severity for finding in found.findings]
    looked_at = (
        f"{count(len(found.prompts), 'prompt')}, {count(len(found.pipelines), 'pipeline')}, "
        f"{count(found.pins, 'pin')}"
    )
    return (
        f"{count(severities.count('error'), 'error')}, "
        f"{count(severities.count('warning'), 'warning')} in {looked_at}"
    )


def _github(found: Checked) -> str:
    """Workflow commands that a runner turns into annotations."""
    return "\n".join(map(_annotation, found.findings))


def _annotation(finding: Finding) -> str:
    place = {"file": finding.file, "line": finding.line, "title": "landrace check"}
    properties = ",".join(f"{k}={_property(str(v))}" for k, v in place.items() if v is not None)
    text = finding.problem + (f"\n{finding.fix}" if finding.fix else "")
    return f"::{finding.severity} {properties}::{_message(text)}"


def _message(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def _data(found: Checked) -> dict[str, Any]:
    return {
        "prompts": found.prompts,
        "pipelines": found.pipelines,
        "pins": found.pins,
        "findings": [
            {
                "severity": finding.severity,
                "file": finding.file,
                "line": finding.line,
                "problem": finding.problem,
                "fix": finding.fix,
            }
            for finding in found.findings
        ],
    }
