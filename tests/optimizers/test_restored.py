"""What was written out once gets its slots again, and comes to the same variant whatever they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from landrace.errors import LandraceError
from landrace.optimizers.operators.tuning import Tuning
from landrace.optimizers.operators.view import view_of
from landrace.optimizers.restored import restored
from landrace.optimizers.slots.data_formats import suitable
from landrace.optimizers.slots.formats import FORMATS, answer_text, formats_for
from landrace.optimizers.slots.pieces import first_message, parts_of
from landrace.optimizers.variants import Program, as_written, write_variant
from landrace.program import Graph
from landrace.schemas.candidate import Candidate, Demo, Slots
from landrace.schemas.case import Case
from landrace.schemas.output import OutputContract
from landrace.store.project import Project
from landrace.template import literal, parse
from landrace.workflows.prompt_state import prompt_state
from landrace.workflows.tasks import read_in_work_tree
from strategy_world import chain

ROOT = Path(__file__).parents[2]
TASK = "{% section task %}\nWhich {{ '{{' }}one?\n{% endsection %}\n\n"
SOURCE = TASK + "Word: {{ word }}\nNote: {{ note }}\n"
LABEL = {"type": "label", "labels": ["red", "dark blue"]}
OUTPUTS = [
    (LABEL, "dark blue"),
    ({"type": "number"}, 5),
    ({"type": "text"}, "fine by me"),
    ({"type": "json"}, {"x": [1]}),
    ({"type": "json", "schema": {"type": "array", "items": {"enum": ["a b", "c"]}}}, ["a b", "c"]),
]
NOTES = ("{{ x }}", 'two\n\nparagraphs {% "x" %}', "{# {", "Input 1:")
CASES = tuple(
    Case(id=f"s{number}", inputs={"word": f"w{number}", "note": note}, expected="red")
    for number, note in enumerate(NOTES)
)
TEXTS = st.text("{}%#-+ \n\r\"'\\ab") | st.sampled_from(
    ["", "Red or blue?", "## Task\nSay {{ it }}."]
)


def program_of(output, source=SOURCE):
    return Program.of("p", source, OutputContract.model_validate(output), path="prompt.jinja")


def shown_in(source, answer):
    given_part = parts_of(parse(source)).input
    return tuple(
        Demo(case_id=case.id, user=first_message(given_part, case.inputs), assistant=answer)
        for case in CASES
    )


@st.composite
def written_out(draw):
    """A program and a candidate as strategies make them."""
    output, expected = draw(st.sampled_from(OUTPUTS))
    program = program_of(output)
    contract = program.main.contract
    data = draw(st.sampled_from([None, *suitable(contract)]))
    source = None if data is None else f"{TASK}{data.inputs(['word', 'note'])}\n"
    demos = shown_in(source or SOURCE, answer_text(expected, contract))
    candidate = Candidate.plain(
        operator="made",
        source=source,
        instruction=draw(st.none() | TEXTS),
        layout=draw(st.sampled_from(["system", "user"])),
        format=draw(st.sampled_from(formats_for(contract))).name,
        demos=demos[: draw(st.integers(0, len(demos)))],
        orientation=draw(st.sampled_from(["turns", "item", "kind"])),
    )
    return program, candidate


def found_of(program, candidate, cases=CASES):
    """What is found of a candidate once it is written out; the variant is the same."""
    variant = write_variant(program, candidate)
    found = restored(program, as_written(variant.program.graph, variant.files, "served"), cases)
    assert write_variant(program, found).digest == variant.digest
    assert found.operator == "served"
    return found


def told(program, candidate):
    """What a template tells of slots: no blank ends, and of what says nothing no place."""
    slots = candidate.slots()
    instruction = view_of(program.main, candidate, Tuning()).instruction().strip()
    says_nothing = not instruction and not FORMATS[slots.format].ask
    return {
        "format": slots.format,
        "parser": slots.parser,
        "demos": slots.demos,
        "orientation": slots.orientation if slots.demos else "turns",
        "layout": "user" if says_nothing else slots.layout,
        "instruction": instruction,
    }


@settings(deadline=None)
@given(written_out())
@example((program_of(LABEL), Candidate.plain(operator="made", layout="user", instruction="{ ")))
def test_the_slots_of_what_was_written_are_found_again(made):
    program, candidate = made
    assert told(program, found_of(program, candidate)) == told(program, candidate)


def test_what_is_the_bases_own_takes_no_slot():
    program = program_of(LABEL)
    shown = Candidate.plain(operator="made", layout="user", demos=shown_in(SOURCE, "red"))
    assert found_of(program, shown).slots() == shown.slots()


def test_a_base_with_other_inputs_leaves_those_that_are_served():
    """They stand in a template of their own, without examples and without the form's sentence."""
    made = Candidate.plain(
        operator="made",
        instruction="Red or {{blue?",
        format="xml",
        layout="system",
        demos=shown_in(SOURCE, "red"),
    )
    variant = write_variant(program_of(LABEL), made)
    bare = as_written(variant.program.graph, variant.files, "served")
    for source in ("{% section a %}\nNew.\n{% endsection %}\n{{ word }} {{ note }}", "{{ word }}"):
        program = program_of(LABEL, source)
        slots = restored(program, bare, CASES).slots()
        assert write_variant(program, Candidate(nodes={"prompt": slots})).digest == variant.digest
        assert (slots.format, slots.demos) == ("xml", made.slots().demos)
        assert parts_of(parse(slots.source)) == (
            literal("Red or {{blue?"),
            "Word: {{ word }}\nNote: {{ note }}",
        )


