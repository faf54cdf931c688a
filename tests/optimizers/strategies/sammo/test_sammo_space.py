from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from landrace.metrics.table import build
from landrace.optimizers.operators.base import Context
from landrace.optimizers.operators.tuning import Tuning
from landrace.optimizers.strategies.sammo.axes import Grid, Point, at
from landrace.optimizers.strategies.sammo.options import Compression, Options, RagTuning, Space
from landrace.optimizers.strategies.sammo.starts import started
from landrace.optimizers.strategies.sammo.strategy import least, shares
from landrace.optimizers.strategy import Sizes
from landrace.optimizers.table import STRATEGIES
from landrace.optimizers.variants import Program
from landrace.program import CASES, Generate, Graph, Retrieve
from landrace.schemas.candidate import Candidate
from landrace.schemas.prompt import MetricConfig
from sammo_world import INPUTS, LABEL, SOURCE, cases, context, read_by, study_of

ITSELF = Point(None, None, None, None, (), ())
SPACE = Space(
    data_formats=("json", "xml"),
    examples=(4, 2),
    optional=("*/sections/h*",),
    values={"prompt/params/temperature": (0, 0.5, 1)},
)


@pytest.fixture
def study(tmp_path):
    with study_of(tmp_path) as opened:
        yield opened


def test_a_grid_has_every_combination_once(study):
    grid = Grid.of(context(study), SPACE)
    points = [grid.point(number) for number in range(grid.size)]
    assert grid.size == len(set(points)) == 2 * 2 * 2 * 3
    assert {point.dropped for point in points} == {(), ("hints",)}
    assert [point.values[0].value for point in points[:4]] == [0, 0.5, 1, 0]


def test_a_point_is_all_of_its_parts(study):
    point = Grid.of(context(study), SPACE).point(23)
    candidate = at(context(study), point)
    assert candidate.operator == (
        "2 examples, data in xml, without hints, prompt/params/temperature = 1"
    )
    text = read_by(study, candidate)
    assert "<word>sky</word>" in text
    assert "Short words" not in text
    assert len(candidate.slots().demos) == 2
    assert candidate.slots().params == {"temperature": 1}


def test_the_empty_point_is_the_base(study):
    assert at(context(study), ITSELF).nodes == {}


@pytest.mark.parametrize("orientation", ["turns", "item", "kind"])
def test_every_orientation_shows_the_same_cases_and_fewer_are_the_first(study, orientation):
    texts = [
        read_by(study, at(context(study), ITSELF._replace(orientation=orientation, number=n)))
        for n in (2, 5)
    ]
    shown = [[case.id for case in study.search if case.id in text] for text in texts]
    assert [len(ids) for ids in shown] == [2, 5]
    assert set(shown[0]) < set(shown[1])
    assert "sky" in texts[0]


def test_a_point_that_does_not_suit_is_passed_over(study):
    assert at(context(study), ITSELF._replace(form="multi-label")) is None
    assert at(context(study), ITSELF._replace(number=999)) is None


def test_starts_free_a_prompt_of_its_wording(study):
    made = {
        name: next(started(context(study), name))
        for name in ("original", "empty", "generic", "doubled")
    }
    assert made["original"] == Candidate()
    assert read_by(study, made["empty"]).endswith("Word: sky")
    assert "Say which colour" not in read_by(study, made["empty"])
    assert "red, blue" in read_by(study, made["generic"])
    assert read_by(study, made["doubled"]).count("Say which colour") == 2


RETRIEVING = SOURCE.replace(
    "Word:", "{% for shot in shots %}\n{{ shot.inputs.word }}\n{% endfor %}\n\nWord:"
)


def retrieving_program():
    """A program whose one asking node reads labelled cases that a node finds."""
    shots = Retrieve(CASES, "word", "bm25", 3, "round_robin", exclude_exact=True, text=None)
    output = LABEL.model_dump(by_alias=True, exclude_none=True)
    answer = Generate("answer.jinja", output, {}, {"kind": "text"})
    corpus = "\n".join(
        json.dumps({"inputs": {"word": f"sky {case.id}"}, "expected": case.expected})
        for case in cases("search", 20)
    )
    return Program.of_graph(
        "colours",
        Graph({"shots": shots, "answer": answer}, "answer"),
        {"answer": (RETRIEVING, "answer.jinja")},
        inputs=INPUTS,
        corpora={"cases.jsonl": corpus},
        where="prompt.yaml",
    )


