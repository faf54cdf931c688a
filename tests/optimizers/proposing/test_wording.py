from __future__ import annotations

import pytest

from landrace.optimizers.proposing.wording import (
    instruction_of,
    read_proposal,
    read_task,
    reworded_child,
    task_child,
    task_of,
    within_changes,
    within_length,
)
from sammo_world import context, read_by, source_of, study_of

PLAIN = "{% system %}Red or blue?{% endsystem %}\nWord: {{ word }}\n"
RULE = "Answer with exactly one of these, and nothing else: red, blue."


def saying(*answers):
    """A proposer with these answers, one after the other; the last stays."""
    waiting = list(answers)

    def model(request):
        text = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return f"<instruction>{text}</instruction>"

    return model


@pytest.mark.parametrize("said", [None, "", "<instruction>red</instruction>", "x " * 400])
def test_an_answer_without_an_instruction_is_none(tmp_path, said):
    with study_of(tmp_path) as study:
        assert read_proposal(context(study), said) is None


def test_a_label_that_is_missing_is_added_to_a_whole_instruction(tmp_path):
    with study_of(tmp_path) as study:
        found = read_proposal(context(study), "<instruction>Name the colour, please.</instruction>")
        assert found == f"Name the colour, please.\n\n{RULE}"


def test_a_whole_instruction_is_replaced_as_literal_text(tmp_path):
    with study_of(tmp_path) as study:
        child = reworded_child(context(study), "said", "Say {{ word }} is red or blue.")
        text = read_by(study, child)
        assert "Say {{ word }} is red or blue." in text
        assert task_of(context(study)) not in text
        assert text.endswith("Word: sky")


def test_of_several_sections_the_task_alone_is_rewritten(tmp_path):
    with study_of(tmp_path) as study:
        here = context(study)
        assert task_of(here).startswith("Say which colour")
        child = study.admit(task_child(here, "said", "{{ Say }} red or blue."))
        assert task_of(here) not in source_of(child)
        text = read_by(study, child.candidate)
        assert "{{ Say }} red or blue." in text
        assert "Short words are often red." in text
        assert "patient expert" in text


def test_a_label_that_stands_elsewhere_need_not_be_in_the_section(tmp_path):
    source = (
        "{% section labels %}\nThe colours are red and blue.\n{% endsection %}\n\n"
        "{% section task %}\nName one.\n{% endsection %}\n\nWord: {{ word }}\n"
    )
    answer = "<instruction>Name the colour, please.</instruction>"
    with study_of(tmp_path / "1", source=source) as study:
        assert read_task(context(study), answer) == "Name the colour, please."
    bare = source.replace("The colours are red and blue.", "There are colours.")
    with study_of(tmp_path / "2", source=bare) as study:
        assert read_task(context(study), answer) == f"Name the colour, please.\n\n{RULE}"


def test_without_a_section_the_task_is_the_whole_instruction(tmp_path):
    with study_of(tmp_path, source=PLAIN) as study:
        here = context(study)
        assert task_of(here) == "Red or blue?"
        text = read_by(study, task_child(here, "said", "Blue or red?"))
        assert text == "Blue or red?\n---\nWord: sky"


@pytest.mark.parametrize(
    ("text", "words", "kept", "asked"),
    [
        ("Red or blue or green?", 3, "Red or blue or green?", 0),
        ("Is it red? Is it blue?", 3, "Red or blue? Say.", 1),
        ("Is it red? Is it blue?", 1, "Red or blue? Say.", 1),
    ],
)
def test_what_changes_too_many_words_is_cut_down_once(tmp_path, text, words, kept, asked):
    with study_of(tmp_path, saying("Red or blue? Say."), source=PLAIN) as study:
        assert within_changes(context(study), text, words) == kept
        assert study.proposer_calls == asked


def test_what_is_still_too_much_is_dropped(tmp_path):
    with study_of(tmp_path, saying("Now say whether it is red or blue."), source=PLAIN) as study:
        assert within_changes(context(study), "Say at once: is it red or blue?", 2) is None
        assert study.proposer_calls == 1


def test_the_rule_that_a_text_lacks_is_no_change_if_the_present_lacks_it_too(tmp_path):
    with study_of(tmp_path, source="{% system %}Name it.{% endsystem %}\n{{ word }}\n") as study:
        here = context(study)
        assert instruction_of(here) == f"Name it.\n\n{RULE}"
        text = read_proposal(here, "<instruction>Name it now.</instruction>")
        assert within_changes(here, text, 2) == text
        assert study.proposer_calls == 0


@pytest.mark.parametrize(("text", "asked"), [("red blue " * 2, 0), ("red blue " * 3, 1)])
def test_an_instruction_may_be_as_long_as_the_limit_or_the_present_one(tmp_path, text, asked):
    with study_of(tmp_path, saying("Say red or blue."), source=PLAIN) as study:
        assert within_length(context(study), text, 4) == (text if not asked else "Say red or blue.")
        assert study.proposer_calls == asked
    long = PLAIN.replace("Red or", "Please tell me, is it red or rather")
    with study_of(tmp_path / "long", source=long) as study:
        assert within_length(context(study), "red blue " * 4, 4)
        assert study.proposer_calls == 0
