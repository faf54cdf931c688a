from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from git_repo import GitRepo
from landrace.errors import ConfigError, RefusedError
from landrace.store.project import Project
from landrace.store.splits import split_cases
from landrace.workflows.check import check
from landrace.workflows.initialise import initialise
from pinned import pretend_pulled


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepo:
    pretend_pulled(tmp_path / "cache", monkeypatch)
    return GitRepo.make(tmp_path / "repo")


def actions(repo: GitRepo, **options: object) -> dict[str, str]:
    return {step.path: step.action for step in initialise(repo.root, **options)}


def test_everything_is_written_once(repo: GitRepo) -> None:
    first = actions(repo)
    tree = repo.tree()
    assert set(first.values()) == {"write"}
    assert set(first) == {path for path, data in tree.items() if data is not None}
    assert set(actions(repo).values()) == {"keep"}
    assert repo.tree() == tree


def test_what_is_written_has_no_mistake_and_can_be_optimized(repo: GitRepo) -> None:
    initialise(repo.root)
    assert check(repo.root).findings == []
    source = Project(repo.root).read_prompt("route-note")
    cases = source.eval_set().cases
    assert len(cases) == 60
    assert Counter(case.expected for case in cases) == {
        "billing": 20,
        "delivery": 20,
        "repairs": 20,
    }
    splits = split_cases(cases, source.config.splits)
    assert min(map(len, splits)) >= source.config.splits.min_cases


@pytest.mark.parametrize("name", ["prompt.yaml", "pipelines/default.yaml"])
def test_the_header_leads_to_the_schema_that_was_written(repo: GitRepo, name: str) -> None:
    initialise(repo.root)
    path = next(repo.root.rglob(Path(name).name))
    header = path.read_text(encoding="utf-8").splitlines()[0]
    relative = header.partition("$schema=")[2]
    assert "draft-07" in json.loads((path.parent / relative).read_bytes())["$schema"]


def test_dry_run_says_the_same_and_writes_nothing(repo: GitRepo) -> None:
    planned = actions(repo, dry_run=True)
    assert repo.tree() == {}
    assert actions(repo) == planned


def test_no_file_is_overwritten(repo: GitRepo) -> None:
    mine = {
        "prompts/route-note/cases.jsonl": "mine",
        "prompts/.schemas/prompt.json": "{}",
        "pipelines/nightly.yaml": "mine",
        ".gitignore": "*.log",
    }
    for path, text in mine.items():
        repo.write(path, text)
    steps = {step.path: step for step in initialise(repo.root, prompt="route-note")}
    assert (repo.root / ".gitignore").read_text() == "*.log\n.landrace/\n"
    for path in list(mine)[:3]:
        assert (repo.root / path).read_text() == mine[path]
    assert steps["prompts/.schemas/prompt.json"].note.startswith("another version's")
    assert steps["pipelines/"].action == "keep"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b".landrace/\n"),
        (b"a\r\nb\r\n", b"a\r\nb\r\n.landrace/\r\n"),
        (b"/.landrace\n", b"/.landrace\n"),
        (b"# .landrace/\n", b"# .landrace/\n.landrace/\n"),
    ],
)
def test_gitignore_gets_its_line_once(repo: GitRepo, before: bytes, after: bytes) -> None:
    repo.write(".gitignore", before)
    initialise(repo.root)
    initialise(repo.root)
    assert (repo.root / ".gitignore").read_bytes() == after


def test_names_and_models_are_taken_over(repo: GitRepo) -> None:
    models = ["openai/gpt-5-mini", 'local/my "odd" model: é.gguf']
    initialise(repo.root, prompt="sort-mail", models=models)
    pipeline = Project(repo.root).read_pipeline("default")
    assert pipeline.prompts == ("sort-mail",)
    assert [model.id for model in pipeline.config.models] == models


def test_a_second_prompt_on_demand_only(repo: GitRepo) -> None:
    initialise(repo.root, prompt="first")
    initialise(repo.root)
    assert Project(repo.root).prompts() == ("first",)
    initialise(repo.root, prompt="second")
    assert Project(repo.root).prompts() == ("first", "second")


def test_a_bad_name_writes_nothing(repo: GitRepo) -> None:
    with pytest.raises(ConfigError, match="cannot be a prompt's name"):
        initialise(repo.root, prompt="../escape")
    assert repo.tree() == {}


@pytest.mark.parametrize("name", ["prompts", "pipelines", ".gitignore"])
def test_links_are_refused_before_anything_is_written(
    repo: GitRepo, tmp_path: Path, name: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (repo.root / name).symlink_to(outside)
    with pytest.raises(RefusedError, match="symbolic link"):
        initialise(repo.root)
    assert list(outside.iterdir()) == []
    assert list(repo.tree()) == [name]
