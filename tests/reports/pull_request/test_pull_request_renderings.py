"""The comment, the plan and the text of telling runs. `--force-regen` after a wanted change."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from pull_request_examples import EXAMPLES, OTHER_KEPT, PLANS, judged, run

from landrace.reports.pull_request.markdown import markdown
from landrace.reports.pull_request.preflight import preflight
from landrace.reports.pull_request.story import rows
from landrace.reports.pull_request.text import text
from report_examples import PROMOTED

SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_comment(name, file_regression):
    file_regression.check(markdown(EXAMPLES[name]), extension=".md", encoding="utf-8")


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_text(name, file_regression):
    file_regression.check(text(EXAMPLES[name]), encoding="utf-8")


@pytest.mark.parametrize("name", PLANS)
def test_the_preflight(name, file_regression):
    file_regression.check(preflight(PLANS[name]), extension=".md", encoding="utf-8")


@pytest.mark.parametrize(
    ("schema", "example"),
    [("pull-request", one) for one in EXAMPLES.values()]
    + [("plan", one) for one in PLANS.values()],
)
def test_the_data_fits_its_published_schema(schema, example):
    published = json.loads((SCHEMAS / f"{schema}.json").read_text(encoding="utf-8"))
    data = json.loads(example.model_dump_json())
    jsonschema.Draft7Validator(published).validate(data)
    assert type(example).model_validate(data) == example


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_rendering_is_the_same_again_and_ends_its_last_line(name):
    for render in (markdown, text):
        first = render(EXAMPLES[name])
        assert first.endswith("\n")
        assert not first.endswith("\n\n")
        assert render(EXAMPLES[name].model_copy()) == first


def test_where_the_model_is_asked_the_same_it_serves_as_before():
    (same,) = rows(run(judged("PASS", ())))
    (unknown,) = rows(run(judged("NOT EVALUATED", ())))
    assert (same.served, unknown.served) == ("as before", "–")


def test_scores_on_the_cases_of_the_search_are_told_as_that():
    (held_out,) = rows(run(searches=(PROMOTED,)))
    (chosen_by,) = rows(run(searches=(OTHER_KEPT,)))
    assert held_out.course == "60.0 → 70.0 → 80.8"
    assert chosen_by.course == "61.0 → 72.4 → 72.4 on select"
    comments = [markdown(run(searches=(search,))) for search in (PROMOTED, OTHER_KEPT)]
    assert ["“on select”" in comment for comment in comments] == [False, True]


def test_a_variant_without_an_answer_on_the_holdout_has_no_score_beside_those_that_have():
    base, incumbent, winner = PROMOTED.contenders
    silent = incumbent.model_copy(update={"holdout": None})
    search = PROMOTED.model_copy(update={"contenders": (base, silent, winner)})
    (row,) = rows(run(searches=(search,)))
    assert row.course == "60.0 → – → 80.8"
