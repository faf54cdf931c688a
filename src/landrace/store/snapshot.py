"""A commit's prompts, pipelines and pins as plain files in a folder of their own.

So a commit is read by the same code as a work tree, without a checkout: the files come out of
git's objects, only regular ones, and nothing of them is run or filtered on the way.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from landrace import git
from landrace.errors import RefusedError
from landrace.runtime.folder import REGISTRY
from landrace.store.atomic import storage_error
from landrace.store.project import PIPELINES, PROMPTS, SHARED, Project
from landrace.store.yaml import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@contextmanager
def snapshot(root: Path, commit: str, prompts: Sequence[str]) -> Iterator[Project]:
    """A folder with a commit's pipelines, and with these prompts, their pins and graders.

    Of other prompts it knows the names alone, so that patterns in pipelines find them: a
    thousand empty folders would take longer than all of the rest.

    Raises:
        RefusedError: a symbolic link or a submodule stands among these files.
        RepositoryError: there is no such commit.
    """
    git.require_folders(root, commit, [PROMPTS, PIPELINES, REGISTRY])
    with tempfile.TemporaryDirectory(prefix="landrace-") as name:
        folder = Path(name).resolve()
        paths = [PIPELINES, f"{PROMPTS}/{SHARED}"]
        for prompt in prompts:
            paths += [f"{PROMPTS}/{prompt}", f"{REGISTRY}/{prompt}"]
        contents = git.read_trees(root, commit, paths)
        _write(folder, contents)
        graders = _graders(folder, prompts) - contents.keys()
        _write(folder, git.read_files(root, commit, sorted(graders)))
        yield Project(folder, tuple(git.list_folders(root, commit, PROMPTS)))


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    for path, data in contents.items():
        target = folder / _safe(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            # Never over another: on some file systems two paths of a commit are one.
            with target.open("xb") as file:
                file.write(data)
        except (FileExistsError, NotADirectoryError) as error:
            raise RefusedError(
                "a commit has two files in one place", where=ascii(path), fix="rename one of them"
            ) from error
        except OSError as error:
            raise storage_error("written", target, error) from error


def _safe(path: str) -> str:
    """A path out of a tree that somebody else may have written by hand."""
    parts = PurePosixPath(path).parts
    if "\\" in path or path.startswith("/") or {"..", ".git"} & {part.lower() for part in parts}:
        raise RefusedError("a commit has a path that leads elsewhere", where=ascii(path))
    return path


def _graders(folder: Path, prompts: Sequence[str]) -> set[str]:
    """The files that the prompts' metrics name; names that are no paths are left to the metric."""
    found: set[str] = set()
    for prompt in prompts:
        path = f"{PROMPTS}/{prompt}/prompt.yaml"
        if (folder / path).is_file():
            found |= set(grader_files(read_yaml(folder / path, path).value))
    return {str(PurePosixPath(name)) for name in found if _is_inside(name)}


def grader_files(config: object) -> Iterator[str]:
    """The files that a prompt's metrics name, out of what its YAML says, valid or not."""
    metrics = config.get("metrics") if isinstance(config, dict) else None
    for metric in metrics if isinstance(metrics, list) else []:
        options = metric if isinstance(metric, dict) else {}
        rubric, function = options.get("rubric_file"), options.get("function")
        if isinstance(rubric, str):
            yield rubric
        if isinstance(function, str):
            module = function.partition(":")[0]
            yield module if module.endswith(".py") else module.replace(".", "/") + ".py"


def _is_inside(name: str) -> bool:
    pure = PurePosixPath(name)
    bad = pure.is_absolute() or not pure.parts or {"..", ".git"} & set(pure.parts)
    return not bad and name.isprintable() and "\\" not in name
