"""The one place where use cases are given real gateways, a ledger and a clock."""

from __future__ import annotations

from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from landrace.errors import EvidenceError
from landrace.ledger import Ledger
from landrace.workflows.open_study import Services

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from landrace.schemas.pipeline import ModelConfig

LEDGER = ".landrace/ledger.jsonl"


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
    with Ledger(root / LEDGER) as ledger, connect.connect(at_once) as gateway:
        yield Services(
            gateway, ledger, price=connect.price_of, fingerprint=lru_cache(connect.fingerprint)
        )


def past_ledger(root: Path) -> Ledger:
    """The ledger of earlier searches, for who only reads it; the caller closes it.

    Raises:
        EvidenceError: there is none.
        FormatError, StorageError: like `open_services`.
    """
    if not (root / LEDGER).is_file():
        raise EvidenceError(
            "there is no ledger, so nothing has been searched here yet",
            where=LEDGER,
            fix="run `landrace optimize` first",
        )
    return Ledger(root / LEDGER)
