from __future__ import annotations

import pytest

from landrace.optimizers.operators.base import children
from landrace.optimizers.operators.formatting import in_data_format
from landrace.optimizers.operators.parameters import choices
from landrace.optimizers.operators.table import OPERATORS
from landrace.optimizers.operators.tuning import Tuning
from landrace.optimizers.slots.data_formats import DATA_FORMATS
from landrace.schemas.candidate import Candidate, Demo
from landrace.template import sections
from sammo_world import SOURCE, cases, context, read_by, source_of, study_of

DEMOS = tuple(
    Demo(case_id=case.id, user=f"Word: {case.inputs['word']}", assistant=case.expected)
    for case in cases("search", 10)
)


@pytest.fixture
def study(tmp_path):
    with study_of(tmp_path) as opened:
        yield opened


def test_a_parameter_takes_the_other_values_of_its_list(study):
    tuning = Tuning(values={"*/params/temperature": (0, 0.5, 1)})
    warm = study.base._replace(candidate=Candidate.plain(operator="x", params={"temperature": 0.5}))
    use = context(study, most=9, tuning=tuning)._replace(entry=warm)
    found = children(OPERATORS["parameter"], use)
    assert sorted(child.slots().params["temperature"] for child in found) == [0, 1]


def test_a_field_of_another_node_is_a_setting(study):
    tuning = Tuning(values={"passages/count": (1, 3)})
    found = children(OPERATORS["parameter"], context(study, most=2, tuning=tuning))
    assert sorted(child.settings["passages"]["count"] for child in found) == [1, 3]


def test_parameters_of_another_node_are_not_this_nodes(study):
    tuning = Tuning(values={"other/params/temperature": (0, 1)})
    assert choices(context(study, tuning=tuning).view) == []


@pytest.mark.parametrize("name", ["question-answer", "json", "xml", "plain"])
def test_a_data_format_changes_inputs_examples_and_parser_together(study, name):
    use = context(study, layout="user", demos=DEMOS[:2])
    child = in_data_format(use, DATA_FORMATS[name])
    entry = study.admit(child)
    text = read_by(study, child)
    assert DATA_FORMATS[name].written({"word": "sky"}) in text
    shown = DATA_FORMATS[name].written(cases("search", 1)[0].inputs)
    assert shown in text
    assert "Say which colour the word has" in text
    kinds = {"question-answer": "after", "json": "json_field", "xml": "xml", "plain": "label"}
    assert entry.variant.parser["kind"] == kinds[name]


def test_a_demo_whose_case_is_gone_is_left_out(study):
    stranger = DEMOS[0].model_copy(update={"case_id": "gone"})
    use = context(study, layout="user", demos=(stranger, DEMOS[1]))
    child = in_data_format(use, DATA_FORMATS["json"])
    assert [demo.case_id for demo in child.slots().demos] == [DEMOS[1].case_id]


def test_sections_change_style_and_keep_their_text(study):
    found = children(OPERATORS["section format"], context(study, most=3))
    sources = {child.operator: child.slots().source for child in found}
    assert sources.keys() == {"sections in plain", "sections in markdown", "sections in xml"}
    assert "<hints>\nShort words" in sources["sections in xml"]
    assert "## Task\nSay which" in sources["sections in markdown"]
    assert "## Hints" not in sources["sections in plain"]


def test_fewer_examples_by_a_fifth_down_to_one(study):
    use = context(study, layout="user", demos=DEMOS)
    [child] = children(OPERATORS["fewer examples"], use)
    kept = child.slots().demos
    assert len(kept) == 8
    assert [demo for demo in DEMOS if demo in kept] == list(kept)  # in their order
    one = context(study, layout="user", demos=DEMOS[:1])
    assert children(OPERATORS["fewer examples"], one) == []
    two = context(study, layout="user", demos=DEMOS[:2])
    assert len(children(OPERATORS["fewer examples"], two)[0].slots().demos) == 1


def test_examples_are_dropped_as_demos_and_as_sections(tmp_path):
    source = SOURCE.replace("section hints", "section examples")
    with study_of(tmp_path, source=source) as study:
        use = context(study, layout="user", demos=DEMOS[:3])
        [child] = children(OPERATORS["drop examples"], use)
        assert child.slots().demos == ()
        assert "Short words" not in read_by(study, child)


def test_sections_are_dropped_one_at_a_time(study):
    found = children(OPERATORS["drop section"], context(study, most=9))
    assert len(found) == 2
    for child in found:
        assert len(source_of(study.admit(child))) < len(SOURCE)
    [bare] = children(OPERATORS["drop section"], context(study, instruction="Go.", layout="system"))
    assert read_by(study, bare).endswith("Word: sky")
    assert "Go." not in read_by(study, bare)


def test_the_intro_is_dropped(study):
    [child] = children(OPERATORS["drop intro"], context(study))
    assert "patient expert" not in read_by(study, child)
    assert child.slots().source in SOURCE


def test_a_section_is_repeated_somewhere(study):
    found = children(OPERATORS["repeat section"], context(study, most=6))
    assert len(found) == 6
    for child in found:
        text = read_by(study, child)
        assert text.count("Say which colour") + text.count("Short words") == 3
    assert any(len(sections_of(study, child)) == 3 for child in found)
    [twice] = children(
        OPERATORS["repeat section"], context(study, instruction="Go.", layout="user")
    )
    assert read_by(study, twice).count("Go.") == 2


def sections_of(study, child):
    from landrace.template import parse

    return sections(parse(child.slots().source))


def test_inputs_keep_the_order_in_which_they_are_read_where_one_name_begins_another(tmp_path):
    """Not that of a set, which is another in every process."""
    names = ["word_of_all", "word_of", "word"]
    read = "\n".join(f"{number}: {{{{ {name} }}}}" for number, name in enumerate(names))
    source = f"{{% section task %}}\nSay which colour the word has.\n{{% endsection %}}\n\n{read}\n"
    with study_of(tmp_path, source=source, search=(), select=()) as study:
        assert context(study).view.inputs() == names
        (slots,) = in_data_format(context(study), DATA_FORMATS["plain"]).nodes.values()
        places = [slots.source.index(f"{{{{ {name} }}}}") for name in names]
        assert places == sorted(places)
