"""The world's proposer: what it is shown decides what it adds, and skill decides how well."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from benchmarks.world.landscapes import CAPABLE, LANDSCAPES, WEAK
from benchmarks.world.proposer import Proposer
from benchmarks.world.told import told
from benchmarks.world.vocabulary import HINT, SKILLS, TEAM, sentences
from benchmarks.world.world import World

from landrace.optimizers import meta_prompts
from landrace.optimizers.meta_prompts import render_meta_prompt

META_PROMPTS = Path(meta_prompts.__file__).parent
PLACE = World(LANDSCAPES["instructions"], 1)
PROGRAM = World(LANDSCAPES["two nodes"], 1)
MISTAKE = {
    "input": f"Request: q00007 about {SKILLS[0]}",
    "answer": "birch",
    "wanted": "amber",
    "feedback": "expected 'amber', got 'birch'",
}
RULE = "Answer with exactly one of these, and nothing else: amber, birch, cedar, dune."


def asked(name, **inputs):
    return "\n".join(content for _, content in render_meta_prompt(name, inputs))


def mended(instruction="Route the request to the right team.", mistakes=(MISTAKE,), words=50):
    return asked(
        "reflect_node",
        description="",
        node="",
        instruction=instruction,
        deeds=[
            {**m, "output": m["answer"], "score": int(m["answer"] == m["wanted"])} for m in mistakes
        ],
        rule=RULE,
        tried=[],
        rejected=[],
        words=words,
    )


def proposals(meta, ability=CAPABLE, place=PLACE, count=300):
    proposer = Proposer(ability, place.vocabulary)
    return [proposer.answer(meta, f"draw {number}") for number in range(count)]


def added(meta, **options):
    """How often each kind of rule is in a proposal."""
    found = [
        rule
        for text in proposals(meta, **options)
        for rule in PLACE.vocabulary.within(text).values()
    ]
    useful = [rule for rule in found if rule.value > 0]
    return Counter(
        useful=len(useful),
        fitting=sum(rule.skill == 0 for rule in useful),
        harmful=sum(rule.value < 0 for rule in found),
    )


def test_the_mistakes_shown_say_which_rules_are_found():
    counts = added(mended())
    assert counts["fitting"] == counts["useful"] > 100


def test_a_weak_proposer_finds_less_and_harms_more():
    capable, weak = added(mended()), added(mended(), ability=WEAK)
    assert weak["useful"] < capable["useful"] / 2
    assert weak["harmful"] > capable["harmful"]


def test_examples_without_mistakes_teach_less():
    examples = [{"input": MISTAKE["input"], "output": "amber"}]
    assert added(asked("induce", examples=examples))["useful"] < added(mended())["useful"]


def test_the_same_question_gets_the_same_answer():
    assert proposals(mended(), count=5) == proposals(mended(), count=5)


def test_what_is_there_stays_and_a_limit_on_changes_is_kept():
    present = "Route the request to the right team. It is urgent."
    for text in proposals(mended(present, words=8), count=50):
        if text != "Sorry?":
            assert text.startswith(f"<instruction>{present}")
            assert len(text.split()) <= len(present.split()) + 10


def test_a_critique_hands_its_find_on():
    rule = next(rule for rule in PLACE.vocabulary.of(TEAM) if rule.value > 0)
    meta = asked(
        "amend",
        instruction="Route it well.",
        mistakes=[],
        flaw=f"It lacks the {rule.word}.",
        rule="",
    )
    taken = sum(rule.word in text for text in proposals(meta))
    assert taken > 0.8 * 300


def test_what_a_critique_blames_is_left_out():
    rule = next(rule for rule in PLACE.vocabulary.of(TEAM) if rule.value < 0)
    meta = asked(
        "amend",
        instruction=rule.sentence(0),
        mistakes=[],
        flaw=f"Leave out the {rule.word}.",
        rule="",
    )
    assert sum(rule.word in text for text in proposals(meta)) < 0.2 * 300


def test_scores_tell_it_which_rules_to_keep():
    good, bad = PLACE.vocabulary.of(TEAM)[:2]
    history = [
        {"score": 40, "text": f"Route it. {bad.sentence(0)}"},
        {"score": 60, "text": f"Route it. {good.sentence(0)}"},
    ]
    meta = asked(
        "opro", description="", history=history, examples=[], characters=500, rule=RULE, node=""
    )
    found = Counter(
        word for text in proposals(meta) for word in (good.word, bad.word) if word in text
    )
    assert found[good.word] > 1.5 * found[bad.word]


def test_each_node_gets_rules_of_its_own():
    steps = [{"name": name, "instruction": "Do it well."} for name in (HINT, TEAM)]
    facts = {"description": "", "data": "", "program": ""}
    meta = asked("grounded_joint", **facts, steps=steps, history=[], demos=[], tip="")
    for text in proposals(meta, place=PROGRAM, count=60):
        if text == "Sorry?":
            continue
        for node in (HINT, TEAM):
            inner = text.split(f"<{node}>")[1].split(f"</{node}>")[0]
            assert {rule.node for rule in PROGRAM.vocabulary.within(inner).values()} <= {node}


@pytest.mark.parametrize("words", [3, 12])
def test_a_text_is_shortened_to_what_is_asked(words):
    text = "Route the request. Mind the time. Mind the place. Be quick about it."
    meta = asked("reword", text=text, how=f"Say the same in at most {words} words.")
    for answer in proposals(meta, count=30):
        if answer != "Sorry?":
            kept = answer.removeprefix("<instruction>").removesuffix("</instruction>")
            assert len(kept.split()) <= words or len(sentences(kept)) == 1


def test_mistakes_are_told_from_right_answers():
    right = {
        **MISTAKE,
        "answer": "amber",
        "feedback": "",
        "input": f"Request: q00009 about {SKILLS[1]}",
    }
    found = told(mended(mistakes=(MISTAKE, right)), PLACE.vocabulary)
    assert found.missed == Counter({0: 1})
    assert found.seen == Counter({1: 1})


def test_a_template_comes_back_with_its_inputs():
    source = PLACE.program.main.source
    for text in proposals(asked("write_template", template=source), count=20):
        assert text == "Sorry?" or "{{ request }}" in text


def test_a_text_without_a_name_is_known_by_what_it_says():
    hint, team = (PROGRAM.vocabulary.of(node)[0].sentence(1) for node in (HINT, TEAM))
    for node, text in ((HINT, hint), (TEAM, team)):
        meta = asked("critique", description="", instruction=text, mistakes=[MISTAKE])
        assert told(meta, PROGRAM.vocabulary).node == node


# What each meta-prompt asks for.
KINDS = {
    "write": """
        amend breed cross differ extend gpo_step grounded grounded_joint induce mutate opro pe2_write
        promst_write reflect_node rewrite textgrad_step vary wizard_vary
    """,
    "advise": "advise invent",
    "reword": "reword",
    "cut": "cut_down",
    "copy": "retag",
    "mutation": "mutate_mutation",
    "role": "wizard_role",
    "template": "write_template",
    "analyse": """
        critique dataset_condense dataset_observe gpo_summary node_describe pe2_examine
        program_describe promst_summary textgrad_critique textgrad_edge
    """,
}


def test_every_meta_prompt_is_known_to_the_world():
    """An unknown one counts as a request to analyse, whose answers hold no instruction."""
    known = {name for names in KINDS.values() for name in names.split()}
    missing = {path.stem for path in META_PROMPTS.glob("*.jinja")} - known
    assert not missing, (
        f"{', '.join(sorted(missing))}: add words of it to _KINDS in benchmarks/world/told.py, "
        "and its name to KINDS here"
    )


@pytest.mark.parametrize(("kind", "names"), KINDS.items())
def test_meta_prompts_are_told_apart_by_their_words(kind, names):
    for name in names.split():
        source = (META_PROMPTS / f"{name}.jinja").read_text(encoding="utf-8")
        assert (name, told(source, PLACE.vocabulary).kind) == (name, kind)
