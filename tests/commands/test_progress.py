from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from landrace.commands.progress import LiveProgress, PlainProgress, duration, progress


def test_plain_lines_at_each_stage_and_every_fifteen_seconds() -> None:
    lines: list[str] = []
    times = iter([0.0, 1.0, 14.9, 15.0, 16.0])
    with PlainProgress(lines.append, lambda: next(times)) as shown:
        shown.update("route-note local/x", "screen", calls=1)
        shown.update("route-note local/x", "screen", calls=2)
        shown.update("route-note local/x", "screen", calls=3)
        shown.update("route-note local/x", "screen", calls=1200, tokens=5, seconds_left=200)
        shown.update("route-note local/x", "holdout", score=0.5, calls=4, cost_usd=0.25)
    assert lines == [
        "route-note local/x  screen  1 calls, 0 tokens",
        "route-note local/x  screen  1,200 calls, 5 tokens  3 min left",
        "route-note local/x  holdout  best 0.500  4 calls, 0 tokens  $0.2500",
    ]


def test_plain_lines_of_one_cell_do_not_silence_another() -> None:
    lines: list[str] = []
    with PlainProgress(lines.append, lambda: 0.0) as shown:
        shown.update("a", "screen")
        shown.update("b", "screen")
    assert len(lines) == 2


def test_live_rows_show_the_last_state_of_each_cell() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=120, color_system=None)
    with LiveProgress(console) as shown:
        shown.update("a", "screen", score=0.1)
        shown.update("b", "screen")
        shown.update("a", "hold\x1bout", score=0.75)
    last = re.split(r"\x1b\[\d?[A-Za-z]", stream.getvalue())
    text = "".join(last)
    assert "best 0.750" in text
    assert "hold\\u001bout" in text


def test_no_terminal_means_plain_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    with progress() as shown:
        assert isinstance(shown, PlainProgress)
        shown.update("a", "screen")
    assert capsys.readouterr() == ("", "a  screen  0 calls, 0 tokens\n")


def test_a_terminal_gets_live_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(progress(), LiveProgress)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0 s"), (59.4, "59 s"), (60, "1 min"), (3599, "1 h 00 min"), (3900, "1 h 05 min")],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text
