"""SIMBA on worlds whose truth is known."""

from __future__ import annotations

import itertools
import json
import re
from collections import defaultdict

import pytest

from colours import luck
from landrace.optimizers.strategies.simba.plan import Plan
from landrace.optimizers.study import Study
from landrace.schemas.candidate import Candidate, Demo
from landrace.schemas.pipeline import Budget, ModelConfig
from landrace.workflows.task import Incumbent
from strategy_world import answer, cases, chain, colour, pupil, question, retrieving, run, task

_STEP = re.compile(r"(Word|Clue|Hint): (\S+)\Z")
_RULE = re.compile(r"rule (\d+)")
CELL = ("program", "incumbent", "others")  # not among the options


class Adviser:
    """A proposer that has a new rule each time, for every step that it is shown."""

    def __init__(self):
        self.questions = []

    def __call__(self, request):
        text = request.messages[-1].content
        self.questions.append(text)
        tags = re.findall(r"^<(clue|hint|colour|prompt)>$", text, re.MULTILINE)
        number = len(self.questions)
        return "\n".join(f"<{tag}>Mind rule {number} for words.</{tag}>" for tag in tags)


def rules(request):
    text = "\n".join(m.content for m in request.messages if m.role != "assistant")
    return set(map(int, _RULE.findall(text)))


def unsure(advise):
    """A model that is right more often at temperature 1, by chance, and with rules."""

    def model(request):
        word = question(request)
        if word is None:
            return advise(request)
        share = 0.4 + 0.2 * min(len(rules(request)), 3)
        if request.params.get("temperature") == 1.0:
            return answer(f"{word}", 1.0 if luck(word, request.repeat, share) < share else 0.0)
        return answer(word, share)

    return model


def steps(advise):
    """A chain whose weakest step is mended by a rule; it hands on what it was given."""

    def model(request):
        found = _STEP.search(request.messages[-1].content)
        if found is None:
            return advise(request)
        step, word = found[1], found[2]
        if step == "Hint":
            return answer(word, 0.95)
        is_hot = request.params.get("temperature") == 1.0
        share = 0.5 if step == "Clue" and not rules(request) else 0.95
        lucky = luck("ease", step, word, request.repeat if is_hot else "cold") < share
        return word if lucky else f"not-{word}"

    return model


def searched(tmp_path, model, *, calls=900, **options):
    given = {name: options.pop(name) for name in CELL if name in options}
    sizes = {"search": 24, "select": 24, "holdout": 12, **options.pop("sizes", {})}
    cell = task("simba", options=options, budget=Budget(calls=calls), **sizes, **given)
    ran = run(cell, tmp_path, model)
    kinds = defaultdict(list)
    for record in ran.records:
        kinds[record["kind"]].append(record)
    return ran, kinds


def gained(ran):
    probe, *_, confirm = ran.result.report.stages
    return confirm.best - probe.best


@pytest.fixture
def scored(monkeypatch):
    """The calls of `evaluate`, one after the other: digest, cases, repeat."""
    found = []
    evaluate = Study.evaluate

    def spy(study, entries, cases, *, repeat=0):
        found.extend((entry, [case.id for case in cases], repeat) for entry in entries)
        evaluate(study, entries, cases, repeat=repeat)

    monkeypatch.setattr(Study, "evaluate", spy)
    return found


def test_examples_of_right_runs_help_a_model_that_heeds_them(tmp_path):
    ran, _ = searched(tmp_path, pupil, calls=1000)
    assert gained(ran) > 0.1


@pytest.mark.parametrize("spread", ["candidates", "repeats"])
def test_rules_from_runs_that_differ_help_a_model_that_heeds_them(tmp_path, spread):
    ran, kinds = searched(tmp_path, unsure(Adviser()), max_demos=0, spread=spread, calls=1200)
    assert gained(ran) >= 0.2
    operators = {record["slots"]["operator"] for record in kinds["candidate"]}
    assert "one rule more" in operators
    assert "one example more" not in operators


