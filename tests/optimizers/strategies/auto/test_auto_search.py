"""What ``auto`` does in worlds whose truth is known."""

from __future__ import annotations

import json
import re
from collections import defaultdict

import pytest

from colours import luck
from dying import Killed, dying
from landrace.gateway.scripted import ScriptedGateway
from landrace.optimizers.strategies.auto.makers import MAKERS
from landrace.optimizers.strategies.auto.members import Members
from landrace.schemas.candidate import Candidate, Demo
from landrace.schemas.pipeline import Budget
from landrace.workflows.task import Incumbent
from strategy_world import (
    answer,
    chain,
    chained,
    colour,
    proposal,
    pupil,
    question,
    retrieving,
    run,
    shown,
    style,
    task,
)

LOOP = Budget(calls=420)
ALLOWED = re.compile(r"in at most (\d+) words")


@pytest.fixture(scope="module")
def cell():
    return task("auto", budget=LOOP)


@pytest.fixture(scope="module")
def whole(cell, tmp_path_factory):
    """One run with generations, for all tests that look at its traces."""
    return run(cell, tmp_path_factory.mktemp("whole"))


def _stages(ran):
    return {stage.name: stage for stage in ran.result.report.stages}


def _children(ran):
    return [record for record in ran.records if record["kind"] == "child"]


def _candidates(ran):
    return [record for record in ran.records if record["kind"] == "candidate"]


def _scored(ran):
    """The ids of the cases that each candidate was scored on, by its digest."""
    found = defaultdict(set)
    for record in ran.records:
        if record["kind"] == "score":
            found[record["candidate"]].add(record["case"])
    return found


def _winner(ran):
    (shortlist,) = (record for record in ran.records if record["kind"] == "shortlist")
    found = [
        r["slots"] for r in ran.records if r.get("digest") in shortlist["digests"] if "slots" in r
    ]
    return next(slots for slots in found if slots["operator"] != "base")


def test_with_some_hundred_calls_there_are_generations(whole):
    assert _stages(whole)["breed"].calls > 0
    assert {child["operator"] for child in _children(whole)} <= set(MAKERS)
    assert len({child["operator"] for child in _children(whole)}) > 1


def test_a_winner_with_examples_as_chat_turns_is_bred_from(tmp_path):
    """Another model's, which comes without its slots."""
    turns = "".join(
        f"{{% user %}}\n{opening}Word: search{number}\n{{% enduser %}}\n"
        f"{{% assistant %}}\n{colour(f'search{number}')}\n{{% endassistant %}}\n"
        for number, opening in enumerate(("{% section task %}\nHm?\n{% endsection %}\n\n", ""))
    )
    source = f"{turns}{{% user %}}\nWord: {{{{ word }}}}\n{{% enduser %}}\n"
    other = Candidate.plain(operator="winner of other", source=source)

    def model(request):
        word = question(request)
        if word is None:
            return proposal(request)
        return answer(
            word, 0.4 + 0.2 * bool(shown(request)) + 0.2 * ("Hm?" in str(request.messages))
        )

    ran = run(task("auto", budget=Budget(calls=600), others=(other,)), tmp_path, model)
    (found,) = (r for r in _candidates(ran) if r["slots"]["operator"] == "winner of other")
    assert found["templates"] == {"prompt": source}
    children = [r["slots"] for r in _candidates(ran) if found["digest"] in r["slots"]["parents"]]
    words = {"reflection", "lessons", "rewriting"}
    reworded = [each for each in children if each["operator"] in words]
    assert reworded
    for each in reworded:
        shown_words = [demo["case_id"] for demo in each["nodes"]["prompt"]["demos"]]
        assert shown_words == ["search0", "search1"]
    taught = {"other examples", "mistakes as examples"}
    assert taught & {each["operator"] for each in children}


def test_with_a_hundred_calls_there_is_one_round(tmp_path):
    ran = run(task("auto", budget=Budget(calls=124)), tmp_path)
    assert list(_stages(ran)) == ["probe", "propose", "screen", "crown", "shorten"]
    assert _winner(ran)["operator"] != "base"


