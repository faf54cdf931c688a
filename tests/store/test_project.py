from __future__ import annotations

import os

import pytest

from landrace.errors import (
    CaseError,
    ConfigError,
    FormatError,
    LandraceError,
    RefusedError,
    RepositoryError,
    StorageError,
)
from landrace.store.files import MAX_TEXT_BYTES
from landrace.store.project import Project, find_root


@pytest.fixture
def project(tree):
    tree.prompt("sentiment")
    return Project(tree.root)


def test_the_root_is_the_top_of_the_work_tree(repository):
    repository.prompt("sentiment")
    assert find_root(repository.root / "prompts" / "sentiment").samefile(repository.root)


def test_outside_a_repository_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(RepositoryError, match="not inside a git repository") as caught:
        find_root(tmp_path)
    assert "git init" in caught.value.fix


def test_prompts_are_the_visible_folders_sorted(tree, project):
    tree.prompt("answer.v2")
    tree.write("prompts/_shared/_x.jinja", "")
    tree.write("prompts/.schemas/prompt.json", "{}")
    tree.write("prompts/README.md", "")
    assert project.prompts() == ("answer.v2", "sentiment")


def test_without_a_prompts_folder_there_are_none(tmp_path):
    assert Project(tmp_path).prompts() == ()
    assert Project(tmp_path).pipelines() == ()


def test_a_prompt_is_read(tree, project):
    tree.prompt("sentiment", template="a\r\n{{ review }}")
    source = project.read_prompt("sentiment")
    assert source.name == "sentiment"
    assert source.folder == tree.root / "prompts" / "sentiment"
    assert source.config.output.labels == ("positive", "negative")
    assert source.template_source == "a\r\n{{ review }}"
    assert source.template_name == "prompts/sentiment/prompt.jinja"
    assert source.document.where(("metrics", 0)) == "prompts/sentiment/prompt.yaml:8"
    assert [case.id for case in source.eval_set().cases] == ["a"]


def test_cases_are_checked_when_they_are_asked_for(tree, project):
    tree.prompt("sentiment", cases='{"id": "a", "inputs": {"text": "x"}}\n')
    source = project.read_prompt("sentiment")
    with pytest.raises(CaseError) as caught:
        source.eval_set()
    assert caught.value.where == "prompts/sentiment/cases.jsonl:1"


def test_an_expected_check_is_passed_on(project):
    with pytest.raises(CaseError, match="`expected` is wrong"):
        project.read_prompt("sentiment").eval_set(lambda _: "is wrong")


def test_a_wrong_schema_of_inputs_is_named_by_its_line(tree, project):
    path = tree.root / "prompts/sentiment/prompt.yaml"
    path.write_text(path.read_text().replace("{type: string}", "{pattern: 3}"))
    with pytest.raises(FormatError) as caught:
        project.read_prompt("sentiment").eval_set()
    assert caught.value.where == "prompts/sentiment/prompt.yaml:2"


def test_a_missing_prompt_names_the_nearest(project):
    with pytest.raises(ConfigError, match="there is no prompt `sentimnt`") as caught:
        project.read_prompt("sentimnt")
    assert caught.value.fix == "did you mean `sentiment`?"
    with pytest.raises(ConfigError) as caught:
        project.read_prompt("zzz")
    assert caught.value.fix == "there are sentiment"


def test_in_an_empty_repository_the_error_names_the_way_on(tmp_path):
    with pytest.raises(ConfigError) as caught:
        Project(tmp_path).read_prompt("a")
    assert "landrace init" in caught.value.fix


@pytest.mark.parametrize("name", ["../sentiment", "", ".", "/etc", "_shared", "a/b", "sentiment/"])
def test_a_name_that_leads_elsewhere_is_no_prompt(project, name):
    with pytest.raises(ConfigError, match="there is no prompt"):
        project.read_prompt(name)


def test_a_folder_that_cannot_be_a_prompt_is_an_error(tree, project):
    tree.prompt("Bad Name")
    with pytest.raises(ConfigError, match="not allowed") as caught:
        project.prompts()
    assert caught.value.where == "prompts/Bad Name"


@pytest.mark.parametrize("file", ["prompt.yaml", "prompt.jinja", "cases.jsonl"])
def test_a_missing_file_is_named(tree, project, file):
    (tree.root / "prompts/sentiment" / file).unlink()
    with pytest.raises(ConfigError, match="the file is missing") as caught:
        project.read_prompt("sentiment")
    assert caught.value.where == f"prompts/sentiment/{file}"


