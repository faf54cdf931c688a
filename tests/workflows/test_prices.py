from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from worlds import apt_pupil, task

from git_repo import GitRepo
from landrace.errors import ConfigError
from landrace.gateway.metered import Price
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.metrics.table import build
from landrace.schemas.pipeline import Budget, ModelConfig
from landrace.schemas.prompt import MetricConfig
from landrace.workflows.check import check
from landrace.workflows.estimate import estimate
from landrace.workflows.initialise import initialise
from landrace.workflows.run_cell import run_cell
from landrace.workflows.services import Services
from pinned import pretend_pulled

if TYPE_CHECKING:
    from pathlib import Path

DOLLARS = Budget(calls=600, cost_usd=5.0)
ASKED = ("fake/pupil", "fake/sage", "fake/judge")
JUDGE = {"metric": "llm_judge", "model": "fake/judge", "rubric": "Is it the right colour?"}


def cell(budget=DOLLARS):
    asking = task(budget=budget, metric=build([MetricConfig.model_validate(JUDGE)]))
    proposer = ModelConfig(id="fake/sage")
    return asking._replace(pipeline=asking.pipeline.model_copy(update={"proposer": proposer}))


def all_but(unpriced):
    return lambda model: None if model == unpriced else Price(1e-6, 1e-6)


@pytest.mark.parametrize("unpriced", ASKED)
def test_a_ceiling_on_cost_without_a_price_is_refused_before_the_first_call(tmp_path, unpriced):
    gateway = ScriptedGateway(apt_pupil)
    with Ledger(tmp_path / "ledger.jsonl") as ledger:
        services = Services(gateway, ledger, price=all_but(unpriced))
        with pytest.raises(ConfigError, match=f"no price is known for {unpriced}, so a ceiling"):
            run_cell(cell(), services)
        assert not list(ledger.records())
    assert gateway.calls == 0


@pytest.mark.parametrize("unpriced", ASKED)
def test_a_plan_refuses_it_too(unpriced):
    with pytest.raises(ConfigError, match=f"no price is known for {unpriced}"):
        estimate(cell(), all_but(unpriced))
    assert estimate(cell(Budget(calls=600)), all_but(unpriced)).cost_usd is None


def test_a_ceiling_on_cost_is_kept_where_all_prices_are_known():
    assert estimate(cell(), all_but("fake/other")).cost_usd <= 5.0


PIPELINE = "pipelines/default.yaml"
UNKNOWN = "openai/my-finetuned-writer"
RUBRIC = f"{{metric: llm_judge, model: {UNKNOWN}, rubric: Is it right?}}"
LOCAL = "local/smollm2-135m-instruct"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepo:
    pretend_pulled(tmp_path / "cache", monkeypatch)
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    made = GitRepo.make(tmp_path / "repo")
    initialise(made.root)
    return made


def found(repo: GitRepo) -> list[str]:
    return [f"{one.severity} {one.where}: {one.problem}" for one in check(repo.root).findings]


def with_lines(repo: GitRepo, *lines: str) -> int:
    """Lines added to the pipeline, after those that are there; the number of the first."""
    path = repo.root / PIPELINE
    kept = [line for line in path.read_text().splitlines() if not line.startswith("budget:")]
    path.write_text("\n".join([*kept, *lines]) + "\n")
    return len(kept) + 1


def missing(line: int) -> str:
    return (
        f"error {PIPELINE}:{line}: no price is known for {UNKNOWN}, "
        "so a ceiling on cost cannot be kept"
    )


def test_a_check_names_the_proposer_without_a_price(repo: GitRepo) -> None:
    line = with_lines(repo, "budget: {calls: 300, cost_usd: 1.0}", f"proposer: {UNKNOWN}")
    assert found(repo) == [missing(line)]


def test_a_check_names_a_model_and_a_judge_once_for_each_ceiling(repo: GitRepo) -> None:
    repo.edit(PIPELINE, f"  - {LOCAL}", f"  - {UNKNOWN}")
    repo.edit("prompts/route-note/prompt.yaml", "metrics:", f"metrics:\n  - {RUBRIC}")
    line = with_lines(
        repo, "budget: {calls: 3000, cost_usd: 1.0}", "gate: {budget: {cost_usd: 1.0}}"
    )
    assert found(repo) == [missing(line), missing(line + 1)]


def test_a_gate_asks_no_proposer(repo: GitRepo) -> None:
    with_lines(
        repo, "budget: {calls: 300}", "gate: {budget: {cost_usd: 1.0}}", f"proposer: {UNKNOWN}"
    )
    assert not found(repo)


def test_what_is_free_has_a_price(repo: GitRepo) -> None:
    with_lines(repo, "budget: {calls: 300, cost_usd: 1.0}")
    assert not found(repo)
