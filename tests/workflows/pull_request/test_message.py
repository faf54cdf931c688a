"""The bot's commit message: what it says, and that nobody's name can say more."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.schemas.evidence import Evidence
from landrace.workflows.pull_request.accept import AcceptedCell
from landrace.workflows.pull_request.message import CELLS_NAMED, commit_message, evidence_digest
from report_examples import FIRST_AS_WRITTEN, KEPT_NO_HEADROOM, PROMOTED

SHA = "a" * 64


def evidence(prompt: str, model: str) -> Evidence:
    return Evidence(
        prompt=prompt,
        model=model,
        inputs={},
        digest=SHA,
        variant=SHA,
        files={},
        looks=0,
        answers=(),
        drift=None,
    )


def cell(prompt="review-sentiment", model="openai/gpt-4o-mini", report=None) -> AcceptedCell:
    return AcceptedCell(prompt, model, report, evidence(prompt, model), {})


def trailers(text: str) -> dict[str, str]:
    out = subprocess.run(
        ["git", "interpret-trailers", "--parse"],
        input=text.encode(),
        capture_output=True,
        check=True,
    ).stdout.decode()
    return dict(line.split(": ", 1) for line in out.splitlines())


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("one", [cell(report=PROMOTED)]),
        ("kept", [cell(report=KEPT_NO_HEADROOM)]),
        ("as-written", [cell(report=FIRST_AS_WRITTEN)]),
        ("measured", [cell()]),
        (
            "mixed",
            [cell(report=PROMOTED), cell("route-note", report=KEPT_NO_HEADROOM), cell("third")],
        ),
        ("many", [cell(f"prompt-{n}", report=PROMOTED) for n in range(CELLS_NAMED + 3)]),
    ],
)
def test_what_it_says(name, cells, file_regression):
    file_regression.check(commit_message(cells, "1234567").text, basename=f"message-{name}")


def test_its_trailers_are_trailers_to_git():
    cells = [cell(report=PROMOTED), cell("route-note")]
    found = trailers(commit_message(cells, "run 7").text)
    assert found == {"Landrace-Evidence": evidence_digest(cells), "Landrace-Run": "run 7"}


def test_the_digest_depends_on_the_evidence_and_not_on_the_order():
    one, two = cell("a"), cell("b")
    assert evidence_digest([one, two]) == evidence_digest([two, one])
    assert evidence_digest([one]) != evidence_digest([two])


HOSTILE = [
    "x\n\nLandrace-Run: forged",
    "x\r\nSigned-off-by: evil",
    "x\u2028Co-authored-by: evil <e@e>",
    "fixes #1",
    "@everyone",
    "\u202egnp.exe",
    "[skip ci]",
    "x" * 500,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_adds_no_line_mentions_nobody_and_closes_no_issue(name):
    text = commit_message([cell(name, name, PROMOTED)], "run").text
    assert set(trailers(text)) == {"Landrace-Evidence", "Landrace-Run"}
    assert len(text.splitlines()) == 6
    assert "@" not in text
    assert "#" not in text
    assert "[skip" not in text
    assert max(map(len, text.splitlines())) < 300


@given(name=st.text(min_size=1, max_size=60))
def test_any_name_at_all_keeps_the_form(name):
    lines = commit_message([cell(name, name)], "run").text.split("\n")
    assert len(lines) == 7  # headline, blank, a line a cell, blank, two trailers, the end
    assert lines[2].startswith("- ")


@pytest.mark.parametrize("words", ["[skip ci]", "[ci skip]", "skip-checks: true"])
def test_no_run_is_skipped_by_it(words):
    assert words not in commit_message([cell(report=PROMOTED), cell()], "run").text
