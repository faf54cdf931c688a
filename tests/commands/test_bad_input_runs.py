"""Bad input of the commands that call models: nothing is spent on it, nothing is lost."""

from __future__ import annotations

import errno
import json
import os
import re
from typing import TYPE_CHECKING, NamedTuple

import pytest

from landrace.errors import CallError, ModelError, TransientCallError
from landrace.gateway import connect
from landrace.gateway.metered import Price
from landrace.gateway.scripted import ScriptedGateway

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    from git_repo import GitRepo

CASES = "prompts/route-note/cases.jsonl"
TEMPLATE = "prompts/route-note/prompt.jinja"
PIPELINE = "pipelines/default.yaml"
LEDGER = ".landrace/ledger.jsonl"


class Row(NamedTuple):
    spoil: Callable[[GitRepo], object]
    command: str
    code: int
    where: str
    says: str


def first_cases(count: int) -> Callable[[GitRepo], object]:
    def spoil(repo: GitRepo) -> None:
        lines = (repo.root / CASES).read_text().splitlines(keepends=True)
        repo.write(CASES, "".join(lines[:count]))

    return spoil


def pipeline(old: str, new: str) -> Callable[[GitRepo], object]:
    def spoil(repo: GitRepo) -> None:
        text = (repo.root / PIPELINE).read_text()
        repo.write(PIPELINE, re.sub(old, new, text, count=1, flags=re.MULTILINE))

    return spoil


def template(text: str) -> Callable[[GitRepo], object]:
    return lambda repo: repo.write(TEMPLATE, text)


def damaged_ledger(repo: GitRepo) -> None:
    whole = json.dumps({"kind": "stage", "study": "x"})
    repo.write(LEDGER, f"{whole}\n{whole[:9]}\n{whole}\n")


BILLION = (
    "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}{{ note }}"
)
DOUBLING = "{% set x = 'ab' %}" + "{% set x = x ~ x %}" * 30 + "{{ x }}{{ note }}"

ROWS = {
    "too few cases": Row(first_cases(12), "optimize", 2, CASES, "too few cases for its splits"),
    "empty eval set": Row(first_cases(0), "optimize", 2, CASES, "eval set is empty"),
    "too small a budget": Row(
        pipeline(r"^budget:.*$", "budget: {calls: 20}"), "optimize", 2, f"{PIPELINE}:", "too few"
    ),
    "unknown strategy": Row(
        pipeline(r"^strategy:.*$", "strategy: {name: autom}"), "plan", 2, f"{PIPELINE}:", "`autom`"
    ),
    "no such prompt": Row(lambda _: None, "plan --prompt rout", 2, "prompts", "`rout`"),
    "no such pipeline": Row(lambda _: None, "plan --pipeline man", 2, "pipelines", "`man`"),
    "no such model": Row(lambda _: None, "plan --model gpt-99", 2, "pipelines", "no pipeline has"),
    "damaged ledger": Row(damaged_ledger, "optimize", 2, f"{LEDGER}:2", "damaged line"),
    "a template that loops": Row(template(BILLION), "optimize", 3, f"{TEMPLATE}:1", "Call"),
    "a template that grows": Row(template(DOUBLING), "optimize", 2, f"{TEMPLATE}:1", "16,000,000"),
    "a template that reaches": Row(
        template("{{ note.__class__ }}"), "optimize", 3, f"{TEMPLATE}:1", "__class__"
    ),
    "a report of nothing": Row(lambda _: None, "report route-note", 4, "registry", "has no pin"),
    "an eval of no pin": Row(
        lambda _: None, "eval route-note --variant pinned", 4, "registry", "has no pin"
    ),
    "a ceiling of nothing": Row(lambda _: None, "optimize --max-calls 0", 2, "", "--max-calls"),
}


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> ScriptedGateway:
    """Every model is a scripted one; what is asked of it shows in ``calls``."""
    scripted = ScriptedGateway(lambda _request: "orders")
    monkeypatch.setattr(
        connect, "connect", lambda _most=None: connect.RoutingGateway(lambda _id: scripted)
    )
    monkeypatch.setattr(connect, "check_model", lambda *_arguments: None)
    monkeypatch.setattr(connect, "fingerprint", lambda _model: "")
    monkeypatch.setattr(connect, "price_of", lambda _model: Price(0.0, 0.0))
    return scripted


@pytest.fixture
def good(repo: GitRepo, landrace: Callable[..., Result]) -> GitRepo:
    assert landrace("init").exit_code == 0
    repo.commit("start")
    return repo


