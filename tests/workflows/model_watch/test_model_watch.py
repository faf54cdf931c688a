from __future__ import annotations

from datetime import date, timedelta

import pytest

from git_repo import GitRepo
from landrace.errors import ConfigError, RefusedError
from landrace.store.project import Project
from landrace.store.yaml import parse_yaml
from landrace.workflows.model_watch import Rules, watch, watch_commit
from loader_cells import make_pin, write_cell
from model_lists import KNOWN, PIPELINE, TODAY, known, pipeline


@pytest.fixture
def repo(tmp_path):
    """Two prompts, and no pipeline yet. The watch reads nothing of a prompt but its name."""
    made = GitRepo.make(tmp_path / "repo")
    for prompt in ("answers", "routes"):
        made.write(f"prompts/{prompt}/prompt.jinja", "Hello.\n")
    return made


def watched(repo, table, *, today=TODAY, days=60, at_most=3, **pipelines):
    for name, text in pipelines.items():
        repo.write(f"pipelines/{name}.yaml", text)
    return watch(Project(repo.root), table, today, Rules(days, at_most))


def lists(findings):
    """What the lists become, by pipeline."""
    return {
        edit.pipeline: [
            model if isinstance(model, str) else model["id"]
            for model in parse_yaml(edit.text, edit.path).value["models"]
        ]
        for edit in findings.edits
    }


def told(findings):
    return {
        (one.model, one.told.partition(";")[0])
        for one in (*findings.ending, *findings.new)
        if one.told
    }


def test_what_ends_goes_and_what_is_new_comes_and_no_other_line_changes(repo):
    findings = watched(repo, KNOWN, shop=PIPELINE)
    (edit,) = findings.edits
    assert edit.text == PIPELINE.replace("  - openai/gpt-8  # dear\n", "").replace(
        "temperature: 0}\n", "temperature: 0}\n  - openai/gpt-10\n"
    )
    assert (edit.path, edit.add, edit.remove) == (
        "pipelines/shop.yaml",
        ("openai/gpt-10",),
        ("openai/gpt-8",),
    )
    assert [one.ends for one in findings.ending] == [date(2026, 12, 31)]


@pytest.mark.parametrize(
    ("ends", "goes"),
    [(-400, True), (0, True), (59, True), (60, True), (61, False)],
)
def test_the_end_of_a_model_counts_some_days_ahead(repo, ends, goes):
    table = [known("x/a", str(TODAY + timedelta(days=ends)))]
    findings = watched(repo, table, shop=pipeline("x/a", "x/b"))
    assert lists(findings) == ({"shop": ["x/b"]} if goes else {})
    assert bool(findings.ending) is goes


def test_the_end_counts_under_whatever_name_the_list_has(repo):
    table = [known("openai/gpt-8", "2026-12-01")]
    findings = watched(repo, table, shop=pipeline("gpt-8", "openai/gpt-8", "x/b"))
    assert lists(findings) == {"shop": ["x/b"]}


def test_the_last_model_stays_and_is_told(repo):
    findings = watched(repo, [known("x/a", "2026-01-01")], shop=pipeline("x/a"))
    assert findings.edits == ()
    assert told(findings) == {("x/a", "it is the last model of the pipeline")}


def test_of_models_that_all_end_the_one_that_ends_last_stays(repo):
    ends = {"x/a": "2026-01-01", "x/b": "2026-12-01", "x/c": "2026-11-01"}
    table = [known(name, day) for name, day in ends.items()]
    findings = watched(repo, [*table, known("x/d")], shop=pipeline(*ends, allowed=["x/d"]))
    assert lists(findings) == {"shop": ["x/b", "x/d"]}
    assert told(findings) == {("x/b", "it is the last model of the pipeline")}


def test_a_proposer_that_ends_is_told(repo):
    table = [known("x/a", "2026-12-01")]
    findings = watched(repo, table, shop=pipeline("x/b", proposer="x/a"))
    assert findings.edits == ()
    assert [(one.model, one.role) for one in findings.ending] == [("x/a", "proposer")]
    assert findings.ending[0].told


def test_new_is_what_chats_and_lasts_and_no_pipeline_has_for_the_same_prompts(repo):
    table = [
        known("x/a"),
        known("x/embeds", mode="embedding"),
        known("x/ends", "2026-12-01"),
        known("x/listed"),
        known("x/elsewhere"),
        known("y/other"),
    ]
    findings = watched(
        repo,
        table,
        shop=pipeline("x/listed", allowed=["x/*"]),
        same=pipeline("x/elsewhere"),
    )
    assert lists(findings) == {"shop": ["x/listed", "x/a"]}


