"""plan, optimize, commit, gate and report with ``--base``: a pull request by hand."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from git_repo import GitRepo
from landrace.errors import ModelError, OutageError
from landrace.gateway import connect
from landrace.gateway.catalogue import CATALOGUE
from landrace.gateway.metered import Price
from landrace.gateway.scripted import ScriptedGateway
from landrace.schemas.gate_report import GateReport
from landrace.schemas.pull_request import Plan, PullRequestReport
from landrace.schemas.results import Results
from pull_request_world import CELL, PROMPT, PUPIL, World, pupil
from signing_keys import make_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    from landrace.gateway.base import Request

    Run = Callable[..., Result]

ci_optimize = import_module("landrace.commands.ci.optimize")  # its command has the same name
RESULTS = ".landrace/results.json"
BASE = ("--base", "main")
HEAD = ("--base", "main", "--head", "HEAD")


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
    monkeypatch.setattr(connect, "check_model", lambda _model, _params=None: None)
    monkeypatch.setattr(connect, "fingerprint", lambda _model: "")
    monkeypatch.setattr(connect, "price_of", lambda _model: Price(1e-6, 2e-6))
    return made


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The template has changed on the branch."""
    made = World.make(tmp_path / "repo")
    made.template(51)
    made.commit()
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture
def optimized(world: World, model: Model, landrace: Run) -> World:
    assert landrace("optimize", *BASE).exit_code == 0
    return world


@pytest.fixture
def committed(optimized: World, landrace: Run) -> World:
    assert landrace("commit", *BASE).exit_code == 0
    return optimized


def test_the_whole_way(world: World, model: Model, landrace: Run) -> None:
    plan = landrace("plan", *BASE)
    assert plan.exit_code == 0
    assert f"{PROMPT}  {PUPIL}  optimize" in plan.stdout
    assert "there is no pin yet" in plan.stdout
    assert plan.stdout.rstrip().splitlines()[-1].startswith("1 cell to do with at most ")
    before = landrace("gate", *HEAD, "--offline")
    assert (before.exit_code, before.stdout.splitlines()[0]) == (
        4,
        "NOT EVALUATED: 1 of 1 changed cells",
    )
    assert model.calls == 0

    optimize = landrace("optimize", *BASE)
    assert optimize.exit_code == 0
    assert optimize.stdout == f"1 cell done; {world.root / RESULTS} has the results.\n"
    assert not (world.root / "registry").exists()
    commit = landrace("commit", *BASE)
    assert commit.exit_code == 0
    assert commit.stdout == f"Committed 1 cell as {world.repo.git('rev-parse', 'HEAD')}\n"

    paid = model.calls
    gate = landrace("gate", *HEAD, "--offline")
    assert (gate.exit_code, gate.stdout.splitlines()[0]) == (0, "PASS: 1 of 1 changed cells")
    assert landrace("plan", *BASE).stdout == "Nothing to do: 1 cell in order.\n"
    assert landrace("optimize", *BASE).stdout == "Nothing to do.\n"
    assert landrace("commit", *BASE).stdout == "Nothing to commit.\n"
    report = landrace("report", *BASE, "--format", "markdown")
    assert report.exit_code == 0
    assert report.stdout.startswith("## ✅ landrace: PASS\n")
    assert "🌱 1 better variant pinned." in report.stdout
    assert model.calls == paid
    assert world.repo.git("status", "--porcelain") == ""


@pytest.mark.parametrize("command", ["plan", "optimize", "report"])
def test_an_empty_head_is_none(world: World, landrace: Run, command: str) -> None:
    """So a variable that is not set reads; what is checked out may be base, and nothing to do."""
    result = landrace(command, *BASE, "--head", "")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "not a git revision" in result.stderr
    without = landrace(command, "--head", "")
    assert (without.exit_code, without.stdout) == (2, "")
    assert "--head has a meaning with --base alone" in without.stderr