@pytest.mark.parametrize("share", [0.6, 0.8])
def test_a_search_killed_among_its_generations_goes_on_where_it_stood(cell, whole, tmp_path, share):
    calls = int(share * whole.gateway.calls)
    with pytest.raises(Killed):
        run(cell, tmp_path, dying(pupil, calls + 1))
    resumed = run(cell, tmp_path)
    assert resumed.files == whole.files
    assert resumed.gateway.calls == whole.gateway.calls - calls


def test_two_things_that_help_are_found_together(tmp_path):
    """Neither style nor examples suffice alone."""

    def model(request):
        word = question(request)
        if word is None:
            return proposal(request)
        return answer(word, 0.3 + 0.3 * (style(request) == 2) + 0.3 * (len(shown(request)) >= 4))

    ran = run(task("auto", budget=Budget(calls=900)), tmp_path, model)
    (slots,) = _winner(ran)["nodes"].values()
    assert len(slots["demos"]) >= 4
    assert "style 2" in slots["instruction"]


@pytest.mark.parametrize(("options", "left"), [({}, 1), ({"shorten": False}, 4)])
def test_examples_that_are_not_missed_are_left_out_if_that_is_wanted(tmp_path, options, left):
    def model(request):
        word = question(request)
        if word is None:
            return proposal(request)
        return answer(word, 0.9 if shown(request) else 0.4)

    ran = run(task("auto", options=options, budget=Budget(calls=600)), tmp_path, model)
    (slots,) = _winner(ran)["nodes"].values()
    assert len(slots["demos"]) == left
    assert ("shorten" in _stages(ran)) is (left == 1)


def test_who_is_crowned_wins_where_nothing_is_shortened(tmp_path, monkeypatch):
    """With this seed another has more luck on select, and does far worse on search cases."""

    def model(request):
        word = question(request)
        if word is None:
            return proposal(request)
        text = "|".join(message.content for message in request.messages)
        right = colour(word)
        knows = luck("z", text) < 0.5 + 0.03 * min(len(shown(request)), 6)
        return right if knows else {"red": "blue", "blue": "red"}[right]

    crowned, best = [], Members.best
    monkeypatch.setattr(Members, "best", lambda self: crowned.append(best(self)) or crowned[-1])
    cell = task("auto", options={"shorten": False}, budget=Budget(calls=1000), seed=4, search=40)
    ran = run(cell, tmp_path, model)
    assert ran.result.report.contenders[-1].digest == crowned[-1].digest
    luckiest = ran.result.report.finalists[0]
    assert luckiest.select.mean > ran.result.report.contenders[-1].select.mean


def test_children_of_what_is_served_show_no_more_examples_than_may_be(tmp_path):
    demos = tuple(
        Demo(case_id=f"search{n}", user=f"Word: search{n}", assistant=colour(f"search{n}"))
        for n in range(5)
    )
    served = Candidate.plain(operator="incumbent", layout="user", demos=demos)
    cell = task("auto", options={"max_demos": 2}, budget=LOOP, incumbent=Incumbent(served, "d", 0))
    found = [record["slots"] for record in _candidates(run(cell, tmp_path))]
    shown = [len(slots["demos"]) for each in found for slots in each["nodes"].values()]
    assert shown.count(5) == 1
    assert sorted(set(shown)) == [1, 2, 5]


def test_what_is_not_missed_of_a_new_instruction_is_left_out(tmp_path):
    def model(request):
        word = question(request)
        if word is None:
            return "<instruction>Mind style 2. Be kind to whoever reads it.</instruction>"
        return answer(word, 0.9 if style(request) == 2 else 0.4)

    cell = task("auto", options={"max_demos": 0}, budget=Budget(calls=600))
    (slots,) = _winner(run(cell, tmp_path, model))["nodes"].values()
    assert "style 2" in slots["instruction"]
    assert "kind" not in slots["instruction"]


def test_without_examples_each_form_is_tried_once_and_leaves_room_for_the_others(tmp_path):
    ran = run(task("auto", options={"max_demos": 0}, budget=LOOP), tmp_path)
    found = [record["slots"]["operator"] for record in _candidates(ran)]
    assert any(operator.startswith("format ") for operator in found)
    assert "output rule" in found


