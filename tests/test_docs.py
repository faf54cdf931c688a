"""Every command and snippet in README.md and docs/ runs, and every link leads somewhere.

Commands run in the order of a page, in one real repository a page. The README's ask a real
model; on the other pages a scripted one answers, so that they take seconds.
"""

from __future__ import annotations

import doctest
import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.tests import TESTS as JINJA_TESTS

from doc_pages import PAGES, ROOT, Command, File, Snippet, anchors, links, shows, steps
from git_repo import _ENVIRONMENT as GIT_ENVIRONMENT
from git_repo import GitRepo
from landrace.cli import cli
from landrace.gateway import connect
from landrace.metrics.table import METRICS
from landrace.optimizers.strategy import Sizes
from landrace.optimizers.table import STRATEGIES
from landrace.parsers import _KINDS
from landrace.template.filters import FILTERS, TESTS
from landrace.workflows.initialise import initialise
from loader_cells import make_pin, write_cell
from pupil import Pupil

if TYPE_CHECKING:
    from collections.abc import Callable

README = "README.md"
LOADER = "docs/loader.md"
WRITTEN_BY_HELP = {"docs/cli.md"}  # tests/commands/test_cli.py keeps it

# Commands that no test runs, by how they begin, with the reason.
NOT_RUN = {
    "make demo": "needs minutes of a real model; it is the CI job of that name",
    "make test": "would run this test",
    "make lint": "is what `make test` begins with",
    "make bench": "measures for minutes",
    ".venv/bin/pytest": "would run this test",
    ".venv/bin/python docs/": "would write into this repository",
    "pip install": "would change the environment that runs the tests",
    "git clone": "needs a network",
}
# The page's model answers in processes of their own as well: a plugin of pytest puts it there.
RUN_APART = {"pytest": [sys.executable, "-m", "pytest", "-p", "pupil"]}
RUN_BY_A_SHELL = {"git", "cat", "ls", "echo", "cp", "rm", "sed"}

