"""Run as a program: one scripted study that kills itself with SIGKILL during call N."""

from __future__ import annotations

import itertools
import os
import signal
import sys
from pathlib import Path

from worlds import apt_pupil, task

from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.workflows.run_cell import run_cell
from landrace.workflows.services import Services


def main(folder: str, fatal: int) -> None:
    count = itertools.count(1)

    def pupil(request):
        if next(count) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return apt_pupil(request)

    with Ledger(Path(folder, "ledger.jsonl")) as ledger:
        run_cell(task(), Services(ScriptedGateway(pupil), ledger))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