def test_where_no_case_has_an_answer_a_weak_proposer_is_asked_for_rewritten_instructions(tmp_path):
    cell = task("auto", budget=Budget(calls=124))
    bare = tuple(case.model_copy(update={"expected": None}) for case in cell.search)
    ran = run(cell._replace(search=bare), tmp_path)
    asked = [r for r in ran.gateway.requests if "<instruction>" in r.messages[-1].content]
    assert asked
    assert not any("Work out what that instruction says" in r.messages[-1].content for r in asked)


def test_a_prompt_that_is_right_everywhere_is_left_alone(tmp_path):
    ran = run(task("auto"), tmp_path, lambda request: answer(question(request), 1.1))
    assert list(_stages(ran)) == ["probe"]


def test_generations_end_when_nothing_is_left_to_gain(tmp_path):
    def model(request):
        word = question(request)
        return proposal(request) if word is None else answer(word, 1.1 if shown(request) else 0.4)

    ran = run(task("auto", budget=Budget(calls=2000)), tmp_path, model)
    assert ran.gateway.calls < 600
    assert not _children(ran)


def test_other_models_winners_are_in_the_first_round(tmp_path):
    source = "Red or blue? This is style 2.\n\nWord: {{ word }}\n"
    other = Candidate.plain(operator="of another model", source=source)
    ran = run(task("auto", others=(other,), budget=Budget(calls=124)), tmp_path)
    found = [r for r in _candidates(ran) if r["digest"] in _scored(ran)]
    assert "of another model" in {record["slots"]["operator"] for record in found}


def test_a_template_that_cannot_be_taken_apart_leaves_other_models_winners(tmp_path):
    source = "Red or blue? In style 2, {{ word }} is what?\n\nWord: {{ word }}\n"
    program = task("auto").program.of(
        "colours", "Colour of\nWord: {{ word }}", task("auto").config.output, path="prompt.jinja"
    )
    other = Candidate.plain(operator="of another model", source=source)
    cell = task("auto", program=program, others=(other,), holdout=24)

    def model(request):
        return answer(question(request), 0.9 if style(request) == 2 else 0.4)

    ran = run(cell, tmp_path, model)
    (added,) = (r["digest"] for r in _candidates(ran) if r["slots"]["operator"] != "base")
    assert {case.id for case in cell.select} <= _scored(ran)[added]
    assert ran.result.report.decision == "promoted"
    assert ran.result.served.variant.files == {"prompt.jinja": source}


def test_a_weak_proposer_is_asked_for_guesses_alone_in_the_first_round(tmp_path):
    ran = run(task("auto", budget=Budget(calls=124)), tmp_path)
    asked = [r for r in ran.gateway.requests if "<instruction>" in r.messages[-1].content]
    assert asked
    assert all("Work out what that instruction says" in r.messages[-1].content for r in asked)


def test_every_node_of_a_program_is_searched(tmp_path):
    """The hint is what fails, and what one style mends."""

    def model(request):
        said = chained(request)
        return "<instruction>Mind style 2 at all times.</instruction>" if said is None else said

    ran = run(task("auto", budget=Budget(calls=1500), program=chain()), tmp_path, model)
    assert {child["node"] for child in _children(ran)} == {"clue", "hint", "colour"}
    assert "style 2" in _winner(ran)["nodes"]["hint"]["instruction"]


def test_a_node_in_which_nothing_can_be_varied_takes_no_child_from_the_others(tmp_path):
    """Such as one that says everything in one breath with its input."""

    def model(request):
        said = chained(request)
        return proposal(request) if said is None else said

    fixed = {"clue": "A clue of\nWord: {{ word }}\n", "colour": "Red or blue?\nHint: {{ hint }}\n"}
    cell = task("auto", budget=Budget(calls=1500), program=chain(**fixed))
    ran = run(cell, tmp_path, model)
    assert {child["node"] for child in _children(ran)} == {"hint"}


