"""The stages of a search: what each may spend, what came of it, and where the search stands."""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import BudgetExhaustedError, ConfigError
from landrace.schemas.report import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from landrace.gateway.metered import Meter
    from landrace.optimizers.study_log import StudyLog


class Progress(NamedTuple):
    """Where a study stands, for a person who waits."""

    stage: str
    best: float | None
    calls: int
    tokens: int
    cost_usd: float
    calls_left: float
    seconds_left: float | None


class Cut(NamedTuple):
    """A stage that a ceiling ended; ``ceiling`` is its member of the budget."""

    stage: str
    ceiling: str


class Stages:
    """Hands out the calls of a study, stage by stage.

    ``shares`` are the calls of each stage; ``calls_a_run`` is how many it takes at most to run
    the program once and score that.
    """

    def __init__(
        self,
        shares: dict[str, int],
        meter: Meter,
        log: StudyLog,
        *,
        calls_a_run: int,
        on_progress: Callable[[Progress], None],
    ) -> None:
        self.shares = shares
        self.done: list[Stage] = []
        self.cuts: list[Cut] = []  # not by the end of a stage's own share
        self._meter = meter
        self._log = log
        self._calls_a_run = calls_a_run
        self._on_progress = on_progress
        self._name = "start"
        self._due = 0
        self._before = meter.spent

    @contextlib.contextmanager
    def capped(self, name: str) -> Iterator[int]:
        """Hold what is done in here to a stage's calls, and catch the end of the budget.

        Gives how often the program may be run.

        Raises:
            ConfigError: the strategy's `shares` has no such stage.
        """
        share = self._share(name)
        self._name = name
        self._before = self._meter.spent
        self._due += share
        self._meter.call_cap = self._due
        try:
            yield max(0, self._due - self._before.calls) // self._calls_a_run
        except BudgetExhaustedError as error:
            self._log.add("stage cut short", stage=name, reason=str(error))
            if error.ceiling:
                self.cuts.append(Cut(name, error.ceiling))
        finally:
            self._meter.call_cap = math.inf
        self._log.sync()

    def note(self, text: str, *, candidates: int, best: float | None, cases: int) -> None:
        """Keep what came of the stage that has ended.

        That are so many new candidates, and the ``best`` of all by its mean score on ``cases``.
        """
        spent = self._meter.spent
        stage = Stage(
            name=self._name,
            note=text,
            candidates=candidates,
            calls=spent.calls - self._before.calls,
            tokens=spent.tokens - self._before.tokens,
            best=best,
            cases=cases,
        )
        self.done.append(stage)
        self._log.add("stage", **stage.model_dump())

    def calls_left(self) -> float:
        return self._meter.calls_left()

    def runs_left(self) -> float:
        return self._meter.calls_left() // self._calls_a_run

    def runs_of(self, stage: str) -> int:
        return self._share(stage) // self._calls_a_run

    def _share(self, stage: str) -> int:
        try:
            return self.shares[stage]
        except KeyError:
            known = ", ".join(self.shares)
            raise ConfigError(
                f"there is no stage `{stage}`: the strategy's `shares` has {known}",
                fix="Name the same stages in `shares` and in `study.stage`.",
            ) from None

    def tokens_spent(self) -> int:
        return self._meter.spent.tokens

    def show_progress(self, stage: str | None = None) -> None:
        """Tell the person who waits where the study is; ``stage`` names what is no stage."""
        spent = self._meter.spent
        best = self.done[-1].best if self.done else None
        self._on_progress(
            Progress(
                stage or self._name,
                best,
                spent.calls,
                spent.tokens,
                spent.cost_usd,
                self._meter.calls_left(),
                self._meter.seconds_to_go(),
            )
        )
