"""What `landrace check` finds where cases expect JSON that the output's schema does not allow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from git_repo import GitRepo
from landrace.workflows.check import check

if TYPE_CHECKING:
    from pathlib import Path

    from landrace.workflows.findings import Finding

CASES = "prompts/bill/cases.jsonl"
SCHEMA = {
    "type": "object",
    "properties": {"amount": {"type": "number"}, "currency": {"enum": ["EUR", "USD"]}},
    "required": ["amount", "currency"],
    "additionalProperties": False,
}
GOOD = {"amount": 3, "currency": "EUR"}
WRONG = {"amont": "3", "currency": "EURO"}


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo.make(tmp_path / "repo")
    made.write("prompts/bill/prompt.jinja", "{% section task %}Read it.{% endsection %}{{ bill }}")
    return made


def findings(
    repo: GitRepo,
    expected: dict[int, Any],
    metric: dict[str, Any] | None = None,
    schema: dict[str, Any] | None = None,
) -> list[Finding]:
    """What is wrong where the cases of these numbers expect this, and all others `GOOD`."""
    config = {
        "description": "Reads a bill.",
        "inputs": {
            "type": "object",
            "properties": {"bill": {"type": "string"}},
            "required": ["bill"],
        },
        "output": {"type": "json", "schema": schema or SCHEMA},
        "metrics": [metric or {"metric": "json_fields"}],
    }
    repo.write("prompts/bill/prompt.yaml", json.dumps(config))
    lines = [
        {"id": f"c{n}", "inputs": {"bill": f"bill no. {n}"}, "expected": expected.get(n, GOOD)}
        for n in range(60)
    ]
    repo.write(CASES, "\n".join(map(json.dumps, lines)))
    return [finding for finding in check(repo.root).findings if finding.severity == "error"]


def test_what_fits_is_no_mistake(repo: GitRepo) -> None:
    assert findings(repo, {}) == []


def test_each_case_that_does_not_fit_is_one_mistake_with_its_line(repo: GitRepo) -> None:
    found = findings(repo, dict.fromkeys(range(60), WRONG))
    assert [finding.where for finding in found] == [f"{CASES}:{n}" for n in range(1, 61)]
    assert found[0].problem.startswith("case `c0`: `expected` does not fit the output's schema: ")
    assert "'amont' was unexpected" in found[0].problem
    assert found[0].problem.endswith("; and 1 more")
    assert "prompts/bill/prompt.yaml:1" in (found[0].fix or "")


def test_a_field_that_is_not_scored_may_be_left_out_or_be_a_note(repo: GitRepo) -> None:
    metric = {"metric": "json_fields", "fields": {"note": 0}}
    assert findings(repo, {3: {"amount": 3}, 4: {**GOOD, "note": "hard"}}, metric) == []


def test_what_another_metric_reads_need_be_no_answer(repo: GitRepo) -> None:
    assert findings(repo, dict.fromkeys(range(60), SCHEMA), {"metric": "json_schema"}) == []


def test_a_schema_that_is_none_is_told_at_its_place(repo: GitRepo) -> None:
    [found] = findings(repo, {}, schema={"type": "objekt"})
    assert found.where.startswith("prompts/bill/prompt.yaml:")
    assert "it is no JSON Schema" in found.problem
