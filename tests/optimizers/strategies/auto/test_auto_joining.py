from __future__ import annotations

import json
import random
from types import SimpleNamespace

from landrace.optimizers.entry import Entry
from landrace.optimizers.operators.base import Context
from landrace.optimizers.operators.formatting import in_data_format
from landrace.optimizers.proposing.opening import start_from
from landrace.optimizers.slots.data_formats import DATA_FORMATS
from landrace.optimizers.strategies.auto.joining import alike, can_be_crossed, crossed, merged
from landrace.schemas.candidate import Candidate, Demo
from sammo_world import context, study_of

DEMOS = (Demo(case_id="a", user="u", assistant="red"),)


def entry(digest, **nodes):
    candidate = Candidate()
    for node, slots in nodes.items():
        candidate = candidate.changed("given", node=node, **slots)
    return Entry(candidate, SimpleNamespace(digest=digest))


WORDS = entry("words", prompt={"instruction": "Say it.", "layout": "system"})
SHOTS = entry("shots", prompt={"demos": DEMOS, "layout": "user"})
BASE = entry("base")


def test_a_merge_has_the_words_of_the_one_and_the_examples_of_the_other():
    found = merged(WORDS, SHOTS, ["prompt"])
    slots = found.slots("prompt")
    assert (slots.instruction, slots.demos, slots.layout) == ("Say it.", DEMOS, "system")
    assert (found.operator, found.parents) == ("merge", ("words", "shots"))


def test_examples_are_shown_where_they_were():
    by_kind = entry("kind", prompt={"demos": DEMOS, "orientation": "kind", "layout": "user"})
    assert merged(WORDS, by_kind, ["prompt"]).slots("prompt").orientation == "kind"


def test_of_what_both_have_changed_the_better_ones_stays():
    other = entry("other", prompt={"instruction": "Tell me.", "layout": "user"})
    assert merged(WORDS, other, ["prompt"]) is None


def test_nodes_are_merged_each_for_itself():
    one = entry("one", clue={"instruction": "Give one clue.", "layout": "user"})
    two = entry("two", hint={"instruction": "Hint at it.", "layout": "user"})
    found = merged(one, two, ["clue", "hint"])
    assert found.slots("clue") == one.candidate.slots("clue")
    assert found.slots("hint") == two.candidate.slots("hint")


def test_what_only_the_better_has_is_no_merge():
    assert merged(WORDS, BASE, ["prompt"]) is None
    assert merged(BASE, WORDS, ["prompt"]).slots() == WORDS.candidate.slots()


def use(entry, rng=None):
    return Context(None, entry, "prompt", rng, None, ())


def bench(*members):
    program = SimpleNamespace(nodes={"prompt": None})
    study = SimpleNamespace(setting=SimpleNamespace(program=program))
    ranked = SimpleNamespace(ranked=list(members))
    return SimpleNamespace(study=study, members=ranked, start=SimpleNamespace(samples={}))


def test_a_crossing_is_neither_of_its_parents():
    mate = entry("mate", prompt={"demos": DEMOS, "layout": "user", "format": "xml"})
    found = [crossed(bench(WORDS, mate), use(WORDS, random.Random(seed))) for seed in range(20)]
    assert all(
        each.slots() not in (WORDS.candidate.slots(), mate.candidate.slots()) for each in found
    )
    assert {each.slots().format for each in found} == {"base", "xml"}
    assert {bool(each.slots().demos) for each in found} == {True, False}


def test_examples_of_the_one_are_written_as_the_others_input_is(tmp_path):
    with study_of(tmp_path) as study:
        use = context(study)
        samples = start_from(study, [study.base]).samples
        first = samples["prompt"][0]
        demos = (
            Demo(case_id=first.case.id, user="Word: in the base's form", assistant="red"),
            Demo(case_id="unknown", user="Word: sky", assistant="red"),
        )
        as_json = in_data_format(use, DATA_FORMATS["json"])
        joined = as_json.changed("joined", demos=demos)
        known, unknown = alike(study, joined, samples).slots().demos
        assert json.loads(known.user) == first.inputs
        assert unknown == demos[1]
        assert alike(study, joined, {}) == joined


def test_there_is_nothing_to_cross_with_oneself():
    assert not can_be_crossed(bench(WORDS), use(WORDS))
    assert can_be_crossed(bench(WORDS, SHOTS), use(WORDS))


def test_a_node_that_no_member_has_otherwise_is_not_crossed():
    other = bench(WORDS, SHOTS)
    other.study.setting.program.nodes["fixed"] = None
    assert not can_be_crossed(other, use(WORDS)._replace(node="fixed"))