@pytest.fixture
def retrieving(tmp_path):
    with study_of(tmp_path, program=retrieving_program()) as opened:
        yield opened


@pytest.mark.parametrize("form", ["question-answer", "json", "xml", "plain"])
@pytest.mark.parametrize("orientation", ["item", "kind"])
def test_cases_that_a_node_retrieves_are_shown_in_the_form_and_number(
    retrieving, orientation, form
):
    use = context(retrieving)._replace(node="answer")
    candidate = at(use, ITSELF._replace(orientation=orientation, form=form, number=2))
    assert candidate.settings == {"shots": {"count": 2}}
    text = read_by(retrieving, candidate)
    assert text.count("search") == 2
    assert "sky" in text
    assert "Say which colour" in text


def test_retrieved_cases_cannot_be_chat_turns(retrieving):
    use = context(retrieving)._replace(node="answer")
    assert at(use, ITSELF._replace(orientation="turns")) is None


def test_labels_that_are_no_answers_are_no_examples(tmp_path):
    """A pattern of each case, be it drawn once or retrieved in every run."""
    splits = {
        "search": tuple(
            case.model_copy(update={"expected": f"^{case.expected}"})
            for case in cases("search", 20)
        ),
        "labels": build([MetricConfig(metric="regex")]),
    }
    with study_of(tmp_path / "drawn", **splits) as study:
        assert at(context(study), ITSELF._replace(orientation="turns", number=2)) is None
    with study_of(tmp_path / "found", program=retrieving_program(), **splits) as study:
        use = context(study)._replace(node="answer")
        assert at(use, ITSELF._replace(orientation="item", number=2)) is None


def test_unknown_and_missing_operators_are_told():
    with pytest.raises(ValidationError, match="no operator 'parafrase'; the operators are"):
        Options(operators=("parafrase",))
    with pytest.raises(ValidationError, match="nothing to draw from"):
        Options(operators=())
    assert RagTuning().operators == ()


def test_a_data_format_or_address_that_nothing_has_is_told():
    with pytest.raises(ValidationError, match="Input should be 'question-answer', 'json', 'xml'"):
        Options(space={"data_formats": ["yaml"]})
    for address in ("answer", "answer/params", "shots/count/more", "/count"):
        for where in ("space", "tuning"):
            with pytest.raises(ValidationError, match=f"`{address}` is no address"):
                Options(**{where: {"values": {address: [1]}}})


@pytest.mark.parametrize("where", ["space", "tuning"])
@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("api_base", "https://elsewhere.example", "`api_base` is no decoding parameter"),
        ("model", "openai/gpt-5", "`model` is no decoding parameter"),
        ("temprature", 0.5, "`temprature` is no decoding parameter"),
        ("temperature", "hot", "`temperature` is not a number"),
    ],
)
def test_values_of_parameters_decode(where, name, value, problem):
    """Options come with a pull request, and must not send a call elsewhere."""
    address = f"*/params/{name}"
    with pytest.raises(ValidationError, match=re.escape(f"`{address}`: {problem}")):
        Options(**{where: {"values": {address: [value]}}})


def test_presets_are_other_defaults_of_the_same_options():
    assert Compression().objective.accuracy == 0
    assert Compression(depth=2).depth == 2
    assert Compression().syntactic == ("syntax", "prune syntax")
    assert not Options().syntactic
    names = [name for name in STRATEGIES if name.startswith("sammo")]
    assert names == [
        "sammo",
        "sammo/instruction-tuning",
        "sammo/rag-tuning",
        "sammo/compression",
    ]


@given(
    st.builds(Sizes, st.integers(1, 99), st.integers(1, 99), st.integers(1, 99), st.integers(1, 2)),
    st.integers(0, 5000),
    st.sampled_from(["full", "halving"]),
)
def test_shares_are_all_of_the_calls(sizes, calls, allocation):
    options = Options(allocation=allocation)
    planned = shares(options, sizes, calls)
    assert list(planned) == ["probe", "search", "crown"]
    assert sum(planned.values()) == calls
    assert min(planned.values()) >= 0
    assert least(options, sizes) > sizes.rivals * sizes.select


def test_tuning_reaches_the_operators(study):
    use = Context(
        study, study.base, "prompt", study.rng("x"), Tuning(targets=("none",)), study.select
    )
    assert use.view.passages == ()
