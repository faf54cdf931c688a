"""A pull request that touches 200 cells: how long does all take that is not the model?

    python -m benchmarks.pull_request [--prompts 50] [--models 4]

Every template is reworded, so every cell is searched, compared with base, committed, judged and
reported. Plan, commit, gate and report are whole processes, from the shell's point of view; the
searches run here, on a scripted model that answers at once.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.ceilings import Door, services
from benchmarks.gate_plan import commit
from benchmarks.unchanged import LANDRACE, grow

from landrace.commands.change import RESULTS, write_results
from landrace.ledger import Ledger
from landrace.workflows.pull_request.carry_out import carry_out
from landrace.workflows.pull_request.opened import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_SECONDS = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prompts", type=int, default=50)
    parser.add_argument("--models", type=int, default=4)
    options = parser.parse_args()
    models = [f"fake/m{number}" for number in range(options.models)]
    took: dict[str, Took] = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "repo")
        grow(root, options.prompts, models)
        commit(root, "main")
        reword(root)
        commit(root, "change")
        with timed(took, "plan"):
            landrace(root, "plan", "--base", "main")
        with timed(took, "optimize"):
            cells, calls = optimize(root)
        with timed(took, "commit"):
            landrace(root, "commit", "--base", "main")
        with timed(took, "gate"):
            said = landrace(root, "gate", "--base", "main", "--head", "HEAD", "--offline")
        with timed(took, "report"):
            landrace(root, "report", "--base", "main", "--format", "markdown")
        with timed(took, "plan again"):
            again = landrace(root, "plan", "--base", "main")
    for step, one in took.items():
        print(f"{step:12} {one.wall:6.2f} s, of the processor {one.processor:6.2f} s")
    beyond = [one for step, one in took.items() if step != "optimize"]
    wall, processor = sum(one.wall for one in beyond), sum(one.processor for one in beyond)
    print(f"{cells} cells, {calls:,} calls, {said.splitlines()[0]}")
    print(f"without the searches {wall:.1f} s, of the processor {processor:.1f} s")
    assert cells == options.prompts * options.models
    assert again.startswith("Nothing to do"), again
    sys.exit(wall >= MOST_SECONDS)


def reword(root: Path) -> None:
    """Another text for each prompt, so that no answer serves two of them."""
    for template in sorted(root.glob("prompts/*/prompt.jinja")):
        text = template.read_text(encoding="utf-8")
        told = text.replace("Write the first", f"For {template.parent.name}, write the first")
        template.write_text(told, encoding="utf-8")


def optimize(root: Path) -> tuple[int, int]:
    """Search and compare every cell; how many were finished, with how many calls."""
    model = Door()
    with opened(root, "main", "HEAD") as change, Ledger(root / ".landrace/ledger.jsonl") as ledger:
        results = carry_out(change, services(model, ledger), run="benchmark")
    assert not results.unfinished, results.unfinished[0]
    write_results(results, root / RESULTS)
    return len(results.cells), model.calls


def landrace(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        [LANDRACE, *arguments], cwd=root, check=False, capture_output=True, text=True
    )
    assert done.returncode in {0, 1, 6}, done.stderr
    return done.stdout


class Took(NamedTuple):
    """Seconds on the clock, and of the processor."""

    wall: float
    processor: float


@contextmanager
def timed(took: dict[str, Took], step: str) -> Iterator[None]:
    began = time.monotonic(), _processor()
    yield
    took[step] = Took(time.monotonic() - began[0], _processor() - began[1])


def _processor() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
