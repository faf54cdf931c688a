"""Our optimizers beside their originals, on the same embedded models, data and budget.

    python3 -m venv PEERS && PEERS/bin/pip install -r benchmarks/peers/requirements.txt
    python -m benchmarks.peers --peer-python PEERS/bin/python --data FOLDER --group auto

FOLDER holds public sets as `benchmarks.tasks` reads them, of which five are taken without
``--task``; ``--prompt`` takes prompts of this repository. What came of each run is kept in
``--records``, without a word of a case, so that a table can grow from sitting to sitting; what has
a record is not run again. The answers of models are in ``--work``, so an interrupted run goes on
for nothing. A peer that fails is missing in the table, and the status is 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.peers.contest import Contest, run
from benchmarks.peers.contestants import CONTESTANTS, GROUPS
from benchmarks.peers.peer import PeerError
from benchmarks.peers.summary import summary
from benchmarks.peers.table import table
from benchmarks.peers.tasks import Sizes, read_task, write_public
from benchmarks.tasks import TASKS

from landrace.gateway.connect import connect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.peers.tasks import Task

    from landrace.gateway.base import Gateway

REPOSITORY = Path(__file__).resolve().parents[2]
RECORDS = REPOSITORY / "benchmarks/records/peers"
# Those that the base prompt leaves room on; it has every first letter right.
FIVE = (
    "sentiment",
    "antonyms",
    "num_to_verbal",
    "negation",
    "bbh_sports_understanding",
)


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as scratch, connect() as gateway:
        # All contestants with one seed first: what is there when a run is cut compares.
        contests = [
            (name, _contest(options, task, name, seed))
            for task in _tasks(options, Path(scratch))
            for seed in range(options.seeds)
            for name in options.only
            if not seed or CONTESTANTS[name].seeded
        ]
        records, failed = play(contests, gateway, is_rerun=options.kept)
    if records:
        print(table(records))
        print(summary(records))
    if failed:
        sys.exit(f"without a result: {', '.join(failed)}")


def play(
    contests: Sequence[tuple[str, Contest]], gateway: Gateway, *, is_rerun: bool = False
) -> tuple[list[dict[str, Any]], list[str]]:
    """The records of all that have a result, and what has none; ``is_rerun`` asks no model."""
    records, failed = [], []
    for name, contest in contests:
        kept = contest.record
        if not kept.exists() and not is_rerun:
            print(f"== {contest.task.name}: {name}, seed {contest.seed}", flush=True)
            contest.folder.mkdir(parents=True, exist_ok=True)
            try:
                _keep(run(CONTESTANTS[name], contest, gateway), contest)
            except PeerError as error:
                print(error, flush=True)
                failed.append(f"{contest.task.name} {name} {contest.seed}")
        if kept.exists():
            records.append(_same(json.loads(kept.read_text()), contest))
    return records, failed


def _keep(result: dict[str, Any], contest: Contest) -> None:
    """The whole result with the answers; the record without the messages, which quote a case."""
    (contest.folder / "result.json").write_text(json.dumps(result, indent=1))
    record = {name: value for name, value in result.items() if name != "messages"}
    contest.record.parent.mkdir(parents=True, exist_ok=True)
    contest.record.write_text(json.dumps(record) + "\n")


def _same(record: dict[str, Any], contest: Contest) -> dict[str, Any]:
    """The record, if it is of this contest and not of other models or cases."""
    wanted = contest.terms()
    found = {name: record[name] for name in wanted}
    if found != wanted:
        sys.exit(f"{contest.record} has {found}, not {wanted}: name another folder, --records")
    return record


def _contest(options: argparse.Namespace, task: Task, name: str, seed: int) -> Contest:
    run_name = f"{name}-{options.calls}-{seed}"
    return Contest(
        task=task,
        task_model=options.model,
        proposer=options.proposer,
        budget=options.calls,
        seed=seed,
        folder=(options.work / task.name / run_name).resolve(),
        record=options.records / task.name / f"{run_name}.json",
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


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peer-python", type=Path, help="the Python that has the peers")
    parser.add_argument("--data", type=Path, help="the folder of public sets")
    parser.add_argument(
        "--task", nargs="*", choices=list(TASKS), help=f"default: {', '.join(FIVE)}"
    )
    parser.add_argument("--prompt", nargs="*", default=[])
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--group", choices=list(GROUPS), default="all")
    chosen.add_argument("--only", nargs="*", choices=list(CONTESTANTS))
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
    parser.add_argument("--work", type=Path, default=Path(".landrace/peers"))
    parser.add_argument("--records", type=Path, default=RECORDS)
    parser.add_argument("--kept", action="store_true", help="run nothing, show what is there")
    options = parser.parse_args(arguments)
    options.only = options.only or GROUPS[options.group]
    if options.task is None:
        options.task = FIVE if options.data else ()
    if not options.task and not options.prompt:
        parser.error("name tasks: --data FOLDER, or --prompt NAME")
    if options.task and options.data is None:
        parser.error("--task needs the folder of public sets: --data FOLDER")
    if options.model == options.proposer:
        parser.error("--model and --proposer are counted by their ids, so they must differ")
    if options.peer_python:
        # Absolute, but not resolved: a link is how an environment's Python knows its place.
        options.peer_python = options.peer_python.absolute()
    elif not options.kept and any(not n.startswith(("landrace", "base")) for n in options.only):
        parser.error("peers need their Python: --peer-python, see the top of this help")
    return options


if __name__ == "__main__":
    main()
