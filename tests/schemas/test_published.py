from __future__ import annotations

import copy
import json
from pathlib import Path

import jsonschema
import pytest

from landrace.errors import ConfigError, LandraceError
from landrace.metrics.table import METRICS
from landrace.pin import Pin
from landrace.runtime.choices import Choices, Query, Served, read_choices
from landrace.schemas.case import Case
from landrace.schemas.pipeline import PipelineConfig
from landrace.schemas.prompt import PromptConfig
from landrace.schemas.published import SCHEMAS, json_schema
from landrace.store.atomic import json_text
from landrace.store.validate import validate_value

DOCS = Path(__file__).parents[2] / "docs" / "schemas"
# pydantic writes the newer draft 2020-12; these of its keywords draft-07 does not have.
NEWER = {"$defs", "prefixItems", "unevaluatedProperties", "dependentRequired", "discriminator"}
SHA = "a" * 64
PROMPT = {
    "description": "d",
    "inputs": {"type": "object", "properties": {"text": {"type": "string"}}},
    "metrics": [{"metric": "exact_match"}],
}
PIPELINE = {"prompts": ["*"], "models": ["openai/gpt-4o"]}
ESTIMATE = {"mean": 0.5, "low": 0.4, "high": 0.6, "n": 10, "coverage": 1.0}
CONTENDERS = {"base": ESTIMATE, "incumbent": None, "winner": ESTIMATE}
COMPARISON = {
    "difference": 0.1, "low": 0.0, "high": 0.2, "p": 0.04,
    "wins": 3, "losses": 1, "ties": 6, "method": "exact",
}  # fmt: skip
PIN = {
    "schema": 1,
    "prompt": "p",
    "model": {"id": "m", "params": {"temperature": 0}, "aliases": ["a"]},
    "files": {"prompt.jinja": SHA},
    "inputs": {"type": "object", "properties": {"text": {"type": "string"}}},
    "output": {"contract": {"type": "text"}, "parser": {"kind": "text"}},
    "base": {"template": SHA, "eval_set": SHA, "split_seed": 0, "metrics": SHA},
    "search": {
        "strategy": "auto", "version": "1", "options": {}, "seed": 0, "proposer": None,
        "spent": {"calls": 1, "prompt_tokens": 2, "completion_tokens": 3, "cost_usd": None},
    },
    "parent": None,
    "variant": SHA,
    "scores": {
        "select": CONTENDERS,
        "holdout": CONTENDERS,
        "comparison": {"base": COMPARISON, "incumbent": COMPARISON},
    },
    "inflation": 0.0,
    "holdout_looks": 1,
}  # fmt: skip


def fits(name, value, **options):
    return jsonschema.Draft7Validator(json_schema(name, **options)).is_valid(value)


def keywords(schema):
    """Every keyword of a schema, however deep, and no name of a property."""
    yield from schema
    for key, value in schema.items():
        if key in {"properties", "definitions", "patternProperties"}:
            inner = value.values()
        elif key in {"allOf", "anyOf", "oneOf"}:
            inner = value
        else:
            inner = [value] if key in {"items", "additionalProperties", "if", "then", "not"} else []
        for item in inner:
            if isinstance(item, dict):
                yield from keywords(item)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_draft_07_and_strict(name):
    schema = json_schema(name, metrics=METRICS)
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["$id"] == f"urn:landrace:schema:{name}:1"
    assert schema["additionalProperties"] is False
    assert not set(keywords(schema)) & NEWER


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_documented_schema_is_this_one(name, file_regression):
    # `pytest tests/schemas --force-regen` writes the files anew.
    text = json_text(json_schema(name, metrics=METRICS))
    file_regression.check(text, encoding="utf-8", fullpath=DOCS / f"{name}.json")


def test_an_unknown_schema_gets_the_nearest():
    with pytest.raises(ConfigError, match="no schema `pipline`") as caught:
        json_schema("pipline")
    assert caught.value.fix == "did you mean `pipeline`?"


@pytest.mark.parametrize(
    ("name", "model", "value"),
    [
        ("prompt", PromptConfig, PROMPT),
        (
            "prompt",
            PromptConfig,
            {**PROMPT, "output": {"type": "json", "schema": {"type": "object"}}},
        ),
        ("prompt", PromptConfig, {**PROMPT, "output": {"type": "label", "labels": ["a"]}}),
        ("pipeline", PipelineConfig, PIPELINE),
        ("pipeline", PipelineConfig, {**PIPELINE, "proposer": "m", "budget": {"calls": None}}),
        ("pipeline", PipelineConfig, {**PIPELINE, "models": [{"id": "m", "params": {"k": 1}}]}),
        ("pipeline", PipelineConfig, {**PIPELINE, "training": {"command": ["python", "train.py"]}}),
        ("case", Case, {"id": "a", "inputs": {}, "expected": [1], "split": "search", "weight": 2}),
    ],
)
def test_what_the_model_takes_fits_the_schema(name, model, value):
    validate_value(model, value, str)
    assert fits(name, value)


