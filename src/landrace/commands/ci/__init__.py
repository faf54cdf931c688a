"""``landrace ci``: the verbs of a pull request, told by a forge's event what to work on."""

from __future__ import annotations

import click

from landrace.commands.ci.commit import commit
from landrace.commands.ci.gate import gate
from landrace.commands.ci.models import models
from landrace.commands.ci.optimize import optimize
from landrace.commands.ci.plan import plan
from landrace.commands.ci.report import report
from landrace.commands.output import examples


@click.group(
    epilog=examples(
        "landrace ci plan",
        "landrace ci gate --base 1f0c… --head 9ad2…",
    )
)
def command() -> None:
    """Run the steps of a pull request in GitHub Actions or GitLab CI.

    What changed, and against what, is read from the forge's event; outputs, annotations and
    the job's summary go where the forge expects them. Elsewhere the plain commands do the same
    with --base and --head.
    """


for step in (plan, optimize, commit, gate, report, models):
    command.add_command(step)
