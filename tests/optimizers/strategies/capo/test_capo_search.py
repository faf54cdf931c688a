"""CAPO in worlds whose truth is known."""

from __future__ import annotations

import itertools
import re

import pytest

from colours import luck
from landrace.metrics.table import build
from landrace.optimizers.meta_prompts import render_meta_prompt
from landrace.optimizers.objective import figures
from landrace.optimizers.proposing.opening import SHOWN_CASES
from landrace.optimizers.strategies.capo import Options
from landrace.optimizers.strategies.capo.breeding import _penalised
from landrace.schemas.candidate import Candidate, Demo
from landrace.schemas.pipeline import Budget
from landrace.schemas.prompt import PromptConfig
from landrace.workflows.task import Incumbent
from sammo_world import study_of
from strategy_world import (
    CONFIG,
    STYLES,
    answer,
    colour,
    proposal,
    question,
    run,
    showing,
    shown,
    style,
    task,
)

NO_SHOTS = 0.3  # the share of words that is answered right without an example
HOLDOUT_CALLS = 12 * 2  # base and winner
CROSS, VARY, FOUND = "Two instructions for", "An instruction (text to vary", "Write a better"


def styled(share):
    """A proposer whose instructions have all styles in turn; how good they are, ``share`` says."""
    numbers = itertools.count()

    def model(request):
        word = question(request)
        if word is None:
            number = next(numbers) % STYLES
            return f"<instruction>Say red or blue for the word, in style {number}.</instruction>"
        return answer(word, share(request))

    return model


def by_style(request):
    return 0.9 if style(request) == 2 else 0.4


def by_shots(request):
    return NO_SHOTS + 0.12 * min(len(shown(request)), 5)


def _kinds(ran):
    texts = ["\n".join(m.content for m in r.messages) for r in ran.gateway.requests]
    needles = (CROSS, VARY, FOUND)
    return [needle for text in texts for needle in needles if needle in text]


def _candidates(ran):
    return [r for r in ran.records if r["kind"] == "candidate"]


def _shots(record):
    return [demo for slots in record["slots"]["nodes"].values() for demo in slots["demos"]]


def _winner(ran):
    (shortlist,) = (r for r in ran.records if r["kind"] == "shortlist")
    found = [r for r in _candidates(ran) if r["digest"] in shortlist["digests"]]
    return next(r for r in found if r["slots"]["operator"] != "base")


def test_the_defaults_are_the_papers_but_for_the_block():
    options = Options()
    assert (options.population, options.crossovers, options.max_shots) == (10, 4, 5)
    assert (options.alpha, options.length_penalty, options.max_blocks) == (0.2, 0.05, 10)
    assert options.block == 15


def test_words_that_help_are_found(tmp_path):
    ran = run(task("capo", budget=Budget(calls=500)), tmp_path, styled(by_style))
    assert "style 2" in str(_winner(ran)["slots"])


def test_examples_that_help_are_found(tmp_path):
    ran = run(task("capo", budget=Budget(calls=700)), tmp_path, styled(by_shots))
    assert len(_shots(_winner(ran))) >= 4


@pytest.mark.parametrize(("penalty", "is_shown"), [(0.0, True), (0.4, False)])
def test_examples_that_help_little_are_shown_unless_length_is_dear(tmp_path, penalty, is_shown):
    """The longest has five examples, which are worth a fifth of the score, and loses twice that."""

    def model(request):
        return 0.3 + 0.3 * (style(request) == 2) + 0.04 * min(len(shown(request)), 5)

    options = {"length_penalty": penalty}
    ran = run(task("capo", options=options, budget=Budget(calls=700)), tmp_path, styled(model))
    count = len(_shots(_winner(ran)))
    assert count >= 3 if is_shown else count <= 1


def test_the_longest_of_the_first_loses_the_whole_penalty_and_others_a_share(tmp_path):
    longer = [
        Candidate.plain(operator="x", instruction="Red or blue? " * count, layout="user")
        for count in (20, 40)
    ]
    with study_of(tmp_path) as study:
        first = [study.base, *study.admit_all(longer)]
        block = study.select[:15]
        study.evaluate(first, block)
        objective = _penalised(study, first, Options(length_penalty=0.1))
        base, middle, longest = (figures(study.table, each.digest, block) for each in first)
        for ours in (base, middle, longest):
            share = ours.input_tokens / longest.input_tokens
            assert objective.value(ours, base) == pytest.approx(ours.accuracy - 0.1 * share)
        assert base.input_tokens < middle.input_tokens < longest.input_tokens


