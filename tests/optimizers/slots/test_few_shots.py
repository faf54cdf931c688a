from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colours import SOURCE
from landrace.gateway.base import Completion
from landrace.metrics.table import build
from landrace.optimizers.operators.samples import Sample
from landrace.optimizers.operators.tuning import Tuning
from landrace.optimizers.operators.view import view_of
from landrace.optimizers.proposing.opening import start_from
from landrace.optimizers.slots.few_shots import Shot, drawn, moved, shots_of, united, workings_of
from landrace.optimizers.variants import Program
from landrace.schemas.candidate import Candidate, Demo
from landrace.schemas.prompt import MetricConfig, OutputContract
from sammo_world import cases as colour_cases
from sammo_world import colour, study_of
from strategy_world import CONFIG, cases

NODE = Program.of("colours", SOURCE, CONFIG.output, path="prompt.jinja").main
VIEW = view_of(NODE, Candidate(), Tuning())
CASES = cases("search", 9)
SHOTS = [Shot(Sample(case, case.inputs, case.expected), None) for case in CASES]
RANDOM = st.randoms(use_true_random=False)
DEMOS = st.lists(
    st.sampled_from([shot.demo(VIEW) for shot in SHOTS]), max_size=5, unique_by=lambda d: d.case_id
)


def _ids(demos):
    return [demo.case_id for demo in demos]


@given(DEMOS, DEMOS, RANDOM)
def test_a_union_has_the_mean_number_of_both_parents_examples(mother, father, rng):
    found = united(mother, father, rng)
    assert len(found) == (len(mother) + len(father)) // 2
    assert len(set(_ids(found))) == len(found)
    assert set(_ids(found)) <= {*_ids(mother), *_ids(father)}


@given(DEMOS, st.integers(0, 5), RANDOM)
def test_a_move_changes_one_example_at_most_and_no_set_is_too_large_after_it(demos, most, rng):
    found = moved(demos, VIEW, SHOTS, most, rng)
    before, after = set(_ids(demos)), set(_ids(found))
    assert len(after) == len(found) <= most
    assert len(before ^ after) <= 1 + max(0, len(demos) - most)


def test_adding_removing_and_keeping_are_equally_likely():
    rng = random.Random(0)
    demos = drawn(VIEW, SHOTS, 3, rng)
    sizes = [len(moved(demos, VIEW, SHOTS, 5, rng)) for _ in range(900)]
    assert all(abs(sizes.count(size) - 300) < 45 for size in (2, 3, 4))


def test_an_example_shows_the_models_own_way_to_a_right_answer():
    shot = SHOTS[0]._replace(own="Short words are red, so: red")
    assert shot.demo(VIEW) == Demo(
        case_id="search0",
        user="Word: search0",
        assistant="Short words are red, so: red",
        bootstrapped=True,
    )
    assert SHOTS[0].demo(VIEW).assistant == CASES[0].expected


def test_an_example_in_another_answer_format_has_the_answer_alone():
    candidate = Candidate.plain(operator="x", format="json", layout="user")
    demo = SHOTS[0]._replace(own="so: red").demo(view_of(NODE, candidate, Tuning()))
    assert (demo.assistant, demo.bootstrapped) == (CASES[0].expected, False)


def test_without_an_answer_to_show_an_example_has_the_models_own_words_or_is_none():
    sample = SHOTS[0].sample._replace(answer="what matches /r.d/", is_shown=False)
    candidate = Candidate.plain(operator="x", format="json", layout="user")
    assert Shot(sample, "so: red").demo(VIEW).assistant == "so: red"
    assert Shot(sample, "so: red").demo(view_of(NODE, candidate, Tuning())) is None
    assert Shot(sample, None).demo(VIEW) is None


def test_of_cases_whose_label_is_no_answer_those_are_shots_that_were_answered_right(tmp_path):
    patterns = tuple(
        case.model_copy(update={"expected": f"^{case.expected}$"})
        for case in colour_cases("search", 20)
    )
    labels = build([MetricConfig(metric="regex")])
    with study_of(tmp_path, close, metric="regex", search=patterns, labels=labels) as study:
        (found,) = shots_of(study, start_from(study, [study.base])).values()
        assert {shot.own for shot in found} == {"red", "blue"}
        assert {shot.sample.case.id[-1] for shot in found} == {"1", "2"}


@pytest.mark.parametrize("ending", ["stop", "length"])
def test_words_that_a_limit_cut_off_are_nobodys_own(tmp_path, ending):
    def model(request):
        word = request.messages[-1].content.rsplit(" ", 1)[-1]
        return Completion(f"It is {colour(word)}, because of the wor", finish_reason=ending)

    text = OutputContract(type="text")
    with study_of(tmp_path, model, contract=text, metric="contains") as study:
        (found,) = shots_of(study, start_from(study, [study.base])).values()
        assert found
        assert any(shot.own for shot in found) is (ending == "stop")


@pytest.mark.parametrize(("form", "has_own"), [("base", True), ("xml", False)])
def test_what_an_incumbent_says_in_another_form_is_nobodys_own_words(tmp_path, form, has_own):
    incumbent = Candidate.plain(operator="pinned", format=form, layout="system")

    def model(request):
        word = request.messages[-1].content.rsplit(" ", 1)[-1]
        said = colour(word) if request.messages[0].role == "system" else "?"
        return f"<answer>{said}</answer>" if form == "xml" else said

    text = OutputContract(type="text")
    with study_of(tmp_path, model, contract=text, incumbent=incumbent) as study:
        start = start_from(study, [study.incumbent])
        assert any(shot.own for shot in shots_of(study, start)["prompt"]) is has_own


def close(request):
    """Right but for a word on a fourth of the cases, and wrong on the others."""
    word = request.messages[-1].content.rsplit(" ", 1)[-1]
    return colour(word) if word.endswith(("1", "2")) else "none of both"


@pytest.mark.parametrize(("metric", "is_graded"), [("f1", True), ("exact_match", False)])
def test_where_nobody_has_full_marks_the_best_are_workings_and_no_answers(
    tmp_path, metric, is_graded
):
    """A label is a better answer than less is; a working can be had so only."""
    longer = tuple(
        case.model_copy(update={"expected": f"deep {case.expected}"})
        for case in colour_cases("search", 20)
    )
    text = OutputContract(type="text")
    with study_of(tmp_path, close, contract=text, metric=metric, search=longer) as study:
        start = start_from(study, [study.base])
        assert not any(shot.own for shot in shots_of(study, start)["prompt"])
        found = workings_of(study, start)["prompt"]
        assert bool(found) is is_graded
        assert {shot.own for shot in found} <= {"red", "blue"}


def test_where_some_have_full_marks_those_alone_are_workings(tmp_path):
    text = OutputContract(type="text")
    with study_of(tmp_path, close, contract=text) as study:
        start = start_from(study, [study.base])
        own = [shot for shot in shots_of(study, start)["prompt"] if shot.own]
        assert workings_of(study, start)["prompt"] == own != []


def test_a_case_whose_input_cannot_be_rendered_is_left_out():
    lost = [Shot(Sample(case, {}, "red"), None) for case in CASES]
    assert drawn(VIEW, lost, 3, random.Random(0)) == ()