def test_a_parser_that_no_format_has_stays_beside_what_is_found():
    """As of labels that have been renamed since."""
    program = program_of(LABEL)
    made = Candidate.plain(operator="made", format="label", layout="user", instruction="Red?")
    variant = write_variant(program, made)
    bare = as_written(variant.program.graph, variant.files, "served")
    renamed = program_of({"type": "label", "labels": ["rouge", "bleu"]})
    found = restored(renamed, bare, CASES)
    assert write_variant(renamed, found).digest == write_variant(renamed, bare).digest
    assert found.slots() == Slots(
        instruction="Red?", layout="user", parser={"kind": "label", "labels": ["red", "dark blue"]}
    )


def test_an_example_that_is_of_no_case_has_an_id_of_its_own():
    program = program_of(LABEL)
    made = Candidate.plain(operator="made", layout="user", demos=shown_in(SOURCE, "red"))
    names = [demo.case_id for demo in found_of(program, made, CASES[:1]).slots().demos]
    assert names[0] == CASES[0].id
    assert len({*names, *(case.id for case in CASES[1:])}) == 2 * len(CASES) - 1


def test_own_words_are_known_by_what_they_say_beside_the_answer():
    program = program_of({"type": "number"})
    demos = tuple(
        Demo(case_id=case.id, user=f"Word: w\nNote: {case.id}", assistant=said, bootstrapped=own)
        for case, said, own in zip(CASES, ("7", "That is 7."), (False, True), strict=False)
    )
    made = Candidate.plain(operator="made", layout="user", demos=demos)
    found = found_of(program, made).slots().demos
    assert [demo.bootstrapped for demo in found] == [False, True]


FLAT = (
    "{% section task %}\nRed?\n\nWrite the answer between <answer> and </answer>.\n{% endsection %}"
    "\n\n{% section examples %}\nWord: a\n<answer>red</answer>\n{% endsection %}\n\nWord: {{ word }}\n"
)


@pytest.mark.parametrize(
    "source",
    [
        FLAT,
        "{% user %}\nRed?\n\nWord: {{ word }}\n{% enduser %}\n",
        "{% user %}\n{% section task %}\nRed?\n{% endsection %}\n\n{{ word }}\n{% enduser %}\n",
        "{% if word %}{% user %}\n{{ word }}\n{% enduser %}{% endif %}\n",
    ],
)
def test_of_another_template_no_more_than_the_answer_format_is_known(source):
    program = program_of(LABEL)
    bare = Candidate.plain(
        source=source, parser={"kind": "xml", "tag": "answer"}, operator="served"
    )
    assert restored(program, bare, CASES).slots() == Slots(source=source, format="xml")


