"""Plans and "optimizes" a thousand cells of which none changed: no model call, how long?

    python -m benchmarks.unchanged [--prompts 100] [--models 10]

The first run reads every prompt; later ones know unchanged files by their hash. Both are
whole processes, from the shell's point of view.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.ceilings import Door, services
from benchmarks.repositories import small_repository

from landrace.ledger import Ledger
from landrace.pin import variant_digest
from landrace.store.project import Project
from landrace.store.registry import read_pins, write_cell
from landrace.workflows.optimize import optimize
from landrace.workflows.plan import Selection, plan

LANDRACE = str(Path(sys.executable).with_name("landrace"))
RUNS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prompts", type=int, default=100)
    parser.add_argument("--models", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "repo")
        grow(root, options.prompts, [f"fake/m{number}" for number in range(options.models)])
        first = timed(root)
        later = [timed(root) for _ in range(RUNS)]
        assert not (root / ".landrace" / "calls").exists()
    cells = options.prompts * options.models
    again = statistics.median(later)
    print(f"{cells:,} unchanged cells: first run {first:.2f} s, later {again:.2f} s")


def grow(root: Path, prompts: int, models: list[str]) -> None:
    """One real cell, copied under other names: the pins are as a search leaves them."""
    small_repository(root, models[0])
    project = Project(root)
    with Ledger(root / ".landrace" / "ledger.jsonl") as ledger:
        list(optimize(project, plan(project, Selection(), {}), services(Door(), ledger)))
    (root / ".landrace" / "ledger.jsonl").unlink()
    pin = read_pins(root)["first-letter", models[0]]
    cell = next((root / "registry" / "first-letter").iterdir())
    files = {path.name: path.read_bytes() for path in cell.iterdir()}
    pipeline = {"prompts": ["*"], "models": models, "budget": {"calls": 220}}
    (root / "pipelines" / "all.yaml").write_text(json.dumps(pipeline))
    source = {path.name: path.read_bytes() for path in (root / "prompts/first-letter").iterdir()}
    for number in range(prompts):
        name = "first-letter" if number == 0 else f"first-letter-{number}"
        folder = root / "prompts" / name
        folder.mkdir(exist_ok=True)
        for file, data in source.items():
            (folder / file).write_bytes(data)
        for model in models:
            mine = pin._replace(prompt=name, model=pin.model._replace(id=model))
            mine = mine._replace(variant=variant_digest(mine))
            write_cell(root, name, model, {**files, "pin.json": mine.dumps().encode()})


def timed(root: Path) -> float:
    began = time.monotonic()
    done = subprocess.run(
        [LANDRACE, "optimize"], cwd=root, check=True, capture_output=True, text=True
    )
    took = time.monotonic() - began
    assert "Nothing to do" in done.stdout, done.stdout
    return took


if __name__ == "__main__":
    main()