@pytest.mark.parametrize(("share", "options"), [(0.95, {}), (0.05, {"max_demos": 0})])
def test_a_base_that_is_seldom_wrong_or_seldom_right_is_still_learned_from(
    tmp_path, share, options
):
    """There, the decile that says which runs are poor, or good, is the score of nearly all."""
    advise = Adviser()

    def model(request):
        word = question(request)
        if word is None:
            return advise(request)
        is_hot = request.params.get("temperature") == 1.0
        lucky = luck("ease", word, request.repeat if is_hot else "cold") < share
        return answer(word, 1.0 if lucky else 0.0)

    _, kinds = searched(tmp_path, model, calls=1500, sizes={"search": 60}, **options)
    assert kinds["step"]


def test_a_program_learns_a_rule_for_each_step(tmp_path):
    ran, kinds = searched(tmp_path, steps(Adviser()), program=chain(), max_demos=0, calls=2500)
    assert gained(ran) > 0.1
    slots = {record["digest"]: record["slots"] for record in kinds["candidate"]}
    nodes = slots[kinds["step"][-1]["winner"]]["nodes"]
    assert all("rule" in nodes[node]["instruction"] for node in ("clue", "hint", "colour"))


def test_no_candidate_is_asked_what_it_shows(tmp_path, scored):
    searched(tmp_path, pupil, calls=1000)
    told = 0
    for entry, case_ids, _ in scored:
        ids = {d.case_id for slots in entry.candidate.nodes.values() for d in slots.demos}
        told += len(ids)
        assert not ids & set(case_ids)
    assert told


def written(*words):
    """What was once written out with examples in its text."""
    examples = "\n\n".join(f"Word: {word}\nColour: {colour(word)}" for word in words)
    return Candidate.plain(
        operator="given", source=f"Say red or blue.\n\n{examples}\n\nWord: {{{{ word }}}}\n"
    )


@pytest.mark.parametrize("role", ["incumbent", "others"])
def test_no_new_candidate_has_more_examples_than_wanted_whatever_is_served(tmp_path, role):
    shown = tuple(
        Demo(case_id=case.id, user=f"Word: {case.id}", assistant=case.expected)
        for case in cases("search", 8)
    )
    served = Candidate.plain(layout="user", demos=shown, operator="given")
    changes = {"incumbent": Incumbent(served, "d" * 64, 0), "others": (served,)}
    _, kinds = searched(tmp_path, pupil, max_demos=2, **{role: changes[role]})
    made = {digest for record in kinds["step"] for digest in record["made"]}
    slots = [record["slots"] for record in kinds["candidate"] if record["digest"] in made]
    counts = [len(node.get("demos", ())) for each in slots for node in each["nodes"].values()]
    assert max(counts) == 2


def test_what_stands_in_a_served_text_is_not_asked_of_it(tmp_path, scored):
    """Neither of the incumbent nor of another model's winner, whose examples are no demos."""
    known = [case.id for case in cases("search", 24)]
    shown = {"incumbent": known[:8], "other": known[8:16]}
    changes = {
        "incumbent": Incumbent(written(*shown["incumbent"]), "d" * 64, 1),
        "others": (written(*shown["other"]),),
    }
    searched(tmp_path, pupil, calls=1500, **changes)
    asked = defaultdict(set)
    for entry, case_ids, _ in scored:
        text = "\n".join(entry.variant.files.values())
        for name, words in shown.items():
            if f"Word: {words[0]}\nColour: " in text:
                asked[name] |= set(case_ids) & set(known)
    for name, words in shown.items():
        assert asked[name]
        assert not asked[name] & set(words)


def test_new_candidates_are_scored_on_the_batch_that_taught_them(tmp_path, scored):
    _, kinds = searched(tmp_path, unsure(Adviser()), max_demos=0)
    assert kinds["step"]
    batches = {}
    for entry, case_ids, _ in scored:
        if case_ids[0].startswith("search"):
            batches.setdefault(entry.digest, set(case_ids))
    for record in kinds["step"]:
        assert len({frozenset(batches[digest]) for digest in record["made"]}) == 1
        assert record["winner"] in record["made"]


def test_a_step_makes_one_candidate_more_than_there_are_runs_of_a_case(tmp_path):
    options = {"candidates": 3, "sizes": {"search": 40}}
    _, kinds = searched(tmp_path, unsure(Adviser()), calls=2500, max_demos=0, **options)
    assert max(len(record["made"]) for record in kinds["step"]) == 4


