"""What the items of a cell have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from landrace.errors import LandraceError
from landrace.pytest_plugin import LandraceWarning
from landrace.pytest_plugin.messages import message

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from landrace.pytest_plugin.workbench import Workbench
    from landrace.workflows.baselines.served import ServedCell

BLESS = "If what is served now is what you want, bless it: pytest --landrace --force-regen"

_TOLD = (AssertionError, pytest.fail.Exception, LandraceWarning)


class CellItem(pytest.Function):
    """An item whose setup finds out what is, and whose test says what that means.

    What goes wrong in a setup pytest calls an error, and in a test a failure; so what could not
    be evaluated is neither a pass nor a failure. Both are shown without a traceback.
    """

    def __init__(
        self,
        *,
        name: str,
        test: Callable[..., None],
        cell: ServedCell,
        bench: Workbench,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, callobj=test, **kwargs)
        self.cell = cell
        self.bench = bench

    def prepare(self) -> None:
        """Find out what the test needs to know. Raises `LandraceError`."""
        raise NotImplementedError

    def setup(self) -> None:
        super().setup()
        try:
            self.prepare()
        except LandraceError as error:
            raise pytest.fail.Exception(message(error), pytrace=False) from None

    def runtest(self) -> None:
        try:
            super().runtest()
        except _TOLD as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None

    def kept(self, extension: str) -> Path:
        """The file that this item is compared with."""
        return self.bench.file(self.cell, f"{self.name}{extension}")

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.cell.prompt} on {self.cell.model.id}: {self.name}"