def test_a_model_may_be_new_to_a_pipeline_with_other_prompts(repo):
    findings = watched(
        repo,
        [known("x/a")],
        one=pipeline("x/a"),
        two=pipeline("x/b", prompts=["routes"], allowed=["x/*"]),
    )
    assert lists(findings) == {"two": ["x/b", "x/a"]}


def test_no_two_pipelines_with_a_prompt_in_common_get_the_same_model(repo):
    """`landrace plan` refuses a cell that two pipelines claim."""
    findings = watched(
        repo,
        [known("x/a")],
        one=pipeline("x/b", prompts=["answers", "routes"], allowed=["x/*"]),
        two=pipeline("x/c", prompts=["routes"], allowed=["x/*"]),
    )
    assert lists(findings) == {"one": ["x/b", "x/a"]}


def test_few_are_added_at_once_and_the_newest_looking_is_last(repo):
    table = [known(f"x/m-{n}") for n in (7, 12, 9, 11, 10)]
    findings = watched(repo, table, shop=pipeline("x/b", allowed=["x/m-*"]))
    assert lists(findings) == {"shop": ["x/b", "x/m-10", "x/m-11", "x/m-12"]}
    assert told(findings) == {(f"x/m-{n}", "no more than 3 are added at once") for n in (7, 9)}


def test_none_is_added_if_none_may(repo):
    findings = watched(repo, [known("x/a")], at_most=0, shop=pipeline("x/b", allowed=["*"]))
    assert findings.edits == ()
    assert len(findings.new) == 1


def test_a_list_that_cannot_be_edited_safely_is_told(repo):
    text = pipeline("a", "b", allowed=["c"]).replace('["a", "b"]', "[a\n  , b]")
    findings = watched(repo, [known("a", "2026-12-01"), known("c")], shop=text)
    assert findings.edits == ()
    assert {why for _, why in told(findings)} == {
        "the file cannot be edited without changing other lines"
    }


def test_a_model_without_a_pin_is_told_with_the_command_that_makes_one(repo):
    write_cell(repo.root / "registry", make_pin("answers", "x/a"))
    write_cell(repo.root / "registry", make_pin("answers", "x/b"))
    write_cell(repo.root / "registry", make_pin("routes", "x/b"))
    table = [known("x/gone", "2026-12-01"), known("x/new")]
    text = pipeline("x/a", "x/b", "x/gone", "x/$(c)", prompts=["*"], allowed=["x/new"])
    findings = watched(repo, table, shop=text)
    assert [(one.model, one.prompts, one.command) for one in findings.unpinned] == [
        ("x/a", ("routes",), "landrace optimize --pipeline shop --model x/a"),
        ("x/$(c)", ("answers", "routes"), "landrace optimize --pipeline shop --model 'x/$(c)'"),
    ]


def test_a_project_without_pipelines_has_nothing_to_watch(repo):
    findings = watched(repo, KNOWN)
    assert (findings.ending, findings.new, findings.unpinned, findings.edits) == ((), (), (), ())


def test_a_pipeline_that_cannot_be_read_is_an_error(repo):
    with pytest.raises(ConfigError, match="models"):
        watched(repo, KNOWN, shop="prompts: [answers]\n")


def test_a_proposal_is_named_by_what_is_added_and_removed_where(repo):
    first = watched(repo, KNOWN, shop=PIPELINE)
    other_lines = watched(repo, KNOWN, shop=f"# more\n{PIPELINE}")
    later = watched(repo, [*KNOWN, known("openai/gpt-11")], shop=PIPELINE)
    assert first.digest == other_lines.digest
    assert first.digest != later.digest
    assert "text" not in first.model_dump(mode="json")["edits"][0]


def test_a_commit_is_watched_whatever_the_work_tree_holds(repo):
    repo.write("pipelines/shop.yaml", PIPELINE)
    write_cell(repo.root / "registry", make_pin("answers", "openai/gpt-9"))
    commit = repo.commit()
    repo.write("pipelines/shop.yaml", "nonsense")
    repo.write("pipelines/new.yaml", pipeline("x/a"))

    findings = watch_commit(repo.root, commit, KNOWN, TODAY)

    assert lists(findings) == {"shop": ["openai/gpt-9", "openai/gpt-10"]}
    assert [one.prompts for one in findings.unpinned] == [("routes",)]


def test_a_commit_with_a_link_for_a_pipeline_is_refused(repo):
    repo.write("elsewhere.yaml", PIPELINE)
    (repo.root / "pipelines").mkdir()
    (repo.root / "pipelines" / "shop.yaml").symlink_to("../elsewhere.yaml")
    with pytest.raises(RefusedError):
        watch_commit(repo.root, repo.commit(), KNOWN, TODAY)
