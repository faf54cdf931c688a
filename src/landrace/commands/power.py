"""``landrace power``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from landrace.commands.finite import FiniteRange
from landrace.commands.output import emit, examples, format_option
from landrace.errors import ConfigError
from landrace.reports.figures import UNKNOWN, points
from landrace.reports.text import table
from landrace.store.project import Project, find_root
from landrace.strict_json import near_fix
from landrace.workflows.gating.power import Assumptions, Power, power

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADER = ("prompt", "model", "which", "cases", "noise", "allowed", "detects from", "needs")


@click.command(
    epilog=examples(
        "landrace power",
        "landrace power review-sentiment --allowed-drop 0.03",
        "landrace power --cases 300 --noise 0.1 --claims 20",
    )
)
@click.argument("prompts", nargs=-1, metavar="[PROMPT]...")
@click.option(
    "--allowed-drop", type=FiniteRange(0, 1), metavar="D", help="Instead of the policy's."
)
@click.option(
    "--noise",
    type=FiniteRange(0, 1, min_open=True),
    metavar="V",
    help="Variance of a case's difference without a drop: for right-or-wrong scores the share "
    "of cases that change either way. Instead of what the last report shows.",
)
@click.option("--cases", type=click.IntRange(2), metavar="N", help="Instead of those there are.")
@click.option(
    "--claims",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="How many cells and rules are tested in one run.",
)
@format_option()
def command(
    *,
    prompts: tuple[str, ...],
    allowed_drop: float | None,
    noise: float | None,
    cases: int | None,
    claims: int,
    output_format: str,
) -> None:
    """Show which drops the gate can detect, and how many cases it needs.

    Calls nothing. "Detects from" is the smallest true drop that fails with a chance of 80 %,
    in points of 100. "Needs" is how many cases let an unchanged prompt pass with that chance.
    A changed template is judged on all cases, a changed pin on the holdout.
    """
    project = Project(find_root(Path.cwd()))
    known = project.prompts()
    for name in prompts:
        if name not in known:
            raise ConfigError(
                f"there is no prompt `{name}`", where="prompts", fix=near_fix(name, known)
            )
    assumed = Assumptions(noise, allowed_drop, cases, claims)
    rows = list(power(project, prompts, assumed))
    emit([row._asdict() for row in rows], _text(rows), output_format)


def _text(rows: Sequence[Power]) -> str:
    if not rows:
        return "Nothing to tell: no pipeline has these prompts and a rule about their scores."
    lines = [table(_HEADER, map(_row, rows), left=3, indent="")]
    if not all(row.known for row in rows):
        lines += ["", "* assumed: this cell has no report yet that shows it."]
    return "\n".join(lines)


def _row(row: Power) -> tuple[str, ...]:
    return (
        row.prompt,
        row.model,
        row.cases_from,
        f"{row.cases:,}",
        f"{row.noise:.3f}" + ("" if row.known else "*"),
        points(row.allowed),
        UNKNOWN if row.detectable is None else points(row.detectable),
        UNKNOWN if row.needed is None else f"{row.needed:,}",
    )