def test_before_anything_is_scored_there_is_no_length_to_dock(tmp_path):
    with study_of(tmp_path) as study:
        assert _penalised(study, [study.base], Options()) is None


def test_no_set_of_examples_is_larger_than_allowed(tmp_path):
    options = {"max_shots": 2}
    ran = run(task("capo", options=options, budget=Budget(calls=500)), tmp_path, styled(by_shots))
    sizes = {len(_shots(record)) for record in _candidates(ran)}
    assert sizes == {0, 1, 2}


@pytest.mark.parametrize("most", [0, 2])
@pytest.mark.parametrize("is_served", [True, False])
def test_only_who_is_given_shows_more_examples_than_allowed(tmp_path, most, is_served):
    """Served, or another model's winner, who is good enough to have children."""
    given = showing(6)
    changes = {"incumbent": Incumbent(given, "d", 0)} if is_served else {"others": (given,)}
    cell = task("capo", options={"max_shots": most}, budget=Budget(calls=700), **changes)
    numbers, heeding = itertools.count(), styled(by_shots)

    def model(request):
        if question(request) is None:
            return f"<instruction>Say red or blue, in way {next(numbers)}.</instruction>"
        return heeding(request)

    found = [record["slots"] for record in _candidates(run(cell, tmp_path, model))]
    assert "capo" in {slots["operator"] for slots in found}
    sizes = [len(each["demos"]) for slots in found for each in slots["nodes"].values()]
    assert sizes.count(6) == 1
    assert set(sizes) - {6} <= set(range(most + 1))
    assert [slots["operator"] for slots in found].count("given") == 1


