"""A peer as a contestant: a program of ``runners/`` in the peers' environment, behind the proxy."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.peers.contest import Found
from benchmarks.peers.proxy import UNCOUNTED, serve

if TYPE_CHECKING:
    from benchmarks.peers.contest import Contest
    from benchmarks.peers.counted import CountedGateway

RUNNERS = Path(__file__).with_name("runners")
PROPOSAL_TOKENS = 400  # what a strategy of ours asks for, too
MOST_SECONDS = 3 * 3600


class PeerError(Exception):
    """A peer gave no result, which says nothing about how well it searches."""


def run_peer(
    contest: Contest, counted: CountedGateway, *, module: str, options: dict[str, Any]
) -> Found:
    """Let the peer search, and judge what its winner makes of the holdout.

    Raises:
        PeerError: the peer gave no result in time; its log is in the contest's folder.
    """
    task = contest.task
    defaults = {
        "task": {"temperature": 0, "max_tokens": task.answer_tokens},
        "proposer": {"max_tokens": PROPOSAL_TOKENS},
    }
    models = {"task": contest.task_model, "proposer": contest.proposer}
    with serve(counted, task.judge, models, defaults) as address:
        job = {
            "task": task.for_peers(),
            "budget": contest.budget,
            "seed": contest.seed,
            "options": options,
            "proposal_tokens": PROPOSAL_TOKENS,
            "api_base": f"{address}/v1",
            "uncounted": f"{address}{UNCOUNTED}/v1",
            "judge": f"{address}/judge",
        }
        result = _run(contest, module, job)
    return Found(
        scores={
            case.id: task.judge(case.id, result["answers"].get(case.id)).value
            for case in task.holdout
        },
        settings=result["settings"],
        ended=result["ended"],
        search_s=result["search_s"],
        messages=result["messages"],
    )


def _run(contest: Contest, module: str, job: dict[str, Any]) -> dict[str, Any]:
    assert contest.peer_python is not None, "the command asks for it"
    log = contest.folder / "log.txt"
    with tempfile.TemporaryDirectory() as scratch, log.open("w") as output:
        asked, answered = Path(scratch) / "job.json", Path(scratch) / "result.json"
        asked.write_text(json.dumps(job))
        try:
            done = subprocess.run(
                [contest.peer_python, RUNNERS / f"{module}.py", asked, answered],
                cwd=scratch,
                env=_environment(scratch),
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=MOST_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise PeerError(f"{module} did not end in {MOST_SECONDS} s; see {log}") from error
        if done.returncode or not answered.exists():
            raise PeerError(f"{module} ended with {done.returncode}; see {log}")
        result: dict[str, Any] = json.loads(answered.read_text())
        return result


def _environment(scratch: str) -> dict[str, str]:
    """No key, no address but ours, and caches that no other run sees."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {
        **kept,
        "HOME": scratch,
        "DSPY_CACHEDIR": f"{scratch}/dspy",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "PYTHONHASHSEED": "0",
    }
