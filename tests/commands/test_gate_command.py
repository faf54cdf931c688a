"""``landrace gate`` as people and CI systems meet it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from colours import CONFIG
from gating_world import World
from landrace.errors import ModelError, TransientCallError
from landrace.gateway import connect
from landrace.gateway.metered import Price
from landrace.gateway.scripted import ScriptedGateway
from landrace.schemas.gate_report import GateReport
from skill import PROMPT, PUPIL, TWIN, pupil, words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    from landrace.gateway.base import Request

    Run = Callable[..., Result]

LAX = {"gate": {"metrics": [{"allowed_drop": 0.3}]}}
TOP = f"prompts/{PROMPT}/prompt.jinja"


class Model:
    """Stands for every provider: what it answers can be changed, what it is asked is counted."""

    def __init__(self) -> None:
        self.script: Callable[[Request], Any] = pupil
        self.gateway = ScriptedGateway(self._answer)

    def _answer(self, request: Request) -> Any:
        return self.script(request)

    @property
    def calls(self) -> int:
        return self.gateway.calls


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    made = Model()
    monkeypatch.setattr(
        connect, "connect", lambda _most=None: connect.RoutingGateway(lambda _id: made.gateway)
    )
    monkeypatch.setattr(connect, "check_model", lambda *_arguments: None)
    monkeypatch.setattr(connect, "fingerprint", lambda _model: "")
    monkeypatch.setattr(connect, "price_of", lambda _model: Price(0.0, 0.0))
    return made


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path / "repo")
    made.prompt()
    made.pipeline(models=[PUPIL])
    made.commit()
    monkeypatch.chdir(made.root)
    return made


def said(result: Result) -> str:
    return result.stdout + result.stderr


class TestExitCodes:
    def test_0_where_nothing_changed(self, world: World, model: Model, landrace: Run) -> None:
        result = landrace("gate", "--base", "main")
        assert result.exit_code == 0
        assert result.stdout.startswith("PASS: nothing that is evaluated changed; 1 unchanged\n")
        assert model.calls == 0

    def test_0_for_a_harmless_change(self, world: World, model: Model, landrace: Run) -> None:
        world.pipeline(models=[PUPIL], **LAX)
        world.commit()
        world.template(91)
        result = landrace("gate", "--base", "main")
        assert result.exit_code == 0, said(result)
        assert result.stdout.startswith("PASS: 1 of 1 changed cells\n")

    def test_1_for_a_regression(self, world: World, model: Model, landrace: Run) -> None:
        world.template(5)
        result = landrace("gate", "--base", "main")
        assert result.exit_code == 1
        assert result.stdout.startswith("FAIL: 1 of 1 changed cells\n")

    def test_3_for_a_pinned_variant_that_was_edited(
        self, world: World, model: Model, landrace: Run
    ) -> None:
        world.pin(80)
        world.commit()
        world.repo.edit("registry/colours/fake%2Fpupil/prompt.jinja", "Pinned", "Edited")
        result = landrace("gate", "--base", "main")
        assert (result.exit_code, model.calls) == (3, 0)
        assert "registry/colours/fake%2Fpupil/prompt.jinja" in result.stderr
        assert "restore it from git" in result.stderr

    def test_3_for_answers_that_head_has_brought_along(
        self, world: World, model: Model, landrace: Run
    ) -> None:
        """Whichever of the two is checked out; asked of the model, the change fails."""
        world.branch()
        world.template(40)
        world.commit()
        model.script = lambda _request: "red"
        assert landrace("gate", "--base", "main").exit_code == 0
        world.repo.git("add", "--force", ".landrace/ledger.jsonl")
        world.repo.git("commit", "--quiet", "--message", "innocent")
        for checked_out in ("topic", "main"):
            world.switch(checked_out)
            result = landrace("gate", "--base", "main", "--head", "topic")
            assert (result.exit_code, result.stdout) == (3, "")
            assert "git tracks what must be this machine's own" in result.stderr

    def test_5_for_a_budget_that_ended(self, world: World, model: Model, landrace: Run) -> None:
        world.template(88)
        result = landrace("gate", "--base", "main", "--max-calls", "40")
        assert result.exit_code == 5
        assert "NOT EVALUATED" in result.stdout
        assert "the budget ended before the first look" in result.stdout
        assert model.calls <= 40
        again = landrace("gate", "--base", "main")
        assert again.exit_code == 0
        assert model.calls == 120, "what was paid for is kept"

    @pytest.mark.parametrize(("policy", "code"), [("warn", 0), ("block", 6)])
    def test_6_where_the_policy_blocks_on_what_cannot_be_told(
        self, world: World, model: Model, landrace: Run, policy: str, code: int
    ) -> None:
        world.pipeline(models=[PUPIL], gate={"inconclusive": policy})
        world.commit()
        world.template(88)
        result = landrace("gate", "--base", "main")
        assert result.exit_code == code
        assert result.stdout.startswith("INCONCLUSIVE:")

    def test_75_for_a_provider_that_is_down(
        self, world: World, model: Model, landrace: Run
    ) -> None:
        world.template(5)
        model.script = lambda _request: TransientCallError("503")
        result = landrace("gate", "--base", "main")
        assert result.exit_code == 75
        assert result.stdout.startswith("NOT EVALUATED:")
        model.script = pupil
        assert landrace("gate", "--base", "main").exit_code == 1

    def test_130_for_an_interrupt_and_what_was_answered_is_kept(
        self, world: World, model: Model, landrace: Run
    ) -> None:
        world.template(88)

        def interrupted(request: Request) -> str:
            if model.calls > 50:
                raise KeyboardInterrupt
            return pupil(request)

        model.script = interrupted
        result = landrace("gate", "--base", "main")
        assert (result.exit_code, result.stdout) == (130, "")
        assert "interrupted" in result.stderr
        kept = len(world.paid())
        assert kept >= 42
        model.script, asked = pupil, model.calls
        assert landrace("gate", "--base", "main").exit_code == 0
        assert model.calls - asked == 120 - kept

    def test_2_for_a_model_that_cannot_be_called(
        self, world: World, model: Model, landrace: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def missing(model_id: str, _params: object) -> None:
            raise ModelError("there is no key", where=model_id)

        monkeypatch.setattr(connect, "check_model", missing)
        assert landrace("gate", "--base", "main").exit_code == 0, "nothing would be called"
        world.template(5)
        result = landrace("gate", "--base", "main")
        assert (result.exit_code, model.calls) == (2, 0)
        assert "fake/pupil: there is no key" in result.stderr


class TestFormats:
    @pytest.fixture
    def failing(self, world: World, model: Model) -> World:
        world.template(5)
        return world

    @pytest.mark.parametrize("where", ["stdout", "file"])
    @pytest.mark.parametrize("form", ["text", "json", "markdown", "junit", "github"])
    def test_each_of_them(self, failing: World, landrace: Run, form: str, where: str) -> None:
        arguments = ["gate", "--base", "main", "--format", form]
        if where == "file":
            result = landrace(*arguments, "--output", "gate.out")
            assert result.stdout.startswith("FAIL: 1 of 1 changed cells\n")
            assert f"gate.out has the result as {form}." in result.stderr
            text = (failing.root / "gate.out").read_text(encoding="utf-8")
        else:
            result = landrace(*arguments)
            text = result.stdout
        assert result.exit_code == 1
        self.check(form, text)

    @staticmethod
    def check(form: str, text: str) -> None:
        if form == "json":
            report = GateReport.model_validate_json(text)
            assert (report.verdict, report.exit_code) == ("FAIL", 1)
        elif form == "junit":
            root = ET.fromstring(text)
            suites = {suite.get("name"): suite for suite in root}
            assert set(suites) == {f"{PROMPT} on {PUPIL}"}
            cases = {case.get("name") for case in suites[f"{PROMPT} on {PUPIL}"]}
            assert {word["id"] for word in words(60)} & cases
            assert int(root.get("failures", "0")) > 0
        elif form == "github":
            first, *_, last = text.splitlines()
            assert first.startswith(
                f"::error file={TOP},line=2,title=FAIL%3A colours on fake/pupil::"
            )
            assert last.startswith("::notice title=landrace gate::FAIL")
        else:
            assert text.startswith({"text": "FAIL: ", "markdown": "## ❌ landrace gate"}[form])
            assert PUPIL in text

    @pytest.mark.parametrize("form", ["text", "markdown", "github", "json"])
    def test_that_an_older_pin_is_served(
        self, world: World, model: Model, landrace: Run, form: str
    ) -> None:
        world.pin(90)
        world.commit()
        world.template(5)
        result = landrace("gate", "--base", "main", "--format", form)
        assert "applications are served a pin of an older prompt" in result.stdout
        assert f"makes a new pin: {PROMPT} on {PUPIL}" in result.stdout

    def test_two_runs_give_the_same_file(self, failing: World, landrace: Run) -> None:
        landrace("gate", "--base", "main")
        for name in ("one.json", "two.json"):
            landrace("gate", "--base", "main", "--format", "json", "--output", f".landrace/{name}")
        one, two = (
            (failing.root / ".landrace" / name).read_bytes() for name in ("one.json", "two.json")
        )
        assert one == two

    @pytest.mark.parametrize(
        ("output", "says"),
        [("gone/gate.md", "there is no such folder"), ("prompts", "a folder, not a file")],
    )
    def test_a_bad_output_is_told_before_anything_is_paid(
        self, failing: World, model: Model, landrace: Run, output: str, says: str
    ) -> None:
        result = landrace("gate", "--base", "main", "--output", output)
        assert (result.exit_code, model.calls) == (2, 0)
        assert says in result.stderr

    def test_a_disk_that_refuses_the_file_does_not_hide_the_verdict(
        self, failing: World, landrace: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_arguments: object) -> None:
            raise OSError(28, os.strerror(28), "gate.md")

        monkeypatch.setattr("landrace.commands.gate.write_text", full)
        result = landrace("gate", "--base", "main", "--output", "gate.md", "--format", "markdown")
        assert result.stdout.startswith("FAIL:")
        assert result.exit_code == 2
        assert "no space left" in result.stderr.lower()

    def test_what_models_and_cases_say_steers_no_terminal(
        self, world: World, model: Model, landrace: Run
    ) -> None:
        lines = words(60)
        for line in lines:
            line["inputs"]["word"] += "\u202e\x1b[31m\n::error::x"
        world.cases(lines)
        world.commit()
        world.template(5)
        model.script = lambda request: (
            "red"
            if "skill=90" in request.messages[-1].content
            else "\ud800\x1b[2J::set-output name=a::b"
        )
        for form in ("text", "markdown", "github", "junit", "json"):
            result = landrace("gate", "--base", "main", "--format", form)
            assert result.exit_code == 1, said(result)
            assert "\x1b" not in result.stdout
            assert "\u202e" not in result.stdout or form == "json"
            if form != "github":
                assert not re.search(r"^\s*::", result.stdout, re.MULTILINE)
        landrace("gate", "--base", "main", "--format", "json", "--output", "gate.json")
        assert json.loads((world.root / "gate.json").read_text())["verdict"] == "FAIL"


class TestDryRun:
    def test_it_shows_a_table_and_calls_nothing(
        self, world: World, model: Model, landrace: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connect, "check_model", lambda *_: pytest.fail("no model is needed"))
        world.prompt("shapes")
        world.pipeline(models=[PUPIL, TWIN])
        world.commit()
        world.template(80)
        world.cases(words(61))
        world.pin(70, TWIN)
        before = world.repo.tree()
        result = landrace("gate", "--base", "main", "--dry-run")
        assert result.exit_code == 0, said(result)
        assert model.calls == 0
        assert world.repo.tree() == before
        rows = [line.split() for line in result.stdout.splitlines()]
        assert [
            PROMPT,
            PUPIL,
            "template,",
            "cases",
            "template",
            "→",
            "template",
            "60",
            "242",
        ] in rows
        assert rows[-1] == ["2", "changed;", "2", "unchanged."]

    def test_it_has_the_same_as_json(self, world: World, model: Model, landrace: Run) -> None:
        world.template(80)
        world.repo.write("pipelines/more.yaml", "x")
        result = landrace("gate", "--base", "main", "--dry-run", "--format", "json")
        data = json.loads(result.stdout)
        assert data["base"] == world.repo.git("rev-parse", "main")
        assert data["head"] == "work tree"
        [cell] = data["cells"]
        assert (cell["prompt"], cell["model"], cell["changed"]) == (PROMPT, PUPIL, ["template"])
        assert (cell["cases"], cell["answers_at_most"]) == (60, 120)
        assert cell["head"]["file"] == TOP
        assert data["unchanged"] == 0
        assert "pipelines/more.yaml changed" in data["notes"][0]

    @pytest.mark.parametrize("form", ["text", "json"])
    def test_it_tells_that_an_older_pin_is_served(
        self, world: World, model: Model, landrace: Run, form: str
    ) -> None:
        world.pin(80)
        world.commit()
        world.template(70)
        result = landrace("gate", "--base", "main", "--dry-run", "--format", form)
        assert "applications are served a pin of an older prompt" in result.stdout

    def test_of_nothing(self, world: World, model: Model, landrace: Run) -> None:
        result = landrace("gate", "--base", "main", "--dry-run")
        assert result.stdout == "Nothing to evaluate: 1 unchanged.\n"

    @pytest.mark.parametrize(
        "options",
        [("--output", "plan.json"), *(("--format", f) for f in ("markdown", "junit", "github"))],
    )
    def test_it_refuses_what_is_for_results(
        self, world: World, model: Model, landrace: Run, options: tuple[str, ...]
    ) -> None:
        result = landrace("gate", "--base", "main", "--dry-run", *options)
        assert result.exit_code == 2
        assert "--dry-run" in result.stderr
        assert "Usage:" in result.stderr

    def test_what_it_promises_is_kept(self, world: World, model: Model, landrace: Run) -> None:
        world.pipeline(models=[{"id": PUPIL, "params": {"temperature": 1}}])
        world.commit()
        world.template(88)
        world.cases(words(70))
        planned = landrace("gate", "--base", "main", "--dry-run", "--format", "json")
        landrace("gate", "--base", "main")
        assert 0 < model.calls <= json.loads(planned.stdout)["cells"][0]["answers_at_most"]


class TestSelection:
    @pytest.fixture
    def two(self, world: World) -> World:
        world.prompt("shapes")
        world.pipeline(models=[PUPIL, TWIN])
        world.commit()
        world.template(5)
        world.template(5, "shapes")
        return world

    def test_by_name_and_by_pattern(self, two: World, model: Model, landrace: Run) -> None:
        result = landrace(
            *("gate", "--base", "main", "--prompt", "sh*", "--model", TWIN, "--format", "json")
        )
        report = GateReport.model_validate_json(result.stdout)
        assert [(cell.prompt, cell.model) for cell in report.cells] == [("shapes", TWIN)]
        assert report.notes == ("3 changed cells are left out, as was asked",)
        assert {request.model for request in model.gateway.requests} == {TWIN}

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["--prompt", "colour"], "did you mean `colours`?"),
            (["--prompt", "z*"], "there are colours, shapes"),
            (["--model", "gpt-99"], "no pipeline of base has a model `gpt-99`"),
        ],
    )
    def test_a_name_of_nothing_is_an_error_and_not_a_pass(
        self, two: World, model: Model, landrace: Run, arguments: list[str], says: str
    ) -> None:
        result = landrace("gate", "--base", "main", *arguments)
        assert (result.exit_code, result.stdout, model.calls) == (2, "", 0)
        assert says in result.stderr


class TestBadInput:
    @pytest.mark.parametrize(
        "arguments",
        [
            [],
            ["--base", "main", "--format", "html"],
            ["--base", "main", "--max-calls", "0"],
            ["--base", "main", "--max-cost", "-1"],
            ["--base", "main", "--haed", "x"],
            ["main"],
        ],
    )
    def test_bad_options(
        self, world: World, model: Model, landrace: Run, arguments: list[str]
    ) -> None:
        result = landrace("gate", *arguments)
        assert result.exit_code == 2
        assert "Usage:" in result.stderr

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            (["--base", "mian"], (2, "there is no commit `mian` here")),
            (["--base", "main", "--head", "topci"], (2, "there is no commit `topci` here")),
            (["--base", "a b"], (3, "not a git revision")),
            (["--base", "--output=x"], (3, "not a git revision")),
            (["--base", ""], (3, "not a git revision")),
            (["--base", "main", "--head", ""], (3, "not a git revision")),
            (["--base", "main", "--head", "", "--offline"], (3, "not a git revision")),
        ],
    )
    def test_unknown_refs(
        self,
        world: World,
        model: Model,
        landrace: Run,
        arguments: list[str],
        expected: tuple[int, str],
    ) -> None:
        code, says = expected
        result = landrace("gate", *arguments)
        assert (result.exit_code, model.calls) == (code, 0)
        assert says in result.stderr

    def test_a_branch_that_only_the_remote_has(
        self,
        world: World,
        model: Model,
        landrace: Run,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        world.branch()
        world.template(5)
        world.commit()
        clone = tmp_path / "clone"
        subprocess.run(
            ["git", "clone", "-q", "-b", "topic", world.root.as_uri(), str(clone)], check=True
        )
        monkeypatch.chdir(clone)
        result = landrace("gate", "--base", "main")
        assert result.exit_code == 2
        assert "say `origin/main`" in result.stderr
        assert landrace("gate", "--base", "origin/main").exit_code == 1

    def test_a_shallow_clone_without_the_common_commit(
        self,
        world: World,
        model: Model,
        landrace: Run,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        world.branch()
        world.template(5)
        world.commit()
        world.switch("main")
        world.template(89)
        world.commit()
        clone = tmp_path / "clone"
        arguments = ["git", "clone", "-q", "--depth=1", "--no-single-branch", "-b", "topic"]
        subprocess.run([*arguments, world.root.as_uri(), str(clone)], check=True)
        monkeypatch.chdir(clone)
        result = landrace("gate", "--base", "origin/main")
        assert (result.exit_code, model.calls) == (2, 0)
        assert "`origin/main` and `HEAD` have no common commit here" in result.stderr
        assert "git fetch --unshallow" in result.stderr
        subprocess.run(["git", "fetch", "-q", "--unshallow"], check=True, cwd=clone)
        assert landrace("gate", "--base", "origin/main").exit_code == 1

    def test_histories_that_have_nothing_in_common(
        self, world: World, model: Model, landrace: Run
    ) -> None:
        world.repo.git("checkout", "--quiet", "--orphan", "other")
        world.template(5)
        world.commit()
        result = landrace("gate", "--base", "main", "--head", "other")
        assert (result.exit_code, model.calls) == (2, 0)
        assert "`main` and `other` have no common commit here" in result.stderr

    def test_outside_a_repository(
        self, model: Model, landrace: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
        (tmp_path / "plain").mkdir()
        monkeypatch.chdir(tmp_path / "plain")
        result = landrace("gate", "--base", "main")
        assert result.exit_code == 2
        assert "not inside a git repository" in result.stderr

    def test_a_base_without_pipelines_says_so(
        self, world: World, model: Model, landrace: Run
    ) -> None:
        world.repo.git("rm", "--quiet", "pipelines/all.yaml")
        world.commit()
        world.template(5)
        world.pipeline()
        result = landrace("gate", "--base", "main")
        assert result.exit_code == 0
        assert "base has no pipeline, so nothing is evaluated" in result.stdout

    def test_a_head_that_cannot_be_read_costs_nothing(
        self, world: World, model: Model, landrace: Run
    ) -> None:
        world.branch()
        world.config(metrics=[{"metric": "exact_macht"}])
        sha = world.commit()
        result = landrace("gate", "--base", "main", "--head", "topic")
        assert (result.exit_code, model.calls) == (2, 0)
        assert f"{sha[:12]}:prompts/colours/prompt.yaml" in result.stderr
        assert "exact_match" in result.stderr

    def test_a_head_that_wants_other_inputs_fails_and_says_which(
        self, world: World, model: Model, landrace: Run
    ) -> None:
        inputs = {
            **CONFIG["inputs"],
            "properties": {"term": {"type": "string"}},
            "required": ["term"],
        }
        world.config(inputs=inputs)
        world.repo.write(TOP, "{{ term }}\n")
        world.cases([{"id": "a", "inputs": {"term": "a"}, "expected": "red"}])
        result = landrace("gate", "--base", "main")
        assert result.exit_code == 1
        assert "head cannot take base's cases" in result.stdout
        assert "`term`" in result.stdout

    def test_it_works_from_a_folder_below_the_root(
        self, world: World, model: Model, landrace: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.template(5)
        monkeypatch.chdir(world.root / "prompts")
        assert landrace("gate", "--base", "main").exit_code == 1

    def test_odd_file_names_of_a_head_are_shown_and_do_no_harm(
        self, world: World, model: Model, landrace: Run
    ) -> None:
        world.repo.write(os.fsdecode(b"pipelines/\xff\x1b[31m\n::error::x.yaml"), "x")
        world.template(5)
        for form in ("text", "json", "markdown", "junit", "github"):
            result = landrace("gate", "--base", "main", "--format", form)
            assert result.exit_code == 1, said(result)
            assert "\x1b" not in result.stdout
        result = landrace("gate", "--base", "main", "--format", "json", "--output", "gate.json")
        assert result.exit_code == 1, said(result)
