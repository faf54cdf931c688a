"""`landrace eval` tells what could not be read, of a program with the node and the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from landrace.gateway import connect
from landrace.gateway.scripted import ScriptedGateway
from pinned import pin_prompt

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    from git_repo import GitRepo

FOLDER = "prompts/route-note"
TAGGED = """\
program:
  nodes:
    gist: {generate: {template: gist.jinja, parser: {kind: xml, tag: gist}}}
    team: {generate: {template: prompt.jinja}}
  output: team
"""


@pytest.fixture
def good(
    repo: GitRepo, landrace: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> GitRepo:
    """A model that puts the gist of every note about money into its tag, and of no other."""
    assert landrace("init").exit_code == 0

    def answer(request):
        text = request.messages[-1].content
        return "<gist>money</gist>" if "invoice" in text else "billing"

    model = ScriptedGateway(answer)
    monkeypatch.setattr(
        connect, "connect", lambda _most=None: connect.RoutingGateway(lambda _id: model)
    )
    return repo


def program(repo: GitRepo) -> None:
    path = repo.root / FOLDER / "prompt.yaml"
    path.write_text(path.read_text() + TAGGED)
    repo.write(f"{FOLDER}/gist.jinja", "Say what this is about: {{ note }}\n")
    repo.write(f"{FOLDER}/prompt.jinja", "Which team? {{ gist }}\n")


def test_answers_that_could_not_be_read_are_counted_with_why(
    good: GitRepo, landrace: Callable[..., Result]
) -> None:
    program(good)
    cases = [json.loads(x) for x in (good.root / FOLDER / "cases.jsonl").read_text().splitlines()]
    lost = sum("invoice" not in case["inputs"]["note"] for case in cases)
    assert 0 < lost < len(cases)
    said = landrace("eval", "route-note").stdout.splitlines()
    assert said[-2:] == [
        f"{lost} of {len(cases)} answers could not be read",
        f"  node `gist`: it lacks <gist> (in {lost} cases)",
    ]
    [found] = json.loads(landrace("eval", "route-note", "--format", "json").stdout)
    assert found["unread"] == lost
    assert found["failures"] == [{"problem": "node `gist`: it lacks <gist>", "cases": lost}]


def test_what_each_node_did_stands_in_the_results(
    good: GitRepo, landrace: Callable[..., Result]
) -> None:
    program(good)
    [found] = json.loads(landrace("eval", "route-note", "--format", "json").stdout)
    lines = [json.loads(x) for x in (good.root / found["results"]).read_text().splitlines()]
    whole = next(line for line in lines if line["output"] == "billing" and len(line["steps"]) == 2)
    gist = {"node": "gist", "output": "<gist>money</gist>", "value": "money", "failure": None}
    assert whole["steps"][0] == gist
    cut = next(line for line in lines if len(line["steps"]) == 1)
    assert cut["steps"][0]["failure"] == "it lacks <gist>"


def test_a_metric_that_is_not_python_is_told_before_the_first_call(
    good: GitRepo, landrace: Callable[..., Result]
) -> None:
    good.edit(
        f"{FOLDER}/prompt.yaml", "metrics:", "metrics:\n  - {metric: python, function: 'm.py:f'}"
    )
    good.write("m.py", "def f(:\n")
    result = landrace("eval", "route-note")
    assert result.exit_code == 2
    assert "m.py:1: the metric m.py:f is not Python" in result.stderr
    good.write("m.py", "def f(inputs, expected, output, answer):\n    return 1\n")
    [found] = json.loads(landrace("eval", "route-note", "--format", "json").stdout)
    assert found["calls"] == found["cases"]


def test_half_a_surrogate_pair_in_an_answer_is_escaped_in_the_results(
    good: GitRepo, landrace: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ScriptedGateway(lambda _request: "é \ud83d")
    monkeypatch.setattr(
        connect, "connect", lambda _most=None: connect.RoutingGateway(lambda _id: model)
    )
    result = landrace("eval", "route-note", "--format", "json")
    assert result.exit_code == 0
    [found] = json.loads(result.stdout)
    line = (good.root / found["results"]).read_text(encoding="utf-8").splitlines()[0]
    assert r'"é \ud83d"' in line
    assert json.loads(line)["output"] == "é \ud83d"


def test_where_all_could_be_read_nothing_is_said_of_it(
    good: GitRepo, landrace: Callable[..., Result]
) -> None:
    said = landrace("eval", "route-note").stdout.splitlines()
    assert "lowest:" in said[-1]
    [found] = json.loads(landrace("eval", "route-note", "--format", "json").stdout)
    assert (found["unread"], found["failures"]) == (0, [])


def test_a_budget_that_ends_prints_what_is_known_and_exits_with_5(
    good: GitRepo, landrace: Callable[..., Result]
) -> None:
    result = landrace("eval", "route-note", "--max-calls", "5", "--format", "json")
    assert result.exit_code == 5
    [found] = json.loads(result.stdout)
    assert found["ended"] == "the next call might pass the ceiling of 5 calls"
    assert found["calls"] == 5
    assert f"{found['ended']} after {found['cases']} cases" in result.stderr
    assert landrace("eval", "route-note").exit_code == 0


def test_a_run_that_a_ceiling_ends_leaves_the_results_of_a_whole_one(
    good: GitRepo, landrace: Callable[..., Result]
) -> None:
    [whole] = json.loads(landrace("eval", "route-note", "--format", "json").stdout)
    before = (good.root / whole["results"]).read_text()
    (good.root / ".landrace/ledger.jsonl").unlink()
    cut = landrace("eval", "route-note", "--max-calls", "5", "--format", "json")
    assert cut.exit_code == 5
    [part] = json.loads(cut.stdout)
    assert part["results"] == whole["results"].replace(".jsonl", ".partial.jsonl")
    assert len((good.root / part["results"]).read_text().splitlines()) == part["cases"]
    assert (good.root / whole["results"]).read_text() == before
    assert landrace("eval", "route-note").exit_code == 0
    assert not (good.root / part["results"]).exists()


def test_two_runs_at_once_keep_their_results_apart(
    good: GitRepo, landrace: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second begins and ends while the first waits for its first answer."""
    lines = (good.root / FOLDER / "cases.jsonl").read_text().splitlines()
    good.write("first.jsonl", "\n".join(lines[:3]))
    good.write("second.jsonl", "\n".join(lines[3:7]))
    inner: list[Result] = []
    once = iter(["the first answer"])

    def answer(_request: object) -> str:
        if next(once, None):
            inner.append(landrace("eval", "route-note", "--cases", "second.jsonl"))
        return "billing"

    first = ScriptedGateway(answer)
    models = [first, ScriptedGateway(lambda _request: "delivery")]
    monkeypatch.setattr(
        connect, "connect", lambda _most=None: connect.RoutingGateway(lambda _id: models.pop(0))
    )
    outer = landrace("eval", "route-note", "--cases", "first.jsonl", "--format", "json")
    assert (outer.exit_code, inner[0].exit_code) == (0, 0)
    [found] = json.loads(outer.stdout)
    written = [json.loads(x) for x in (good.root / found["results"]).read_text().splitlines()]
    assert [line["id"] for line in written] == [json.loads(x)["id"] for x in lines[:3]]
    folder = (good.root / found["results"]).parent
    assert [path.name for path in folder.iterdir()] == [Path(found["results"]).name]