@pytest.mark.parametrize("spread", ["candidates", "repeats"])
def test_runs_at_temperature_1_are_for_the_lesson_alone(tmp_path, scored, spread):
    ran, _ = searched(tmp_path, unsure(Adviser()), max_demos=0, spread=spread, calls=1200)
    hot = [
        request.repeat for request in ran.gateway.requests if request.params["temperature"] == 1.0
    ]
    assert hot
    if spread == "repeats":
        assert max(hot) >= 1
    for entry, case_ids, _ in scored:
        if any(s.params.get("temperature") for s in entry.candidate.nodes.values()):
            assert all(case.startswith("search") for case in case_ids)


@pytest.mark.parametrize("temperature", [0, 1.0])
def test_no_answer_counts_as_two_runs(tmp_path, scored, temperature):
    """Not where the task model is served at the temperature of further runs, either."""
    model = ModelConfig(id="fake/pupil", params={"temperature": temperature, "max_tokens": 8})
    options = {"spread": "repeats", "max_demos": 0}
    cell = task("simba", model=model, options=options, budget=Budget(calls=900))
    ran = run(cell, tmp_path, unsure(Adviser()))
    runs = {
        (entry.digest, case, repeat)
        for entry, case_ids, repeat in scored
        for case in case_ids
        if case.startswith("search")
    }
    answers = [r for r in ran.gateway.requests if (question(r) or "").startswith("search")]
    assert any(repeat for _, _, repeat in runs)
    assert len(runs) == len(answers)


@pytest.mark.parametrize(("silent", "made"), [(0, 7), (24, 6)])
def test_a_step_takes_no_more_than_planned_however_often_it_asks_in_vain(tmp_path, silent, made):
    answers = Adviser()

    def late(request):
        said = answers(request)
        return said if len(answers.questions) > silent else "no"

    sizes = {"search": 40}
    options = {"max_demos": 0, "steps": 1, "spread": "repeats"}
    ran, kinds = searched(tmp_path, unsure(late), calls=900, sizes=sizes, **options)
    assert [len(record["made"]) for record in kinds["step"]] == [made]
    (taken,) = (stage.calls for stage in ran.result.report.stages if stage.name == "steps")
    assert taken <= Plan(6, 32).cost


def test_there_are_no_more_steps_than_wanted(tmp_path):
    _, kinds = searched(tmp_path, unsure(Adviser()), calls=3000, steps=2)
    assert len(kinds["step"]) == 2


def test_finalists_are_scored_on_all_of_select_where_that_can_be_paid(tmp_path, scored):
    _, kinds = searched(tmp_path, unsure(Adviser()), calls=3000, max_demos=0)
    winners = dict.fromkeys(record["winner"] for record in kinds["step"])
    full = {entry.digest for entry, ids, _ in scored if len(ids) == 24 and "select0" in ids}
    assert set(winners) <= full


def test_a_proposer_without_advice_leaves_the_instruction_alone(tmp_path):
    said = itertools.cycle(["", "word " * 200, "yes"])
    ran, kinds = searched(tmp_path, unsure(lambda _request: next(said)), max_demos=0)
    assert kinds["step"] == []
    assert ran.result.report.decision == "kept incumbent"


@pytest.mark.parametrize("program", [None, "chain"], ids=["plain", "chain"])
def test_advice_is_asked_with_both_runs_in_view(tmp_path, program, file_regression):
    advise = Adviser()
    if program:
        searched(tmp_path, steps(advise), program=chain(), max_demos=0, calls=1500)
    else:
        searched(tmp_path, unsure(advise), max_demos=0)
    file_regression.check(advise.questions[0], extension=".txt")


def test_what_a_program_retrieves_from_shows_no_case(tmp_path):
    """A corpus has all search cases in it, and a run is never given its own."""
    words = [case.inputs["word"] for case in cases("search", 24)]
    corpus = "\n".join(json.dumps({"id": word, "text": word}) for word in words)
    program = retrieving(corpus, exclude_exact=True)
    ran = run(task("simba", program=program, budget=Budget(calls=600)), tmp_path)
    assert sum(record["kind"] == "candidate" for record in ran.records) > 1