@pytest.mark.parametrize(
    "link",
    [
        "prompts",
        "prompts/sentiment",
        "prompts/sentiment/prompt.yaml",
        "prompts/sentiment/prompt.jinja",
        "prompts/sentiment/cases.jsonl",
        "prompts/sentiment/deeper",
    ],
)
def test_a_symbolic_link_is_refused_wherever_it_leads(tree, project, link):
    path = tree.root / link
    real = tree.root / "real"
    if path.exists():
        path.rename(real)
    else:
        real.mkdir()
    path.symlink_to(real)
    with pytest.raises(RefusedError, match="symbolic links are refused") as caught:
        project.read_prompt("sentiment")
    assert caught.value.where == link
    assert caught.value.exit_code == 3


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_refused_and_not_waited_for(tree, project):
    path = tree.root / "prompts/sentiment/prompt.jinja"
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(RefusedError, match="not a regular file"):
        project.read_prompt("sentiment")


@pytest.mark.parametrize(
    ("data", "words"), [(b"\xff", "not UTF-8"), (b"x" * (MAX_TEXT_BYTES + 1), "larger than")]
)
def test_a_template_that_is_no_text_is_an_error(tree, project, data, words):
    (tree.root / "prompts/sentiment/prompt.jinja").write_bytes(data)
    with pytest.raises(FormatError, match=words) as caught:
        project.read_prompt("sentiment")
    assert caught.value.where == "prompts/sentiment/prompt.jinja"


def test_a_folder_that_cannot_be_read_is_an_error(project, monkeypatch):
    def denied(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", denied)
    with pytest.raises(StorageError, match="Permission denied"):
        project.prompts()


def test_a_partial_is_found_beside_the_prompt_and_then_in_shared(tree, project):
    tree.write("prompts/_shared/_a.jinja", "shared a")
    tree.write("prompts/_shared/_b.jinja", "shared b")
    tree.write("prompts/sentiment/_a.jinja", "own a")
    source = project.read_prompt("sentiment")
    assert source.load_partial("_a.jinja") == "own a"
    assert source.load_partial("_b.jinja") == "shared b"
    assert source.load_partial("_c.jinja") is None


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b", "..", "a\\b", ""])
def test_a_partial_elsewhere_is_refused(project, name):
    with pytest.raises(RefusedError):
        project.read_prompt("sentiment").load_partial(name)


def test_a_partial_that_is_a_link_is_refused(tree, project):
    source = project.read_prompt("sentiment")
    tree.write("prompts/_shared/_x.jinja", "").unlink()
    (tree.root / "prompts/_shared/_x.jinja").symlink_to("/etc/passwd")
    with pytest.raises(RefusedError):
        source.load_partial("_x.jinja")


def test_a_pipeline_names_its_prompts_by_patterns(tree, project):
    tree.prompt("sentence")
    tree.prompt("other")
    tree.write("pipelines/main.yaml", "prompts: ['sent*', sentiment]\nmodels: [openai/gpt-4o]\n")
    assert project.pipelines() == ("main",)
    pipeline = project.read_pipeline("main")
    assert pipeline.prompts == ("sentence", "sentiment")
    assert pipeline.config.models[0].id == "openai/gpt-4o"


def test_a_pattern_without_a_prompt_is_an_error(tree, project):
    tree.write("pipelines/main.yaml", "models: [m]\nprompts:\n  - sentiment\n  - sentimant\n")
    with pytest.raises(ConfigError, match="no prompt is called `sentimant`") as caught:
        project.read_pipeline("main")
    assert caught.value.where == "pipelines/main.yaml:4"
    assert caught.value.fix == "did you mean `sentiment`?"


def test_a_missing_pipeline_names_the_nearest(tree, project):
    tree.write("pipelines/nightly.yaml", "prompts: [a]\nmodels: [m]\n")
    with pytest.raises(ConfigError) as caught:
        project.read_pipeline("nightlie")
    assert caught.value.fix == "did you mean `nightly`?"


def test_a_pipeline_with_the_other_ending_is_not_passed_over(tree, project):
    tree.write("pipelines/main.yml", "")
    with pytest.raises(ConfigError) as caught:
        project.pipelines()
    assert caught.value.fix == "rename it to main.yaml"


def test_a_linked_pipeline_is_refused(tree, project):
    tree.write("pipelines/a.yaml", "")
    (tree.root / "pipelines/b.yaml").symlink_to("a.yaml")
    with pytest.raises(RefusedError):
        project.pipelines()


@pytest.mark.parametrize("name", ["../x", "", "a/b"])
def test_a_pipeline_elsewhere_is_none(project, name):
    with pytest.raises(LandraceError, match="there is no pipeline"):
        project.read_pipeline(name)