@pytest.mark.parametrize(
    ("name", "model", "value"),
    [
        ("prompt", PromptConfig, {**PROMPT, "extra": 1}),
        ("prompt", PromptConfig, {**PROMPT, "inputs": {"type": "array"}}),
        ("prompt", PromptConfig, {**PROMPT, "output": {"type": "lable"}}),
        ("prompt", PromptConfig, {**PROMPT, "splits": {"seed": 1.5}}),
        ("prompt", PromptConfig, {**PROMPT, "metrics": []}),
        ("prompt", PromptConfig, {**PROMPT, "template": "../x.jinja"}),
        ("pipeline", PipelineConfig, {"prompts": ["a"]}),
        ("pipeline", PipelineConfig, {**PIPELINE, "models": [3]}),
        ("pipeline", PipelineConfig, {**PIPELINE, "policy": {"confidence": 1}}),
        ("pipeline", PipelineConfig, {**PIPELINE, "training": {"command": []}}),
        ("pipeline", PipelineConfig, {**PIPELINE, "training": {"command": "python train.py"}}),
        ("case", Case, {"id": "", "inputs": {}}),
        ("case", Case, {"id": "a", "inputs": [], "weight": 1}),
    ],
)
def test_what_the_model_refuses_does_not_fit(name, model, value):
    with pytest.raises(LandraceError):
        validate_value(model, value, str)
    assert not fits(name, value)


def test_with_the_table_of_metrics_their_options_are_known():
    good = {**PROMPT, "metrics": [{"metric": "exact_match", "ignore_case": True, "weight": 2}]}
    misspelt = {**PROMPT, "metrics": [{"metric": "exact_match", "ignroe_case": True}]}
    unknown = {**PROMPT, "metrics": [{"metric": "exact"}]}
    assert fits("prompt", good, metrics=METRICS)
    assert not fits("prompt", misspelt, metrics=METRICS)
    assert not fits("prompt", unknown, metrics=METRICS)
    assert fits("prompt", misspelt)


@pytest.mark.parametrize("name", ["review-sentiment", "ticket-fields"])
def test_the_prompts_of_this_repository_fit(name):
    from landrace.store.yaml import read_yaml

    path = Path(__file__).parents[2] / "prompts" / name / "prompt.yaml"
    assert fits("prompt", read_yaml(path).value, metrics=METRICS)


def test_written_choices_fit_their_schema():
    served = Served({"prompt.jinja": "{{ text }}"}, {"kind": "text"}, None)
    query = Query("a text", {SHA: 0.5, "b" * 64: 1.0})
    value = Choices("p", "m/x", SHA, 16, {"b" * 64: served}, (query,)).to_dict()
    assert read_choices(json.dumps(value), "here").queries == (query,)
    assert fits("choices", value)
    assert not fits("choices", {**value, "winner": "the best"})


def paths(value, path=()):
    if path:
        yield path
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in items:
        yield from paths(item, (*path, key))


def changed(path, change):
    pin = copy.deepcopy(PIN)
    inner = pin
    for key in path[:-1]:
        inner = inner[key]
    change(inner, path[-1])
    return pin


def is_pin(value):
    try:
        Pin.from_dict(value)
    except LandraceError:
        return False
    return True


@pytest.mark.parametrize("path", list(paths(PIN)), ids=lambda path: ".".join(map(str, path)))
def test_the_schema_of_a_pin_agrees_with_its_reader(path):
    """Every part removed, renamed, or replaced by a value of each kind."""
    assert is_pin(PIN)
    assert fits("pin", PIN)
    mutants = [changed(path, lambda inner, key: inner.pop(key))]
    for other in (None, True, -1, 0.5, "", "x", SHA, [], {}, {"x": 1}):
        mutants.append(changed(path, lambda inner, key, other=other: inner.__setitem__(key, other)))
    if isinstance(path[-1], str):
        mutants.append(changed(path, lambda inner, key: inner.__setitem__(key + "x", 1)))
    for mutant in mutants:
        assert fits("pin", mutant) == is_pin(mutant), json.dumps(mutant)
