"""A commit as files: what of it is there, and what of it is known by name."""

from __future__ import annotations

import os
from contextlib import nullcontext

import pytest

from git_repo import GitRepo
from landrace.errors import ConfigError, RefusedError
from landrace.store.project import PROMPTS
from landrace.store.snapshot import _write, snapshot

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
PIPELINE = 'prompts: ["*"]\nmodels: [fake/pupil]\n'


@pytest.fixture
def repo(repository):
    for name in ("one", "two"):
        repository.prompt(name)
    repository.write("pipelines/all.yaml", PIPELINE)
    repository.write("prompts/_shared/_tone.jinja", "Be kind.")
    repository.write(".gitignore", ".landrace/\n")
    return GitRepo(repository.root)


def test_only_the_asked_prompts_have_files(repo):
    commit = repo.commit()
    with snapshot(repo.root, commit, ["one"]) as project:
        assert project.read_prompt("one").config.description
        assert {path.name for path in (project.root / PROMPTS).iterdir()} == {"_shared", "one"}


def test_patterns_of_pipelines_find_every_prompt_of_the_commit(repo):
    commit = repo.commit()
    with snapshot(repo.root, commit, ["one"]) as project:
        assert project.prompts() == ("one", "two")
        assert project.read_pipeline("all").prompts == ("one", "two")


def test_a_prompt_without_files_is_no_prompt_to_read(repo):
    commit = repo.commit()
    with (
        snapshot(repo.root, commit, ["one"]) as project,
        pytest.raises(ConfigError, match="no prompt `two`"),
    ):
        project.read_prompt("two")


def test_what_a_later_commit_does_is_not_seen(repo):
    commit = repo.commit()
    repo.git("rm", "-rq", "prompts/two")
    repo.edit("prompts/one/prompt.jinja", "review", "other")
    repo.commit()
    with snapshot(repo.root, commit, ["one"]) as project:
        assert project.prompts() == ("one", "two")
        assert "review" in project.read_prompt("one").template_source


def test_a_grader_comes_along_and_nothing_beside_it(repo):
    repo.edit("prompts/one/prompt.yaml", "exact_match", "python\n    function: graders.tone:grade")
    repo.write("graders/tone.py", "def grade(sample): ...\n")
    repo.write("graders/other.py", "")
    commit = repo.commit()
    with snapshot(repo.root, commit, ["one"]) as project:
        assert [path.name for path in (project.root / "graders").iterdir()] == ["tone.py"]


def test_a_link_is_refused(repo):
    (repo.root / "prompts/one/_link.jinja").symlink_to("/etc/passwd")
    commit = repo.commit()
    with (
        pytest.raises(RefusedError, match="symbolic link"),
        snapshot(repo.root, commit, ["one"]),
    ):
        raise AssertionError


def test_a_folder_whose_name_no_prompt_may_have_is_an_error(repo):
    repo.write("prompts/not a name/prompt.yaml", "description: Lost.\n")
    commit = repo.commit()
    with (
        snapshot(repo.root, commit, ["one"]) as project,
        pytest.raises(ConfigError, match="name is not allowed"),
    ):
        project.prompts()


def test_nothing_is_left_behind(repo):
    commit = repo.commit()
    with snapshot(repo.root, commit, ["one"]) as project:
        assert project.root.is_dir()
    assert not project.root.exists()


@pytest.mark.parametrize("top", ["prompts", "registry", "pipelines"])
@pytest.mark.parametrize("mode", ["120000", "160000", "100644"])
def test_what_stands_in_place_of_a_whole_folder_is_refused(repo, top, mode):
    repo.commit()
    oid = repo.git("rev-parse", "HEAD" if mode == "160000" else "HEAD:pipelines/all.yaml")
    repo.git("rm", "-r", "-q", "--cached", "--ignore-unmatch", top)
    repo.git("update-index", "--add", "--cacheinfo", f"{mode},{oid},{top}")
    repo.git("commit", "-q", "-m", "strange")
    with pytest.raises(RefusedError) as caught, snapshot(repo.root, "HEAD", ["one"]):
        raise AssertionError
    assert caught.value.where == top


@pytest.mark.parametrize("path", ["prompts/one/.git/config", "prompts/one/..", "prompts/one/a\\b"])
def test_a_path_that_leads_elsewhere_is_refused(repo, path):
    """Git itself writes no such tree; somebody else may."""
    commit = repo.commit()
    with pytest.raises(RefusedError), snapshot(repo.root, _with(repo, commit, path), ["one"]):
        raise AssertionError


@pytest.mark.parametrize("path", ["prompts/one/prompt.jinja", "prompts/one/prompt.jinja/x"])
def test_two_entries_of_one_name_are_refused(repo, path):
    commit = _with(repo, repo.commit(), path)
    with (
        pytest.raises(RefusedError, match="two files in one place"),
        snapshot(repo.root, commit, ["one"]),
    ):
        raise AssertionError


