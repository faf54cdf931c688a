"""PromptWizard in worlds whose truth is known."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict

import pytest

from landrace.schemas.pipeline import Budget
from landrace.workflows.task import Incumbent
from strategy_world import (
    STYLES,
    answer,
    chain,
    chained,
    question,
    run,
    showing,
    shown,
    style,
    task,
)

FLAW = "It does not say in which style."
ROLE = "You have named colours all your life."


class Writer:
    """A proposer whose versions go through the styles."""

    def __init__(self, styles=range(STYLES)):
        self.questions = defaultdict(list)
        self._styles = itertools.cycle(styles)

    def __call__(self, request):
        text = "\n".join(m.content for m in request.messages)
        if "Name one flaw" in text:
            return self._noted("critique", text, FLAW)
        if "<flaw>" in text:
            return self._noted("amend", text, self.version())
        if "Which expert" in text:
            return self._noted("role", text, ROLE)
        count = len(re.findall(r"^\d\. ", text, re.MULTILINE))
        return self._noted("vary", text, "\n".join(self.version() for _ in range(count)))

    def version(self):
        return f"<instruction>Say red or blue, in style {next(self._styles)}.</instruction>"

    def _noted(self, kind, text, said):
        self.questions[kind].append(text)
        return said


def plain(write, *, help_of_role=0.0, help_of_demos=0.0):
    def model(request):
        word = question(request)
        if word is None:
            return write(request)
        share = 0.4 + 0.45 * (style(request) == 2)
        share += help_of_role * (ROLE in request.messages[0].content)
        return answer(word, share + help_of_demos * bool(shown(request)))

    return model


def steps(write):
    def model(request):
        said = chained(request)
        return write(request) if said is None else said

    return model


def searched(tmp_path, model, *, calls=2500, program=None, **options):
    changes = {"program": program} if program else {}
    budget = Budget(calls=calls)
    cell = task("promptwizard", options=options, budget=budget, select=40, holdout=40, **changes)
    return run(cell, tmp_path, model)


def records(ran, what):
    return [record for record in ran.records if record["kind"] == what]


def served(ran):
    """The templates of the candidate that went to the holdout, promoted or not."""
    (shortlist,) = records(ran, "shortlist")
    return "".join(
        str(record["templates"])
        for record in records(ran, "candidate")
        if record["digest"] in shortlist["digests"] and record["slots"]["operator"] != "base"
    )


def test_three_iterations_of_three_rounds_of_five_styles(tmp_path):
    write = Writer()
    searched(tmp_path, plain(write))
    assert len(write.questions["vary"]) == 9
    assert all(re.search(r"^5\. ", text, re.MULTILINE) for text in write.questions["vary"])
    assert not any(re.search(r"^6\. ", text, re.MULTILINE) for text in write.questions["vary"])


def test_each_question_has_styles_of_its_own(tmp_path):
    write = Writer()
    searched(tmp_path, plain(write), iterations=1)
    asked = [re.findall(r"^\d\. (.*)$", text, re.MULTILINE) for text in write.questions["vary"]]
    assert all(len(set(styles)) == 5 for styles in asked)
    assert asked[0] != asked[1]


def test_all_variants_of_an_answer_are_tried(tmp_path):
    ran = searched(tmp_path, plain(Writer()), iterations=1, rounds=1, styles=4)
    operators = [record["slots"]["operator"] for record in records(ran, "candidate")]
    assert operators.count("promptwizard, variant") == 4


def test_it_finds_what_helps(tmp_path):
    assert "style 2" in served(searched(tmp_path, plain(Writer())))


def test_a_synthesis_that_harms_is_undone(tmp_path):
    # The variants are styles 0 to 4, of which 2 is best; the synthesis is 5.
    ran = searched(tmp_path, plain(Writer()), iterations=1, rounds=1, role=False, examples=0)
    assert "promptwizard, synthesis" in str(records(ran, "candidate"))
    assert "style 2" in served(ran)


@pytest.mark.parametrize(("help_of_role", "is_kept"), [(0.25, True), (-0.25, False)])
def test_a_role_is_kept_only_if_it_does_no_harm(tmp_path, help_of_role, is_kept):
    ran = searched(tmp_path, plain(Writer(), help_of_role=help_of_role), examples=0)
    assert "promptwizard, role" in str(records(ran, "candidate"))
    assert (ROLE in served(ran)) is is_kept


@pytest.mark.parametrize(("help_of_demos", "is_kept"), [(0.25, True), (-0.25, False)])
def test_examples_are_kept_only_if_they_help(tmp_path, help_of_demos, is_kept):
    ran = searched(tmp_path, plain(Writer(), help_of_demos=help_of_demos), role=False)
    assert "promptwizard, examples" in str(records(ran, "candidate"))
    assert ("{% assistant %}" in served(ran)) is is_kept


@pytest.mark.parametrize("count", [1, 3, 12])
def test_the_first_examples_are_what_went_wrong_and_then_others(tmp_path, count):
    def model(request):
        word = question(request)
        if word is None:
            return write(request)
        return answer(word, 0.0 if word in hard else 0.5 if word.startswith("select") else 1.0)

    write = Writer()
    hard = {f"search{number}" for number in range(count)}
    ran = searched(tmp_path, model, role=False, example_sets=1, iterations=1)
    (made,) = [
        record["slots"]
        for record in records(ran, "candidate")
        if record["slots"]["operator"] == "promptwizard, examples"
    ]
    demos = made["nodes"]["prompt"]["demos"]
    assert len({demo["case_id"] for demo in demos}) == 5
    assert [demo["case_id"] in hard for demo in demos] == [n < count for n in range(5)]


@pytest.mark.parametrize("most", [0, 2])
@pytest.mark.parametrize("is_served", [True, False])
def test_only_who_is_given_shows_more_examples_than_wanted(tmp_path, most, is_served):
    """Six examples help, so that the search begins with who shows them."""
    given = showing(6)
    changes = {"incumbent": Incumbent(given, "d", 0)} if is_served else {"others": (given,)}

    def model(request):
        word = question(request)
        return write(request) if word is None else answer(word, 0.3 + 0.1 * len(shown(request)))

    write = Writer()
    options = {"examples": most, "iterations": 1}
    cell = task("promptwizard", options=options, budget=Budget(calls=1500), **changes)
    ran = run(cell, tmp_path, model)
    made = [record["slots"] for record in records(ran, "candidate")]
    assert {"promptwizard, variant", "promptwizard, role"} <= {each["operator"] for each in made}
    shots = [len(each["demos"]) for slots in made for each in slots["nodes"].values()]
    assert shots.count(6) == 1
    assert set(shots) - {6} == {most}


def test_nothing_is_enriched_that_is_not_wanted(tmp_path):
    ran = searched(tmp_path, plain(Writer()), role=False, examples=0)
    operators = {record["slots"]["operator"] for record in records(ran, "candidate")}
    assert operators <= {"base", "promptwizard, variant", "promptwizard, synthesis"}


def test_nodes_of_a_program_take_turns(tmp_path):
    ran = searched(tmp_path, steps(Writer()), program=chain(), calls=3000, iterations=1)
    changed = [
        next(iter(record["slots"]["nodes"]))
        for record in records(ran, "candidate")
        if record["slots"]["operator"] == "promptwizard, variant"
    ]
    assert changed[::5] == ["clue", "hint", "colour"]


def test_a_synthesis_sees_the_mistakes_that_its_critique_saw(tmp_path):
    write = Writer()
    searched(tmp_path, plain(write), iterations=1, role=False, examples=0)
    (criticised,), (mended,) = write.questions["critique"], write.questions["amend"]
    wrong = re.findall(r"search\d+", criticised)
    assert 1 < len(wrong) <= 5
    assert re.findall(r"search\d+", mended) == wrong


@pytest.mark.parametrize("what", ["vary", "amend", "role"])
def test_questions(tmp_path, what, file_regression):
    write = Writer()
    searched(tmp_path, plain(write), iterations=1)
    file_regression.check(write.questions[what][0], extension=".txt")