def test_a_child_is_crossed_by_one_question_and_mutated_by_another(tmp_path):
    ran = run(task("capo", budget=Budget(calls=500)), tmp_path, styled(by_style))
    kinds = _kinds(ran)
    founders = kinds.index(CROSS)
    assert set(kinds[:founders]) == {FOUND}
    bred = kinds[founders:]
    assert bred == [CROSS, VARY] * (len(bred) // 2)
    assert len(bred) % 8 == 0
    children = [r["slots"] for r in _candidates(ran) if r["slots"]["operator"] == "capo"]
    assert all(len(child["parents"]) == 2 for child in children)


def test_a_right_output_is_shown_as_the_model_said_it(tmp_path):
    def loud(request):
        word = question(request)
        return proposal(request) if word is None else answer(word, by_shots(request)).upper()

    lenient = [{"metric": "exact_match", "ignore_case": True}]
    metrics = PromptConfig.model_validate({**CONFIG.model_dump(), "metrics": lenient}).metrics
    cell = task("capo", metric=build(metrics), budget=Budget(calls=700))
    ran = run(cell, tmp_path, loud)
    demos = [demo for record in _candidates(ran) for demo in _shots(record)]
    for demo in demos:
        right = colour(demo["case_id"])
        was_asked = int(demo["case_id"].removeprefix("search")) < SHOWN_CASES
        known = was_asked and luck("ease", demo["case_id"]) < NO_SHOTS
        assert demo["assistant"] == (right.upper() if known else right)
        assert demo["bootstrapped"] == known
    assert {demo["bootstrapped"] for demo in demos} == {True, False}


def test_the_last_candidates_are_compared_on_the_same_cases(tmp_path):
    ran = run(task("capo", budget=Budget(calls=500)), tmp_path, styled(by_style))
    scored = {}
    for record in ran.records:
        if record["kind"] == "score":
            scored.setdefault(record["candidate"], set()).add(record["case"])
    winner = scored[_winner(ran)["digest"]]
    assert {f"select{number}" for number in range(20)} <= winner


def test_losers_of_a_race_meet_no_further_cases(tmp_path):
    options = {"block": 10, "population": 4}
    cell = task("capo", options=options, budget=Budget(calls=900), select=40)
    ran = run(cell, tmp_path, styled(lambda request: 0.95 if style(request) == 2 else 0.1))
    met = {}
    for record in ran.records:
        if record["kind"] == "score" and record["case"].startswith("select"):
            met[record["candidate"]] = met.get(record["candidate"], 0) + 1
    assert {10, 40} <= set(met.values())


def test_more_runs_buy_more_generations(tmp_path):
    bred = []
    for calls in (300, 700):
        ran = run(task("capo", budget=Budget(calls=calls)), tmp_path / str(calls), styled(by_style))
        bred.append(_kinds(ran).count(CROSS))
    assert bred[1] > 2 * bred[0] > 0


def test_the_questions_of_capo_read_as_kept(file_regression):
    told = {"description": "Words have colours.", "rule": "Say red or blue."}
    texts = [
        render_meta_prompt("cross", {**told, "first": "Red or blue?", "second": "Which colour?"}),
        render_meta_prompt("vary", {**told, "instruction": "Red or blue?"}),
        render_meta_prompt("vary", {**told, "instruction": "Sum it up.", "rule": ""}),
    ]
    read = ["\n---\n".join(f"{role}: {text}" for role, text in turns) for turns in texts]
    file_regression.check("\n\n=====\n".join(read) + "\n")


@pytest.mark.parametrize("population", [2, 3])
def test_a_population_may_be_small(tmp_path, population):
    def model(request):
        word = question(request)
        return proposal(request) if word is None else answer(word, by_style(request))

    cell = task("capo", options={"population": population}, budget=Budget(calls=500), holdout=24)
    ran = run(cell, tmp_path, model)
    first = next(r for r in ran.records if r["kind"] == "survivors")
    assert len(first["digests"]) == population
    assert ran.result.report.decision == "promoted"
    assert "style 2" in ran.result.served.variant.files["prompt.jinja"]


def test_nobody_has_children_who_was_not_scored(tmp_path):
    """Founders say nothing, so the population is filled by what is bred."""
    numbers = itertools.count()

    def model(request):
        word = question(request)
        if word is not None:
            return answer(word, by_style(request))
        if FOUND in "\n".join(m.content for m in request.messages):
            return ""
        number = next(numbers)
        return f"<instruction>Red or blue in style {number % STYLES}, way {number}?</instruction>"

    ran = run(task("capo", options={"max_shots": 0}, budget=Budget(calls=900)), tmp_path, model)
    place = {r["digest"]: n for n, r in enumerate(ran.records) if r["kind"] == "candidate"}
    scored = {}
    for number, record in enumerate(ran.records):
        if record["kind"] == "score":
            scored.setdefault(record["candidate"], number)
    children = [each for each in _candidates(ran) if each["slots"]["parents"]]
    assert len(children) > 8
    for child in children:
        assert all(scored[p] < place[child["digest"]] for p in child["slots"]["parents"])


@pytest.mark.parametrize("calls", [500, 900])
def test_what_the_crown_cannot_use_is_bred_for(tmp_path, calls):
    """What is left does not pay for a generation, of 4 * (2 + 15) runs and what members lack."""
    numbers = itertools.count()

    def model(request):
        word = question(request)
        if word is not None:
            return answer(word, by_style(request))
        number = next(numbers)
        return f"<instruction>Red or blue in style {number % STYLES}, way {number}?</instruction>"

    ran = run(task("capo", budget=Budget(calls=calls)), tmp_path, model)
    probe, evolve, crown = ran.result.report.stages
    left = calls - HOLDOUT_CALLS - probe.calls - evolve.calls - crown.calls
    assert left < 4 * (2 + 15) + 5
    met = {}
    for record in ran.records:
        if record["kind"] == "score" and record["case"].startswith("select"):
            met.setdefault(record["candidate"], set()).add(record["case"])
    assert len(met[_winner(ran)["digest"]]) == 20


def test_a_childs_examples_are_in_the_form_of_its_input(tmp_path):
    """Another model's winner puts the word in tags, in its examples, too."""
    source = "{% section task %}\nRed or blue?\n{% endsection %}\n\n<word>{{ word }}</word>\n"
    demos = tuple(
        Demo(case_id=word, user=f"<word>{word}</word>", assistant=colour(word))
        for word in (f"search{number}" for number in range(4))
    )
    given = Candidate.plain(operator="other", source=source, layout="user", demos=demos)
    numbers = itertools.count()

    def model(request):
        found = re.search(r"(?:Word: |<word>)(\w+)(?:</word>)?\Z", request.messages[-1].content)
        if found is None:
            return f"<instruction>Red or blue, in way {next(numbers)}?</instruction>"
        return answer(found[1], by_shots(request))

    ran = run(task("capo", others=(given,), budget=Budget(calls=900)), tmp_path, model)
    mixed = []
    for record in _candidates(ran):
        (text,) = record["templates"].values()
        has_tags = "<word>{{ word }}" in text
        shown_inputs = re.findall(r"^(?:<word>|Word: )search\d+", text, re.MULTILINE)
        assert all(user.startswith("<word>") == has_tags for user in shown_inputs)
        theirs = {demo.case_id for demo in demos} & {demo["case_id"] for demo in _shots(record)}
        mixed.append(bool(theirs) and not has_tags)
    assert any(mixed)
