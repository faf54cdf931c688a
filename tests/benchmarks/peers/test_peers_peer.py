"""A peer in a process of its own: what it is given, what is made of what it gives."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from benchmarks.peers.contest import Contest
from benchmarks.peers.counted import CountedGateway
from benchmarks.peers.rehearsal import PROPOSER, TASK_MODEL, answer, made_up

from benchmarks.peers import peer
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

# A peer that asks until it is refused, and answers the holdout as the made-up model does.
RUNNER = """
import json
import urllib.error
import urllib.request

from side import Judge, Outcome, failure, main


def post(address, text):
    body = {"model": "task", "messages": [{"role": "user", "content": text}]}
    asked = urllib.request.Request(
        address + "/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked) as response:
        return json.load(response)["choices"][0]["message"]["content"]


def search(job, chosen):
    case = job["task"]["search"][0]
    verdict = Judge(job["judge"])(case["id"], "wrong")
    try:
        while True:
            post(job["api_base"], case["inputs"]["text"])
    except urllib.error.HTTPError as error:
        return None, f"{verdict.score} {verdict.feedback}; {failure(error)}"


def answer(job, winner):
    holdout = job["task"]["holdout"]
    assert all(case.keys() == {"id", "inputs"} for case in holdout)
    answers = {c["id"]: post(job["uncounted"], "carefully " + c["inputs"]["text"]) for c in holdout}
    return Outcome({**answers, holdout[0]["id"]: None}, [])


main(lambda job: (f"{job['options']['way']}, {job['budget']} calls", None), search, answer)
"""


@pytest.fixture
def contest(tmp_path: Path) -> Contest:
    record, python = tmp_path / "record.json", Path(sys.executable)
    return Contest(made_up(tmp_path), TASK_MODEL, PROPOSER, 7, 0, tmp_path, record, python)


@pytest.fixture
def counted(contest: Contest) -> Iterator[CountedGateway]:
    with Ledger(contest.folder / "answers.jsonl") as ledger:
        yield CountedGateway(
            ScriptedGateway(answer), ledger, task_model=TASK_MODEL, budget=contest.budget, seed=0
        )


@pytest.fixture
def runners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "runners"
    folder.mkdir()
    shutil.copy(peer.RUNNERS / "side.py", folder)
    monkeypatch.setattr(peer, "RUNNERS", folder)
    return folder


def test_a_peer_searches_within_its_budget_and_is_judged_by_our_metric(
    contest: Contest, counted: CountedGateway, runners: Path
):
    (runners / "stubborn.py").write_text(RUNNER)
    found = peer.run_peer(contest, counted, module="stubborn", options={"way": "on"})
    assert found.settings == "on, 7 calls"
    wanted = contest.task.search[0].expected
    assert found.ended.startswith(f'0.0 expected "{wanted}", got "wrong"; raised HTTPError')
    assert "400" in found.ended
    assert (counted.count.task.calls, counted.count.refused) == (7, 1)
    cases = contest.task.holdout
    assert found.scores.keys() == {case.id for case in cases}
    assert found.scores[cases[0].id] == 0.0
    assert 0.3 < sum(found.scores.values()) / len(cases) < 0.9


def test_a_peer_that_breaks_leaves_its_log(
    contest: Contest, counted: CountedGateway, runners: Path
):
    (runners / "broken.py").write_text("raise SystemExit('no such optimizer')")
    with pytest.raises(peer.PeerError, match=r"broken ended with 1; see .*log\.txt"):
        peer.run_peer(contest, counted, module="broken", options={})
    assert "no such optimizer" in (contest.folder / "log.txt").read_text()
