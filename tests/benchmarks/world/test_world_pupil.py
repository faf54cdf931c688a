"""The world's task model: better prompts make it abler, and the truth is what its answers tend to."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from benchmarks.world.landscapes import LANDSCAPES
from benchmarks.world.reach import reach
from benchmarks.world.trial import METRIC
from benchmarks.world.truth import quality
from benchmarks.world.vocabulary import HINT, TEAM
from benchmarks.world.world import TASK_MODEL, World

from landrace.gateway.base import Message, Request
from landrace.metrics.base import Sample
from landrace.optimizers.variants import user_turn, write_variant
from landrace.program.run import drive
from landrace.schemas.candidate import Candidate, Demo

PLAIN = [name for name, landscape in LANDSCAPES.items() if landscape.nodes == 1]


@cache
def world(name, seed=3):
    return World(LANDSCAPES[name], seed)


def variant(place, **slots):
    node = place.program.main.name
    return write_variant(place.program, Candidate().changed("test", node=node, **slots))


def truth(place, **slots):
    return quality(place, variant(place, **slots), METRIC, place.unseen(64))


def instructed(place, rules, **slots):
    text = " ".join(["Route it.", *(rule.sentence(0) for rule in rules)])
    return truth(place, instruction=text, layout="user", **slots)


def demos(place, count):
    return tuple(
        Demo(
            case_id=case.id,
            user=user_turn(place.program.main, case.inputs),
            assistant=case.expected,
        )
        for case in place.cases(0, count)
    )


def observed(place, written, count):
    """The mean score of the world's answers on cases that the truth is about."""
    scores = []
    for case in place.cases(64, count):

        def answer(ask):
            messages = tuple(Message(each["role"], each["content"]) for each in ask.messages)
            return place.complete(Request(TASK_MODEL, messages)).text

        result = drive(written.program.run(case.inputs), answer)
        sample = Sample(case.inputs, case.expected, result.output or "", result.answer)
        scores.append(METRIC.score(sample).value)
    return sum(scores) / count


@pytest.mark.parametrize("name", LANDSCAPES)
def test_the_observed_mean_converges_on_the_truth(name):
    place = world(name)
    base = variant(place)
    share = quality(place, base, METRIC, place.unseen(64))
    # 1,500 answers of a coin have a standard error of .013.
    assert observed(place, base, 1500) == pytest.approx(share, abs=0.04)


def test_the_same_request_always_gets_the_same_answer():
    answers = [World(LANDSCAPES["format"], 5) for _ in range(2)]
    written = variant(answers[0])
    assert observed(answers[0], written, 40) == observed(answers[1], written, 40)


def test_another_seed_is_another_world():
    assert truth(world("demos", 1)) != truth(world("demos", 2))


def test_useful_rules_help_and_harmful_ones_do_harm():
    place = World(replace(LANDSCAPES["instructions"], wording=0.0), 3)
    rules = place.vocabulary.of(TEAM)
    useful = [rule for rule in rules if rule.value > 0]
    harmful = [rule for rule in rules if rule.value < 0]
    steps = [instructed(place, useful[:count]) for count in (0, 3, 6)]
    assert steps[0] + 0.03 < steps[1]
    assert steps[1] + 0.03 < steps[2]
    assert instructed(place, harmful) < steps[0] - 0.03


def test_rules_for_one_skill_have_diminishing_returns():
    place = world("flat")
    pupil = place.pupil
    assert pupil.gained([1.0, 1.0]) < 2 * pupil.gained([1.0]) < 2.0


def test_idle_rules_change_nothing_until_the_instruction_is_long():
    place = world("flat")
    idle = [rule for rule in place.vocabulary.of(TEAM) if rule.value == 0]
    assert instructed(place, idle[:3]) == pytest.approx(instructed(place, []))
    assert instructed(place, idle) < instructed(place, []) - 0.01


def test_examples_help_where_they_matter_and_the_first_ones_most():
    place = world("demos")
    gains = [truth(place, layout="system", demos=demos(place, count)) for count in (0, 2, 4, 8)]
    assert gains == sorted(gains)
    assert gains[1] - gains[0] > gains[3] - gains[2]
    flat = world("flat")
    assert truth(flat, layout="system", demos=demos(flat, 16)) < truth(flat, layout="system")


def test_a_tolerant_parser_reads_what_is_out_of_form():
    place = world("format")
    assert truth(place, layout="user", format="label") > truth(place, layout="user") + 0.1


@pytest.mark.parametrize("name", PLAIN)
def test_every_form_of_answer_can_be_read(name):
    place = world(name)
    for form in ("marker", "xml", "json"):
        assert truth(place, layout="user", format=form) > 0


def test_rules_of_the_first_node_help_the_whole_program():
    place = world("two nodes")
    useful = [rule for rule in place.vocabulary.of(HINT) if rule.value > 0]
    text = " ".join(rule.sentence(0) for rule in useful)
    better = Candidate().changed("test", node=HINT, instruction=text, layout="user")
    written = write_variant(place.program, better)
    assert quality(place, written, METRIC, place.unseen(64)) > truth(place) + 0.05


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_to_be_gained_where_it_is_flat(seed):
    found = reach(world("flat", seed))
    assert max(found) <= found.base + 0.001


@pytest.mark.parametrize(
    ("name", "decides"),
    [("demos", "examples"), ("instructions", "rules"), ("weak proposer", "rules")],
)
def test_what_a_landscape_is_about_helps_most_in_it(name, decides):
    found = reach(world(name))
    assert getattr(found, decides) == max(found.base, found.examples, found.rules, found.form)
    assert found.together > getattr(found, decides) > found.base + 0.1
