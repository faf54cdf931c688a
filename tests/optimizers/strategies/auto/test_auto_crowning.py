"""That the crown is worn whatever else its runs were wanted for."""

from __future__ import annotations

import random
from types import SimpleNamespace

import pytest

from landrace.gateway.base import Completion
from landrace.optimizers.strategies.auto import Options
from landrace.optimizers.strategies.auto.crowning import crowned_at_once, crowned_by_all
from landrace.optimizers.strategies.auto.members import Members
from landrace.schemas.candidate import Demo
from landrace.schemas.pipeline import Policy
from landrace.schemas.score import Usage
from sammo_world import cases, colour, study_of

NO_SAMPLES = SimpleNamespace(samples={})
CALLS = 1000
MET = 18  # of 24 select cases, by all survivors


@pytest.fixture
def study(tmp_path):
    with study_of(tmp_path, calls=CALLS, options=Options()) as made:
        yield made


def survivors(study):
    """Two that a merge joins: the words of the one, the examples of the other."""
    base = study.base.candidate
    demo = Demo(case_id=study.search[0].id, user="Word: sky", assistant="red")
    made = [
        base.changed("words", instruction="Red or blue?", layout="user"),
        base.changed("examples", demos=(demo,), layout="user"),
    ]
    found = study.admit_all(made)
    study.evaluate(found, study.select[:MET])
    return found


def counts(study):
    """How many select cases each candidate has met, the merge last."""
    return [len(study.table.outcomes(digest, study.select)) for digest in study.entries][1:]


@pytest.mark.parametrize(
    ("runs", "met"),
    [(6, [24, 18, 0]), (23, [24, 18, 0]), (24, [24, 18, 0]), (30, [24, 18, 18])],
)
def test_a_merge_is_tried_where_whoever_leads_then_can_be_scored_on_all(study, runs, met):
    members = Members(study, study.select[:MET])
    for entry in survivors(study):
        assert members.add(entry)
    study.shares["crown"] = CALLS - int(study.calls_left()) + runs
    with study.stage("crown"):
        crowned_by_all(SimpleNamespace(study=study, members=members, start=NO_SAMPLES))
    assert counts(study) == met
    assert study.stages[-1].calls <= runs


def test_who_leads_once_the_leader_has_fallen_back_is_scored_on_all_too(tmp_path):
    """What led on a few cases and was wrong on the rest must not keep the better one out."""
    early = {case.inputs["word"] for case in cases("select", 12)}

    def model(request):
        text = request.messages[-1].content
        word = text.rsplit(maxsplit=1)[-1]
        rights = {"early": word in early, "steady": word[-1] not in "59", "": word[-1] in "02468"}
        return colour(word) if next(rights[key] for key in rights if key in text) else "neither"

    with study_of(tmp_path, model) as study:
        made = [
            study.base.candidate.changed("words", instruction=text, layout="user")
            for text in ("Be steady.", "Be early.")
        ]
        steady, hasty = study.admit_all(made)
        study.evaluate([study.base], study.select)
        study.evaluate([steady, hasty], study.select[:12])
        members = Members(study, study.select[:12])
        for entry in (study.base, steady, hasty):
            assert members.add(entry)
        assert members.ranked[0] is hasty
        members.crown_leader()
        assert members.ranked[0] is steady
        assert study.best() is steady


@pytest.mark.parametrize("is_known", [False, True])
def test_luck_on_select_does_not_win_over_what_does_better_on_search_cases(tmp_path, is_known):
    """Where the model knows the search cases, they say nothing, and select alone decides."""

    def model(request):
        word = request.messages[-1].content.rsplit(maxsplit=1)[-1]
        is_select = word.startswith("select")
        is_right = is_select and word[-1] != "3"
        if "better" in request.messages[-1].content:
            is_right = not is_select or word[-1] not in "37"
        return colour(word) if is_right else "neither"

    with study_of(tmp_path, model, search_is_known=is_known) as study:
        words = study.base.candidate.changed("words", instruction="Be better.", layout="user")
        (better,) = study.admit_all([words])
        study.evaluate([study.base, better], (*study.select, *study.search))
        members = Members(study, study.select[:MET])
        for entry in (study.base, better):
            assert members.add(entry)
        assert study.best() is study.base
        assert members.best() is (study.base if is_known else better)


def test_of_two_that_are_as_good_the_shorter_wins(tmp_path):
    with study_of(tmp_path) as study:
        words = study.base.candidate.changed("words", instruction="Red or blue? " * 40)
        (longer,) = study.admit_all([words.changed("words", layout="user")])
        study.evaluate([longer, study.base], (*study.select, *study.search))
        members = Members(study, study.select[:MET])
        for entry in (longer, study.base):
            assert members.add(entry)
        assert members.best() is study.base


@pytest.mark.parametrize(("runs", "merges"), [(10, 0), (24, 1), (60, 1)])
def test_nobody_is_dropped_on_fewer_cases_than_the_survivors_have_met(study, runs, merges):
    best = survivors(study)
    logged = []
    study.log = lambda kind, **fields: logged.append((kind, fields))
    study.shares["crown"] = CALLS - int(study.calls_left()) + runs
    with study.stage("crown") as left:
        crowned_at_once(study, best, runs, {})
        assert left >= runs
    assert all(fields["cases"] >= MET for kind, fields in logged if kind == "survivors")
    assert max(counts(study)) == 24
    assert sum(count > 0 for count in counts(study)) == 2 + merges
    assert study.stages[-1].calls <= runs


def test_who_is_too_long_has_no_children_while_anybody_fits(tmp_path):
    """It leads everywhere, and each word of it is many tokens."""

    def model(request):
        text = request.messages[-1].content
        is_long = "long" in text
        word = text.rsplit(maxsplit=1)[-1]
        return Completion(
            colour(word) if is_long else "red", usage=Usage(200 if is_long else 100, 1)
        )

    with study_of(tmp_path, model, policy=Policy(max_growth=1.7)) as study:
        words = study.base.candidate.changed("words", instruction="A long one.", layout="user")
        (long,) = study.admit_all([words])
        study.evaluate([study.base, long], study.select)
        members = Members(study, study.select)
        for entry in (study.base, long):
            assert members.add(entry)
        rng = random.Random(0)
        assert {members.parent(rng).digest for _ in range(20)} == {study.base.digest}