def test_the_pinned_variants_results_stand_beside_the_bases(
    good: GitRepo, landrace: Callable[..., Result]
) -> None:
    pin_prompt(good.root)
    for variant in ("base", "pinned"):
        arguments = ("eval", "route-note", "--split", "search", "--variant", variant)
        assert landrace(*arguments).exit_code == 0
    names = sorted(path.name for path in (good.root / ".landrace/evals/route-note").iterdir())
    assert [name.split("instruct")[-1] for name in names] == [".jsonl", ".pinned.jsonl"]


def test_an_unknown_price_is_not_nothing(
    good: GitRepo, landrace: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ScriptedGateway(lambda _request: "billing", price_usd=None)
    monkeypatch.setattr(
        connect, "connect", lambda _most=None: connect.RoutingGateway(lambda _id: model)
    )
    few = ("eval", "route-note", "--split", "search")
    [found] = json.loads(landrace(*few, "--format", "json").stdout)
    assert found["cost_usd"] is None
    (good.root / ".landrace/ledger.jsonl").unlink()
    assert "$" not in landrace(*few).stdout


def test_other_cases_on_the_pinned_variant(good: GitRepo, landrace: Callable[..., Result]) -> None:
    pin_prompt(good.root)  # unlike the base, it names no invoice
    lines = (good.root / FOLDER / "cases.jsonl").read_text().splitlines()
    few = [line for line in lines if "invoice" not in line][:3]
    good.write("few.jsonl", "\n".join(few))
    asked = landrace(
        "eval", "route-note", "--cases", "few.jsonl", "--variant", "pinned", "--format", "json"
    )
    [found] = json.loads(asked.stdout)
    results = [json.loads(x) for x in (good.root / found["results"]).read_text().splitlines()]
    assert [line["id"] for line in results] == [json.loads(x)["id"] for x in few]
    assert {line["output"] for line in results} == {"billing"}


BAD = {
    "expected": ('{"id": "z", "inputs": {"note": "n"}}', ":2: case `z`: `expected` "),
    "input": ('{"id": "z", "inputs": {}, "expected": "billing"}', ":2: case `z`: missing input"),
    "id": ('{"id": "a", "inputs": {"note": "n"}, "expected": "billing"}', ":2: the id `a` stands"),
    "render": (
        '{"id": "z", "inputs": {"note": "bad"}, "expected": "billing"}',
        ":2: route-note does not render with case `z`: ",
    ),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("own", [True, False])
def test_a_bad_case_is_named_before_anything_is_paid_for(
    good: GitRepo, landrace: Callable[..., Result], kind: str, *, own: bool
) -> None:
    line, says = BAD[kind]
    template = good.root / FOLDER / "prompt.jinja"
    template.write_text(
        template.read_text() + "{% if note == 'bad' %}{{ note.nothing.more }}{% endif %}"
    )
    file = f"{FOLDER}/cases.jsonl" if own else "other.jsonl"
    first = '{"id": "a", "inputs": {"note": "one"}, "expected": "billing"}'
    good.write(file, f"{first}\n{line}\n")
    result = landrace("eval", "route-note", *([] if own else ["--cases", file]))
    assert result.exit_code == 2
    assert f"error: {file}{says}" in result.stderr
    assert not (good.root / ".landrace/ledger.jsonl").exists()


def test_without_a_case_there_is_no_score(good: GitRepo, landrace: Callable[..., Result]) -> None:
    good.write("other.jsonl", "")
    result = landrace("eval", "route-note", "--cases", "other.jsonl")
    assert result.exit_code == 2
    assert "error: other.jsonl: the eval set is empty" in result.stderr
    case = {"id": "a", "inputs": {"note": "one"}, "expected": "billing", "split": "search"}
    good.write("other.jsonl", json.dumps(case))
    result = landrace("eval", "route-note", "--cases", "other.jsonl", "--split", "holdout")
    assert result.exit_code == 2
    assert "error: other.jsonl: no case falls into holdout" in result.stderr
