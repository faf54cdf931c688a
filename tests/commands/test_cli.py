from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from landrace import cli as cli_module
from landrace.cli import COMMANDS, Entry, cli
from landrace.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from pytest_regressions.file_regression import FileRegressionFixture

    from git_repo import GitRepo

HEAVY = ("litellm", "scipy", "numpy", "xllamacpp", "git", "yaml", "rich", "jinja2", "pydantic")
DOCUMENT = Path(__file__).parents[2] / "docs" / "cli.md"


def landrace(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "landrace", *arguments],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def helps(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The help text of a command and of all below it, by the words that call it."""
    result = CliRunner().invoke(
        cli, [*path, "--help"], terminal_width=88, prog_name="landrace", catch_exceptions=False
    )
    assert result.exit_code == 0
    yield " ".join(("landrace", *path)), result.stdout
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from helps(below, (*path, name))


def test_the_reference_is_what_help_says(file_regression: FileRegressionFixture) -> None:
    """After a change of a help text: pytest --force-regen tests/commands/test_cli.py."""
    parts = ["# Command line\n\nThis page is what `--help` prints; a test keeps it so.\n"]
    for name, text in helps(cli, ()):
        parts.append(f"## {name}\n\n```text\n{text}```\n")
    file_regression.check("\n".join(parts), fullpath=DOCUMENT, encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_groups_help_quotes_the_commands_own(name: str) -> None:
    command = import_module(COMMANDS[name].module).command
    assert command.help.split("\n\n")[0].replace("\n", " ") == COMMANDS[name].summary


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_examples(name: str) -> None:
    assert "Examples:" in (import_module(COMMANDS[name].module).command.epilog or "")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from landrace.__main__ import main\n"
        "sys.argv = ['landrace', '--help']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert end.code in (0, None)\n"
        f"print('loaded:', [n for n in {HEAVY!r} if n in sys.modules], file=sys.stderr)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.stderr.strip() == "loaded: []"
    assert "Exit codes:" in result.stdout


def test_version() -> None:
    result = CliRunner().invoke(cli, ["--version"])
    assert result.output.startswith("landrace, version 0.")


@pytest.mark.parametrize("arguments", [["no-such"], ["check", "--no-such"], ["bundle"]])
def test_usage_errors_exit_with_2(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.stderr


def failing(error: BaseException) -> click.Command:
    @click.command
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (EvidenceError("old", where="a", fix="Run it."), 4, "error: a: old\n  Run it.\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (click.Abort(), 130, "interrupted\n"),
        (click.exceptions.Exit(6), 6, ""),
        (click.UsageError("no"), 2, "Error: no\n"),
    ],
)
def test_every_failure_has_its_code(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    register(monkeypatch, failing(error))
    result = CliRunner().invoke(cli, ["fail"])
    assert result.exit_code == code
    assert result.stderr.endswith(said)
    assert result.stdout == ""


def test_a_bug_is_an_apology_and_a_crash_log(
    monkeypatch: pytest.MonkeyPatch, repo: GitRepo
) -> None:
    register(monkeypatch, failing(KeyError("boom")))
    result = CliRunner().invoke(cli, ["fail"])
    assert result.exit_code == 70
    assert result.stderr.startswith("Sorry: landrace ran into a bug (KeyError).")
    assert list(repo.root.glob(".landrace/crash-*.log"))


def register(monkeypatch: pytest.MonkeyPatch, command: click.Command) -> None:
    module: ModuleType = type(sys)("failing_command")
    module.command = command
    monkeypatch.setitem(sys.modules, "failing_command", module)
    monkeypatch.setitem(cli_module.COMMANDS, "fail", Entry("failing_command", "Fails."))


def test_no_color_reaches_the_error_message(tmp_path: Path) -> None:
    environment = {**os.environ, "NO_COLOR": "1", "FORCE_COLOR": "1"}
    result = landrace("check", cwd=tmp_path, env=environment)
    assert result.stderr.startswith("error: ")


def test_a_loader_only_install_names_the_pip_line(tmp_path: Path) -> None:
    """A Python that sees landrace and no other package."""
    package = Path(cli_module.__file__).parents[1]
    code = f"import sys; sys.path.insert(0, {str(package)!r}); import runpy; "
    code += "runpy.run_module('landrace', run_name='__main__')"
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert result.stdout == ""
    assert "pip install 'landrace[pipeline]'" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGPIPE")
def test_a_reader_that_leaves_early_is_no_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "landrace", "schema", "report"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, said = process.communicate()
    assert said == b""
    assert process.returncode == 128 + signal.SIGPIPE
