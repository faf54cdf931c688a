from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.commands.byte_progress import byte_progress

if TYPE_CHECKING:
    import pytest


def test_a_line_at_every_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    with byte_progress("local/x") as advance:
        for done in range(0, 2_000_001, 50_000):
            advance(done, 2_000_000)
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"local/x  {10 * tenth}% of 2 MB" for tenth in range(1, 11)]


def test_a_bar_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with byte_progress("local/x") as advance:
        advance(1_000_000, 2_000_000)
    said = capsys.readouterr()
    assert "1.0/2.0" in said.err
    assert said.out == ""
