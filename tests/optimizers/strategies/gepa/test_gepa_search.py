"""GEPA on worlds whose truth is known."""

from __future__ import annotations

import itertools
import random
import re
from collections import defaultdict
from types import SimpleNamespace
from typing import get_args

import pytest

from colours import luck
from landrace.errors import CallError
from landrace.optimizers.search.pareto import Kind
from landrace.optimizers.strategies.gepa import merging, strategy
from landrace.optimizers.strategies.gepa.merging import Merging
from landrace.optimizers.strategies.gepa.options import Selector
from landrace.optimizers.study import Study
from landrace.schemas.candidate import Candidate
from landrace.schemas.pipeline import Budget
from strategy_world import (
    answer,
    cases,
    chain,
    few_mistakes,
    question,
    run,
    served_with,
    shown,
    task,
)

_STEP = re.compile(r"(Word|Clue|Hint): (\S+)\Z")
_NUMBER = re.compile(r"level (\d+)")


class Writer:
    """A proposer whose instructions for a node get better each time that it is asked."""

    def __init__(self):
        self.questions = []

    def __call__(self, request):
        text = request.messages[-1].content
        self.questions.append(text)
        level = max(map(int, _NUMBER.findall(_present(text))), default=0)
        return f"<instruction>Say red or blue, on level {level + 1}.</instruction>"


def _present(text):
    return text.split("<present>")[1].split("</present>")[0]


def level(request):
    text = "\n".join(m.content for m in request.messages if m.role != "assistant")
    return max(map(int, _NUMBER.findall(text)), default=0)


def plain(write):
    """A model that gets better by a tenth with each level, up to five."""

    def model(request):
        word = question(request)
        if word is None:
            return write(request)
        return answer(word, 0.4 + 0.1 * min(level(request), 5))

    return model


def steps(write):
    """A chain in which each node, once reworded, helps with words of its own and spoils others.

    What it was given with is handed on behind the word.
    """

    def model(request):
        found = _STEP.search(request.messages[-1].content)
        if found is None:
            return write(request)
        step, (word, *mended) = found[1], found[2].split("+")
        mended += [step] * (level(request) > 0)
        return answer_of(word, mended) if step == "Hint" else "+".join([word, *mended])

    return model


def answer_of(word, mended):
    helped = any(luck("helped", step, word) < 0.45 for step in mended)
    spoiled = any(luck("spoiled", step, word) < 0.12 for step in mended)
    return answer(word, 0.0 if spoiled else 1.0 if helped else 0.3)


def searched(tmp_path, model, *, calls=700, **options):
    changes = {name: options.pop(name) for name in ("program", "incumbent") if name in options}
    cell = task(
        "gepa",
        options=options,
        budget=Budget(calls=calls),
        search=24,
        select=24,
        holdout=12,
        **changes,
    )
    ran = run(cell, tmp_path, model)
    return ran, {
        kind: [record for record in ran.records if record["kind"] == kind]
        for kind in ("pair", "merge", "candidate", "perfect minibatch", "call")
    }


def best(ran):
    return ran.result.report.stages[-1].best


def test_it_climbs_where_reflection_finds_the_way(tmp_path):
    ran, _ = searched(tmp_path, plain(Writer()))
    probe, evolve = ran.result.report.stages
    assert probe.best < 0.55
    assert evolve.best >= probe.best + 0.3
    assert "level" in "".join(ran.files.values())


@pytest.mark.parametrize(
    "options",
    [
        *({"selector": each} for each in get_args(Selector)),
        *({"frontier": each} for each in get_args(Kind)),
    ],
    ids=lambda options: "-".join(options.values()),
)
def test_every_selector_gets_there(tmp_path, options):
    ran, _ = searched(tmp_path, plain(Writer()), **options)
    assert best(ran) > ran.result.report.stages[0].best


