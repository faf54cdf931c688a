"""A landrace that has its imports behind it, for the many jobs of these tests.

A job is one run of the command, and imports are most of its time: litellm alone takes seconds.
Here they happen once. Each run is a process of its own still, forked from the one that imported,
with its own arguments, environment, folder, streams, signals and exit status. What only an
import could see (a variable that a library reads then) is proved by the runs of act that have the
command as it is installed.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HERE = Path(__file__).parent


@contextmanager
def warm_landrace() -> Iterator[Path]:
    """A folder for the PATH whose ``landrace`` is a fork; none begins after the ``with``."""
    # Not below the tests' own folder: the name of a socket may have about a hundred characters.
    with tempfile.TemporaryDirectory(prefix="warm-") as folder:
        address, command = Path(folder) / "socket", Path(folder) / "landrace"
        asking = [sys.executable, "-IS", str(_HERE / "warm_client.py"), str(address)]
        command.write_text(f'#!/bin/sh\nexec {shlex.join(asking)} "$@"\n')
        command.chmod(0o755)
        serving = [sys.executable, str(_HERE / "warm_server.py"), str(address)]
        with subprocess.Popen(
            serving, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as server:
            assert server.stdout is not None
            assert server.stdout.readline() == "ready\n"
            yield Path(folder)  # the end of its input is the end of the server
