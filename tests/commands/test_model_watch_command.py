from __future__ import annotations

import json

import pytest

from landrace.gateway import connect
from model_lists import KNOWN, PIPELINE, known, pipeline

WATCH = ("models", "watch", "--today", "2026-11-21")


@pytest.fixture(autouse=True)
def project(repo, monkeypatch):
    """One pipeline that needs a change; a table of models without litellm."""
    monkeypatch.setattr(connect, "known_models", lambda: KNOWN)
    for prompt in ("answers", "routes"):
        repo.write(f"prompts/{prompt}/prompt.jinja", "Hello.\n")
    repo.write("pipelines/shop.yaml", PIPELINE)


def test_it_says_what_ends_what_is_new_and_what_has_no_pin(landrace, repo):
    before = repo.tree()
    result = landrace(*WATCH)
    assert result.exit_code == 0
    assert [line.split("  ")[0] for line in result.stdout.splitlines()] == ["pipeline"] + [
        "shop"
    ] * 3
    assert "ends on 2026-12-31" in result.stdout
    assert "landrace optimize --pipeline shop --model openai/gpt-9" in result.stdout
    assert repo.tree() == before


def test_the_same_as_json(landrace):
    result = landrace(*WATCH, "--format", "json")
    data = json.loads(result.stdout)
    assert data["ending"] == [
        {
            "pipeline": "shop",
            "model": "openai/gpt-8",
            "role": "model",
            "ends": "2026-12-31",
            "told": "",
        }
    ]
    assert data["edits"] == [
        {
            "pipeline": "shop",
            "path": "pipelines/shop.yaml",
            "add": ["openai/gpt-10"],
            "remove": ["openai/gpt-8"],
        }
    ]


def test_days_ahead_and_how_many_at_once_can_be_said(landrace, monkeypatch):
    result = landrace(*WATCH, "--days", "39", "--at-most", "0")
    assert "openai/gpt-8" in result.stdout
    assert "ends on" not in result.stdout
    monkeypatch.setenv("LANDRACE_DAYS", "39")
    assert landrace(*WATCH, "--at-most", "0").stdout == result.stdout


def test_with_write_the_lists_are_edited_and_nothing_else(landrace, repo):
    before = repo.tree()
    assert landrace(*WATCH, "--write").exit_code == 0
    after = repo.tree()
    assert {path for path in after if after[path] != before.get(path)} == {"pipelines/shop.yaml"}
    assert b"gpt-8" not in after["pipelines/shop.yaml"]
    assert "ends on" not in landrace(*WATCH, "--write").stdout


def test_the_line_ends_of_a_file_stay(landrace, repo):
    repo.write("pipelines/shop.yaml", PIPELINE.replace("\n", "\r\n"))
    landrace(*WATCH, "--write")
    data = (repo.root / "pipelines/shop.yaml").read_bytes()
    assert b"gpt-10" in data
    assert data.count(b"\n") == data.count(b"\r\n")


def test_all_in_order(landrace, repo, monkeypatch):
    monkeypatch.setattr(connect, "known_models", lambda: [known("x/a")])
    (repo.root / "pipelines/shop.yaml").unlink()
    result = landrace(*WATCH)
    assert (result.exit_code, result.stdout) == (0, "The lists of models are in order.\n")


def test_a_pipeline_that_cannot_be_read_is_told_with_its_place(landrace, repo):
    repo.write("pipelines/shop.yaml", pipeline("x/a").replace("models", "model"))
    result = landrace(*WATCH)
    assert result.exit_code == 2
    assert "pipelines/shop.yaml" in result.stderr
