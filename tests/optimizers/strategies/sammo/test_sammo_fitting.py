from __future__ import annotations

import pytest

from landrace.gateway import connect
from landrace.optimizers.option_error import OptionError
from landrace.optimizers.slots import syntax
from landrace.optimizers.strategies.sammo import Options, check
from landrace.optimizers.variants import Program
from landrace.schemas.candidate import Candidate
from sammo_world import INPUTS, LABEL, SOURCE
from strategy_world import retrieving

PLAIN = Program.of("colours", SOURCE, LABEL, path="prompt.jinja", inputs=INPUTS)
GRAPH = retrieving('{"text": "x"}\n')


def takes_all(_params):
    """A model that takes every parameter."""


def refusal(program, **options):
    with pytest.raises(OptionError) as caught:
        check(Options.model_validate(options), program, (), takes_all)
    error = caught.value
    return error.problem, error.path, error.fix


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "*/sections/*",
        "*/sections/hints",
        "prompt/demos",
        "*/format",
        "*/sections",
        "*/*/intro",
    ],
)
def test_targets_that_match_a_slot(pattern):
    check(
        Options(tuning={"targets": [pattern]}, space={"optional": ["*/hints"]}),
        PLAIN,
        (),
        takes_all,
    )


@pytest.mark.parametrize(
    "pattern", ["*/sections/hnits", "*/sections/hints*x", "answer/sections/hints"]
)
def test_each_target_matches_something(pattern):
    problem, path, fix = refusal(PLAIN, tuning={"targets": ["*/sections/task", pattern]})
    assert problem == f"`{pattern}` matches nothing of colours"
    assert path == ("tuning", "targets")
    assert "prompt/sections/hints" in fix


def test_what_is_served_may_have_sections_of_its_own():
    options = Options(tuning={"targets": ["*/sections/rules"]})
    served = Candidate.plain(
        source="{% section rules %}\nBe brief.\n{% endsection %}\n{{ word }}", operator="incumbent"
    )
    broken = Candidate.plain(source="{% section rules %}", operator="incumbent")
    check(options, PLAIN, (broken, served), takes_all)
    with pytest.raises(OptionError):
        check(options, PLAIN, (), takes_all)


def test_each_optional_section_is_there():
    """Nothing but a section can be left out."""
    assert refusal(PLAIN, space={"optional": ["prompt/demos"]})[:2] == (
        "`prompt/demos` matches nothing of colours",
        ("space", "optional"),
    )


@pytest.mark.parametrize("where", ["tuning", "space"])
@pytest.mark.parametrize(
    ("address", "value", "problem"),
    [
        ("color/params/top_p", 1, "`color` matches no node of colours"),
        ("note/count", 1, "colours: there is no node `note`"),
        ("notes/cuont", 1, "colours: `nodes.notes.retrieve.cuont` is not a known key"),
        ("notes/count", 0, "colours: `nodes.notes.retrieve.count` is 0, not in 1..100"),
    ],
)
def test_values_of_what_no_node_has(where, address, value, problem):
    found = refusal(GRAPH, **{where: {"values": {address: [value]}}})
    assert found[:2] == (problem, (where, "values", address))


def test_values_that_nodes_can_take():
    values = {"*/params/top_p": [0.5, 1], "notes/count": [1, 3], "notes/by": ["bm25"]}
    check(Options(tuning={"values": values}), GRAPH, (), takes_all)


@pytest.mark.parametrize("where", ["tuning", "space"])
@pytest.mark.parametrize(
    ("name", "values", "problem"),
    [
        ("top_k", [40, 5000], "`top_k` is 5000"),
        ("reasoning_effort", ["low"], "unknown parameter `reasoning_effort` of an embedded model"),
    ],
)
def test_values_that_the_model_does_not_take(where, name, values, problem):
    model = "local/smollm2-135m-instruct"
    options = Options.model_validate({where: {"values": {f"*/params/{name}": values}}})
    with pytest.raises(OptionError) as caught:
        check(options, PLAIN, (), lambda params: connect.check_params(model, params))
    assert caught.value.problem == f"{model}: {problem}"
    assert caught.value.path == (where, "values", f"*/params/{name}")


@pytest.mark.parametrize(
    ("operators", "names", "needs"),
    [
        (["syntax"], "`syntax`", "needs"),
        (["prune syntax", "apo"], "`prune syntax`", "needs"),
        (["syntax", "apo", "prune syntax"], "`syntax` and `prune syntax`", "need"),
    ],
)
def test_a_missing_parser_names_the_operators_that_need_it(monkeypatch, operators, names, needs):
    monkeypatch.setattr(syntax, "MODELS", ("no_such_model",))
    problem, path, fix = refusal(PLAIN, operators=operators)
    assert problem == f"{names} {needs} spaCy's English model, which is not installed"
    assert path == ("operators",)
    assert fix == f"run `pip install 'landrace[syntax]'`, or list `operators` without {names}"
    check(Options(operators=["apo"]), PLAIN, (), takes_all)
