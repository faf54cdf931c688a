"""The one place where workflows are given real gateways, a ledger and a clock."""

from __future__ import annotations

from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

import click

from landrace.commands.output import note
from landrace.ledger import Ledger
from landrace.workflows.run_cell import Services
from landrace.workflows.tasks import Ceilings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any, TypeVar

    from landrace.schemas.pipeline import ModelConfig
    from landrace.store.project import Project

    Command = TypeVar("Command", bound=Callable[..., Any])

LEDGER = ".landrace/ledger.jsonl"
POSITIVE = click.FloatRange(min=0, min_open=True)
COUNT = click.IntRange(min=1)


@contextmanager
def services(project: Project, models: Iterable[ModelConfig] = ()) -> Iterator[Services]:
    """Real models behind the repository's ledger; closed at the end."""
    from landrace.gateway import connect  # noqa: PLC0415 - for commands that call models

    at_once = {model.id: model.concurrency for model in models}
    with Ledger(project.root / LEDGER) as ledger, connect.connect(at_once) as gateway:
        if ledger.set_aside:
            note(
                "the last run died while writing: its last record was incomplete and is made "
                "again; everything before it is kept"
            )
        yield Services(
            gateway, ledger, price=connect.price_of, fingerprint=lru_cache(connect.fingerprint)
        )


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