def test_what_does_not_compile_is_left_to_whoever_takes_it_in():
    bare = Candidate.plain(source="{% user %}\n{{\n{% enduser %}\n", operator="served")
    assert restored(program_of(LABEL), bare, CASES) is bare


PIECES = ["user", "system", "assistant", "section task", "section examples"]
JINJA = st.recursive(
    st.sampled_from(
        ["", "a", "{{ word }}", "{{ note }}", "\n", "\n\n", "{# c #}", "<answer>red</answer>"]
    )
    | st.sampled_from([form.ask for form in FORMATS.values()]),
    lambda inner: (
        st.tuples(st.sampled_from(PIECES), inner).map(
            lambda each: f"{{% {each[0]} %}}\n{each[1]}\n{{% end{each[0].split()[0]} %}}"
        )
        | st.lists(inner, max_size=3).map("\n".join)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(source=JINJA, parser=st.sampled_from(formats_for(program_of(LABEL).main.contract)))
def test_whatever_is_served_stays_what_it_is(source, parser):
    program = program_of(LABEL)
    bare = Candidate.plain(
        source=source + "\n", parser=parser.parser(program.main.contract), operator="served"
    )
    try:
        digest = write_variant(program, bare).digest
    except LandraceError:
        return
    assert write_variant(program, restored(program, bare, CASES)).digest == digest


HINTED = Candidate(operator="made").changed(
    "made",
    node="hint",
    format="xml",
    layout="user",
    instruction="Hint at it.",
    params={"top_p": 0.5},
)


def test_each_node_of_a_program_gets_its_slots():
    program = chain()
    demos = (Demo(case_id="s", user="Hint: {{h", assistant="red"),)
    made = HINTED.changed("made", node="colour", layout="system", demos=demos, orientation="item")
    cases = [Case(id="s", inputs={"word": "w"}, expected="red")]
    found = found_of(program, made, cases)
    assert found.graph is None
    assert found.slots("hint") == made.slots("hint")
    (demo,) = found.slots("colour").demos
    assert (demo.user, demo.assistant) == ("Hint: {{h", "red")


def test_over_a_graph_of_its_own_another_format_of_a_node_has_its_own_parser():
    program = chain()
    variant = write_variant(program, HINTED)
    graph = variant.program.graph
    nodes = {("last" if name == "colour" else name): node for name, node in graph.nodes.items()}
    more = Graph(nodes, "last")
    bare = as_written(more, variant.files, "served")
    found = restored(program, bare, ())
    assert write_variant(program, found).digest == write_variant(program, bare).digest
    assert Graph.from_dict(found.graph).nodes.keys() == more.nodes.keys()
    assert found.slots("hint").format == "xml"
    plain = write_variant(program, found.changed("child", node="hint", format="base"))
    assert plain.program.graph.asking()["hint"].parser == {"kind": "text"}


PINS = sorted((ROOT / "registry").glob("*/*/pin.json"))


@pytest.mark.parametrize("pin", PINS, ids=lambda path: "/".join(path.parts[-3:-1]))
def test_a_pin_stays_what_it_is(pin):
    project, record = Project(ROOT), json.loads(pin.read_text(encoding="utf-8"))
    state = prompt_state(project.read_prompt(record["prompt"]))
    pinned = read_in_work_tree(project, record["prompt"], record["model"]["id"])
    bare = pinned.candidate("incumbent")
    found = restored(state.program, bare, state.eval_set.cases)
    variant = write_variant(state.program, found)
    assert variant.digest == write_variant(state.program, bare).digest
    assert variant.files == pinned.files
    shown = {demo.case_id for demo in found.slots().demos}
    assert len(shown) == pinned.source.count("{% assistant %}")
    assert shown <= {case.id for case in state.eval_set.cases}
