from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from worlds import apt_pupil, task

from dying import Killed, dying
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import CALL, Ledger
from landrace.schemas.pipeline import Budget
from landrace.workflows.pinning import cell_files
from landrace.workflows.run_cell import run_cell
from landrace.workflows.services import Services

MOMENTS = sorted(random.Random(7).sample(range(1, 400), 25))


def run(path: Path, fatal: int | None = None, budget: Budget | None = None):
    gateway = ScriptedGateway(dying(apt_pupil, fatal) if fatal else apt_pupil)
    with Ledger(path) as ledger:
        return cell_files(run_cell(task(budget=budget), Services(gateway, ledger)))


def paid_for(path: Path) -> Counter:
    with Ledger(path) as ledger:
        return Counter(record["key"] for record in ledger.records() if record["kind"] == CALL)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "ledger.jsonl"
    return run(path), paid_for(path)


@pytest.mark.parametrize("fatal", MOMENTS)
def test_a_run_that_died_resumes_to_the_same_bytes(tmp_path, uninterrupted, fatal):
    files, calls = uninterrupted
    path = tmp_path / "ledger.jsonl"
    with pytest.raises(Killed):
        run(path, fatal)
    before = paid_for(path)
    assert run(path) == files
    after = paid_for(path)
    assert after == calls
    assert set(after.values()) == {1}
    assert sum(before.values()) == fatal - 1, "all calls that finished before it are kept"


def test_dying_again_and_again_still_ends_the_same(tmp_path, uninterrupted):
    path = tmp_path / "ledger.jsonl"
    for _ in range(5):
        with pytest.raises(Killed):
            run(path, fatal=70)
    assert run(path) == uninterrupted[0]


@pytest.mark.parametrize("fatal", [2, 97, 301])
def test_after_a_real_sigkill(tmp_path, uninterrupted, fatal):
    script = Path(__file__).with_name("killed_run.py")
    # The worlds that it runs in stand one folder above its own, where only pytest looks.
    env = {**os.environ, "PYTHONPATH": str(script.parents[1])}
    command = [sys.executable, str(script), str(tmp_path), str(fatal)]
    died = subprocess.run(command, check=False, env=env)
    assert died.returncode == -signal.SIGKILL
    path = tmp_path / "ledger.jsonl"
    assert run(path) == uninterrupted[0]
    assert set(paid_for(path).values()) == {1}


def test_a_finished_study_replays_without_a_call(tmp_path):
    path = tmp_path / "ledger.jsonl"
    files = run(path)
    assert run(path, fatal=1) == files


@pytest.mark.parametrize("tokens", [12_000, 20_000])
def test_the_end_of_a_token_budget_is_the_same_after_a_death(tmp_path, tokens):
    budget = Budget(tokens=tokens)
    whole = run(tmp_path / "whole.jsonl", budget=budget)
    path = tmp_path / "died.jsonl"
    with pytest.raises(Killed):
        run(path, fatal=20, budget=budget)
    assert run(path, budget=budget) == whole
