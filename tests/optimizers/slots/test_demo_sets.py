from __future__ import annotations

import random

import pytest

from landrace.optimizers.slots.bootstrap import Limits, Run, bar, demo_of, demo_sets, passing
from landrace.optimizers.variants import Program
from landrace.program import Graph
from landrace.program.trace import Step
from landrace.schemas.case import Case
from landrace.schemas.prompt import OutputContract
from strategy_world import generating

LABEL = OutputContract(type="label", labels=("yes", "no"), max_tokens=4)
ASK = "{% section task %}Ask.{% endsection %}\nQ: {{ question }}"
SAY = "{% section task %}Say.{% endsection %}\nQ: {{ query }}"
INPUTS = {"type": "object", "properties": {"question": {"type": "string"}}}
TWO = Program.of_graph(
    "two",
    Graph(
        {
            "query": generating("query", {"type": "text"}),
            "answer": generating("answer", {"type": "label", "labels": ["yes", "no"]}),
        },
        "answer",
    ),
    {"query": (ASK, "query.jinja"), "answer": (SAY, "answer.jinja")},
    inputs=INPUTS,
    corpora={},
    where="prompt.yaml",
)
ONE = Program.of(
    "one", "{% section task %}Say.{% endsection %}\nQ: {{ question }}", LABEL, path="one.jinja"
)

CASES = [Case(id=f"c{n}", inputs={"question": f"q{n}"}, expected="yes") for n in range(10)]


def _run(case, score=1.0):
    question = case.inputs["question"]
    return Run(
        case,
        score,
        (
            Step(
                "query", {"question": question}, [], f"about {question} ", f"about {question}", None
            ),
            Step("answer", {"query": f"about {question}"}, [], "I say yes.", "yes", None),
        ),
    )


def _plain_run(case):
    return Run(case, 1.0, (Step("prompt", case.inputs, [], "yes, sir", "yes", None),))


def _sets(program, runs, labelled, *, count=8, limits=None, seed=0):
    return demo_sets(
        program, runs, labelled, count=count, limits=limits or Limits(), rng=random.Random(seed)
    )


def test_only_runs_that_reach_the_threshold_pass():
    runs = [_run(case, score) for case, score in zip(CASES, (0.4, 0.5, 1.0), strict=False)]
    assert [run.case.id for run in passing(runs, 0.5)] == ["c1", "c2"]


def test_each_node_gets_what_it_read_and_wrote():
    unshuffled = _sets(TWO, [_run(case) for case in CASES], (), count=3)[-1]
    assert unshuffled["query"][0].user == "Q: q0"
    assert unshuffled["query"][0].assistant == "about q0"
    assert unshuffled["answer"][0].user == "Q: about q0"
    assert unshuffled["answer"][0].assistant == "yes"
    assert [demo.case_id for demo in unshuffled["answer"]] == ["c0", "c1", "c2", "c3"]
    assert all(demo.bootstrapped for demos in unshuffled.values() for demo in demos)


def test_the_sets_begin_with_none_then_labels_then_runs_in_order():
    runs = [_plain_run(case) for case in CASES[:6]]
    none, labels, unshuffled, *shuffled = _sets(ONE, runs, CASES, count=9)
    assert none == {}
    assert len(labels["prompt"]) == 4
    assert not any(demo.bootstrapped for demo in labels["prompt"])
    assert [demo.case_id for demo in unshuffled["prompt"]] == ["c0", "c1", "c2", "c3"]
    sizes = {sum(demo.bootstrapped for demo in each["prompt"]) for each in shuffled}
    assert len(sizes) > 1
    assert all(len(each["prompt"]) == 4 for each in shuffled)


@pytest.mark.parametrize("seed", range(5))
def test_no_case_is_shown_twice_in_a_set(seed):
    for each in _sets(ONE, [_plain_run(case) for case in CASES[:6]], CASES, seed=seed)[1:]:
        shown = [demo.case_id for demo in each["prompt"]]
        assert len(shown) == len(set(shown))


def test_the_limits_hold_and_none_is_a_limit():
    runs = [_plain_run(case) for case in CASES]
    for each in _sets(ONE, runs, CASES, limits=Limits(2, 3)):
        demos = each.get("prompt", ())
        assert len(demos) <= 3
        assert sum(demo.bootstrapped for demo in demos) <= 2
    assert _sets(ONE, runs, CASES, limits=Limits(0, 0)) == [{}]


def test_a_node_that_reads_others_is_given_no_labels():
    labels = _sets(TWO, (), CASES, count=2)
    assert labels == [{}]


def test_nothing_to_show_leaves_the_set_without_demos():
    assert _sets(ONE, (), (), count=8) == [{}]


def test_a_failed_or_empty_step_is_no_demo():
    bad = Run(CASES[0], 1.0, (Step("prompt", CASES[0].inputs, [], "", None, "it is empty"),))
    assert _sets(ONE, [bad], (), count=3) == [{}]


def test_words_that_a_limit_cut_off_are_no_demo_and_a_label_read_in_them_is():
    """To imitate them is to stop amid a word."""

    def cut(case):
        run = _run(case)
        return run._replace(steps=tuple(step._replace(is_cut=True) for step in run.steps))

    runs = [cut(CASES[0]), _run(CASES[1])]
    unshuffled = _sets(TWO, runs, (), count=3)[-1]
    assert [demo.case_id for demo in unshuffled["query"]] == ["c1"]
    assert [demo.case_id for demo in unshuffled["answer"]] == ["c0", "c1"]
    query, answer = TWO.nodes["query"], TWO.nodes["answer"]
    rng = random.Random(0)
    assert demo_of(query, cut(CASES[0]), rng, own_words=False) is None
    assert demo_of(answer, cut(CASES[0]), rng, own_words=False).assistant == "yes"


def test_the_same_seed_gives_the_same_sets():
    runs = [_run(case) for case in CASES]
    assert _sets(TWO, runs, CASES) == _sets(TWO, runs, CASES)
    assert _sets(TWO, runs, CASES) != _sets(TWO, runs, CASES, seed=1)


def test_of_a_node_that_ran_several_times_one_time_is_shown():
    def many(case):
        question = case.inputs["question"]
        steps = tuple(
            Step("query", {"question": f"{question}/{n}"}, [], f"about {n}", f"about {n}", None)
            for n in range(3)
        )
        return Run(case, 1.0, steps)

    demos = _sets(TWO, [many(case) for case in CASES], (), count=3)[-1]["query"]
    assert [demo.case_id for demo in demos] == ["c0", "c1", "c2", "c3"]
    assert len({demo.assistant for demo in demos}) > 1


@pytest.mark.parametrize(
    ("scores", "least"),
    [
        ([1.0, 0.9, 0.0], 1.0),
        ([0.8, 0.6, 0.2, 0.1], 0.8),
        ([0.8, 0.6, 0.2, 0.1, 0.1], 0.6),
        ([0.9, *[0.1] * 7], 0.9),  # the second of the best quarter is below the mean
        ([0.7] * 8, 1.0),
        ([0.0] * 8, 1.0),
        ([], 1.0),
    ],
)
def test_what_is_taken_to_be_right_under_a_graded_metric(scores, least):
    assert bar(scores) == least
