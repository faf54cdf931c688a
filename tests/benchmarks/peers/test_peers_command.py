"""`python -m benchmarks.peers`: what is run, what is kept, what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from benchmarks.peers.__main__ import main, play
from benchmarks.peers.contest import Contest, Found
from benchmarks.peers.contestants import CONTESTANTS, Contestant
from benchmarks.peers.peer import PeerError
from benchmarks.peers.rehearsal import PROPOSER, TASK_MODEL, answer, made_up

from landrace.gateway.scripted import ScriptedGateway

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.peers.counted import CountedGateway


@pytest.fixture
def contest(tmp_path: Path) -> Contest:
    return Contest(
        task=made_up(tmp_path),
        task_model=TASK_MODEL,
        proposer=PROPOSER,
        budget=100,
        seed=0,
        folder=tmp_path / "base",
        record=tmp_path / "records" / "base.json",
        peer_python=None,
    )


def test_what_has_a_result_is_not_run_again(contest: Contest):
    model = ScriptedGateway(answer)
    first, _ = play([("base", contest)], model)
    asked = model.calls
    second, _ = play([("base", contest)], model)
    assert first == second
    assert asked == model.calls == 40


def test_a_record_has_the_scores_and_not_a_word_of_a_case(contest: Contest):
    play([("base", contest)], ScriptedGateway(answer))
    record = contest.record.read_text()
    assert len(json.loads(record)["scores"]) == 40
    assert not any(word in record for word in contest.task.holdout[0].inputs.values())
    assert "messages" in (contest.folder / "result.json").read_text()


def test_a_result_of_another_budget_is_not_taken_for_this_one(contest: Contest):
    play([("base", contest)], ScriptedGateway(answer))
    with pytest.raises(SystemExit, match="name another folder"):
        play([("base", replace(contest, budget=200))], ScriptedGateway(answer))


def test_a_peer_that_fails_is_named_and_the_others_go_on(
    contest: Contest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    def breaks(_contest: Contest, _counted: CountedGateway) -> Found:
        raise PeerError("it broke")

    monkeypatch.setitem(CONTESTANTS, "broken", Contestant("broken", "a broken peer", breaks))
    broken = replace(contest, folder=tmp_path / "broken", record=tmp_path / "broken.json")
    records, failed = play([("broken", broken), ("base", contest)], ScriptedGateway(answer))
    assert [record["contestant"] for record in records] == ["base"]
    assert failed == ["antonyms broken 0"]


def test_what_is_kept_is_shown_without_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    data, records = tmp_path / "data", tmp_path / "records"
    data.mkdir()
    lines = [
        json.dumps({"id": f"case-{n}", "inputs": {"text": f"word{n}"}, "expected": f"no word{n}"})
        for n in range(24)
    ]
    (data / "antonyms.jsonl").write_text("\n".join(lines))
    folder = records / "antonyms"
    folder.mkdir(parents=True)
    taken = {"calls": 0, "prompt_tokens": 0, "completion_tokens": 0, "model_s": 0.0}
    kept = {
        "task": "antonyms",
        "contestant": "base",
        "seed": 0,
        "budget": 50,
        "models": [TASK_MODEL, PROPOSER],
        "sizes": [8, 8, 8],
        "scores": {f"case-{n}": float(n % 4 > 0) for n in range(16, 24)},
        "settings": "no search",
        "ended": "finished",
        "search_s": 0.0,
        "count": {"task": taken, "proposer": taken, "refused": 0, "failed": 0, "cached": 0},
    }
    (folder / "base-50-0.json").write_text(json.dumps(kept))
    main(
        f"--kept --data {data} --records {records} --task antonyms --group auto --calls 50 "
        f"--sizes 8 8 8 --model {TASK_MODEL} --proposer {PROPOSER}".split()
    )
    shown = capsys.readouterr().out
    assert "`antonyms`: 8 search, 8 select, 8 holdout cases" in shown
    assert "| the base prompt | 75.0 [" in shown


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("--group auto", "name tasks"),
        ("--data . --model a --proposer a --kept", "must differ"),
        ("--data . --group auto", "--peer-python"),
        ("--task antonyms", "--data FOLDER"),
        ("--data . --group auto --only base", "not allowed with"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is(
    arguments: str, problem: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit):
        main(arguments.split())
    assert problem in capsys.readouterr().err
