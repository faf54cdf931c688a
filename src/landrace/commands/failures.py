"""What a failure looks like to the person who ran a command, and which exit code it has."""

from __future__ import annotations

import errno
import os
import platform
import shlex
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click

from landrace.errors import ConfigError, LandraceError, StorageError
from landrace.redaction import redact
from landrace.reports.neutralise import block

BUG = 70  # EX_SOFTWARE of sysexits.h

_EXTRAS = {"xllamacpp": "local"}
_DISK_FIXES = {
    errno.ENOSPC: "Free some disk space, then run the same command again.",
    errno.EDQUOT: "Raise the disk quota or free some space, then run the same command again.",
    errno.EROFS: "Make the file system writable, then run the same command again.",
    errno.EACCES: "Give this user access to it, then run the same command again.",
    errno.EPERM: "Give this user access to it, then run the same command again.",
}


def exit_code_of(error: Exception) -> int:
    """The exit code that stands for an error."""
    known = _known(error)
    return known.exit_code if known else BUG


def report_failure(error: Exception) -> None:
    """Say on stderr what went wrong and what to do; a bug leaves a crash log."""
    known = _known(error)
    if known:
        click.echo(f"{click.style('error:', fg='red', bold=True)} {_message(known)}", err=True)
        return
    path = _write_crash_log(error)
    kept = f"What happened is written in {path}" if path else "No crash log could be written"
    click.echo(
        f"Sorry: landrace ran into a bug ({type(error).__name__}).\n"
        f"  {kept}; please attach it to a bug report.\n"
        "  Finished model calls are on disk: running the same command again repeats none.",
        err=True,
    )


def _message(error: LandraceError) -> str:
    head = f"{error.where}: {error.problem}" if error.where else error.problem
    lines = [*head.splitlines(), *(error.fix or "").splitlines()]
    return block(redact("\n  ".join(line.strip() for line in lines)))


def _known(error: Exception) -> LandraceError | None:
    """The error in landrace's own words, or None for a bug."""
    if isinstance(error, LandraceError):
        return error
    if isinstance(error, OSError) and error.errno in _DISK_FIXES:
        where = str(error.filename) if error.filename else None
        problem = os.strerror(error.errno).lower()
        return StorageError(problem, where=where, fix=_DISK_FIXES[error.errno])
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _missing_package(error.name.partition(".")[0])
    return None


def _missing_package(name: str) -> ConfigError | None:
    if name == "landrace":
        return None
    extra = _EXTRAS.get(name, "pipeline")
    return ConfigError(
        f"this command needs the Python package {name}, which is not installed",
        fix=f"Type: pip install 'landrace[{extra}]'",
    )


def _write_crash_log(error: Exception) -> Path | None:
    """Write the traceback where the user finds it; a full disk must not hide the first error."""
    text = _crash_text(error)
    name = f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
    for folder in (_state_folder(), Path(tempfile.gettempdir())):
        if folder is None:
            continue
        try:
            folder.mkdir(exist_ok=True)
            path = folder / name
            # A new file and no other: a link there could be a stranger's.
            with path.open("x", encoding="utf-8", errors="backslashreplace") as log:
                log.write(text)
        except OSError:
            continue
        return path
    return None


def _crash_text(error: Exception) -> str:
    lines = [
        f"landrace {version('landrace')}",
        f"Python {platform.python_version()} on {platform.platform()}",
        f"command: {shlex.join(sys.argv)}",
        "",
        *traceback.format_exception(error),
    ]
    return redact("\n".join(lines))


def _state_folder() -> Path | None:
    """``.landrace`` of the repository that the working directory is in, unless it is a link.

    Whose link it is, git can tell; after a crash nobody asks it.
    """
    try:
        here = Path.cwd()
    except OSError:  # the folder was removed under our feet
        return None
    root = next((p for p in (here, *here.parents) if (p / ".git").exists()), None)
    folder = root / ".landrace" if root else None
    return None if folder is None or folder.is_symlink() else folder
