"""Gates a thousand prompts on ten models of which two pins changed: how long until it is planned,
and is anything else asked?

    python -m benchmarks.gate_plan [--prompts 1000] [--models 10]

The times are whole processes of ``landrace gate --dry-run``, from the shell's point of view: of
the work tree, and of a commit. Then the gate itself runs with a scripted model that notes who is
called.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.unchanged import LANDRACE, grow

from landrace.digest import text_digest
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.pin import PIN_FILE, TEMPLATE_FILE, variant_digest
from landrace.store.registry import cell_path, read_pins, write_cell
from landrace.workflows.gating.changes import find_changes
from landrace.workflows.gating.gate import gate, matches
from landrace.workflows.services import Services
from landrace.workflows.tasks import Ceilings

if TYPE_CHECKING:
    from landrace.schemas.gate_report import GateReport

RUNS = 7
PROMPT = "first-letter-1"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prompts", type=int, default=1000)
    parser.add_argument("--models", type=int, default=10)
    options = parser.parse_args()
    models = [f"fake/m{number}" for number in range(options.models)]
    changed = models[:2]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "repo")
        grow(root, options.prompts, models)
        commit(root, "main")
        for model in changed:
            reword(root, model)
        of_work_tree = timed(root)
        commit(root, "change")
        of_commit = timed(root, "--head", "change")
        report, gateway = gated(root)
    cells = options.prompts * options.models
    print(f"{cells:,} cells, 2 changed, planned, of {RUNS} runs the median and the least:")
    print(f"from the work tree {statistics.median(of_work_tree):.2f} s, {min(of_work_tree):.2f} s")
    print(f"from a commit {statistics.median(of_commit):.2f} s, {min(of_commit):.2f} s")
    asked = sorted({request.model for request in gateway.requests})
    print(f"{len(gateway.requests)} calls, of {', '.join(asked)}: {report.verdict}")
    found = [(cell.prompt, cell.model) for cell in report.cells]
    assert found == [(PROMPT, model) for model in changed], found
    assert asked == changed, asked
    assert report.unchanged == cells - 2
    # Other work on the machine only adds to it.
    sys.exit(max(min(of_work_tree), min(of_commit)) >= 2)


def commit(root: Path, branch: str) -> None:
    git = ["git", "-c", "user.name=b", "-c", "user.email=b@example.com", "-c", "gc.auto=0"]
    for command in (["checkout", "-qb", branch], ["add", "."], ["commit", "-qm", branch]):
        subprocess.run([*git, *command], cwd=root, check=True)


def reword(root: Path, model: str) -> None:
    """Another variant of a pin, as a search would leave it."""
    pin = read_pins(root)[PROMPT, model]
    template = root / cell_path(PROMPT, model) / TEMPLATE_FILE
    text = template.read_text(encoding="utf-8").replace("{{ word }}", "Word: {{ word }}")
    pin = pin._replace(files={TEMPLATE_FILE: text_digest(text)})
    pin = pin._replace(variant=variant_digest(pin))
    write_cell(root, PROMPT, model, {TEMPLATE_FILE: text.encode(), PIN_FILE: pin.dumps().encode()})


def timed(root: Path, *head: str) -> list[float]:
    return [_one(root, head) for _ in range(RUNS)]


def _one(root: Path, head: tuple[str, ...]) -> float:
    command = [LANDRACE, "gate", "--base", "main", *head, "--dry-run"]
    began = time.monotonic()
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    took = time.monotonic() - began
    assert "2 changed" in done.stdout, done.stdout
    return took


def gated(root: Path) -> tuple[GateReport, ScriptedGateway]:
    gateway = ScriptedGateway(lambda request: request.messages[-1].content.split()[-1][0])
    with (
        Ledger(root / ".landrace" / "ledger.jsonl") as ledger,
        find_changes(root, "main", "change") as changes,
    ):
        services = Services(gateway, ledger)
        report = gate(changes, matches(changes), services, ceilings=Ceilings())
    return report, gateway


if __name__ == "__main__":
    main()
