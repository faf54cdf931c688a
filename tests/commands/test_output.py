from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner

from landrace.commands.output import (
    colour_wanted,
    dry_run_option,
    emit,
    format_option,
    note,
    table,
)


@click.command
@format_option("github")
@dry_run_option
def shown(output_format: str, *, dry_run: bool) -> None:
    note("on stderr")
    emit({"name": "Zoë \ud800", "dry": dry_run}, "Zoë\x1b[2J\n::set-env", output_format)


def test_json_goes_to_stdout_alone_and_survives_lone_surrogates() -> None:
    result = CliRunner().invoke(shown, ["--format", "json", "--dry-run"])
    assert json.loads(result.stdout) == {"name": "Zoë \ud800", "dry": True}
    assert result.stderr == "on stderr\n"


def test_text_cannot_steer_the_terminal_or_runner() -> None:
    assert CliRunner().invoke(shown).stdout == "Zoë\\u001b[2J\n:\u200b:set-env\n"


def test_more_formats_are_offered() -> None:
    assert CliRunner().invoke(shown, ["--format", "github"]).exit_code == 0
    refused = CliRunner().invoke(shown, ["--format", "xml"])
    assert refused.exit_code == 2
    assert "'text', 'json', 'github'" in refused.stderr


def test_json_for_a_terminal_of_another_encoding_is_ascii() -> None:
    result = CliRunner(charset="ascii").invoke(shown, ["--format", "json"])
    assert "Zo\\u00eb" in result.stdout


def test_table_columns_are_as_wide_as_their_widest_cell() -> None:
    text = table([("a\nb", "x"), ("long name", "")], ("name", "n"))
    assert text == "name       n\na b        x\nlong name"


@pytest.mark.parametrize(("value", "wanted"), [("1", False), ("", True), (None, True)])
def test_no_color(monkeypatch: pytest.MonkeyPatch, value: str | None, *, wanted: bool) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    if value is not None:
        monkeypatch.setenv("NO_COLOR", value)
    assert colour_wanted() is wanted