def test_names_that_differ_in_case_alone_are_two_files_or_refused(repo):
    """Never one over the other, whatever the file system makes of them."""
    commit = _with(repo, repo.commit(), "prompts/one/PROMPT.jinja")
    merges = (repo.root / "PROMPTS").exists()
    expected = pytest.raises(RefusedError, match="two files") if merges else nullcontext()
    with expected, snapshot(repo.root, commit, ["one"]) as project:
        assert "review" in project.read_prompt("one").template_source


def test_no_file_is_written_over_another(tmp_path):
    """As two names are one where a file system ignores case; here two spellings are."""
    with pytest.raises(RefusedError, match="two files in one place"):
        _write(tmp_path, {"prompts/a": b"judged", "prompts//a": b"served"})


def test_odd_names_do_no_harm(repo):
    for name in ("a b.txt", "new\nline", "ü", os.fsdecode(b"\xff"), "x" * 200):
        repo.write(f"prompts/one/{name}", "x")
    commit = repo.commit()
    with snapshot(repo.root, commit, ["one"]) as project:
        assert len(list((project.root / "prompts/one").iterdir())) == 3 + 5


def test_a_rubric_comes_along_wherever_it_stands(repo):
    text = "llm_judge\n    model: fake/judge\n    rubric_file: {}"
    repo.edit("prompts/one/prompt.yaml", "exact_match", text.format("prompts/two/./rubric.md"))
    repo.write("prompts/two/rubric.md", "Polite?")
    commit = repo.commit()
    with snapshot(repo.root, commit, ["one"]) as project:
        assert (project.root / "prompts/two/rubric.md").read_text() == "Polite?"
        assert not (project.root / "prompts/two/prompt.yaml").exists()


@pytest.mark.parametrize("name", ["graders", ".", "../x", "/etc/passwd", ".git/config", "a\\b"])
def test_a_name_that_is_no_file_brings_nothing(repo, name):
    text = f"llm_judge\n    model: fake/judge\n    rubric_file: {name}"
    repo.edit("prompts/one/prompt.yaml", "exact_match", text)
    repo.write("graders/a.md", "x")
    commit = repo.commit()
    with snapshot(repo.root, commit, ["one"]) as project:
        assert {path.name for path in project.root.iterdir()} == {"pipelines", "prompts"}


@pytest.mark.parametrize(
    "text", ["metrics: 3\n", "metrics: [3, {rubric_file: [x]}]\n", "- a\n", "description: x\n"]
)
def test_metrics_that_are_nonsense_are_left_to_who_reads_the_prompt(repo, text):
    repo.write("prompts/one/prompt.yaml", text)
    commit = repo.commit()
    with snapshot(repo.root, commit, ["one"]) as project:
        assert (project.root / "prompts/one/prompt.yaml").read_text() == text


def test_no_filter_and_no_hook_of_the_commit_runs(repo):
    repo.write(".gitattributes", "* filter=evil ident export-subst\n")
    repo.write("prompts/one/prompt.jinja", "$Id$ {{ review }}\r\n")
    repo.git("-c", "filter.evil.clean=cat", "add", "--all")
    commit = repo.commit()
    repo.git("config", "filter.evil.smudge", f"touch {repo.root / 'pwned'}")
    with snapshot(repo.root, commit, ["one"]) as project:
        data = (project.root / "prompts/one/prompt.jinja").read_bytes()
        assert data == b"$Id$ {{ review }}\r\n"
        assert not (project.root / "prompts/one/prompt.jinja").stat().st_mode & 0o111
    assert not (repo.root / "pwned").exists()


def _with(repo, commit, path):
    """A commit whose tree has one more entry, as git would not write it itself."""
    *folders, name = path.split("/")
    oid = repo.git("rev-parse", f"{commit}:.gitignore")
    tree = _tree(repo, f"{commit}^{{tree}}", folders, f"100644 blob {oid}\t{name}")
    return repo.git("commit-tree", "-m", "strange", "-p", commit, tree)


def _tree(repo, tree, folders, entry):
    lines = repo.git("ls-tree", tree).splitlines()
    if folders:
        known = any(line.endswith(f"\t{folders[0]}") and " tree " in line for line in lines)
        inner = repo.git("rev-parse", f"{tree}:{folders[0]}") if known else EMPTY_TREE
        within = _tree(repo, inner, folders[1:], entry)
        entry = f"040000 tree {within}\t{folders[0]}"
        lines = [line for line in lines if not (known and line.endswith(f"\t{folders[0]}"))]
    data = b"".join(_raw(line) for line in sorted([*lines, entry], key=_place))
    path = repo.write(".git/strange-tree", data)
    return repo.git("hash-object", "-t", "tree", "-w", "--literally", str(path))


def _place(line):
    """Git sorts a folder as if its name ended in a slash."""
    return line.partition("\t")[2] + "/" * (" tree " in line)


def _raw(line):
    meta, _, name = line.partition("\t")
    mode, _, oid = meta.split(" ")
    return f"{mode.lstrip('0')} {name}\0".encode() + bytes.fromhex(oid)
