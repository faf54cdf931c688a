from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from git_repo import GitRepo
from landrace.errors import RepositoryError, UnknownModelError, UnknownPromptError
from landrace.workflows.history import prompt_history
from landrace.workflows.initialise import initialise
from pinned import MODEL, pin_prompt

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo.make(tmp_path / "repo")
    initialise(made.root)
    return made


def test_versions_are_newest_first_and_say_what_happened(repo: GitRepo) -> None:
    first = pin_prompt(repo.root)
    one = repo.commit("pin")
    repo.write("registry/route-note/local%2Fsmollm2-135m-instruct/report.md", "a report")
    repo.commit("a report is no version")
    repo.edit("prompts/route-note/prompt.jinja", "You sort", "Sort")
    pin_prompt(repo.root)
    two = repo.commit("same variant, new evidence")
    second = pin_prompt(repo.root, variant="{% user %}{{ note }}{% enduser %}\n")
    pin_prompt(repo.root, model="openai/gpt-5-mini")
    three = repo.commit("another variant, and another model")
    shutil.rmtree(repo.root / "registry/route-note/openai%2Fgpt-5-mini")
    four = repo.commit("unpin")

    found = prompt_history(repo.root, "route-note", limit=50)
    assert found.complete
    assert [
        (v.commit.sha, v.model, v.pin and v.pin.variant, v.same_variant) for v in found.versions
    ] == [
        (four, "openai/gpt-5-mini", None, False),
        (three, MODEL, second.variant, False),
        (three, "openai/gpt-5-mini", found.versions[2].pin.variant, False),
        (two, MODEL, first.variant, True),
        (one, MODEL, first.variant, False),
    ]
    assert found.versions[-1].commit.author == "Ada Example"


def test_aliases_alone_are_no_new_evidence(repo: GitRepo) -> None:
    pin_prompt(repo.root)
    repo.commit("pin")
    path = next(repo.root.glob("registry/route-note/*/pin.json"))
    data = json.loads(path.read_text())
    data["model"]["aliases"] = ["small"]
    path.write_text(json.dumps(data))
    repo.commit("a name")
    newest, oldest = prompt_history(repo.root, "route-note", limit=50).versions
    assert (newest.same_variant, newest.same_evidence) == (True, True)
    assert (oldest.same_variant, oldest.same_evidence) == (False, False)


def test_what_a_merge_brings_together_is_no_version_of_its_own(repo: GitRepo) -> None:
    repo.commit("start")
    for model in ("openai/a", "openai/b"):
        repo.git("checkout", "--quiet", "-b", model, "main")
        pin_prompt(repo.root, model=model)
        repo.commit(f"pin {model}")
    repo.git("checkout", "--quiet", "main")
    for model in ("openai/a", "openai/b"):
        repo.git("merge", "--quiet", "--no-ff", "-m", f"merge {model}", model)
    shutil.rmtree(repo.root / "registry/route-note/openai%2Fb")
    repo.commit("unpin")

    found = prompt_history(repo.root, "route-note", limit=50)
    told = {(v.commit.subject, v.model, v.pin is None) for v in found.versions}
    assert told == {
        ("unpin", "openai/b", True),
        ("pin openai/b", "openai/b", False),
        ("pin openai/a", "openai/a", False),
    }
    assert len(found.versions) == 3


def test_what_a_merge_makes_of_two_versions_is_one(repo: GitRepo) -> None:
    pin_prompt(repo.root, model="openai/a")
    repo.commit("start")
    for name in ("one", "other"):
        repo.git("checkout", "--quiet", "-b", name, "main")
        pin_prompt(repo.root, model="openai/a", variant=f"{{% user %}}{name}{{% enduser %}}\n")
        repo.commit(name)
    repo.git("merge", "--quiet", "--no-commit", "-s", "ours", "one")
    third = pin_prompt(repo.root, model="openai/a", variant="{% user %}both{% enduser %}\n")
    repo.commit("merge")

    versions = prompt_history(repo.root, "route-note", limit=50).versions
    assert sorted(v.commit.subject for v in versions) == ["merge", "one", "other", "start"]
    assert versions[0].pin is not None
    assert (versions[0].pin.variant, versions[0].same_variant) == (third.variant, False)


def test_the_last_that_the_limit_lets_through_is_told_by_what_changed(repo: GitRepo) -> None:
    pin_prompt(repo.root, model="openai/a")
    repo.commit("pin a")
    pin_prompt(repo.root, model="openai/b")
    repo.commit("pin b")
    [version] = prompt_history(repo.root, "route-note", limit=1).versions
    assert version.model == "openai/b"


def test_one_model_and_a_limit(repo: GitRepo) -> None:
    for number in range(4):
        pin_prompt(repo.root, variant=f"{{% user %}}{number} {{{{ note }}}}{{% enduser %}}\n")
        repo.commit(f"variant {number}")
    found = prompt_history(repo.root, "route-note", model=MODEL, limit=2)
    assert [v.commit.subject for v in found.versions] == ["variant 3", "variant 2"]
    assert not found.complete


def test_a_pin_that_cannot_be_read_is_one_bad_version(repo: GitRepo) -> None:
    repo.write("registry/route-note/openai%2Fx/pin.json", '{"schema": 99}')
    repo.write("registry/route-note/NotAModel/pin.json", "{}")
    repo.commit("from the future")
    [version] = prompt_history(repo.root, "route-note", limit=50).versions
    assert version.model == "openai/x"
    assert version.pin is None
    assert "newer landrace" in (version.problem or "")


def test_no_pin_yet_is_an_empty_history(repo: GitRepo) -> None:
    repo.commit("start")
    assert prompt_history(repo.root, "route-note", limit=50) == ((), True)


def test_a_prompt_that_is_gone_still_has_a_history(repo: GitRepo) -> None:
    pin_prompt(repo.root)
    repo.commit("pin")
    shutil.rmtree(repo.root / "prompts")
    shutil.rmtree(repo.root / "registry")
    repo.commit("remove")
    assert len(prompt_history(repo.root, "route-note", limit=50).versions) == 2


def test_unknown_names(repo: GitRepo) -> None:
    pin_prompt(repo.root)
    repo.commit("pin")
    with pytest.raises(UnknownPromptError) as caught:
        prompt_history(repo.root, "route-nota", limit=50)
    assert caught.value.fix == "did you mean `route-note`?"
    with pytest.raises(UnknownPromptError):
        prompt_history(repo.root, "../../etc", limit=50)
    with pytest.raises(UnknownModelError, match="never pinned"):
        prompt_history(repo.root, "route-note", model="openai/x", limit=50)


def test_before_the_first_commit(repo: GitRepo) -> None:
    with pytest.raises(RepositoryError, match="no commit yet"):
        prompt_history(repo.root, "route-note", limit=50)


def test_a_shallow_clone_says_that_it_is_not_complete(repo: GitRepo, tmp_path: Path) -> None:
    for variant in "ab":
        pin_prompt(repo.root, variant=f"{{% user %}}{variant}{{{{ note }}}}{{% enduser %}}\n")
        repo.commit(variant)
    clone = tmp_path / "clone"
    repo.git("clone", "--quiet", "--depth=1", f"file://{repo.root}", str(clone))
    assert not prompt_history(clone, "route-note", limit=50).complete
