"""What a step hands to its runner: outputs for later steps, and the page of the job.

Both are files to append to. An output's value stands between two lines with a random word, so
that no value can end itself and set another output.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from landrace.errors import StorageError
from landrace.forge.plain import without_commands, written_out
from landrace.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")

# A step that passes it loses its whole page.
_MOST_SUMMARY_BYTES = 1 << 20
_CUT = "\n\n*The rest does not fit: a runner takes 1 MiB.*\n"


class Runner:
    """The files that a step's environment names; without them nothing is written.

    Secrets are masked in all that is written: the runner masks its log, not what a step reads.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = dict(environ)

    def set_outputs(self, values: Mapping[str, str]) -> None:
        """Give the step outputs. Lines stay; controls are written out, runner's commands parted.

        Raises:
            StorageError: the runner's file cannot be written.
        """
        path = self._environ.get("GITHUB_OUTPUT")
        if not path:
            return
        blocks = [self._block(name, value) for name, value in values.items()]
        _append(Path(path), "".join(blocks).encode())

    def add_summary(self, markdown: str) -> None:
        """Put Markdown on the job's page; what passes 1 MiB is cut off at a line, and says so.

        Raises:
            StorageError: the runner's file cannot be written.
        """
        path = self._environ.get("GITHUB_STEP_SUMMARY")
        if not path:
            return
        text = written_out(redact(markdown, self._environ)).removesuffix("\n") + "\n"
        room = _MOST_SUMMARY_BYTES - _size(Path(path)) - 2
        _append(Path(path), _fitted(text.encode(), room))

    def _block(self, name: str, value: str) -> str:
        if not _NAME.match(name):
            raise ValueError(f"not the name of an output: {name!r}")
        text = without_commands(written_out(redact(value, self._environ)))
        word = _word(text)
        return f"{name}<<{word}\n{text}\n{word}\n"


def _word(text: str) -> str:
    """A word that is no line of the text, and that nobody could foresee."""
    while True:
        word = f"landrace_{secrets.token_hex(16)}"
        if word not in text:
            return word


def _fitted(data: bytes, room: int) -> bytes:
    if len(data) <= room:
        return data
    cut = _CUT.encode()
    kept = data[: max(0, room - len(cut))]
    end = kept.rfind(b"\n") + 1
    return kept[:end] + cut if room >= len(cut) else b""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise _unwritable(path, error) from error


def _append(path: Path, data: bytes) -> None:
    """Append in one write; another step's last line may lack its end."""
    if not data:
        return
    try:
        with path.open("a+b") as file:
            if file.tell():
                file.seek(-1, 2)
                if file.read(1) != b"\n":
                    data = b"\n" + data
            file.write(data)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"the runner's file cannot be written ({error.strerror or error})",
        where=str(path),
        fix="make room, or mend the rights of the runner's folder",
    )
