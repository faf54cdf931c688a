from __future__ import annotations

import pytest

from landrace.optimizers.operators.tuning import Tuning
from landrace.optimizers.operators.view import view_of
from landrace.optimizers.slots.placement import placed, sketched
from landrace.optimizers.variants import NodeBase, Program, write_variant
from landrace.schemas.candidate import Candidate, Demo
from landrace.schemas.output import OutputContract

SOURCE = "{% section task %}\nRed or blue?\n{% endsection %}\n\nWord: {{ word }}\n"
CONTRACT = OutputContract(type="label", labels=("red", "blue"))
PLACES = ("before", "after", "answer")


def _written(place, candidate, source=SOURCE, times=1):
    program = Program.of("colours", source, CONTRACT, path="prompt.jinja")
    for number in range(times):
        view = view_of(NodeBase("prompt", source, CONTRACT, "prompt.jinja"), candidate, Tuning())
        slots = placed(view, f"Say {{{{ word }}}} {number}.", place)
        candidate = candidate.changed("placed", **slots)
    messages = write_variant(program, candidate).first_messages({"word": "sky"})
    assert len(messages) == 1
    return messages[0]["content"]


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("before", "Say {{{{ word }}}} {0}.\n\nWord: sky"),
        ("after", "Word: sky\n\nSay {{{{ word }}}} {0}."),
        ("answer", "Word: sky\n\nAnswer:\n\nSay {{{{ word }}}} {0}."),
    ],
)
def test_an_instruction_stands_in_its_place_as_literal_text_however_often_it_is_changed(
    place, text, times
):
    assert _written(place, Candidate(), times=times) == text.format(times - 1)


@pytest.mark.parametrize("place", PLACES[1:])
def test_a_lead_of_the_prompts_own_gives_way(place):
    said = _written(place, Candidate(), source=f"{SOURCE}\nAnswer:\n")
    assert said.count("Answer:") == (place == "answer")


@pytest.mark.parametrize("place", PLACES[1:])
def test_examples_as_turns_are_left_out_where_they_cannot_stand(place):
    demo = Demo(case_id="a", user="Word: sea", assistant="blue")
    candidate = Candidate.plain(operator="demos", layout="system", instruction="So.", demos=(demo,))
    assert "sea" not in _written(place, candidate)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("before", "[the instruction]\n\nWord: sky"),
        ("after", "Word: sky\n\n[the instruction]"),
        ("answer", "Word: sky\n\nAnswer: [the instruction]"),
    ],
)
def test_an_example_shows_where_the_instruction_stands(place, text):
    assert sketched("Word: sky", place) == text
    assert sketched("Word: sky\n\nAnswer:", place) == text
