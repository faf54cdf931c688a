"""What the ledger says of a study: what was scored, by whose answer, and once only."""

from __future__ import annotations

import pytest

from landrace.errors import BudgetExhaustedError
from landrace.ledger import Ledger
from landrace.optimizers.study_log import StudyLog
from landrace.program import Step
from landrace.schemas.candidate import Candidate
from landrace.schemas.score import Outcome, Score, Usage
from sammo_world import records_of, study_of

HEARD = Step("clue", {}, None, "a clue", "a clue", None)
SILENT = Step("hint", {}, None, None, None, "the call failed")


def outcome(*trace, score=1.0):
    given = None if score is None else Score(score)
    return Outcome("d", "c", 2, "x", "x", given, Usage(), 0.0, trace=trace, asked=("a", "b"))


def logged(folder, *outcomes):
    with Ledger(folder / "ledger.jsonl") as ledger:
        StudyLog(ledger, "s").scores(outcomes, main="colour")
    return records_of(folder, "score")


def test_a_score_says_whose_it_is_and_what_was_asked_for_it(tmp_path):
    named = {"kind": "score", "study": "s", "candidate": "d", "case": "c", "repeat": 2}
    assert logged(tmp_path, outcome()) == [
        {**named, "value": 1.0, "asked": ["a", "b"], "node": "colour", "times": 1}
    ]


@pytest.mark.parametrize(
    ("trace", "node"), [((), "colour"), ((HEARD,), "clue"), ((HEARD, SILENT), "clue")]
)
def test_it_is_laid_to_the_node_that_answered_last(tmp_path, trace, node):
    (record,) = logged(tmp_path, outcome(*trace))
    assert record["node"] == node


def test_a_call_that_failed_leaves_no_score(tmp_path):
    assert [r["value"] for r in logged(tmp_path, outcome(score=None), outcome(score=0.0))] == [0.0]


def test_what_is_scored_again_is_told_once(tmp_path):
    with study_of(tmp_path) as study:
        twice = [study.base, study.base]
        study.evaluate(twice, study.search[:2])
        study.evaluate(twice, study.search[:3])
        study.evaluate(twice, study.search[:1], repeat=1)
        searched = [case.id for case in study.search]
    told = [(record["case"], record["repeat"]) for record in records_of(tmp_path, "score")]
    assert told == [(searched[0], 0), (searched[1], 0), (searched[2], 0), (searched[0], 1)]


def test_what_was_paid_for_before_a_budget_ended_is_told(tmp_path):
    with study_of(tmp_path, calls=3) as study:
        with pytest.raises(BudgetExhaustedError):
            study.evaluate([study.base], study.search[:5])
        paid = [case.id for case in study.search[:3]]
    assert [record["case"] for record in records_of(tmp_path, "score")] == paid


def test_a_candidate_can_be_written_out_again_from_what_is_told(tmp_path):
    with study_of(tmp_path) as study:
        given = study.admit(Candidate.plain(operator="given", source="Colour of {{ word }}?"))
    record = records_of(tmp_path, "candidate")[-1]
    assert record["digest"] == given.digest
    assert Candidate.model_validate(record["slots"]) == given.candidate
    assert record["templates"] == given.variant.templates