# The least that `landrace optimize` takes for the first prompt; its own budget needs minutes.
FEWEST_CALLS = ("--max-calls", "132")
# What a model said differs between machines whose arithmetic differs.
MODEL_SAYS = {"optimize", "eval", "report", "history", "render", "models"}


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepo:
    """An empty repository, which is the working directory."""
    made = GitRepo.make(tmp_path / "repo")
    monkeypatch.chdir(made.root)
    for name, value in GIT_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("COLUMNS", "80")  # what pages show, whatever the terminal of the tests
    for name in ("FORCE_COLOR", "PY_COLORS", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    return made


@pytest.mark.model
def test_the_readme_runs_on_a_real_model(repo: GitRepo, smollm2: str) -> None:
    assert smollm2 in (ROOT / README).read_text(encoding="utf-8")

    def landrace(arguments: list[str]) -> tuple[int, str]:
        extra = FEWEST_CALLS if arguments == ["optimize"] else ()
        done = subprocess.run(
            [sys.executable, "-m", "landrace", *arguments, *extra],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    _follow(README, landrace, compared=lambda command: command.split()[1] not in MODEL_SAYS)


@pytest.mark.parametrize("page", [p for p in PAGES if p not in {README, LOADER, *WRITTEN_BY_HELP}])
def test_a_page_runs(page: str, repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    initialise(repo.root)
    repo.commit("Set up landrace")
    gateway = Pupil(repo.root / "prompts/route-note/cases.jsonl")
    monkeypatch.setattr(connect, "connect", lambda _concurrency: gateway)
    monkeypatch.setattr(connect, "check_model", lambda _model, _params=None: None)
    _follow(page, _in_this_process, compared=lambda _command: True)


def test_the_loaders_page_runs(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    for model in ("openai/gpt-4o-mini", "openai/gpt-4o-2024-08-06"):
        write_cell(repo.root / "registry", make_pin("review-sentiment", model))
    message = SimpleNamespace(message=SimpleNamespace(content="positive"))
    fake = SimpleNamespace(completion=lambda **_request: SimpleNamespace(choices=[message]))
    monkeypatch.setitem(sys.modules, "litellm", fake)
    scope = _follow(LOADER, _in_this_process, compared=lambda _command: True)
    assert scope["label"] == "positive"


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for link in links(page):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), f"{page}: {link}"
        if anchor:
            assert anchor in anchors(target), f"{page}: {link}"


@pytest.mark.parametrize("name", sorted({name.split("/")[0] for name in STRATEGIES}))
def test_every_strategy_has_its_row_and_its_page(name: str) -> None:
    table = (ROOT / "docs/strategies.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| \[`{name}`\]\((\S*?)(?:#\S*)?\)", table, re.MULTILINE)
    wanted = f"| [`{name}`](strategies/PAGE.md) | good for | calls | leave it where |"
    assert row is not None, f"docs/strategies.md: add a row to the first table: {wanted}"
    page = f"docs/{row[1] or 'strategies.md'}"
    assert (ROOT / page).is_file(), f"{page}: write this page, to which docs/strategies.md points"
    text = (ROOT / page).read_text(encoding="utf-8")
    assert f"`{name}`" in text, f"{page}: say what `{name}` does, what it costs, and its options"


def test_the_page_on_metrics_lists_all_of_them() -> None:
    page = (ROOT / "docs/authoring.md").read_text(encoding="utf-8")
    table = page[page.index("| metric | compares |") :].partition("\n\n")[0]
    listed = [
        n for row in table.splitlines()[2:] for n in re.findall(r"`(\w+)`", row.split("|")[1])
    ]
    missing, extra = METRICS.keys() - set(listed), set(listed) - METRICS.keys()
    rows = "docs/authoring.md, the table of metrics"
    assert not missing, f"{rows}: add {', '.join(sorted(missing))}, and what it compares"
    assert not extra, f"{rows}: there is no metric {', '.join(sorted(extra))}"
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("name", ["evoprompt", "promptbreeder"])
def test_a_page_says_from_how_many_calls_on_a_dear_strategy_is_not_refused(name: str) -> None:
    text = " ".join((ROOT / "docs/strategies/evolution.md").read_text(encoding="utf-8").split())
    found = re.search(rf"less than (\d+) calls are refused for `{name}`", text)
    assert found is not None
    sizes = Sizes(search=60, select=60, holdout=60, rivals=1)
    row = STRATEGIES[name]
    looks = 2 * sizes.holdout  # the base and the winner
    assert int(found[1]) == row.least(row.options(), sizes) + looks


def test_every_parser_has_its_row_with_its_option() -> None:
    page = (ROOT / "docs/programs.md").read_text(encoding="utf-8")
    table = page[page.index("| `kind` |") :].partition("\n\n")[0]
    rows = {
        kind: row
        for row in table.splitlines()[2:]
        for kind in re.findall(r"`(\w+)`", row.split("|")[1])
    }
    assert rows.keys() == _KINDS.keys()
    assert all(f"`{kind.option}`" in rows[name] for name, kind in _KINDS.items() if kind.option)


@pytest.mark.parametrize(
    ("word", "ours", "jinjas"),
    [
        ("tests", TESTS.keys() | {"defined", "undefined"}, JINJA_TESTS),
        ("filters", FILTERS.keys() | {"default", "d"}, JINJA_FILTERS),
    ],
)
def test_the_page_on_templates_lists_what_of_jinja_is_refused(
    word: str, ours: set[str], jinjas: dict[str, object]
) -> None:
    page = (ROOT / "docs/authoring.md").read_text(encoding="utf-8")
    listed = re.search(rf"the {word} ((?:`\w+`[,\s]*)+)", page)
    assert listed is not None
    refused = {name for name in jinjas.keys() - ours if name.isidentifier()}
    assert re.findall(r"\w+", listed[1]) == sorted(refused)


@pytest.mark.parametrize(
    ("shown", "same"),
    [
        (("one", "three"), True),
        (("…", "tw…", "…"), True),
        (("three", "one"), False),
        (("one", "one"), False),
        (("tw",), False),
    ],
)
def test_shown_output_is_compared_line_by_line(shown: tuple[str, ...], *, same: bool) -> None:
    assert shows(shown, "one\ntwo\nthree\n") is same


def test_the_reference_of_the_files_is_what_the_schemas_say() -> None:
    """After a change of a schema: python docs/generate_files.py."""
    path = ROOT / "docs" / "generate_files.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")
    assert page == module.page(), "docs/files.md is stale: run python docs/generate_files.py"


def _follow(
    page: str,
    landrace: Callable[[list[str]], tuple[int, str]],
    *,
    compared: Callable[[str], bool],
) -> dict[str, object]:
    """Do what the page says, in its order; gives the names that its snippets made."""
    scope: dict[str, object] = {}
    for step in steps(page):
        if isinstance(step, File):
            path = Path(step.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.text, encoding="utf-8")
        elif isinstance(step, Snippet):
            _run_snippet(step, page, scope)
        else:
            _run_command(step, page, landrace, compared)
    return scope


def _run_command(
    command: Command,
    page: str,
    landrace: Callable[[list[str]], tuple[int, str]],
    compared: Callable[[str], bool],
) -> None:
    where = f"{page}:{command.line}: {command.text}"
    if any(command.text.startswith(start) for start in NOT_RUN):
        return
    program, *arguments = shlex.split(command.text)
    in_a_shell = re.search(r"[|<>]", command.text)
    if program == "landrace" and not in_a_shell:
        status, output = landrace(arguments)
    elif program in RUN_APART:
        status, output = _apart([*RUN_APART[program], *arguments])
    else:
        assert program in RUN_BY_A_SHELL | {"landrace"}, f"{where}: neither run nor listed"
        done = subprocess.run(
            ["bash", "-c", command.text], capture_output=True, text=True, check=False
        )
        status, output = done.returncode, done.stdout + done.stderr
    assert status == command.exits, f"{where}: exits {status}\n{output}"
    if program != "git" and (program != "landrace" or compared(command.text)):
        assert shows(command.shown, output), f"{where}: prints\n{output}"


def _apart(command: list[str]) -> tuple[int, str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return done.returncode, done.stdout + done.stderr


def _run_snippet(snippet: Snippet, page: str, scope: dict[str, object]) -> None:
    if ">>>" in snippet.text:
        flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
        example = doctest.DocTestParser().get_doctest(
            snippet.text, scope, page, page, snippet.line - 1
        )
        assert doctest.DocTestRunner(optionflags=flags).run(example).failed == 0
        return
    exec(compile(snippet.text, f"{page}:{snippet.line}", "exec"), scope)


def _in_this_process(arguments: list[str]) -> tuple[int, str]:
    result = CliRunner(catch_exceptions=False).invoke(cli, arguments)
    return result.exit_code, result.output