@pytest.fixture
def scored(monkeypatch):
    """The cases that each candidate is scored on, by digest."""
    found = defaultdict(set)
    evaluate = Study.evaluate

    def spy(study, entries, cases, **changes):
        for entry in entries:
            found[entry.digest] |= {case.id for case in cases}
        evaluate(study, entries, cases, **changes)

    monkeypatch.setattr(Study, "evaluate", spy)
    return found


def test_only_what_is_strictly_better_on_the_pair_is_scored_in_full(tmp_path, scored):
    _, found = searched(tmp_path, plain(Writer()))
    verdicts = set()
    for pair in found["pair"]:
        ours, theirs = pair["scores"]
        on_select = {case for case in scored[pair["child"]] if case.startswith("select")}
        assert len(on_select) == (24 if ours > theirs else 0)
        verdicts.add(ours > theirs)
    assert verdicts == {True, False}


@pytest.mark.parametrize(("minibatch", "cases"), [(3, 3), (16, 16), (200, 24)])
def test_a_pair_has_as_many_cases_as_the_minibatch(tmp_path, scored, minibatch, cases):
    _, found = searched(tmp_path, plain(useless()), minibatch=minibatch, patience=2)
    assert found["pair"]
    for pair in found["pair"]:
        asked = scored[pair["child"]]
        assert len(asked) == cases
        assert all(case.startswith("search") for case in asked)


@pytest.mark.parametrize(("minibatch", "cases"), [(3, 3), (16, 8)])
def test_a_child_that_is_behind_half_way_through_many_cases_is_spared_the_rest(
    tmp_path, scored, minibatch, cases
):
    def harmful(request):
        word = question(request)
        if word is None:
            return f"<instruction>Say red or blue, idea {luck(request.digest)}.</instruction>"
        return answer(word, 0.0 if "idea" in request.messages[0].content else 0.6)

    _, found = searched(tmp_path, harmful, minibatch=minibatch, patience=2)
    assert found["pair"]
    assert {len(scored[pair["child"]]) for pair in found["pair"]} == {cases}


def useless():
    """A proposer that always says something else, and never something better."""
    numbers = itertools.count()
    return lambda _request: f"<instruction>Say red or blue, idea {next(numbers)}.</instruction>"


def test_it_ends_after_so_many_proposals_in_vain(tmp_path):
    ran, found = searched(tmp_path, plain(useless()), patience=6)
    assert len(found["pair"]) == 6
    assert ran.result.report.decision == "kept incumbent"


def by_heart(write):
    """A model that knows what it is shown, and little else where it is shown nothing."""

    def model(request):
        word = question(request)
        if word is None:
            return write(request)
        examples = shown(request)
        return answer(word, 1.0 if word in examples else 0.5 if examples else 0.1)

    return model


def exemplary(found):
    """The incumbent and what was made of it, by digest: all that has examples."""
    slots = {c["digest"]: c["slots"] for c in found["candidate"]}
    return {
        digest
        for digest, each in slots.items()
        if any(n.get("demos") for n in each["nodes"].values())
    }


def test_mistakes_are_looked_for_where_the_parent_shows_nothing(tmp_path, scored):
    known = cases("search", 24)[:14]
    options = {"minibatch": 7, "patience": 6, "incumbent": served_with(known)}
    _, found = searched(tmp_path, by_heart(useless()), **options)
    pairs = [pair for pair in found["pair"] if pair["parent"] in exemplary(found)]
    assert pairs
    for pair in pairs:
        assert len({case for case in scored[pair["child"]] if case.startswith("search")}) == 7
        for each in (pair["child"], pair["parent"]):
            assert not scored[each] & {case.id for case in known}


def test_nothing_is_learned_from_a_parent_that_shows_all(tmp_path, scored):
    incumbent = served_with(cases("search", 24))
    _, found = searched(tmp_path, by_heart(useless()), selector="current-best", incumbent=incumbent)
    (served,) = exemplary(found)
    assert not any(case.startswith("search") for case in scored[served])


