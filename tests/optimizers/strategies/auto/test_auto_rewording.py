"""The operators of ``auto`` that ask for another instruction."""

from __future__ import annotations

import random
import re

import pytest

from landrace.optimizers.proposing.opening import context_of
from landrace.optimizers.strategies.auto.bench import Bench
from landrace.optimizers.strategies.auto.memory import Memory
from landrace.optimizers.strategies.auto.options import Options
from landrace.optimizers.strategies.auto.rewording import LESSONS, SHOWN, lessons, reflection
from sammo_world import colour, is_meta, study_of

PRESENT = re.compile(r"<present>\n(.*?)\n</present>", re.DOTALL)
ALLOWED = re.compile(r"at most (\d+) words")
INPUT = re.compile(r"^Word: (\w+)$", re.MULTILINE)


class Learner:
    """As a proposer it adds a word for every question; as a pupil it says red."""

    def __init__(self, fails=()):
        self.questions, self.allowed = [], []
        self.fails = fails

    def __call__(self, request):
        if not is_meta(request):
            return "red"
        text = request.messages[-1].content
        self.questions.append(text)
        self.allowed += [int(words) for words in ALLOWED.findall(text)]
        if len(self.questions) in self.fails:
            return "Sorry?"
        (present,) = PRESENT.findall(text)
        return f"<instruction>{present} Lesson{len(self.questions)}.</instruction>"

    def shown(self):
        return [INPUT.findall(question) for question in self.questions]


def bench_of(study, words=50):
    order = study.rng("order").sample(study.search, len(study.search))
    return Bench(study, Options(), None, {}, order, None, Memory(study, study.select), words)


def child_of(study, operator, words=50):
    return made(bench_of(study, words), operator)


def made(bench, operator):
    context = context_of(bench.study, bench.study.base, "prompt", random.Random(0))
    return operator(bench, context)


def test_lessons_are_drawn_from_other_mistakes_each_and_kept_together(tmp_path):
    learner = Learner()
    with study_of(tmp_path, learner) as study:
        child = child_of(study, lessons)
    wrong = [[word for word in words if colour(word) == "blue"] for words in learner.shown()]
    assert len(wrong) > 1
    assert all(wrong)
    assert len({word for words in wrong for word in words}) == sum(map(len, wrong))
    assert all(len(words) <= SHOWN for words in learner.shown())
    said = child.slots("prompt").instruction
    assert all(f"Lesson{number}." in said for number in range(1, len(wrong) + 1))


def test_a_lesson_that_comes_to_nothing_is_left_out(tmp_path):
    with study_of(tmp_path, Learner(fails={1})) as study:
        child = child_of(study, lessons)
    said = child.slots("prompt").instruction
    assert "Lesson1." not in said
    assert "Lesson2." in said


def test_all_lessons_together_change_no_more_words_than_are_allowed(tmp_path):
    learner = Learner()
    with study_of(tmp_path, learner) as study:
        child = child_of(study, lessons, words=1)
    said = child.slots("prompt").instruction
    assert len(re.findall(r"Lesson\d", said)) == 1
    assert len(learner.questions) == 1


def test_each_lesson_is_told_how_many_words_the_ones_before_have_left(tmp_path):
    learner = Learner()
    with study_of(tmp_path, learner) as study:
        child_of(study, lessons, words=10)
    assert len(learner.allowed) > 1
    assert learner.allowed == [10 - number for number in range(len(learner.allowed))]


@pytest.mark.parametrize("operator", [reflection, lessons])
def test_what_the_proposer_was_told_is_remembered(tmp_path, operator):
    learner = Learner()
    with study_of(tmp_path, learner) as study:
        bench = bench_of(study)
        child = made(bench, operator)
        told = {word for words in learner.shown() for word in words}
        assert bench.memory.seen(child) == told
        assert bench.memory.seen(study.base.candidate) == set()


@pytest.mark.parametrize("operator", [reflection, lessons])
def test_where_nothing_is_wrong_there_is_nothing_to_learn(tmp_path, operator):
    def perfect(request):
        assert not is_meta(request)
        return colour(request.messages[-1].content.split()[-1])

    with study_of(tmp_path, perfect) as study:
        assert child_of(study, operator) is None


def test_one_reflection_asks_once(tmp_path):
    learner = Learner()
    with study_of(tmp_path, learner) as study:
        child_of(study, reflection)
    assert len(learner.questions) == 1
    assert LESSONS > 1
