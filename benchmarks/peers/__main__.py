"""Our optimizers beside their originals, on the same embedded models, data and budget.

    python3 -m venv PEERS && PEERS/bin/pip install -r benchmarks/peers/requirements.txt
    python -m benchmarks.peers --peer-python PEERS/bin/python --data FOLDER --task NAME...

FOLDER holds public sets as `benchmarks.tasks` reads them; ``--prompt`` takes prompts of this
repository instead, or as well. Results are kept in ``--results`` as they come, answers of models
beside them: what is there is not run again, and an interrupted run goes on for nothing.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.peers.contest import Contest, run
from benchmarks.peers.contestants import CONTESTANTS
from benchmarks.peers.table import table
from benchmarks.peers.tasks import Sizes, read_task, write_public
from benchmarks.tasks import TASKS

from landrace.gateway.connect import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.peers.tasks import Task

    from landrace.gateway.base import Gateway

REPOSITORY = Path(__file__).resolve().parents[2]


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as scratch, connect() as gateway:
        for task in _tasks(options, Path(scratch)):
            # All contestants with one seed first: what is there when a run is cut compares.
            for seed in range(options.seeds):
                for name in options.only:
                    if seed and not CONTESTANTS[name].seeded:
                        continue
                    _run(name, _contest(options, task, name, seed), gateway)
    records = [json.loads(kept.read_text()) for kept in options.results.glob("*/*/result.json")]
    print(table(records))


def _run(name: str, contest: Contest, gateway: Gateway) -> None:
    kept = contest.folder / "result.json"
    if kept.exists():
        return
    print(f"== {contest.task.name}: {name}, seed {contest.seed}", flush=True)
    contest.folder.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(run(CONTESTANTS[name], contest, gateway), indent=1))


def _contest(options: argparse.Namespace, task: Task, name: str, seed: int) -> Contest:
    return Contest(
        task=task,
        task_model=options.model,
        proposer=options.proposer,
        budget=options.calls,
        seed=seed,
        folder=(options.results / task.name / f"{name}-{options.calls}-{seed}").resolve(),
        peer_python=options.peer_python,
    )


def _tasks(options: argparse.Namespace, scratch: Path) -> Iterator[Task]:
    for name in options.task:
        yield read_task(
            scratch,
            write_public(scratch, name, options.data / f"{name}.jsonl", Sizes(*options.sizes)),
        )
    for name in options.prompt:
        yield read_task(REPOSITORY, name)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peer-python", type=Path, help="the Python that has the peers")
    parser.add_argument("--data", type=Path, help="the folder of public sets")
    parser.add_argument("--task", nargs="*", default=[], choices=list(TASKS))
    parser.add_argument("--prompt", nargs="*", default=[])
    parser.add_argument("--only", nargs="*", default=list(CONTESTANTS), choices=list(CONTESTANTS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--calls", type=int, default=600, help="of the task model, in a search")
    parser.add_argument(
        "--sizes",
        type=int,
        nargs=3,
        default=(60, 60, 120),
        help="cases of search, select and holdout of a public set",
    )
    parser.add_argument("--model", default="local/qwen2.5-coder-0.5b-instruct")
    parser.add_argument("--proposer", default="local/qwen2.5-coder-1.5b-instruct")
    parser.add_argument("--results", type=Path, default=Path(".landrace/peers"))
    options = parser.parse_args()
    if options.task and options.data is None:
        parser.error("--task needs the folder of public sets: --data FOLDER")
    if options.model == options.proposer:
        parser.error("--model and --proposer are counted by their ids, so they must differ")
    if options.peer_python:
        # Absolute, but not resolved: a link is how an environment's Python knows its place.
        options.peer_python = options.peer_python.absolute()
    elif any(not name.startswith(("landrace", "base")) for name in options.only):
        parser.error("peers need their Python: --peer-python, see the top of this help")
    return options


if __name__ == "__main__":
    main()
