"""PROMST in worlds whose truth is known."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict

import pytest

from colours import luck
from landrace.gateway.base import Completion
from landrace.schemas.pipeline import Budget, Policy
from landrace.schemas.score import Usage
from strategy_world import STYLES, answer, cases, chain, chained, question, run, style, task

SUMMARY = "It leaves open what a colour is."


class Writer:
    """A proposer whose versions go through the styles, each with a number of its own."""

    def __init__(self, styles=range(STYLES)):
        self.questions = defaultdict(list)
        self._styles = itertools.cycle(styles)
        self._numbers = itertools.count()

    def __call__(self, request):
        text = "\n".join(m.content for m in request.messages)
        if "What do these faults have in common" in text:
            self.questions["summary"].append(text)
            return SUMMARY
        self.questions["write"].append(text)
        number = next(self._numbers)
        return (
            f"<instruction>Say red or blue, in style {next(self._styles)}, version {number}."
            "</instruction>"
        )


def plain(write):
    def model(request):
        word = question(request)
        if word is None:
            return write(request)
        if word.startswith("search"):
            return ("red and blue", "purple", answer(word, 0.0))[int(3 * luck("kind", word))]
        return answer(word, 0.9 if style(request) == 2 else 0.4)

    return model


def falling(write):
    """The later a version, the worse it is."""

    def model(request):
        word = question(request)
        if word is None:
            return write(request)
        found = re.search(r"version (\d+)", request.messages[0].content)
        return answer(word, 0.8 - 0.02 * int(found[1]) if found else 0.85)

    return model


def searched(tmp_path, model, *, calls=900, program=None, **options):
    changes = {"program": program} if program else {}
    budget = Budget(calls=calls)
    cell = task("promst", options=options, budget=budget, holdout=30, **changes)
    return run(cell, tmp_path, model)


def records(ran, what):
    return [record for record in ran.records if record["kind"] == what]


def children(ran):
    found = defaultdict(list)
    for record in records(ran, "candidate"):
        for parent in record["slots"]["parents"]:
            found[parent].append(record["digest"])
    return found


def test_the_defaults_are_the_papers():
    options = task("promst").options
    assert (options.children, options.kept, options.falls, options.least_levels) == (8, 2, 3, 2)


def test_it_finds_what_helps(tmp_path):
    ran = searched(tmp_path, plain(Writer()))
    assert "style 2" in "".join(ran.result.served.variant.files.values())


def test_the_base_has_eight_children_and_two_of_them_eight_each(tmp_path):
    ran = searched(tmp_path, plain(Writer()), levels=2, score_model=False)
    assert [len(found) for found in children(ran).values()] == [8, 8, 8]
    assert len(records(ran, "level")) == 2


def test_it_ends_when_the_best_of_a_level_has_fallen_three_times_running(tmp_path):
    ran = searched(tmp_path, falling(Writer()), calls=3000, score_model=False)
    levels = records(ran, "level")
    assert [level["falls"] for level in levels] == [1, 2, 3]
    assert [level["best"] for level in levels] == sorted((x["best"] for x in levels), reverse=True)


@pytest.mark.parametrize(("mute", "levels"), [((1,), 3), ((0, 1), 2), ((1, 2, 3), 1)])
def test_three_levels_running_without_a_child_end_it_and_fewer_do_not(tmp_path, mute, levels):
    """Each level asks for four children; those of some levels come to nothing."""
    write, asked = Writer(), itertools.count()
    per_level = 4

    def model(request):
        said = teller(request)
        if "<instruction>" not in said:
            return said
        return "" if next(asked) // per_level in mute else said

    teller = plain(write)
    options = {"levels": 4, "kept": 1, "children": per_level, "score_model": False}
    ran = searched(tmp_path, model, calls=3000, **options)
    assert [record["level"] for record in records(ran, "no child")] == [n + 1 for n in mute]
    assert len(records(ran, "level")) == levels


def test_what_is_too_long_has_no_children(tmp_path):
    """Each word of what is new is many tokens: all levels set out from the base."""
    tell = plain(Writer())

    def model(request):
        said = tell(request)
        is_new = "style" in request.messages[0].content
        return Completion(said, usage=Usage(200 if is_new else 100, 1))

    options = {"score_model": False}
    cell = task("promst", options=options, budget=Budget(calls=3000), policy=Policy(max_growth=1.7))
    ran = run(cell, tmp_path, model)
    made = [r["slots"] for r in records(ran, "candidate") if r["slots"]["parents"]]
    assert len({parent for slots in made for parent in slots["parents"]}) == 1
    assert len(records(ran, "no child")) == 3


def test_falls_end_nothing_before_the_least_level(tmp_path):
    options = {"falls": 1, "least_levels": 2, "score_model": False}
    ran = searched(tmp_path, falling(Writer()), calls=3000, **options)
    assert len(records(ran, "level")) == 2


def test_faults_are_summed_up_by_kind(tmp_path):
    write = Writer()
    searched(tmp_path, plain(write), levels=1)
    kinds = [re.search(r'of the kind "([^"]*)"', text)[1] for text in write.questions["summary"]]
    assert sorted(kinds) == ["labels", "wrong"]
    assert write.questions["write"][0].count(SUMMARY) == 2


def test_only_chosen_detectors_look_and_only_the_most_frequent_kinds_count(tmp_path):
    write = Writer()
    searched(tmp_path, plain(write), levels=1, detectors=(), types=1)
    (asked,) = write.questions["summary"]
    assert 'of the kind "wrong"' in asked


def test_the_generator_sees_its_ancestors_with_their_scores(tmp_path):
    write = Writer()
    searched(tmp_path, plain(write), levels=3, calls=1500, score_model=False)
    ancestors = [text.count("<version>") for text in write.questions["write"]]
    assert ancestors == [0] * 8 + [1] * 16 + [2] * 16
    last = write.questions["write"][-1]
    assert last.index("Which colour does the word have?") < last.index("<present>")


def test_ancestors_are_shown_in_full(tmp_path):
    write = Writer()
    more = " ".join(f"detail{number}" for number in range(90))

    def wordy(request):
        return write(request).replace(".</instruction>", f": {more}.</instruction>")

    searched(tmp_path, plain(wordy), levels=3, calls=1500, score_model=False)
    assert "detail89.\n</version>" in write.questions["write"][-1]


def test_a_prompt_without_ancestors_is_told_of_none(tmp_path):
    write = Writer()
    searched(tmp_path, plain(write), levels=2, ancestors=0)
    assert not any("<version>" in text for text in write.questions["write"])


def test_the_score_model_is_heeded_once_it_foretells_scores(tmp_path):
    ran = searched(tmp_path, plain(Writer(styles=(0, 2))), levels=4, calls=2500)
    models = records(ran, "score model")
    assert models[0]["prompts"] >= 10
    heeded = [model for model in models if model["is_heeded"]]
    assert heeded
    assert all(model["rank_correlation"] >= 0.3 for model in heeded)
    sifted = records(ran, "sifted")
    assert len(sifted) == len(heeded)
    styles = {
        record["digest"]: "style 2" in str(record["slots"]) for record in records(ran, "candidate")
    }
    first = sifted[0]
    running = set(first["running"])
    left_out = set(first["guesses"]) - running
    assert _share(styles, running) > _share(styles, left_out)
    scored = {record["candidate"] for record in records(ran, "score")}
    assert not left_out & scored


def test_heavy_cases_that_all_get_right_rule_nothing_out(tmp_path):
    """They are a large part of a mean, and tell no drafts apart."""
    heavy = {f"select{number}" for number in range(4)}
    left = []
    for weight in (1.0, 20.0):
        tell = plain(Writer(styles=(0, 2)))
        weights = [weight if case.id in heavy else 1.0 for case in cases("select", 20)]
        select = tuple(
            case.model_copy(update={"weight": each})
            for case, each in zip(cases("select", 20), weights, strict=True)
        )
        cell = task("promst", budget=Budget(calls=2500), select=20)._replace(select=select)
        ran = run(
            cell,
            tmp_path / str(weight),
            lambda request, tell=tell: (
                answer(question(request), 1.0) if question(request) in heavy else tell(request)
            ),
        )
        first = records(ran, "sifted")[0]
        left.append(len(first["running"]))
    assert left[0] == left[1]


def _share(styles, digests):
    """How many of the candidates have the style that helps."""
    return sum(styles[digest] for digest in digests) / len(digests)


def test_where_words_tell_nothing_the_score_model_leaves_nothing_out(tmp_path):
    def model(request):
        word = question(request)
        return write(request) if word is None else answer_by_chance(request, word)

    def answer_by_chance(request, word):
        return "red" if luck(word, request.messages[0].content) < 0.5 else "blue"

    write = Writer()
    ran = searched(tmp_path, model, levels=3, calls=2000)
    models = records(ran, "score model")
    assert models
    assert not [model for model in models if model["is_heeded"]]
    assert not records(ran, "sifted")


def test_nodes_of_a_program_take_turns(tmp_path):
    write = Writer()

    def model(request):
        said = chained(request)
        return write(request) if said is None else said

    ran = searched(tmp_path, model, program=chain(), calls=3000, levels=1)
    operators = [r["slots"]["operator"] for r in records(ran, "candidate")][1:]
    assert [o.removeprefix("promst on ") for o in operators[:4]] == [
        "clue",
        "hint",
        "colour",
        "clue",
    ]


@pytest.mark.parametrize("what", ["summary", "write"])
def test_a_question_about_a_plain_prompt(tmp_path, what, file_regression):
    write = Writer()
    searched(tmp_path, plain(write), levels=2, batch=4)
    file_regression.check(write.questions[what][-1], extension=".txt")


@pytest.mark.parametrize("what", ["summary", "write"])
def test_a_question_about_a_program(tmp_path, what, file_regression):
    write = Writer()

    def model(request):
        said = chained(request)
        return write(request) if said is None else said

    searched(tmp_path, model, program=chain(), calls=3000, levels=1, batch=16)
    file_regression.check(write.questions[what][-1], extension=".txt")
