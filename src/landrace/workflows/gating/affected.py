"""Which prompts a list of changed paths can be about."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

from landrace import git
from landrace.naming import is_name
from landrace.runtime.folder import REGISTRY
from landrace.store.project import CASES_FILE, PIPELINES, PROMPT_FILE, PROMPTS, SHARED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_PLAIN = re.compile(rb"[\w./-]+")


def affected_prompts(root: Path, base: str, paths: Sequence[str]) -> tuple[str, ...]:
    """The names of prompts whose files, pins, partials or graders are among the paths, sorted."""
    if any(path.startswith(f"{PROMPTS}/{SHARED}/") for path in paths):
        everything = {name for name in git.list_folders(root, base, PROMPTS) if is_name(name)}
        return tuple(sorted(everything | set(_by_folder(paths))))
    others = [path for path in paths if _may_be_named(path)]
    named = _naming(root, base, others) if others else set()
    return tuple(sorted(named | set(_by_folder(paths))))


def _by_folder(paths: Iterable[str]) -> Iterable[str]:
    for path in paths:
        parts = path.split("/")
        # Two parts are a link or a submodule in the place of a folder.
        if parts[0] in {PROMPTS, REGISTRY} and len(parts) > 1 and is_name(parts[1]):
            yield parts[1]


def _may_be_named(path: str) -> bool:
    """Whether a metric may read this file. Any file but those that landrace itself reads."""
    top, _, rest = path.partition("/")
    name = rest.rpartition("/")[2]
    return top not in {REGISTRY, PIPELINES} and not (
        top == PROMPTS and name in {PROMPT_FILE, CASES_FILE}
    )


def _naming(root: Path, base: str, paths: Sequence[str]) -> set[str]:
    """The prompts whose prompt.yaml holds one of the paths, perhaps as the file of a metric.

    To read a thousand of them as YAML would take seconds; a text that holds no such path names
    no such file.
    """
    spellings = {os.fsencode(spelling) for path in paths for spelling in _spellings(path)}
    plain = {spelling for spelling in spellings if _PLAIN.fullmatch(spelling)}
    odd = spellings - plain
    configs = [
        file.path
        for file in git.list_tree(root, base, PROMPTS)
        if file.path.endswith(f"/{PROMPT_FILE}")
    ]
    return {
        path.split("/")[1]
        for path, data in git.read_trees(root, base, configs).items()
        if not plain.isdisjoint(_words(data)) or any(spelling in data for spelling in odd)
    }


def _spellings(path: str) -> Iterable[str]:
    """How a prompt may write a path: as it is, as a module, and either as JSON escapes it."""
    for written in (path, path.removesuffix(".py").replace("/", ".")):
        yield written
        yield json.dumps(written)[1:-1]


def _words(data: bytes) -> Iterable[bytes]:
    return (word.removeprefix(b"./") for word in _PLAIN.findall(data))