@pytest.fixture(scope="module")
def climb(tmp_path_factory):
    """A run in a world in which another instruction helps every time, and nothing else ever."""

    def model(request):
        word = question(request)
        text = "\n".join(m.content for m in request.messages)
        level = max(map(int, re.findall(r"level (\d+)", text)), default=0)
        if word is None:
            variety = luck("variety", request.digest)
            return f"<instruction>Say red or blue, level {level + 1}, {variety}.</instruction>"
        return answer(word, 0.2 + 0.1 * level)

    cell = task("auto", budget=Budget(calls=1500))
    return run(cell, tmp_path_factory.mktemp("climb"), model)


def test_what_gains_is_drawn_more(climb):
    asking = [MAKERS[child["operator"]].asks for child in _children(climb)]
    even = sum(maker.tickets for maker in MAKERS.values() if maker.asks)
    assert sum(asking) / len(asking) > even / sum(maker.tickets for maker in MAKERS.values())
    assert "level" in str(_winner(climb))


def test_a_child_that_is_kept_is_no_worse_than_its_parent_by_all_that_is_known(climb):
    kept = [child for child in _children(climb) if child["kept"]]
    assert kept
    assert all(child["cases"] >= 15 and child["gain"] >= 0 for child in kept)


def test_reflections_may_change_fewer_words_the_longer_the_search(climb):
    questions = [request.messages[-1].content for request in climb.gateway.requests]
    allowed = [int(words) for text in questions for words in ALLOWED.findall(text)]
    assert allowed[-1] < allowed[0] <= 100


def test_reflections_are_told_what_did_not_help(tmp_path):
    """Where no instruction helps, every one that was tried is among them."""

    def model(request):
        word = question(request)
        if word is None:
            return f"<instruction>Say red or blue, {luck('variety', request.digest)}.</instruction>"
        return answer(word, 0.5)

    ran = run(task("auto", budget=Budget(calls=900)), tmp_path, model)
    questions = [request.messages[-1].content for request in ran.gateway.requests]
    assert any("<rejected>" in text for text in questions)


def test_a_winner_is_at_hand_whenever_tokens_or_money_end_among_generations(cell, whole):
    """Only what has met all of select can be chosen."""
    select = {case.id for case in cell.select}
    met = defaultdict(set)
    for record in whole.records:
        if record["kind"] == "child":
            break
        if record["kind"] == "score" and record["case"] in select:
            met[record["candidate"]].add(record["case"])
    assert sum(cases == select for cases in met.values()) >= 2


def test_after_a_first_round_that_failed_calls_have_cut_short_the_best_go_on(tmp_path):
    """All of the pool would take the generations' runs, and leave none for a child."""
    others = tuple(
        Candidate.plain(operator="other", instruction=f"Red or blue, {n}?", layout="user")
        for n in range(24)
    )
    gateway = ScriptedGateway(pupil, failure_rate=0.1)
    ran = run(task("auto", others=others, budget=LOOP), tmp_path, gateway=gateway)
    cut = [record["stage"] for record in ran.records if record["kind"] == "stage cut short"]
    assert "screen" in cut
    assert _children(ran)


def test_with_few_calls_a_node_that_reads_what_is_retrieved_is_searched_too(tmp_path):
    """What it reads, runs have to show; they are paid for however few there are."""
    program = retrieving(json.dumps({"id": "a", "text": "Words have colours."}))
    ran = run(task("auto", program=program, budget=Budget(calls=124)), tmp_path)
    assert _stages(ran)["screen"].calls > 0


def test_examples_that_help_in_the_text_alone_are_found_there(tmp_path):
    """A model that heeds no chat turns."""

    def model(request):
        word = question(request)
        if word is None:
            return proposal(request)
        shown_in_text = request.messages[-1].content.count("Word: ") > 1
        return answer(word, 0.9 if shown_in_text else 0.4)

    ran = run(task("auto", budget=Budget(calls=400)), tmp_path, model)
    (slots,) = _winner(ran)["nodes"].values()
    assert slots["demos"]
    assert slots["orientation"] in {"item", "kind"}


def test_one_select_case_is_enough_to_choose_by(tmp_path):
    ran = run(task("auto", budget=LOOP, select=1), tmp_path)
    assert _stages(ran)["screen"].calls > 0
