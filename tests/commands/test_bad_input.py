"""Bad input: one clear error with its place, the right exit code, and nothing written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pinned import pin_prompt

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    from git_repo import GitRepo

PROMPT = "prompts/route-note/prompt.yaml"
TEMPLATE = "prompts/route-note/prompt.jinja"
CASES = "prompts/route-note/cases.jsonl"
PIPELINE = "pipelines/default.yaml"
CELL = "registry/route-note/local%2Fsmollm2-135m-instruct"
MODELS = "models:\n  - local/smollm2-135m-instruct"

BOMB = """a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
d: [*c, *c, *c, *c, *c, *c, *c, *c, *c]
"""


class Row(NamedTuple):
    """What is done to a good repository, the command, and what must come out."""

    spoil: Callable[[GitRepo], object]
    command: str
    code: int
    where: str
    says: str


def case(line: str) -> Callable[[GitRepo], object]:
    """The first case is replaced by this line."""

    def spoil(repo: GitRepo) -> None:
        path = repo.root / CASES
        lines = path.read_text(encoding="utf-8").splitlines()
        repo.write(CASES, "\n".join([line, *lines[1:]]))

    return spoil


def edit(path: str, old: str, new: str) -> Callable[[GitRepo], object]:
    return lambda repo: repo.edit(path, old, new)


def write(path: str, text: str) -> Callable[[GitRepo], object]:
    return lambda repo: repo.write(path, text)


def link(path: str) -> Callable[[GitRepo], object]:
    """The folder is moved away, and a link to it left behind."""

    def spoil(repo: GitRepo) -> None:
        (repo.root / path).rename(repo.root.parent / "away")
        (repo.root / path).symlink_to(repo.root.parent / "away")

    return spoil


def model(line: str) -> Callable[[GitRepo], object]:
    return edit(PIPELINE, MODELS, f"models:\n  - {line}")


def edited_variant(repo: GitRepo) -> None:
    pin_prompt(repo.root)
    repo.edit(f"{CELL}/prompt.jinja", "Which", "What")


def nothing(repo: GitRepo) -> None:
    del repo


SAME_ID = '{"id": "paid-twice", "inputs": {"note": "?"}, "expected": "billing"}'
NO_INPUT = '{"id": "a", "inputs": {}, "expected": "billing"}'
WRONG_TYPE = '{"id": "a", "inputs": {"note": "?"}, "expected": {"team": "billing"}}'

ROWS = {
    "unknown YAML key": Row(
        edit(PROMPT, "metrics:", "metrix: []\nmetrics:"), "check", 2, f"{PROMPT}:13", "`metrix`"
    ),
    "alias bomb": Row(write(PIPELINE, BOMB), "check", 2, f"{PIPELINE}:1", "anchors are refused"),
    "duplicate case id": Row(case(SAME_ID), "check", 2, f"{CASES}:2", "`paid-twice`"),
    "missing input": Row(case(NO_INPUT), "check", 2, f"{CASES}:1", "missing input `note`"),
    "expected of wrong type": Row(case(WRONG_TYPE), "check", 2, f"{CASES}:1", "`expected`"),
    "undeclared input": Row(
        edit(TEMPLATE, "{{ note }}", "{{ note }}{{ mood }}"), "check", 2, f"{TEMPLATE}:11", "`mood`"
    ),
    "broken template": Row(
        edit(TEMPLATE, "{{ note }}", "{% if note %}"), "check", 2, f"{TEMPLATE}:11", "never closed"
    ),
    "template that calls": Row(
        edit(TEMPLATE, "{{ note }}", "{{ note.__class__ }}"),
        "check",
        3,
        f"{TEMPLATE}:11",
        "`__class__`",
    ),
    "linked prompt folder": Row(
        link("prompts/route-note"), "check", 3, "prompts/route-note", "symbolic links"
    ),
    "edited variant": Row(edited_variant, "check", 3, f"{CELL}/prompt.jinja", "is not the one"),
    "edited variant in verify": Row(edited_variant, "verify", 3, f"{CELL}/prompt.jinja", "not the"),
    "edited variant in bundle": Row(
        edited_variant, "bundle -o out.json", 3, f"{CELL}/prompt.jinja", "is not the one"
    ),
    "edited variant in render": Row(
        edited_variant,
        "render route-note --input note=x --model local/smollm2-135m-instruct",
        3,
        f"{CELL}/prompt.jinja",
        "is not the one",
    ),
    "empty eval set": Row(write(CASES, ""), "check", 2, CASES, "eval set is empty"),
    "unknown embedded model": Row(
        model("local/smol"), "check", 2, f"{PIPELINE}:6", "no such model"
    ),
    "unknown model id": Row(model("gpt-99"), "check", 2, f"{PIPELINE}:6", "gpt-99: "),
    "missing API key": Row(
        model("anthropic/claude-haiku-4-5"), "check --ready", 2, f"{PIPELINE}:6", "API key"
    ),
    "a parameter with a key in it": Row(
        model("{id: openai/gpt-5-mini, params: {api_key: sk-0123456789abcdef}}"),
        "check",
        2,
        f"{PIPELINE}:6",
        "`api_key`",
    ),
    "no such prompt to check": Row(nothing, "check rout", 2, "prompts", "`rout`"),
    "no such prompt to render": Row(nothing, "render rout", 2, "prompts", "`rout`"),
    "no such case": Row(nothing, "render route-note --case paid", 2, CASES, "`paid`"),
    "render without inputs": Row(nothing, "render route-note", 2, "route-note", "`note`"),
    "render an extra input": Row(
        nothing, "render route-note --input note=a --input mood=b", 2, "route-note", "`mood`"
    ),
    "inputs from no file": Row(
        nothing, "render route-note --inputs no.json", 2, "no.json", "No such file"
    ),
    "inputs that are a list": Row(
        write("in.json", "[1]"),
        "render route-note --inputs in.json",
        2,
        "in.json",
        "no JSON object",
    ),
    "not pinned": Row(
        nothing, "render route-note --input note=x --model openai/x", 2, "repo", "is pinned"
    ),
    "nothing to bundle": Row(nothing, "bundle -o out.json", 2, "registry/", "nothing is pinned"),
    "no such ref": Row(
        nothing, "bundle -o out.json --ref production", 2, "", "there is no commit `production`"
    ),
    "a ref that is an option": Row(
        nothing, "bundle -o out.json --ref=--all", 3, "", "not a git revision"
    ),
    "no such schema": Row(nothing, "schema promt", 2, "", "`promt`"),
    "no such model to pull": Row(nothing, "models pull smol", 2, "smol", "no such model"),
    "no such prompt's history": Row(nothing, "history rout", 2, "rout", "no such prompt"),
    "verify a name": Row(nothing, "verify rout", 2, "", "`rout`"),
    "a bad name": Row(nothing, "init --name Upper", 2, "Upper", "prompt's name"),
    "import from no file": Row(
        nothing, "import no.csv --prompt route-note", 2, "no.csv", "No such file"
    ),
    "import without the column": Row(
        write("new.csv", "text,expected\nhello,billing\n"),
        "import new.csv --prompt route-note",
        2,
        "new.csv:1",
        "`note`",
    ),
    "import a test in another file": Row(
        write("foo.yaml", "tests: file://cases.csv"),
        "import foo.yaml --prompt route-note",
        3,
        "foo.yaml:1",
        "another file",
    ),
    "import answers of no use": Row(
        write("new.csv", "note,expected\nhello,\n"),
        "import new.csv --prompt route-note",
        2,
        "new.csv",
        "`expected`",
    ),
}


@pytest.fixture
def good(repo: GitRepo, landrace: Callable[..., Result]) -> GitRepo:
    assert landrace("init").exit_code == 0
    repo.commit("start")
    return repo


@pytest.mark.parametrize("name", ROWS)
def test_bad_input(
    good: GitRepo,
    landrace: Callable[..., Result],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    row = ROWS[name]
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    row.spoil(good)
    before = good.tree()
    result = landrace(*row.command.split())
    said = result.stderr + result.stdout
    assert result.exit_code == row.code, said
    errors = re.findall(r"^(?:error|.*: error): |^refused: ", said, re.MULTILINE)
    assert len(errors) == 1, said
    assert row.where in said
    assert row.says in said
    assert "Traceback" not in said
    assert "0123456789abcdef" not in said
    assert good.tree() == before


@pytest.mark.parametrize(
    "command",
    [
        "init",
        "check",
        "verify",
        "history x",
        "render x",
        "bundle -o out.json",
        "import a.csv --prompt x",
    ],
)
def test_outside_git(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    landrace: Callable[..., Result],
    command: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = landrace(*command.split())
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: {tmp_path}: not inside a git repository\n  ")
    assert list(tmp_path.iterdir()) == []
