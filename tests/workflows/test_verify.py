from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from git_repo import GitRepo
from landrace.errors import ConfigError, RefusedError
from landrace.workflows.initialise import initialise
from landrace.workflows.verify import VerifiedCell, exit_code, verify
from pinned import MODEL, pin_prompt

if TYPE_CHECKING:
    from pathlib import Path

CELL = "registry/route-note/local%2Fsmollm2-135m-instruct"


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo.make(tmp_path / "repo")
    initialise(made.root)
    pin_prompt(made.root)
    return made


def only(repo: GitRepo) -> VerifiedCell:
    [cell] = verify(repo.root)
    return cell


def test_a_pin_is_fresh_until_something_changes(repo: GitRepo) -> None:
    cell = only(repo)
    assert (cell.prompt, cell.model, cell.status, cell.reasons) == (
        "route-note",
        MODEL,
        "fresh",
        (),
    )
    assert exit_code([cell]) == 0


@pytest.mark.parametrize(
    ("path", "old", "new", "reason"),
    [
        ("prompts/route-note/prompt.jinja", "You sort", "Sort", "the template changed"),
        ("prompts/route-note/cases.jsonl", "42.90", "42.91", "the eval set changed"),
        (
            "prompts/route-note/prompt.yaml",
            "ignore_case: true",
            "ignore_case: false",
            "the metrics changed",
        ),
        (
            "prompts/route-note/prompt.yaml",
            "holdout: 0.40",
            "holdout: 0.40, seed: 1",
            "the split seed changed",
        ),
        (
            "prompts/route-note/prompt.yaml",
            "max_tokens: 16",
            "max_tokens: 17",
            "the model's parameters changed",
        ),
        ("pipelines/default.yaml", "seed: 0", "seed: 1", "the pipeline's seed changed"),
    ],
)
def test_what_changed_is_named(repo: GitRepo, path: str, old: str, new: str, reason: str) -> None:
    repo.edit(path, old, new)
    cell = only(repo)
    assert (cell.status, cell.reasons) == ("stale", (reason,))
    assert exit_code([cell]) == 4


def test_a_pin_that_tells_the_shares_of_its_splits_is_stale_with_others(repo: GitRepo) -> None:
    told = '"splits": {"search": 0.25, "select": 0.35, "holdout": 0.40}, '
    repo.edit(f"{CELL}/pin.json", '"variant":', f'{told}"variant":')
    assert only(repo).status == "fresh"
    config = "prompts/route-note/prompt.yaml"
    repo.edit(config, "select: 0.35, holdout: 0.40", "select: 0.30, holdout: 0.45")
    cell = only(repo)
    assert (cell.status, cell.reasons) == ("stale", ("the shares of the splits changed",))


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("prompts/route-note/prompt.yaml", "Sends", "Sorts"),
        ("pipelines/default.yaml", "calls: 600", "calls: 900"),
    ],
)
def test_what_is_no_evidence_may_change(repo: GitRepo, path: str, old: str, new: str) -> None:
    repo.edit(path, old, new)
    assert only(repo).status == "fresh"


def test_a_cell_without_a_pin_is_missing(repo: GitRepo) -> None:
    repo.edit("pipelines/default.yaml", "models:", "models:\n  - openai/gpt-5-mini")
    cells = verify(repo.root)
    assert [(cell.model, cell.status) for cell in cells] == [
        (MODEL, "fresh"),
        ("openai/gpt-5-mini", "missing"),
    ]
    assert exit_code(cells) == 4


@pytest.mark.parametrize("file", ["prompt.jinja", "pin.json"])
def test_a_hand_on_a_pin_is_refused(repo: GitRepo, file: str) -> None:
    edits = {
        "prompt.jinja": ("Which", "What"),
        "pin.json": ('"temperature": 0', '"temperature": 1'),
    }
    repo.edit(f"{CELL}/{file}", *edits[file])
    cell = only(repo)
    assert (cell.status, cell.variant) == ("refused", None)
    assert file in cell.reasons[0]
    assert exit_code([cell]) == 3


def test_crlf_is_no_hand(repo: GitRepo) -> None:
    path = repo.root / CELL / "prompt.jinja"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert only(repo).status == "fresh"


def test_a_prompt_that_cannot_be_read_and_one_that_is_gone(repo: GitRepo) -> None:
    initialise(repo.root, prompt="other")
    pin_prompt(repo.root, "other")
    repo.write("prompts/other/cases.jsonl", "?")
    pin_prompt(repo.root, "route-note", "openai/gpt-5-mini")
    cells = {cell.prompt: cell for cell in verify(repo.root)}
    assert cells["other"].status == "unreadable"
    assert "cases.jsonl:1" in cells["other"].reasons[0]
    assert cells["route-note"].status == "fresh"
    assert exit_code(list(cells.values())) == 2
    repo.write(
        "pipelines/default.yaml", "prompts: [route-note]\nmodels: [local/smollm2-135m-instruct]\n"
    )
    (repo.root / "prompts/other").rename(repo.root / "prompts/_other")
    cells = {cell.prompt: cell for cell in verify(repo.root)}
    assert (cells["other"].status, cells["other"].reasons) == ("stale", ("the prompt is gone",))


def test_named_prompts_alone(repo: GitRepo) -> None:
    initialise(repo.root, prompt="other")
    assert {cell.prompt for cell in verify(repo.root, ["other"])} == {"other"}
    with pytest.raises(
        ConfigError, match=r"^prompts: there is neither a prompt nor a pin of `nope`"
    ):
        verify(repo.root, ["nope"])
    with pytest.raises(
        ConfigError, match=r"^pipelines: no pipeline and no pin names the model `no`"
    ):
        verify(repo.root, models=["no"])


def test_a_link_in_the_registry_is_refused(repo: GitRepo, tmp_path: Path) -> None:
    (tmp_path / "away").mkdir()
    (repo.root / "registry/link").symlink_to(tmp_path / "away")
    with pytest.raises(RefusedError, match="symbolic link"):
        verify(repo.root)


def test_the_worst_cell_decides(repo: GitRepo) -> None:
    def cell(status: str) -> VerifiedCell:
        return VerifiedCell("p", "m", status, (), None)

    codes = [
        exit_code([cell(status) for status in statuses])
        for statuses in (
            [],
            ["fresh", "fresh"],
            ["missing", "fresh"],
            ["stale", "unreadable"],
            ["unreadable", "refused", "stale"],
        )
    ]
    assert codes == [0, 0, 4, 2, 3]
