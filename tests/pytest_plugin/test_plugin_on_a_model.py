"""The whole of it on a real embedded model, in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from git_repo import GitRepo
from landrace.gateway.catalogue import models_dir
from landrace.ledger import CALL, Ledger
from landrace.workflows.initialise import initialise

if TYPE_CHECKING:
    from pathlib import Path

ITEM = "prompts/route-note/prompt.yaml::local/smollm2-135m-instruct::gate-all"
CASES = 8


@pytest.fixture(scope="session")
def user_cache(smollm2: str) -> Path:
    """Where the model is, before pytester gives its runs a home of their own."""
    assert smollm2 in ITEM
    return models_dir().parent


@pytest.mark.model
def test_bless_repeat_and_change(user_cache, pytester, monkeypatch):
    monkeypatch.setenv("LANDRACE_CACHE_DIR", str(user_cache))
    repo = GitRepo.make(pytester.path)
    initialise(repo.root)
    cases = (repo.root / "prompts/route-note/cases.jsonl").read_text().splitlines()[:CASES]
    repo.write("prompts/route-note/cases.jsonl", "\n".join(cases))

    def run(*arguments):
        return pytester.runpytest_subprocess("--landrace", "-p", "no:xdist", *arguments, ITEM)

    run("--regen-all").assert_outcomes(passed=1)
    run().assert_outcomes(passed=1)
    assert _calls(repo) == CASES

    repo.edit("prompts/route-note/prompt.jinja", "the name of the team only", "one word")
    result = run("-W", "default")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*InconclusiveWarning: *8 cases: *with about * cases*"])
    assert _calls(repo) == 2 * CASES


def _calls(repo):
    with Ledger(repo.root / ".landrace/ledger.jsonl") as ledger:
        return sum(record["kind"] == CALL for record in ledger.records())
