from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from landrace.store.registry import cell_dir
from landrace.workflows.initialise import initialise
from pinned import MODEL, pin_prompt
from report_examples import PROMOTED

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    from git_repo import GitRepo

    Run = Callable[..., Result]

TEMPLATE = "prompts/route-note/prompt.jinja"
STALE = "This report is stale: the template changed."


@pytest.fixture
def reported(repo: GitRepo) -> GitRepo:
    """Two prompts with a pin and a report each, about the files as they stand."""
    for prompt in ("route-note", "other"):
        initialise(repo.root, prompt=prompt)
        pin_prompt(repo.root, prompt)
        report = PROMOTED.model_copy(update={"prompt": prompt, "model": MODEL})
        path = cell_dir(repo.root, prompt, MODEL) / "report.json"
        path.write_text(report.model_dump_json(), "utf-8")
    return repo


def test_the_table_marks_the_stale_cell_alone(reported: GitRepo, landrace: Run) -> None:
    fresh = landrace("report").stdout
    assert len(fresh.splitlines()) == 4
    reported.edit(TEMPLATE, "You sort", "Sort")
    done = landrace("report")
    assert done.exit_code == 0
    _, _, other, row, _, legend = done.stdout.splitlines()
    assert "stale" not in other
    assert row.endswith("| promoted (stale) |")
    assert legend.startswith("**stale**: ")


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_a_single_report_says_what_changed(reported: GitRepo, landrace: Run, form: str) -> None:
    arguments = ("report", "route-note", "--format", form)
    assert "stale" not in landrace(*arguments).stdout
    reported.edit(TEMPLATE, "You sort", "Sort")
    assert STALE in landrace(*arguments).stdout
    assert "stale" not in landrace("report", "other", "--format", form).stdout


@pytest.mark.parametrize("prompts", [(), ("route-note", "other")])
def test_as_html_the_table_and_several_reports_are_one_page(
    reported: GitRepo, landrace: Run, prompts: tuple[str, ...]
) -> None:
    done = landrace("report", *prompts, "--format", "html", "-o", "report.html")
    assert (done.exit_code, done.stdout) == (0, "")
    page = (reported.root / "report.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>\n<html")
    assert page.endswith("</body>\n</html>\n")
    assert page.count("<!DOCTYPE") == page.count("</html>") == 1
    assert "route-note" in page
    assert "other" in page


def test_json_is_what_is_stored(reported: GitRepo, landrace: Run) -> None:
    fresh = landrace("report", "--format", "json").stdout
    reported.edit(TEMPLATE, "You sort", "Sort")
    assert landrace("report", "--format", "json").stdout == fresh
    assert [one["prompt"] for one in json.loads(fresh)] == ["other", "route-note"]


def test_json_goes_to_the_file_that_is_named(reported: GitRepo, landrace: Run) -> None:
    printed = landrace("report", "--format", "json").stdout
    done = landrace("report", "--format", "json", "-o", "out/report.json")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "wrote out/report.json\n")
    assert (reported.root / "out/report.json").read_text("utf-8") == printed


def test_what_is_stored_is_shown_without_its_prompt(reported: GitRepo, landrace: Run) -> None:
    (reported.root / "prompts/route-note").rename(reported.root / "prompts/_gone")
    reported.write("prompts/other/prompt.yaml", "inputz: {}\n")
    table = landrace("report")
    assert table.exit_code == 0
    assert "promoted (gone)" in table.stdout
    assert "promoted (unreadable)" in table.stdout
    single = landrace("report", "route-note")
    assert single.exit_code == 0
    assert "the prompt is gone" in single.stdout
    assert "prompts/other/prompt.yaml: " in landrace("report", "other").stdout
