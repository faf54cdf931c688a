"""Every rendering of telling results, as it reads. `--force-regen` after a change that you want."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from gate_examples import EXAMPLES, cell, flip, scores

from landrace.reports.gate.formats import FORMATS
from landrace.schemas.gate_report import GateReport

EXTENSIONS = {"text": ".txt", "markdown": ".md", "junit": ".xml", "github": ".log"}
SCHEMA = Path(__file__).parents[3] / "docs" / "schemas" / "gate.json"


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != "many"])
@pytest.mark.parametrize("form", FORMATS)
def test_rendered(name, form, file_regression):
    text = FORMATS[form](EXAMPLES[name])
    file_regression.check(text, extension=EXTENSIONS[form], encoding="utf-8")


def test_many_cells_as_annotations(file_regression):
    file_regression.check(FORMATS["github"](EXAMPLES["many"]), extension=".log", encoding="utf-8")


def test_the_data_as_it_is_written(data_regression):
    data_regression.check(EXAMPLES["regressed"].model_dump(mode="json"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_data_fits_its_published_schema(name):
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    data = json.loads(EXAMPLES[name].model_dump_json())
    jsonschema.Draft7Validator(schema).validate(data)
    assert GateReport.model_validate(data) == EXAMPLES[name]


@pytest.mark.parametrize("form", ["text", "markdown", "junit"])
def test_outputs_that_were_not_recorded_are_left_out(form):
    def rendered(**outputs):
        judged = cell("FAIL", scores=scores((1.0, 0.0)), flips=(flip(**outputs),))
        return FORMATS[form](EXAMPLES["regressed"].model_copy(update={"cells": (judged,)}))

    assert "refund" in rendered()
    text = rendered(base_output=None, head_output=None)
    assert "I was charged twice" in text
    assert not {"None", "null", "(empty)", "refund"} & set(text.split())


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_rendering_ends_its_last_line_and_is_the_same_again(name, form):
    first = FORMATS[form](EXAMPLES[name])
    assert first.endswith("\n")
    assert not first.endswith("\n\n")
    assert FORMATS[form](EXAMPLES[name].model_copy()) == first