def test_a_perfect_minibatch_takes_no_patience(tmp_path):
    model = few_mistakes({"search5"}, useless())
    _, found = searched(tmp_path, model, minibatch=3, patience=4)
    assert len(found["pair"]) == 4
    assert len(found["perfect minibatch"]) > 4


def test_search_without_a_mistake_ends_the_search(tmp_path):
    model = few_mistakes(set(), useless())
    _, found = searched(tmp_path, model, minibatch=3, patience=2)
    assert found["pair"] == []
    assert len(found["perfect minibatch"]) == 24 / 3


@pytest.mark.parametrize("seed", range(4))
def test_nobody_is_given_up_while_a_mistake_may_be_left(tmp_path, seed):
    """The base makes none in search, and leads nearly everywhere; another is wrong there."""
    write = useless()

    def model(request):
        word = question(request)
        if word is None:
            return write(request)
        is_other = "please" in request.messages[0].content
        is_right = word == "select0" if is_other else word != "select0"
        return answer(word, float(is_right))

    other = Candidate.plain(operator="other", layout="user", instruction="Red or blue, please.")
    cell = task("gepa", budget=Budget(calls=900), others=(other,), seed=seed)
    ran = run(cell, tmp_path, model)
    (digest,) = (r["digest"] for r in ran.records if r.get("slots", {}).get("operator") == "other")
    assert digest in {record["parent"] for record in ran.records if record["kind"] == "pair"}


def test_what_nodes_learned_apart_is_merged(tmp_path):
    _, found = searched(tmp_path, steps(Writer()), program=chain(), calls=2000)
    merges = [record for record in found["merge"] if record["scores"][0] >= max(record["scores"])]
    assert merges
    made = {record["digest"]: record["slots"] for record in found["candidate"]}
    for record in merges:
        child = made[record["child"]]
        assert child["operator"] == "merge"
        assert len(child["nodes"]) >= 2


def test_a_merge_is_tried_right_after_an_accepted_reflection_alone(monkeypatch):
    """Not after another merge, however many reflections were accepted before."""
    turns = []
    reflections = iter([True, True, True, False, True, False, False])

    class Merges:
        def __init__(self, _pool):
            pass

        def next(self):  # nothing can be joined at first
            return "union" if len(turns) > 1 else None

        def try_(self, _union):
            turns.append("m")
            return True

    def reflect(*_):
        turns.append("r")
        return next(reflections)

    monkeypatch.setattr(strategy, "Merging", Merges)
    monkeypatch.setattr(strategy, "_mutate", reflect)
    monkeypatch.setattr(strategy, "unshown_batch", lambda *_: [1])
    monkeypatch.setattr(strategy, "_errs", lambda *_: True)
    monkeypatch.setattr(strategy, "_affords", lambda *_: len(turns) < 10)
    study = SimpleNamespace(search=[1], rng=random.Random)
    options = SimpleNamespace(minibatch=1, patience=9)
    pool = SimpleNamespace(study=study, options=options, parent=lambda _rng: 1)
    strategy._evolve(study, pool)
    assert "".join(turns) == "rrmrmrrmrr"


class Tries(Merging):
    """Merges whose sides are always the same; ``scores`` are those of the child beside them."""

    def __init__(self, unions, scores):
        none = SimpleNamespace(scores=lambda *_: [], shared=lambda *_: [])
        study = SimpleNamespace(
            rng=random.Random,
            table=none,
            select=[],
            evaluate=lambda *_: None,
            log=lambda *_, **__: None,
            setting=SimpleNamespace(program=SimpleNamespace(nodes=[])),
        )
        super().__init__(
            SimpleNamespace(
                study=study,
                options=SimpleNamespace(merges=1),
                parents={},
                frontier=lambda: unions,
                fresh=lambda _child: SimpleNamespace(digest="child"),
                affords=lambda _runs: True,
                sums=lambda *_: [next(scores), 1.0, 1.0],
                accept=lambda *_: True,
            )
        )

    def _is_progress(self, _union):
        return True

    def _sides(self, _union):
        return [SimpleNamespace(digest=name) for name in ("better", "worse", "ancestor")]


