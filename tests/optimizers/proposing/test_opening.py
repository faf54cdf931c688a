from __future__ import annotations

import pytest

from landrace.optimizers.proposing.breeding import bred
from landrace.optimizers.proposing.guessing import guessed
from landrace.optimizers.proposing.opening import (
    SHOWN_CASES,
    context_of,
    opened,
    opening_runs,
    sizes_of,
    welcomed,
)
from landrace.optimizers.proposing.reflection import editable
from landrace.optimizers.proposing.wording import reworded_child
from landrace.schemas.candidate import Candidate
from sammo_world import colour, is_meta, scribe, study_of
from strategy_world import chain, chained, proposal

FIXED = Candidate.plain(operator="fixed", source="Red or blue? {{ word }}\n")
LOOSE = Candidate.plain(operator="loose", instruction="Blue or red?", layout="user")


def test_base_and_incumbent_are_scored_on_all_of_select_and_nothing_else_is_run(tmp_path):
    with study_of(tmp_path, incumbent=LOOSE) as study:
        start = opened(study)
        assert start.nodes == ("prompt",)
        assert len(start.samples["prompt"]) == len(study.search)
        for entry in (study.base, study.incumbent):
            assert len(study.table.outcomes(entry.digest, study.select)) == len(study.select)
        assert len(study.table) == 2 * len(study.select)


def test_an_incumbent_that_cannot_be_taken_apart_is_beaten_and_not_built_on(tmp_path):
    def model(request):
        return "red" if len(request.messages[-1].content) > 40 else "blue"

    with study_of(tmp_path, model, incumbent=FIXED) as study:
        assert not editable(study, study.incumbent.candidate)
        assert opened(study).entry is study.base
        assert study.table.outcomes(study.incumbent.digest, study.select)


def test_without_headroom_or_instruction_there_is_no_start(tmp_path):
    def right(request):
        return colour(request.messages[-1].content.rsplit(" ", 1)[-1])

    with study_of(tmp_path / "right", right) as study:
        assert opened(study) is None
    with study_of(tmp_path / "whole", source="Red or blue? {{ word }}\n") as study:
        assert opened(study) is None


def test_an_opening_takes_no_more_runs_than_it_says(tmp_path):
    def model(request):
        said = chained(request)
        return proposal(request) if said is None else said

    changes = {"program": chain(), "incumbent": Candidate()}
    with study_of(tmp_path, model, **changes) as study:
        start = opened(study)
        assert start.nodes == ("clue", "hint", "colour")
        runs = len(study.table)
        assert study.select[0].id not in str(start.samples)
        assert len(study.select) < runs <= opening_runs(sizes_of(study))
        assert runs <= len(study.select) + SHOWN_CASES


@pytest.mark.parametrize(("spare", "scored"), [(0, 0), (23, 0), (24, 24), (1000, 24)])
def test_other_models_winners_are_welcome_or_at_least_scored(tmp_path, spare, scored):
    with study_of(tmp_path, others=(FIXED, LOOSE)) as study:
        start = opened(study)
        (fit,) = welcomed(study, start, spare)
        assert fit.candidate == LOOSE
        (fixed,) = study.admit_all([FIXED])
        assert len(study.table.outcomes(fixed.digest, study.select)) == scored


def test_a_winner_that_two_models_have_is_welcome_once(tmp_path):
    with study_of(tmp_path, others=(LOOSE, FIXED), incumbent=LOOSE) as study:
        start = opened(study)
        assert start.entry is study.incumbent
        assert welcomed(study, start, 0) == []


def _children(study, name, count):
    for number in range(count):
        study.ask("reword", text=name, how="Again.")
        here = context_of(study, study.base, "prompt", study.rng(name))
        yield reworded_child(here, name, f"Say red or blue, {name} {number}.")


def test_parents_have_children_in_turn_until_there_is_no_room(tmp_path):
    with study_of(tmp_path) as study:
        parents = [_children(study, "a", 3), _children(study, "b", 3)]
        born = bred(study, parents, most=3, ends=0)
        assert [entry.candidate.operator for entry in born] == ["a", "b", "a"]
        assert study.proposer_calls == 3
        assert bred(study, [_children(study, "a", 3)], most=9, ends=0)[0].candidate.operator == "a"


def test_breeding_ends_where_runs_are_kept_for_something_else(tmp_path):
    with study_of(tmp_path, calls=10) as study, study.stage("search"):
        assert len(bred(study, [_children(study, "a", 9)], most=9, ends=6)) == 4


def test_a_known_candidate_is_no_child(tmp_path):
    with study_of(tmp_path) as study:
        assert len(bred(study, [_children(study, "a", 2)], most=9, ends=0)) == 2
        assert not bred(study, [_children(study, "a", 2)], most=9, ends=0)


def test_without_examples_nothing_is_guessed_and_the_ledger_says_so(tmp_path):
    with study_of(tmp_path) as study:
        start = opened(study)._replace(samples={"prompt": []})
        assert not list(guessed(study, start, count=4, subsamples=2, size=3))
    assert "nothing to guess from" in (tmp_path / "ledger.jsonl").read_text()


def test_guesses_take_turns_over_subsamples(tmp_path):
    seen = []

    def model(request):
        if is_meta(request):
            seen.append(request.messages[-1].content)
        return scribe(request)

    with study_of(tmp_path, model) as study:
        start = opened(study)
        found = list(guessed(study, start, count=4, subsamples=2, size=3))
        assert len(found) == len(seen) == 4
        assert (seen[0], seen[1]) == (seen[2], seen[3])
        assert seen[0] != seen[1]
        assert all(text.count("Output: ") == 3 for text in seen)
