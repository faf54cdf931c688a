"""The gate on a real model, in a throw-away clone of this repository.

    python -m benchmarks.gate_model [--model local/qwen2.5-coder-0.5b-instruct]

Three changes of `support-intent`: a harmless rewording, a label list that someone made prettier
than the labels are, and the same harmless rewording where the eval set has only 24 cases.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parents[1]
LANDRACE = str(Path(sys.executable).with_name("landrace"))
MODEL = "local/qwen2.5-coder-0.5b-instruct"
TEMPLATE = "prompts/support-intent/prompt.jinja"
CASES = "prompts/support-intent/cases.jsonl"
FEW = 24

HARMLESS = ("to households by the month.", "to households month by month.")
BROKEN = (
    ("book_repair", "Book a repair"),
    ("manage_visit", "Manage a visit"),
    ("lock_problem", "Lock problem"),
    ("login_problem", "Login problem"),
    ("swap_bike", "Swap the bike"),
    ("pause_lease", "Pause the lease"),
    ("end_lease", "End the lease"),
    ("coverage_question", "Question about coverage"),
)


class Change(NamedTuple):
    """``replaced`` texts of the template, on a base with so many cases (None: all)."""

    name: str
    replaced: tuple[tuple[str, str], ...]
    cases: int | None
    expected: str


CHANGES = (
    Change("a harmless rewording", (HARMLESS,), None, "PASS"),
    Change("a broken label list", BROKEN, None, "FAIL"),
    Change(f"the rewording, judged on {FEW} cases", (HARMLESS,), FEW, "INCONCLUSIVE"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=MODEL)
    options = parser.parse_args()
    surprises = 0
    for change in CHANGES:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder, "clone")
            prepare(root, change)
            print(f"\n== {change.name}: {change.expected} is expected", flush=True)
            output = gate(root, options.model)
            print(output, flush=True)
            surprises += not output.startswith(f"{change.expected}:")
    sys.exit(surprises)


def prepare(root: Path, change: Change) -> None:
    """A clone whose HEAD~1 is base and whose HEAD is the change."""
    git("clone", "--quiet", str(REPOSITORY), str(root), cwd=REPOSITORY)
    if change.cases:
        lines = (root / CASES).read_text().splitlines(keepends=True)
        (root / CASES).write_text("".join(lines[: change.cases]))
    git("commit", "--quiet", "--all", "--allow-empty", "--message", "Base", cwd=root)
    text = (root / TEMPLATE).read_text()
    for old, new in change.replaced:
        assert old in text, f"{TEMPLATE} has no {old!r} any more"
        text = text.replace(old, new)
    (root / TEMPLATE).write_text(text)
    git("commit", "--quiet", "--all", "--message", "Change", cwd=root)


def gate(root: Path, model: str) -> str:
    command = [LANDRACE, "gate", "--base", "HEAD~1", "--head", "HEAD", "--model", model]
    done = subprocess.run(command, cwd=root, check=False, stdout=subprocess.PIPE, text=True)
    return f"{done.stdout}exit {done.returncode}"


def git(*arguments: str, cwd: Path) -> None:
    identity = ("-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=cwd, check=True)


if __name__ == "__main__":
    main()
