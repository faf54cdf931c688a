"""What operators show of nodes inside a program."""

from __future__ import annotations

import random

import pytest

from landrace.gateway.base import Completion
from landrace.optimizers.meta_prompts import render_meta_prompt
from landrace.optimizers.operators.base import Context, children
from landrace.optimizers.operators.samples import mistakes, samples
from landrace.optimizers.operators.table import OPERATORS
from landrace.optimizers.operators.tuning import Tuning
from landrace.optimizers.variants import Program
from landrace.program import Graph
from sammo_world import study_of
from strategy_world import CHAIN, CONFIG, by_letter, cases, chain, chained, colour, generating

PE2 = {"explained": True, "node": "", "layout": "", "analysis": "", "words": 50, "rule": ""}


def model(request):
    said = chained(request)
    return "<instruction>Red or blue? Say it.</instruction>" if said is None else said


@pytest.fixture
def study(tmp_path):
    splits = {"search": cases("search", 20), "select": cases("select", 8)}
    with study_of(tmp_path, model, program=chain(), **splits) as opened:
        yield opened


def chain_with(**contracts):
    """The chain with other outputs of some nodes."""
    nodes = {name: chain().graph.nodes[name] for name in CHAIN}
    nodes |= {name: generating(name, contract) for name, contract in contracts.items()}
    return Program.of_graph(
        "colours",
        Graph(nodes, "colour"),
        {name: (source, f"{name}.jinja") for name, source in CHAIN.items()},
        inputs=CONFIG.inputs,
        corpora={},
        where="prompt.yaml",
    )


def use(study, node, **changes):
    return Context(study, study.base, node, random.Random(0), Tuning(), study.select, **changes)


def test_the_last_node_is_shown_what_it_read_and_the_label(study):
    found = samples(use(study, "colour"))
    assert len(found) == Tuning().apo_cases
    for sample in found:
        assert sample.answer == colour(sample.case.id)
        assert set(sample.inputs) >= {"hint"}


def test_a_node_inside_is_shown_what_led_to_right_answers(study):
    found = samples(use(study, "hint"))
    right = [
        case
        for case in study.search[: Tuning().apo_cases]
        if study.table.get(study.base.digest, case.id).score.value == 1
    ]
    assert [sample.case for sample in found] == right
    assert {"clue"} <= set(found[0].inputs)


def test_what_a_limit_cut_off_led_to_no_right_answer(tmp_path):
    def cut(request):
        is_hint = "Make it a hint" in request.messages[-1].content
        return Completion(model(request), finish_reason="length" if is_hint else "stop")

    splits = {"search": cases("search", 20), "select": cases("select", 8)}
    with study_of(tmp_path, cut, program=chain(), **splits) as study:
        assert samples(use(study, "hint")) == []
        assert samples(use(study, "clue"))


def test_under_a_graded_metric_a_node_inside_is_shown_what_led_to_the_best_answers(tmp_path):
    """Nobody has full marks: what is wanted has a word more than what is ever said."""
    longer = [
        case.model_copy(update={"expected": f"deep {case.expected}"})
        for case in cases("search", 20)
    ]
    splits = {"search": tuple(longer), "select": cases("select", 8)}
    with study_of(tmp_path, model, program=chain(), metric="f1", **splits) as study:
        found = samples(use(study, "hint"))
        met = study.search[: Tuning().apo_cases]
        scores = study.table.scores(study.base.digest, met)
    assert 0 < max(scores) < 1
    best = [case for case, score in zip(met, scores, strict=True) if score == max(scores)]
    assert [sample.case for sample in found] == best


def test_mistakes_of_a_node_inside_say_what_the_whole_should_answer(study):
    rows = mistakes(use(study, "hint"))
    assert rows
    assert all(row["input"].startswith("Clue: ") for row in rows)
    assert all(row["wanted"].startswith("one that leads to the answer") for row in rows)


def test_a_node_that_was_never_asked_made_no_mistake(tmp_path):
    """Three clues are no numbers, which ends their runs: they are no mistakes of the hint."""
    spoilt = {f"Word: search{number}" for number in (1, 2, 3)}

    def spoiling(request):
        asked = request.messages[-1].content.rpartition("\n")[2]
        if asked.startswith("Word: "):
            return "nonsense" if asked in spoilt else asked.removeprefix("Word: search")
        return model(request)

    program = chain_with(clue={"type": "number", "max_tokens": 8})
    splits = {"search": cases("search", 20), "select": cases("select", 8)}
    with study_of(tmp_path, spoiling, program=program, **splits) as study:
        of_clue, of_hint = mistakes(use(study, "clue")), mistakes(use(study, "hint"))
    assert {row["input"] for row in of_clue if row["answer"] == "nonsense"} == spoilt
    assert of_hint
    assert "nonsense" not in {row["answer"] for row in of_hint}
    assert len(of_hint) == len(of_clue) - len(spoilt)


def test_of_a_node_that_is_asked_about_several_items_the_one_that_failed_is_the_mistake(tmp_path):
    number = {"type": "number", "max_tokens": 8}
    source = "{% section task %}\nCount.\n{% endsection %}\n\n{{ letter }}\n"
    program = by_letter("sum", number, source, most=9)

    def counting(request):
        return "nonsense" if request.messages[-1].content.endswith("r") else "1"

    splits = {"search": cases("search", 4), "select": cases("select", 4)}
    with study_of(tmp_path, counting, program=program, **splits) as study:
        rows = mistakes(use(study, "sum"))
    assert {(row["input"], row["answer"]) for row in rows} == {("r", "nonsense")}


def test_what_a_node_inside_should_lead_to_is_written_as_the_program_answers(tmp_path):
    listed = [case.model_copy(update={"expected": ["a", "b"]}) for case in cases("search", 2)]
    program = chain_with(colour={"type": "json", "max_tokens": 8})
    splits = {"search": tuple(listed), "select": cases("select", 4)}
    with study_of(tmp_path, model, program=program, **splits) as study:
        rows = mistakes(use(study, "hint"))
    assert [row["wanted"] for row in rows] == ['one that leads to the answer ["a", "b"]'] * 2


@pytest.mark.parametrize("node", ["hint", "colour"])
def test_nothing_is_wanted_where_a_case_has_no_label(study, node):
    study.evaluate([study.base], study.search)
    unlabelled = [case.model_copy(update={"expected": None}) for case in study.search]
    rows = mistakes(use(study, node), unlabelled)
    assert rows
    assert {row["wanted"] for row in rows} == {""}


@pytest.mark.parametrize("name", ["critique", "amend", "pe2_examine", "pe2_write"])
def test_no_question_tells_of_a_wanted_answer_that_nobody_gave(name):
    row = {"input": "sky", "answer": "red", "feedback": "too warm"}
    told = {"instruction": "Say it.", "flaw": "vague", "description": "Colours."}
    for wanted in ("blue", ""):
        rows = [{**row, "wanted": wanted}]
        said = render_meta_prompt(name, {**told, "mistakes": rows, "examples": rows, **PE2})
        text = "\n".join(content for _, content in said)
        assert ("Wanted answer: blue" in text) == bool(wanted)
        assert ("Wanted answer" in text) == bool(wanted)


@pytest.mark.parametrize("node", ["clue", "hint", "colour"])
@pytest.mark.parametrize("operator", OPERATORS.values(), ids=lambda each: each.name)
def test_every_operator_changes_its_own_node_alone(study, operator, node):
    for child in children(operator, use(study, node, most=2)):
        study.admit(child)
        assert set(child.nodes) == {node}