def without_artifacts(repo: GitRepo) -> dict[str, bytes | None]:
    return {path: data for path, data in repo.tree().items() if not path.startswith(".landrace")}


@pytest.mark.parametrize("name", ROWS)
def test_bad_input(
    good: GitRepo, landrace: Callable[..., Result], model: ScriptedGateway, name: str
) -> None:
    row = ROWS[name]
    row.spoil(good)
    before = without_artifacts(good)
    result = landrace(*row.command.split())
    said = result.stderr + result.stdout
    assert result.exit_code == row.code, said
    assert len(re.findall(r"^(?:error|.*: error|Error): ", said, re.MULTILINE)) == 1, said
    assert row.where in said
    assert row.says in said
    assert "Traceback" not in said
    assert without_artifacts(good) == before
    assert model.calls == 0


def test_a_full_disk_keeps_what_is_paid_for(
    good: GitRepo,
    landrace: Callable[..., Result],
    model: ScriptedGateway,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real_write, writes = os.write, []

    def write(descriptor: int, data: bytes) -> int:
        if data.startswith(b'{"kind"'):
            writes.append(data)
            if len(writes) > 40:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real_write(descriptor, data)

    monkeypatch.setattr(os, "write", write)
    result = landrace("optimize")
    assert result.exit_code == 2
    assert "No space left" in result.stderr
    assert not (good.root / "registry").exists()
    monkeypatch.undo()
    lines = (good.root / LEDGER).read_bytes().splitlines()
    assert len(lines) == 40
    assert all(json.loads(line) for line in lines)


@pytest.mark.parametrize("command", ["optimize", "eval route-note"])
@pytest.mark.parametrize(("failure", "code"), [(TransientCallError, 75), (CallError, 2)])
def test_an_outage_is_75_refused_calls_are_2_and_both_leave_the_repository_alone(
    good: GitRepo,
    landrace: Callable[..., Result],
    monkeypatch: pytest.MonkeyPatch,
    *,
    command: str,
    failure: type[CallError],
    code: int,
) -> None:
    down = ScriptedGateway(lambda _request: "x", failure_rate=1.0, failure=failure)
    monkeypatch.setattr(
        connect, "connect", lambda _most=None: connect.RoutingGateway(lambda _id: down)
    )
    monkeypatch.setattr(connect, "check_model", lambda *_arguments: None)
    monkeypatch.setattr(connect, "fingerprint", lambda _model: "")
    before = without_artifacts(good)
    result = landrace(*command.split())
    assert result.exit_code == code
    assert "nothing is lost" in result.stderr
    assert without_artifacts(good) == before


@pytest.mark.parametrize("command", ["optimize", "eval route-note", "gate --base HEAD"])
def test_a_judge_that_cannot_be_called_is_told_before_the_first_answer(
    good: GitRepo,
    landrace: Callable[..., Result],
    model: ScriptedGateway,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
) -> None:
    def check(model_id: str, _params: object = None) -> None:
        if model_id == "fake/judge":
            raise ModelError("a missing API key", where=model_id)

    monkeypatch.setattr(connect, "check_model", check)
    judge = "{metric: llm_judge, model: fake/judge, rubric: Is it right?}"
    good.edit("prompts/route-note/prompt.yaml", "metrics:", f"metrics:\n  - {judge}")
    good.commit("ask a judge")
    good.edit("prompts/route-note/prompt.jinja", "{% section task %}", "{% section task %}\nHello.")
    result = landrace(*command.split())
    assert (result.exit_code, model.calls) == (2, 0)
    assert "fake/judge: a missing API key" in result.stderr


def test_optimize_plan_report_eval(
    good: GitRepo, landrace: Callable[..., Result], model: ScriptedGateway
) -> None:
    plan = json.loads(landrace("plan", "--format", "json").stdout)
    assert plan[0]["at_most"]["calls"] > 0
    result = landrace("optimize")
    assert result.exit_code == 0, result.stderr
    assert 0 < model.calls <= plan[0]["at_most"]["calls"]
    assert landrace("plan").stdout.startswith("Nothing to do")
    assert landrace("verify").exit_code == 0
    report = landrace("report", "route-note")
    assert report.exit_code == 0
    assert "route-note on local/smollm2-135m-instruct" in report.stdout
    assert landrace("report").stdout.startswith("|")
    assert "<html" in landrace("report", "route-note", "--format", "html").stdout
    found = landrace("eval", "route-note", "--split", "select", "--format", "json")
    assert json.loads(found.stdout)[0]["coverage"] == 1.0
    assert good.tree().keys() >= {LEDGER}