class TestPlan:
    def test_as_data(self, world: World, model: Model, landrace: Run) -> None:
        found = Plan.model_validate_json(landrace("plan", *BASE, "--format", "json").stdout)
        (work,) = found.work
        assert (work.prompt, work.model, work.kind) == (PROMPT, PUPIL, "optimize")
        assert found.base == world.repo.git("rev-parse", "main")
        assert work.calls > 300
        assert work.cost_usd > 0

    def test_the_ceiling_is_kept(self, world: World, model: Model, landrace: Run) -> None:
        """Search and comparison together; the estimate is of the code that spends."""
        (work,) = Plan.model_validate_json(landrace("plan", *BASE, "--format", "json").stdout).work
        assert landrace("optimize", *BASE).exit_code == 0
        assert model.calls <= work.calls
        usage = [
            model.gateway._completion(request, "red").usage for request in model.gateway.requests
        ]
        assert sum(one.tokens for one in usage) <= work.tokens
        cost = sum(one.prompt_tokens * 1e-6 + one.completion_tokens * 2e-6 for one in usage)
        assert cost <= work.cost_usd

    def test_with_ceilings(self, world: World, model: Model, landrace: Run) -> None:
        few = landrace("plan", *BASE, "--max-calls", "250", "--format", "json").stdout
        many = landrace("plan", *BASE, "--format", "json").stdout
        assert json.loads(few)["work"][0]["calls"] < json.loads(many)["work"][0]["calls"]

    def test_too_small_a_ceiling_is_told(self, world: World, model: Model, landrace: Run) -> None:
        result = landrace("plan", *BASE, "--max-calls", "3")
        assert result.exit_code == 0
        assert "but it cannot be: 3 calls are too few" in result.stdout
        assert "unknown" in result.stdout

    def test_notes_come_first(self, world: World, model: Model, landrace: Run) -> None:
        world.pipeline("other")
        world.commit()
        assert landrace("plan", *BASE).stdout.startswith("pipelines/other.yaml is new and takes")