def test_a_merge_that_is_rejected_takes_nothing_off_their_number(monkeypatch):
    monkeypatch.setattr(merging, "unions", lambda members, _parents: list(members))
    monkeypatch.setattr(merging, "merged", lambda *_: "candidate")
    tries = Tries([("a",), ("b",), ("c",)], iter([0.0, 1.0]))
    assert tries.try_(tries.next()) is False
    assert tries.try_(tries.next()) is True
    assert tries.next() is None


def test_no_merge_without_leave(tmp_path):
    _, found = searched(tmp_path, steps(Writer()), program=chain(), calls=2000, merges=0)
    assert found["merge"] == []


def test_nodes_take_turns_or_change_together(tmp_path):
    for component, count in (("round-robin", 1), ("all", 3)):
        folder = tmp_path / component
        folder.mkdir()
        options = {"program": chain(), "calls": 700, "component": component, "merges": 0}
        _, found = searched(folder, steps(Writer()), **options)
        first = next(c["slots"] for c in found["candidate"] if c["slots"]["parents"])
        assert len(first["nodes"]) == count


def deaf(request):
    """A chain that is right on half of the words, whatever it is told."""
    found = _STEP.search(request.messages[-1].content)
    if found is None:
        return f"<instruction>Say red or blue {luck(request.digest)}.</instruction>"
    return answer(found[2], 0.5) if found[1] == "Hint" else found[2]


def changed(found):
    return [list(c["slots"]["nodes"]) for c in found["candidate"] if c["slots"]["parents"]]


def test_the_first_children_of_the_base_are_of_different_nodes(tmp_path):
    _, found = searched(tmp_path, deaf, program=chain(), calls=2000, patience=3)
    assert changed(found) == [["clue"], ["hint"], ["colour"]]


def test_a_perfect_minibatch_costs_no_node_its_turn(tmp_path):
    options = {"program": chain(), "calls": 900, "minibatch": 1, "patience": 16}
    _, found = searched(tmp_path, deaf, **options)
    assert found["perfect minibatch"]
    nodes = changed(found)
    assert len(nodes) > 3
    cycle = itertools.cycle([["clue"], ["hint"], ["colour"]])
    assert nodes == list(itertools.islice(cycle, len(nodes)))


@pytest.mark.parametrize("program", [None, "chain"], ids=["plain", "chain"])
def test_a_reflection_sees_inputs_outputs_and_the_metrics_words(tmp_path, program, file_regression):
    write = Writer()
    if program:
        searched(tmp_path, steps(write), program=chain(), calls=800)
    else:
        searched(tmp_path, plain(write), calls=400)
    file_regression.check(write.questions[0], extension=".txt")


def test_a_pair_without_answers_changes_nothing(tmp_path):
    def fragile(request):
        word = question(request)
        if word is None:
            return "<instruction>Say red or blue, whichever fits.</instruction>"
        if "whichever fits" in request.messages[0].content:
            return CallError("too long")
        return answer(word, 0.5)

    ran, found = searched(tmp_path, fragile, calls=600)
    assert found["pair"][0]["scores"] == [0.0, 0.0]
    assert ran.result.report.decision == "kept incumbent"


def test_what_is_refused_too_often_still_has_children(tmp_path):
    """The base lacks more scores than a candidate may, and its child none."""
    write = Writer()

    def model(request):
        word = question(request)
        is_refused = word is not None and level(request) == 0 and luck("refused", word) < 0.15
        return CallError("refused") if is_refused else plain(write)(request)

    _, found = searched(tmp_path, model)
    assert any(ours > theirs for ours, theirs in (pair["scores"] for pair in found["pair"]))
