"""A map over threads that keeps order and bounds how far it runs ahead."""

from __future__ import annotations

import math
import queue
import threading
from collections import deque
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TYPE_CHECKING, Generic, TypeVar

from landrace.errors import BudgetExhaustedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")
Result = TypeVar("Result")

# Slow calls at the head must not leave workers idle, and 100,000 items must not be in memory.
AHEAD = 4


def ordered_map(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    workers: int,
    seconds_left: Callable[[], float] = lambda: math.inf,
) -> Iterator[Result]:
    """``map`` over ``workers`` threads; results come in the order of the items.

    When ``function`` raises, no further item is begun, those in flight finish (they may be
    paid for), and the first error in order is raised.

    Raises:
        BudgetExhaustedError: ``seconds_left`` ran out; calls in flight are abandoned.
    """
    crew: _Crew[Item, Result] = _Crew(function, workers)
    pending: deque[Future[Result]] = deque()
    try:
        for item in items:
            pending.append(crew.submit(item))
            if len(pending) >= workers * AHEAD:
                yield _result(pending.popleft(), seconds_left)
        while pending:
            yield _result(pending.popleft(), seconds_left)
    except BudgetExhaustedError:
        crew.dismiss(wait=seconds_left() > 0)
        raise
    except BaseException:
        crew.dismiss(wait=True)
        raise
    crew.dismiss(wait=True)


def _result(future: Future[Result], seconds_left: Callable[[], float]) -> Result:
    left = seconds_left()
    try:
        return future.result(None if left == math.inf else max(0.0, left))
    except FutureTimeoutError:
        raise BudgetExhaustedError("the ceiling on time is reached", ceiling="seconds") from None


class _Crew(Generic[Item, Result]):
    """Threads that die with the process: an abandoned call must not keep it alive."""

    def __init__(self, function: Callable[[Item], Result], size: int) -> None:
        self._function = function
        self._size = size
        self._tasks: queue.SimpleQueue[tuple[Future[Result], Item] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._stopped = False
        self._failure: BaseException | None = None

    def submit(self, item: Item) -> Future[Result]:
        future: Future[Result] = Future()
        self._tasks.put((future, item))
        if len(self._threads) < self._size:
            thread = threading.Thread(target=self._work, daemon=True)
            self._threads.append(thread)
            thread.start()
        return future

    def dismiss(self, *, wait: bool) -> None:
        self._stopped = True
        for _ in self._threads:
            self._tasks.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            future, item = task
            if self._stopped:
                future.set_exception(self._failure or BudgetExhaustedError("the run was ended"))
                continue
            try:
                future.set_result(self._function(item))
            except BaseException as error:  # noqa: BLE001 - handed to the caller's thread
                self._failure = self._failure or error
                self._stopped = True
                future.set_exception(error)