class TestOptimize:
    def test_a_dry_run_calls_and_writes_nothing(
        self, world: World, model: Model, landrace: Run
    ) -> None:
        before = world.repo.tree()
        result = landrace("optimize", *BASE, "--dry-run")
        assert (result.exit_code, model.calls) == (0, 0)
        assert "1 cell to do with at most" in result.stdout
        assert world.repo.tree() == before

    def test_as_data_into_a_file_of_ones_own(
        self, world: World, model: Model, landrace: Run
    ) -> None:
        result = landrace("optimize", *BASE, "--output", "out/found.json", "--format", "json")
        assert result.exit_code == 0
        found = Results.model_validate_json((world.root / "out/found.json").read_text())
        assert Results.model_validate_json(result.stdout) == found
        assert found.head == world.repo.git("rev-parse", "HEAD")

    def test_an_outage_is_told_with_its_code_and_the_file_is_there(
        self, world: World, model: Model, landrace: Run
    ) -> None:
        model.script = lambda _request: OutageError("the provider is down")
        result = landrace("optimize", *BASE)
        assert result.exit_code == 75
        assert f"not finished: {PROMPT} on {PUPIL}: " in result.stdout
        assert Results.model_validate_json((world.root / RESULTS).read_text()).cells == ()

    def test_a_spent_budget_is_told_with_its_code(
        self, world: World, model: Model, landrace: Run
    ) -> None:
        assert landrace("optimize", *BASE, "--max-tokens", "30").exit_code == 5

    def test_a_model_that_cannot_be_called_is_told_with_its_code(
        self, world: World, model: Model, landrace: Run
    ) -> None:
        model.script = lambda _request: ModelError("no key")
        result = landrace("optimize", *BASE)
        assert result.exit_code == 2
        assert "no key" in result.stdout

    def test_a_model_that_is_known_not_to_be_callable_is_told_before_the_first_call(
        self, world: World, model: Model, landrace: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connect, "check_model", _no_key(PUPIL))
        result = landrace("optimize", *BASE)
        assert (result.exit_code, model.calls) == (2, 0)
        assert f"{PUPIL}: a missing API key" in result.stdout

    def test_a_model_that_no_winner_can_be_tried_on_is_told(
        self, world: World, model: Model, landrace: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with world.on_main():
            world.pipeline(models=[PUPIL, "fake/twin"], budget={"calls": 300}, transfer=True)
        world.repo.git("merge", "--quiet", "-m", "merge", "main")
        monkeypatch.setattr(connect, "check_model", _no_key("fake/twin"))
        result = landrace("optimize", *BASE)
        told = "No other model's winner is tried on fake/twin: a missing API key."
        assert result.stderr.count(told) == 1
        assert f"not finished: {PROMPT} on fake/twin: fake/twin: a missing API key" in result.stdout
        assert "1 cell done" in result.stdout


def _no_key(missing: str) -> Callable[..., None]:
    def check(model_id: str, _params: object = None) -> None:
        if model_id == missing:
            raise ModelError("a missing API key", where=model_id)

    return check


EMBEDDED = [f"local/{name}" for name in CATALOGUE]


class TestFetch:
    @pytest.fixture
    def fetched(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        names: list[str] = []
        monkeypatch.setattr(ci_optimize, "pull", names.append)
        return names

    def judged_by(self, world: World, judge: str) -> None:
        world.config(metrics=[{"metric": "llm_judge", "model": judge, "rubric": "Is it red?"}])

    def fetch(self, world: World) -> None:
        with world.opened() as change:
            ci_optimize._fetch_models(change)

    def test_judges_proposers_and_models_to_be_tried(
        self, world: World, fetched: list[str]
    ) -> None:
        pupil, twin, judge = EMBEDDED
        with world.on_main():
            self.judged_by(world, judge)
            world.pipeline(models=[PUPIL, twin], proposer={"id": pupil}, transfer=True)
        world.repo.git("reset", "--quiet", "--hard", "main")
        world.template(52)
        world.commit()
        self.fetch(world)
        assert sorted(fetched) == sorted(name.removeprefix("local/") for name in EMBEDDED)

    def test_a_judge_that_base_does_not_ask_is_not_fetched(
        self, world: World, fetched: list[str]
    ) -> None:
        self.judged_by(world, EMBEDDED[0])
        world.commit()
        self.fetch(world)
        assert fetched == []

    def test_one_that_cannot_be_had_is_told_and_stops_no_other(
        self, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def refuse(_name: str) -> None:
            raise ModelError("the download failed")

        monkeypatch.setattr(ci_optimize, "pull", refuse)
        with world.on_main():
            world.pipeline(models=EMBEDDED[:2])
        world.repo.git("merge", "--quiet", "-m", "merge", "main")
        self.fetch(world)
        said = capsys.readouterr().err
        assert said.count("was not fetched: the download failed.") == 2


class TestCommit:
    def test_a_dry_run_shows_the_message_and_commits_nothing(
        self, optimized: World, landrace: Run
    ) -> None:
        head = optimized.repo.git("rev-parse", "HEAD")
        result = landrace("commit", *BASE, "--dry-run")
        assert result.exit_code == 0
        assert result.stdout.startswith("Pin 1 better variant\n\n- colours on fake/pupil: promoted")
        assert "Landrace-Run: by hand " in result.stdout
        assert optimized.repo.git("rev-parse", "HEAD") == head

    def test_a_repeated_one_says_that_it_is_there(self, committed: World, landrace: Run) -> None:
        result = landrace("commit", *BASE)
        assert result.exit_code == 0
        head = committed.repo.git("rev-parse", "HEAD")
        assert result.stdout == f"This run's commit is there already: {head}\n"

    def test_another_file_than_the_one_that_was_told_is_refused(
        self, optimized: World, landrace: Run
    ) -> None:
        result = landrace("commit", *BASE, "--digest", "0" * 64)
        assert result.exit_code == 3
        assert "not the one whose hash" in result.stderr

    def test_tampered_results_are_refused(self, optimized: World, landrace: Run) -> None:
        path = optimized.root / RESULTS
        data = json.loads(path.read_text())
        data["cells"][0]["files"]["report.md"] = "# Fine\n"
        path.write_text(json.dumps(data))
        before = optimized.repo.tree()
        result = landrace("commit", *BASE)
        assert result.exit_code == 3
        assert f"{CELL}/report.md" in result.stderr
        assert optimized.repo.tree() == before

    def test_results_that_something_has_overtaken_are_stale(
        self, optimized: World, landrace: Run
    ) -> None:
        optimized.template(80)
        optimized.commit()
        result = landrace("commit", *BASE)
        assert result.exit_code == 4
        assert "the template changed" in result.stderr

    def test_without_results_the_error_says_how_to_get_some(
        self, world: World, landrace: Run
    ) -> None:
        result = landrace("commit", *BASE)
        assert result.exit_code == 2
        assert "`landrace optimize --base REF` writes one" in result.stderr

    def test_an_edited_work_tree_in_the_way_is_refused(
        self, optimized: World, landrace: Run
    ) -> None:
        optimized.repo.write(f"{CELL}/pin.json", "mine")
        result = landrace("commit", *BASE)
        assert result.exit_code == 3
        assert optimized.read(f"{CELL}/pin.json") == "mine"

    def test_a_push_to_a_remote(self, optimized: World, landrace: Run, tmp_path: Path) -> None:
        bare = tmp_path / "remote.git"
        optimized.repo.git("clone", "--quiet", "--bare", ".", str(bare))
        optimized.repo.git("remote", "add", "origin", bare.as_uri())
        here = optimized.repo.git("rev-parse", "HEAD")
        result = landrace("commit", *BASE, "--push", "origin", "--branch", "change")
        assert result.exit_code == 0
        assert result.stdout == f"Committed 1 cell as {GitRepo(bare).git('rev-parse', 'change')}\n"
        assert optimized.repo.git("rev-parse", "HEAD") == here

    def test_a_key_signs(self, optimized: World, landrace: Run, tmp_path: Path) -> None:
        key = make_key(tmp_path)
        with optimized.on_main():
            optimized.repo.write("pipelines/allowed_signers", key.allowed())
        assert landrace("commit", *BASE, "--key", str(key.path)).exit_code == 0
        assert landrace("gate", *HEAD, "--offline").exit_code == 0

    def test_without_the_key_that_base_asks_for_the_gate_refuses(
        self, optimized: World, landrace: Run, tmp_path: Path
    ) -> None:
        with optimized.on_main():
            optimized.repo.write("pipelines/allowed_signers", make_key(tmp_path).allowed())
        assert landrace("commit", *BASE).exit_code == 0
        result = landrace("gate", *HEAD, "--offline")
        assert result.exit_code == 3
        assert "the evidence is not signed" in result.stdout

    def test_a_key_out_of_the_environment_signs(
        self, optimized: World, landrace: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LANDRACE_SIGNING_KEY", make_key(tmp_path).path.read_text())
        assert landrace("commit", *BASE).exit_code == 0
        assert (optimized.root / f"{CELL}/evidence.json.sig").exists()

    def test_a_branch_gets_no_more_commits_than_it_may(
        self, optimized: World, landrace: Run
    ) -> None:
        optimized.repo.git("commit", "-q", "--allow-empty", "-m", "x\n\nLandrace-Run: other")
        result = landrace("commit", *BASE, "--most-commits", "1")
        assert result.exit_code == 3
        assert "1 commit of landrace already" in result.stderr


class TestGate:
    @pytest.mark.parametrize(
        ("form", "start"),
        [
            ("text", "PASS: 1 of 1 changed cells"),
            ("markdown", "## ✅ landrace gate: PASS"),
            ("github", "::notice"),
            ("junit", "<?xml"),
        ],
    )
    def test_every_format(self, committed: World, landrace: Run, form: str, start: str) -> None:
        result = landrace("gate", *HEAD, "--offline", "--format", form)
        assert result.exit_code == 0
        assert result.stdout.startswith(start)

    def test_as_data_and_into_a_file(self, committed: World, landrace: Run) -> None:
        found = GateReport.model_validate_json(
            landrace("gate", *HEAD, "--offline", "--format", "json").stdout
        )
        assert (found.verdict, found.spent.calls) == ("PASS", 0)
        result = landrace("gate", *HEAD, "--offline", "--format", "json", "--output", "gate.json")
        assert result.exit_code == 0
        assert GateReport.model_validate_json(committed.read("gate.json")) == found

    def test_the_work_tree_is_heads_default(self, committed: World, landrace: Run) -> None:
        assert landrace("gate", *BASE, "--offline").exit_code == 0
        committed.pin_with(PUPIL, 10)
        assert landrace("gate", *BASE, "--offline").exit_code == 4
        assert landrace("gate", *HEAD, "--offline").exit_code == 0

    @pytest.mark.parametrize(
        "option",
        [
            ("--prompt", PROMPT),
            ("--model", PUPIL),
            ("--max-calls", "5"),
            ("--max-cost", "1"),
            ("--dry-run",),
        ],
        ids=" ".join,
    )
    def test_nothing_chooses_or_bounds_what_is_not_asked(
        self, world: World, landrace: Run, option: tuple[str, ...]
    ) -> None:
        result = landrace("gate", *BASE, "--offline", *option)
        assert result.exit_code == 2
        assert f"{option[0]} has no meaning with --offline" in result.stderr

    def test_a_regression_is_1(self, committed: World, model: Model, landrace: Run) -> None:
        committed.pin_with(PUPIL, 5)
        committed.commit()
        assert landrace("optimize", *BASE).exit_code == 0
        assert landrace("commit", *BASE).exit_code == 0
        result = landrace("gate", *HEAD, "--offline")
        assert (result.exit_code, result.stdout.split(":")[0]) == (1, "FAIL")


class TestReport:
    def test_as_text_and_as_data(self, committed: World, landrace: Run) -> None:
        told = landrace("report", *BASE)
        assert told.exit_code == 0
        assert told.stdout.startswith("PASS: 1 of 1 changed cells\n")
        assert "1 better variant pinned." in told.stdout
        found = PullRequestReport.model_validate_json(
            landrace("report", *BASE, "--format", "json").stdout
        )
        assert found.gate.verdict == "PASS"
        assert [search.decision for search in found.searches] == ["promoted"]

    def test_the_results_lend_it_the_texts_of_cases(self, committed: World, landrace: Run) -> None:
        plain = landrace("report", *BASE, "--format", "json").stdout
        told = landrace("report", *BASE, "--results", RESULTS, "--format", "json").stdout
        without, with_texts = (
            PullRequestReport.model_validate_json(text).gate.cells[0].flips
            for text in (plain, told)
        )
        assert {flip.head_output for flip in without} == {None}
        assert {flip.head_output for flip in with_texts} <= {"red", "blue"}
        assert json.loads(told)["spent"]["reused"] > json.loads(plain)["spent"]["reused"]

    def test_into_a_file(self, committed: World, landrace: Run) -> None:
        result = landrace("report", *BASE, "--format", "markdown", "--output", "report.md")
        assert (result.exit_code, result.stdout) == (0, "")
        assert committed.read("report.md").startswith("## ✅ landrace: PASS")
        data = landrace("report", *BASE, "--format", "json", "--output", "report.json")
        assert (data.exit_code, data.stdout) == (0, "")
        assert json.loads(committed.read("report.json"))["gate"]["verdict"] == "PASS"

    def test_a_report_that_no_search_has_left_is_not_told(
        self, committed: World, model: Model, landrace: Run
    ) -> None:
        """Somebody edits the report; the search is made anew, out of what was answered before."""
        data = json.loads(committed.read(f"{CELL}/report.json"))
        honest = data["comparisons"][0]["difference"]
        data["comparisons"][0]["difference"] = 0.99
        committed.repo.write(f"{CELL}/report.json", json.dumps(data))
        committed.commit()
        assert landrace("gate", *HEAD, "--offline").exit_code == 4
        assert landrace("optimize", *BASE).exit_code == 0
        assert landrace("commit", *BASE).exit_code == 0
        told = landrace("report", *BASE, "--format", "json").stdout
        found = PullRequestReport.model_validate_json(told)
        assert found.gate.verdict == "PASS"
        assert [search.comparisons[0].difference for search in found.searches] == [honest]


WRONG = [
    (("plan", *BASE, "--prompt", "x"), "--prompt has no meaning with --base"),
    (("plan", *BASE, "--force"), "--force has no meaning with --base"),
    (("plan", "--head", "HEAD"), "--head has a meaning with --base alone"),
    (("optimize", *BASE, "--model", "x"), "--model has no meaning with --base"),
    (("optimize", *BASE, "--pipeline", "x"), "--pipeline has no meaning with --base"),
    (("optimize", "--output", "x"), "--output has a meaning with --base alone"),
    (("optimize", "--head", "x"), "--head has a meaning with --base alone"),
    (("report", *BASE, "colours"), "PROMPT has no meaning with --base"),
    (("report", *BASE, "--model", "x"), "--model has no meaning with --base"),
    (("report", *BASE, "--format", "html"), "--format html has no meaning with --base"),
    (("report", "--results", "x"), "--results has a meaning with --base alone"),
    (("commit",), "Missing option '--base'"),
    (("commit", *BASE, "--push", "origin"), "--push and --branch need each other"),
    (("commit", *BASE, "--branch", "x"), "--push and --branch need each other"),
    (("commit", *BASE, "--most-commits", "0"), "most-commits"),
    (("gate", "--offline"), "Missing option '--base'"),
]


@pytest.mark.parametrize(("arguments", "problem"), WRONG, ids=[" ".join(a) for a, _ in WRONG])
def test_wrong_usage_is_2(
    optimized: World, landrace: Run, arguments: tuple[str, ...], problem: str
) -> None:
    result = landrace(*arguments)
    assert result.exit_code == 2
    assert problem in result.stderr


@pytest.mark.parametrize("command", ["plan", "optimize", "commit", "report", "gate"])
def test_a_base_that_is_not_there_is_2(optimized: World, landrace: Run, command: str) -> None:
    offline = ["--offline"] if command == "gate" else []
    result = landrace(command, "--base", "nowhere", *offline)
    assert result.exit_code == 2
    assert "there is no commit `nowhere` here" in result.stderr


def test_without_a_common_commit_it_is_an_error_and_never_no_changes(
    world: World, landrace: Run
) -> None:
    world.repo.git("checkout", "--quiet", "--orphan", "other")
    world.commit()
    for command in (("plan", *BASE), ("gate", *HEAD, "--offline"), ("report", *BASE)):
        result = landrace(*command)
        assert result.exit_code == 2
        assert "no common commit" in result.stderr
