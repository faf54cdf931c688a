from __future__ import annotations

import pytest

from landrace.errors import FormatError
from landrace.schemas.pipeline import PipelineConfig
from landrace.schemas.prompt import PromptConfig
from landrace.store.validate import validate
from landrace.store.yaml import parse_yaml

GOOD = """\
description: d
inputs: {type: object, properties: {text: {type: string}}}
output: {type: label, labels: [yes, no]}
metrics:
  - metric: exact_match
"""


def check(text, model=PromptConfig):
    return validate(model, parse_yaml(text, "p.yaml"))


def error_of(text, model=PromptConfig):
    with pytest.raises(FormatError) as caught:
        check(text, model)
    return caught.value


def test_a_good_document_becomes_the_model():
    config = check(GOOD + "    ignore_case: true\n")
    assert config.output.labels == ("yes", "no")
    assert config.metrics[0].options == {"ignore_case": True}


def test_an_unknown_key_is_named_with_the_nearest_known_one():
    error = error_of(GOOD + "splitz: {}\n")
    assert error.where == "p.yaml:6"
    assert error.problem == "`splitz` is not a known key"
    assert error.fix == "did you mean `splits`?"


def test_an_unknown_key_deeper_down_is_compared_with_the_keys_of_its_level():
    error = error_of(GOOD + "splits:\n  serach: 0.5\n")
    assert error.where == "p.yaml:7"
    assert error.problem == "`splits.serach` is not a known key"
    assert error.fix == "did you mean `search`?"


def test_an_alias_is_known_by_its_name_in_the_file():
    error = error_of(GOOD.replace("labels: [yes, no]", "labels: [a], scheme: {}"))
    assert error.fix == "did you mean `schema`?"


def test_a_far_off_key_gets_the_list_of_known_ones():
    assert "the known keys are search, select," in error_of(GOOD + "splits: {zzz: 1}\n").fix


def test_keys_of_items_in_a_list_are_known_too():
    error = error_of("prompts: [a]\nmodels:\n  - id: m\n    parms: {}\n", PipelineConfig)
    assert error.where == "p.yaml:4"
    assert error.problem == "`models[0].parms` is not a known key"
    assert error.fix == "did you mean `params`?"


def test_a_wrong_choice_names_the_allowed_ones():
    error = error_of(GOOD.replace("type: label, labels: [yes, no]", "type: lable"))
    assert (
        error.problem == "`output.type` must be 'text', 'label', 'number' or 'json', not \"lable\""
    )
    assert error.fix == "did you mean `label`?"


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        ("template: 3", "`template` must be text, not 3"),
        ("template: ../x", "`template` must match"),
        ("splits: {seed: '0'}", '`splits.seed` must be a whole number, not "0"'),
        ("splits: {seed: 1.5}", "`splits.seed` must be a whole number, not 1.5"),
        ("splits: {min_cases: 0}", "`splits.min_cases` must be at least 1, not 0"),
        ("splits: {search: 0}", "`splits.search` must be above 0, not 0"),
        ("splits: []", "`splits` must be a mapping, not a list"),
        ("splits: {search: 0.9}", "`splits` the shares of search, select and holdout sum to 1.65"),
    ],
)
def test_a_wrong_value_is_told_in_plain_words(extra, problem):
    error = error_of(f"{GOOD}{extra}\n")
    assert error.where == "p.yaml:6"
    assert error.problem.startswith(problem)
    assert "pydantic" not in str(error)


def test_several_problems_are_one_error_with_a_line_each():
    error = error_of("descriptoin: d\ninputs: {}\nmetrics: []\n")
    assert error.where == "p.yaml"
    assert error.problem.splitlines() == [
        "3 problems",
        "  p.yaml:1: `description` is missing",
        "  p.yaml:3: `metrics` must not be empty",
        "  p.yaml:1: `descriptoin` is not a known key (did you mean `description`?)",
    ]


def test_a_long_list_of_problems_is_cut():
    error = error_of(GOOD + "".join(f"zz{n}: 1\n" for n in range(9)))
    assert error.problem.endswith("and 4 more")
    assert len(error.problem.splitlines()) == 7


@pytest.mark.parametrize("text", ["", "[]", "text", "3"])
def test_a_document_that_is_no_mapping_is_an_error(text):
    error = error_of(text)
    assert error.where == "p.yaml:1"
    assert "must be a mapping" in error.problem
