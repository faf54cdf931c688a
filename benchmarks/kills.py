"""Kills a real run at random moments, resumes it, and compares the pins byte for byte.

    python -m benchmarks.kills [--kills 30] [--model local/smollm2-135m-instruct]

One run is left alone. Another is killed with SIGKILL again and again, each time a few
random seconds after it started, until it has died so often, and is then left to finish.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.repositories import small_repository

LANDRACE = str(Path(sys.executable).with_name("landrace"))
COMMAND = (LANDRACE, "optimize", "--format", "json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--model", default="local/smollm2-135m-instruct")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        whole = small_repository(Path(folder, "whole"), options.model)
        began = time.monotonic()
        subprocess.run(COMMAND, cwd=whole, check=True, capture_output=True)
        took = time.monotonic() - began
        died = small_repository(Path(folder, "died"), options.model)
        deaths = die_often(died, options.kills, took, random.Random(options.seed))
        subprocess.run(COMMAND, cwd=died, check=True, capture_output=True)
        compare(whole, died, deaths, took)


def die_often(root: Path, kills: int, took: float, rng: random.Random) -> list[int]:
    """Calls in the ledger at each death; a run that finishes first is wiped and begun anew."""
    deaths: list[int] = []
    while len(deaths) < kills:
        run = subprocess.Popen(
            COMMAND, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            run.wait(timeout=2 + rng.uniform(0, 2 * took / kills))
        except subprocess.TimeoutExpired:
            run.kill()
            run.wait()
            deaths.append(sum(calls(root).values()))
            print(f"death {len(deaths)} after {deaths[-1]} finished calls", flush=True)
        else:
            print("the run finished before it was killed often enough; beginning anew")
            subprocess.run(["rm", "-rf", ".landrace", "registry"], cwd=root, check=True)
    return deaths


def compare(whole: Path, died: Path, deaths: list[int], took: float) -> None:
    same = registry(whole) == registry(died)
    paid, once = calls(died), calls(whole)
    twice = sum(count > 1 for count in paid.values())
    print(f"uninterrupted: {sum(once.values())} calls in {took:.0f} s")
    print(f"killed {len(deaths)} times; finished calls at each death: {deaths}")
    print(f"registry byte-identical: {same}; calls paid for twice: {twice}")
    print(f"the same calls were made: {paid == once}")
    sys.exit(0 if same and not twice else 1)


def registry(root: Path) -> dict[str, bytes]:
    files = sorted((root / "registry").rglob("*"))
    return {str(path.relative_to(root)): path.read_bytes() for path in files if path.is_file()}


def calls(root: Path) -> Counter[str]:
    path = root / ".landrace" / "ledger.jsonl"
    if not path.exists():
        return Counter()
    whole = [line for line in path.read_bytes().splitlines(keepends=True) if line[-1:] == b"\n"]
    records = [json.loads(line) for line in whole]
    return Counter(record["key"] for record in records if record["kind"] == "call")


if __name__ == "__main__":
    main()
