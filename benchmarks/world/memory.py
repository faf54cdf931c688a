"""A ledger that lives as long as a trial: nothing of it is ever resumed or read again."""

from __future__ import annotations

from typing import Any

from landrace.ledger import CALL


class MemoryLedger:
    """What a study, its gateway and its evaluator need of `landrace.ledger.Ledger`."""

    def __init__(self) -> None:
        self._calls: dict[str, dict[str, Any]] = {}

    def append(self, record: dict[str, Any]) -> None:
        if record["kind"] == CALL:
            self._calls[record["key"]] = record

    def call(self, key: str) -> tuple[dict[str, Any], str] | None:
        """The recorded call of that key with the study that paid for it, or None."""
        record = self._calls.get(key)
        return None if record is None else (record, record["study"])

    def sync(self) -> None:
        """There is no disk to reach."""
