"""Where a candidate's examples stand: as chat turns, or in the text."""

from __future__ import annotations

import pytest

from landrace.schemas.candidate import Demo
from sammo_world import context, messages_of, study_of

SOURCE = "{% section task %}\nWhich colour?\n{% endsection %}\n\nWord: {{ word }}\n"
DEMOS = (
    Demo(case_id="a", user="Word: {{ sun }}", assistant="red"),
    Demo(case_id="b", user="Word: sea", assistant="blue"),
)
BY_ITEM = """Word: {{ sun }}
<answer>red</answer>

Word: sea
<answer>blue</answer>"""
BY_KIND = """Input 1:
Word: {{ sun }}

Input 2:
Word: sea

Output 1:
<answer>red</answer>

Output 2:
<answer>blue</answer>"""


@pytest.fixture
def study(tmp_path):
    with study_of(tmp_path, source=SOURCE) as made:
        yield made


def read(study, **slots):
    use = context(study)
    candidate = use.child("given", instruction="Red or blue?", format="xml", demos=DEMOS, **slots)
    return [(m["role"], m["content"]) for m in messages_of(study, candidate)]


@pytest.mark.parametrize(("orientation", "text"), [("item", BY_ITEM), ("kind", BY_KIND)])
def test_examples_in_the_text_stand_between_instruction_and_input(study, orientation, text):
    asked = "Red or blue?\n\nWrite the answer between <answer> and </answer>."
    assert read(study, layout="user", orientation=orientation) == [
        ("user", f"{asked}\n\n{text}\n\nWord: sky")
    ]
    assert read(study, layout="system", orientation=orientation) == [
        ("system", asked),
        ("user", f"{text}\n\nWord: sky"),
    ]


def test_examples_are_chat_turns_unless_it_is_said(study):
    assert [role for role, _ in read(study, layout="user")] == ["user", "assistant"] * 2 + ["user"]


def test_without_examples_an_orientation_says_nothing(study):
    use = context(study)
    plain, by_kind = (
        study.admit(use.child("given", layout="user", orientation=each))
        for each in ("turns", "kind")
    )
    assert plain is by_kind
