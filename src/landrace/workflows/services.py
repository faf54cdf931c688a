"""The one place where use cases are given real gateways, a ledger and a clock."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import EvidenceError
from landrace.gateway.base import close
from landrace.gateway.cached import CachedGateway
from landrace.gateway.metered import Meter, MeteredGateway, Price
from landrace.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from landrace.gateway.base import Gateway
    from landrace.schemas.pipeline import Budget, ModelConfig

LEDGER = ".landrace/ledger.jsonl"


class Services(NamedTuple):
    """What a use case needs from outside. ``price`` gives None for an unknown price;
    ``fingerprint`` what else identifies a model, such as an embedded model's file hash.
    ``check_model`` raises `ModelError` where requests to a model with its params cannot succeed.
    ``on_meter`` is told of every meter, so that what was spent is known where a study fails, too.
    """

    gateway: Gateway
    ledger: Ledger
    price: Callable[[str], Price | None] = lambda _model: Price(0.0, 0.0)
    fingerprint: Callable[[str], str] = lambda _model: ""
    clock: Callable[[], float] = time.monotonic
    check_model: Callable[[str, Mapping[str, Any]], None] = lambda _model, _params: None
    on_meter: Callable[[Meter], None] = lambda _meter: None

    def metered(
        self, budget: Budget, *, study: str, pays_again: bool = True
    ) -> tuple[Meter, MeteredGateway]:
        """A gateway that keeps every call in the ledger as the study's, and its meter.

        ``pays_again`` has the study pay for what it paid for before it was interrupted, so that
        it stands where it stood; else every answer in the ledger is free, whoever paid for it.
        """
        meter = Meter(budget, self.clock)
        self.on_meter(meter)
        recorder = CachedGateway(
            self.gateway, self.ledger, study=study, fingerprint=self.fingerprint
        )
        payer = study if pays_again else ""
        return meter, MeteredGateway(recorder, meter, study=payer, price=self.price)


@contextmanager
def open_services(root: Path, models: Iterable[ModelConfig] = ()) -> Iterator[Services]:
    """Real models behind the repository's ledger; closed at the end.

    ``models`` say how many calls each takes at once.

    Raises:
        FormatError: the ledger has a damaged line.
        StorageError: the ledger cannot be read or written.
    """
    from landrace.gateway import connect  # noqa: PLC0415 - only for who calls models

    at_once = {model.id: model.concurrency for model in models}
    with Ledger(root / LEDGER) as ledger, ExitStack() as stack:
        gateway = connect.connect(at_once)
        stack.callback(close, gateway)
        yield Services(
            gateway,
            ledger,
            price=connect.price_of,
            fingerprint=lru_cache(connect.fingerprint),
            check_model=connect.check_model,
        )


def has_ledger(root: Path) -> bool:
    """Whether anything was ever searched here."""
    return (root / LEDGER).is_file()


def past_ledger(root: Path) -> Ledger:
    """The ledger of earlier searches, for who only reads it; the caller closes it.

    Raises:
        EvidenceError: there is none.
        FormatError, StorageError: like `open_services`.
    """
    if not has_ledger(root):
        raise EvidenceError(
            "there is no ledger, so nothing has been searched here yet",
            where=LEDGER,
            fix="run `landrace optimize` first",
        )
    return Ledger(root / LEDGER)
