"""The ``landrace`` of `warm`: hands a command to the server and ends as the command does."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys


def run(address: str, arguments: list[str]) -> int:
    """The exit status of the command, negative if a signal ended it."""
    asked = {"arguments": arguments, "folder": os.getcwd(), "environ": dict(os.environ)}  # noqa: PTH109 - pathlib would be a third of this program's time
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(address)
        socket.send_fds(server, [b"\n"], [0, 1, 2])
        server.sendall(json.dumps(asked).encode() + b"\n")
        with server.makefile() as told:
            process = int(told.readline())
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda number, _frame: os.kill(process, number))
            return int(told.readline())


if __name__ == "__main__":
    status = run(sys.argv[1], sys.argv[2:])
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    sys.exit(status)
