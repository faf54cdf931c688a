from __future__ import annotations

import errno
import os
import tempfile
from typing import TYPE_CHECKING

import pytest

from landrace.commands import failures
from landrace.errors import BudgetExhaustedError, ConfigError, EvidenceError, LandraceError

if TYPE_CHECKING:
    from pathlib import Path


def raised(text: str) -> Exception:
    try:
        int(text)
    except ValueError as caught:
        return caught
    raise AssertionError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("x"), 2),
        (EvidenceError("x"), 4),
        (BudgetExhaustedError("x"), 5),
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), 2),
        (PermissionError(errno.EACCES, "Permission denied", "/data/x"), 2),
        (ModuleNotFoundError("No module named 'yaml'", name="yaml"), 2),
        (ModuleNotFoundError("no landrace.x", name="landrace.x"), 70),
        (OSError("something else"), 70),
        (ValueError("x"), 70),
    ],
)
def test_exit_codes(error: Exception, code: int) -> None:
    assert failures.exit_code_of(error) == code


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            LandraceError("no such key `descr`", where="prompt.yaml:3", fix="Did you mean `x`?"),
            "error: prompt.yaml:3: no such key `descr`\n  Did you mean `x`?\n",
        ),
        (LandraceError("2 problems\n  a\n  b\x1b[2J"), "error: 2 problems\n  a\n  b\\u001b[2J\n"),
        (
            OSError(errno.ENOSPC, "No space left on device", "/data/x"),
            (
                "error: /data/x: no space left on device\n"
                "  Free some disk space, then run the same command again.\n"
            ),
        ),
        (
            ModuleNotFoundError("No module named 'xllamacpp'", name="xllamacpp"),
            (
                "error: this command needs the Python package xllamacpp, which is not installed\n"
                "  Type: pip install 'landrace[local]'\n"
            ),
        ),
    ],
)
def test_message(capsys: pytest.CaptureFixture[str], error: Exception, text: str) -> None:
    failures.report_failure(error)
    assert capsys.readouterr() == ("", text)


def test_bug_in_a_repository_leaves_its_log_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".git").mkdir()
    inside = tmp_path / "prompts"
    inside.mkdir()
    monkeypatch.chdir(inside)
    failures.report_failure(raised("boom"))
    [log] = (tmp_path / ".landrace").glob("crash-*.log")
    text = log.read_text(encoding="utf-8")
    assert "ValueError: invalid literal" in text
    assert "test_failures.py" in text
    said = capsys.readouterr().err
    assert str(log) in said
    assert "Traceback" not in said


def test_no_log_is_written_where_a_link_leads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be a link that a stranger has committed."""
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "repo" / ".landrace").symlink_to(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path / "repo")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    failures.report_failure(raised("boom"))
    assert not list((tmp_path / "elsewhere").iterdir())
    assert list(tmp_path.glob("crash-*.log"))


def test_neither_message_nor_crash_log_holds_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "correct-horse-battery"
    monkeypatch.setenv("SOME_API_KEY", secret)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    failures.report_failure(LandraceError(f"refused {secret}", where=secret, fix=secret))
    failures.report_failure(raised(secret))
    [log] = tmp_path.glob("crash-*.log")
    assert "ValueError" in log.read_text(encoding="utf-8")
    assert secret not in log.read_text(encoding="utf-8") + capsys.readouterr().err


def test_bug_elsewhere_leaves_its_log_in_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "t"))
    failures.report_failure(raised("boom"))
    assert list((tmp_path / "t").glob("crash-*.log"))


def test_bug_that_cannot_be_logged_is_still_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing" / "deeper"))
    failures.report_failure(raised("boom"))
    assert "No crash log could be written" in capsys.readouterr().err


def test_removed_working_directory_is_no_second_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    try:
        failures.report_failure(raised("boom"))
    finally:
        os.chdir(tmp_path)
    assert list(tmp_path.glob("crash-*.log"))
