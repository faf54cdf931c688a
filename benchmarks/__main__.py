"""Every benchmark that needs no model and no peer, one after the other: ``make bench``."""

from __future__ import annotations

import subprocess
import sys

COMMANDS = (
    ("-m", "benchmarks.bench_evaluator"),
    ("-m", "benchmarks.bench_loader"),
    ("-m", "benchmarks.unchanged"),
    ("-m", "benchmarks.ceilings"),
    ("-m", "benchmarks.pull_request"),
    ("-m", "benchmarks.gate_plan"),
    ("-m", "benchmarks.gate_truth", "--runs", "200", "--rows", "100 * 1 planned"),
    ("-m", "benchmarks.coverage", "--draws", "500"),
    ("-m", "benchmarks.world", "--jobs", "2", "--minutes", "5"),
)


def main() -> None:
    failed = 0
    for command in COMMANDS:
        print(f"\n== python {' '.join(command)}", flush=True)
        failed += subprocess.run([sys.executable, *command], check=False).returncode != 0
    sys.exit(failed)


if __name__ == "__main__":
    main()
