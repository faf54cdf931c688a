from __future__ import annotations

import pytest

from colours import SOURCE
from landrace.metrics.base import MetricOptions
from landrace.optimizers.entry import Entry
from landrace.optimizers.meta_prompts import render_meta_prompt
from landrace.optimizers.proposing.reflection import (
    NO_LORE,
    Deed,
    Lore,
    deeds,
    editable,
    instructed,
    source_of,
    telling,
)
from landrace.optimizers.search.recall import Past
from landrace.program import Step
from landrace.schemas.candidate import Candidate
from landrace.schemas.score import Outcome, Score, Usage
from strategy_world import CONFIG, Program, cases, chain

PLAIN = Program.of("colours", SOURCE, CONFIG.output, path="prompt.jinja", inputs=CONFIG.inputs)
(CASE,) = cases("search", 1)


class Variant:
    digest = "parent"


class Table:
    def __init__(self, outcomes):
        self._outcomes = outcomes

    def get(self, _digest, case_id, repeat=0):
        return self._outcomes.get((case_id, repeat))


class FakeStudy:
    """A study whose runs are given."""

    def __init__(self, program, steps=(), scores=None):
        self.setting = self
        self.labels = MetricOptions()
        self.program = program
        self.logged = []
        self._steps = steps
        told = {} if scores is None else scores
        self.table = Table(
            {
                (CASE.id, repeat): Outcome(
                    "parent", CASE.id, repeat, "out", None, score, Usage(), 0.0
                )
                for repeat, score in told.items()
            }
        )

    def trace(self, _entry, _case, *, repeat=0):
        return tuple(step for step in self._steps if step.value == repeat)

    def log(self, kind, **fields):
        self.logged.append((kind, fields))


ENTRY = Entry(Candidate(), Variant())


def step(node, word, output, *, repeat=0, failure=None):
    inputs = {"word": word, "clue": word, "hint": word}
    return Step(node, inputs, None, output, repeat, failure)


def test_a_deed_is_the_nodes_own_part_with_the_word_on_the_whole():
    steps = [step("clue", "sea", "wet"), step("hint", "wet", "salty")]
    study = FakeStudy(chain(), steps, {0: Score(0.25, "not quite")})
    assert deeds(study, ENTRY, "hint", [CASE]) == [
        Deed(CASE.id, "Clue: wet", "salty", CASE.expected, "not quite", 0.25)
    ]


def test_of_a_node_that_ran_often_the_failure_tells_most():
    steps = [step("hint", "a", "fine"), step("hint", "b", "bad", failure="it cannot be read")]
    study = FakeStudy(chain(), steps, {0: Score(0.0)})
    (deed,) = deeds(study, ENTRY, "hint", [CASE])
    assert deed.output == "bad"


@pytest.mark.parametrize(
    ("steps", "scores"),
    [
        ([step("clue", "a", "x")], {0: Score(1.0)}),
        ([step("hint", "a", None)], {0: Score(1.0)}),
        ([step("hint", "a", "x")], {}),
        ([step("hint", "a", "x")], {0: None}),
    ],
    ids=["another node", "never asked", "never run", "its call failed"],
)
def test_where_the_node_did_nothing_there_is_no_deed(steps, scores):
    assert deeds(FakeStudy(chain(), steps, scores), ENTRY, "hint", [CASE]) == []


def test_another_answer_to_the_same_question_is_told_by_its_number():
    steps = [step("hint", "a", "cold"), step("hint", "a", "hot", repeat=2)]
    study = FakeStudy(chain(), steps, {0: Score(0.0), 2: Score(1.0)})
    (deed,) = deeds(study, ENTRY, "hint", [CASE], repeat=2)
    assert (deed.output, deed.score) == ("hot", 1.0)


def deed(score):
    return Deed("case", "i", "o", "w", "f", score)


def test_the_worst_tell_most_and_the_best_is_kept_for_contrast():
    found = [deed(score) for score in (1.0, 0.5, 0.0, 0.75, 0.25)]
    assert [each.score for each in telling(found, 3)] == [0.0, 0.25, 1.0]
    assert [each.score for each in telling(found, 9)] == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_an_instruction_stays_text_and_names_its_parent():
    study = FakeStudy(PLAIN)
    text = "Say {{ word }} or {% system %}."
    child = instructed(study, Candidate(), "prompt", text, operator="reflection", parent="p")
    assert child.slots().instruction == text
    assert (child.operator, child.parents) == ("reflection", ("p",))
    assert study.logged == []


def test_a_template_that_cannot_be_taken_apart_is_not_editable():
    old = Candidate.plain(operator="old", source="Red or blue?\n\nWord: {{ word }}\n")
    assert editable(FakeStudy(PLAIN), Candidate()) == ["prompt"]
    assert editable(FakeStudy(PLAIN), old) == []


def test_a_lost_input_drops_the_child_and_says_so():
    lost = Candidate.plain(
        operator="old", source="{% section task %}\nGuess.\n{% endsection %}\n\nIn: {{ other }}\n"
    )
    study = FakeStudy(PLAIN)
    assert instructed(study, lost, "prompt", "Say it.", operator="reflection", parent="p") is None
    assert study.logged == [
        ("dropped", {"operator": "reflection", "reason": "it loses the input word"})
    ]


def test_a_program_is_sketched_and_a_single_node_is_not():
    assert "hint = generate(clue)" in source_of(chain())
    assert source_of(PLAIN) == ""


def _question(lore):
    inputs = {
        "description": "Words have colours.",
        "node": "",
        "is_last": True,
        "code": "",
        "instruction": "Say red or blue.",
        "deeds": [],
        "rule": "",
        **lore.shown(),
    }
    return "\n".join(content for _, content in render_meta_prompt("reflect_node", inputs))


def test_a_reflection_is_told_what_was_tried_what_did_not_help_and_how_much_may_change():
    lore = Lore([Past("Name the colour.", 0.456)], ["Say red, or else blue."], 0.5, 20)
    question = _question(lore)
    assert '<tried score="46">\nName the colour.' in question
    assert "the present one has 50" in question
    assert "<rejected>\nSay red, or else blue." in question
    assert "at most 20 words" in question


def test_a_reflection_without_lore_says_nothing_of_it():
    question = _question(NO_LORE)
    assert not any(word in question for word in ("tried", "rejected", "at most", "None"))
