"""Every benchmark that needs no model and no peer, one after the other: ``make bench``."""

from __future__ import annotations

import subprocess
import sys

COMMANDS = (
    ("-m", "benchmarks.bench_evaluator"),
    ("-m", "benchmarks.bench_loader"),
    ("-m", "benchmarks.unchanged"),
    ("-m", "benchmarks.ceilings"),
)


def main() -> None:
    failed = 0
    for command in COMMANDS:
        print(f"\n== python {' '.join(command)}", flush=True)
        failed += subprocess.run([sys.executable, *command], check=False).returncode != 0
    sys.exit(failed)


if __name__ == "__main__":
    main()
