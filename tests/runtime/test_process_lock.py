from __future__ import annotations

from threading import Event, Thread

import pytest

from landrace.runtime.process_lock import ProcessLock


def test_one_thread_at_a_time() -> None:
    lock, started = ProcessLock(), Event()
    done: list[str] = []

    def second() -> None:
        started.set()
        with lock:
            done.append("second")

    thread = Thread(target=second)
    with lock:
        thread.start()
        started.wait()
        done.append("first")
    thread.join()

    assert done == ["first", "second"]


def test_it_is_free_again_after_an_error() -> None:
    lock = ProcessLock()

    with pytest.raises(KeyError), lock:
        raise KeyError
    with lock:
        pass


def test_in_another_process_nobody_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    lock = ProcessLock()

    with lock, monkeypatch.context() as child:
        child.setattr("os.getpid", lambda: -1)
        with lock:
            pass
