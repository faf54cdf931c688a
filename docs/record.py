"""Records docs/terminal.svg: a first run in a throw-away repository, on a real embedded model.

    .venv/bin/python docs/record.py

Needs `landrace models pull smollm2-135m-instruct` and some minutes. What the commands print on
stdout is drawn as it is; their progress, on stderr, goes to this terminal.
"""

from __future__ import annotations

import io
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).resolve().with_name("terminal.svg")
WIDTH = 118  # columns; the longest line, the bill of the search, needs that many
COMMANDS = (
    "landrace init",
    "landrace plan",
    "landrace optimize",
    "git add --all",
    "git commit --quiet --message 'Pin route-note for smollm2'",
    "landrace verify",
)
# The font would be fetched from another host whenever somebody opens the picture.
FONT = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)


def main() -> None:
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    with tempfile.TemporaryDirectory(prefix="landrace-record-") as folder:
        output(["git", "init", "--quiet"], folder)
        for key, value in {"user.name": "Ada", "user.email": "ada@example.com"}.items():
            output(["git", "config", key, value], folder)
        for command in COMMANDS:
            console.print(Text(f"$ {command}", style="bold"))
            console.print(Text(output(shlex.split(command), folder).rstrip("\n")))
    picture = console.export_svg(title="landrace", unique_id="landrace")
    PICTURE.write_text(FONT.sub("", picture), encoding="utf-8")


def output(command: list[str], folder: str) -> str:
    """What a command prints on stdout; a failure ends the recording."""
    if command[0] == "landrace":
        command = [sys.executable, "-m", "landrace", *command[1:]]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    main()
