"""What commands that call models have in common: their services, and their ceilings."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from landrace.commands.finite import FiniteRange
from landrace.commands.output import note
from landrace.workflows.services import open_services
from landrace.workflows.tasks import Ceilings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any, TypeVar

    from landrace.schemas.pipeline import ModelConfig
    from landrace.store.project import Project
    from landrace.workflows.services import Services

    Command = TypeVar("Command", bound=Callable[..., Any])

POSITIVE = FiniteRange(min=0, min_open=True)
COUNT = click.IntRange(min=1)


@contextmanager
def services(project: Project, models: Iterable[ModelConfig] = ()) -> Iterator[Services]:
    """`open_services`, with a word about a ledger that had to be mended."""
    with open_services(project.root, models) as given:
        if given.ledger.set_aside:
            note(
                "the last run died while writing: its last record was incomplete and is made "
                "again; everything before it is kept"
            )
        yield given


def ceilings_options(command: Command) -> Command:
    """``--max-calls``, ``--max-tokens``, ``--max-cost`` and ``--max-time``."""
    for option in (
        click.option(
            "--max-time", type=POSITIVE, metavar="SECONDS", help="Ceiling on time, for each cell."
        ),
        click.option(
            "--max-cost", type=POSITIVE, metavar="USD", help="Ceiling on money, for each cell."
        ),
        click.option(
            "--max-tokens", type=COUNT, metavar="N", help="Ceiling on tokens, for each cell."
        ),
        click.option(
            "--max-calls", type=COUNT, metavar="N", help="Ceiling on calls, for each cell."
        ),
    ):
        command = option(command)
    return command


def ceilings(options: Mapping[str, Any]) -> Ceilings:
    """What `ceilings_options` were given."""
    return Ceilings(
        calls=options["max_calls"],
        tokens=options["max_tokens"],
        cost_usd=options["max_cost"],
        seconds=options["max_time"],
    )
