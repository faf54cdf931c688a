"""Which prompts a list of changed paths can be about."""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from landrace import git
from landrace.errors import FormatError
from landrace.naming import is_name
from landrace.runtime.folder import REGISTRY
from landrace.store.project import PROMPT_FILE, PROMPTS, SHARED
from landrace.store.snapshot import grader_files
from landrace.store.yaml import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_WORD = re.compile(rb"[\w-]+")


def affected_prompts(root: Path, base: str, paths: Sequence[str]) -> tuple[str, ...]:
    """The names of prompts whose files, pins, partials or graders are among the paths, sorted."""
    if any(path.startswith(f"{PROMPTS}/{SHARED}/") for path in paths):
        everything = {name for name in git.list_folders(root, base, PROMPTS) if is_name(name)}
        return tuple(sorted(everything | set(_by_folder(paths))))
    named = _naming(root, base, paths) if paths else set()
    return tuple(sorted(named | set(_by_folder(paths))))


def _by_folder(paths: Iterable[str]) -> Iterable[str]:
    for path in paths:
        parts = path.split("/")
        # Two parts are a link or a submodule in the place of a folder.
        if parts[0] in {PROMPTS, REGISTRY} and len(parts) > 1 and is_name(parts[1]):
            yield parts[1]


def _naming(root: Path, base: str, paths: Sequence[str]) -> set[str]:
    """The prompts of base with a metric that reads one of the paths, wherever that lies.

    To read a thousand files as YAML would take seconds, so only those are that can hold a path.
    """
    wanted = {_words(os.fsencode(path.removesuffix(".py"))) for path in paths}
    configs = [
        file.path
        for file in git.list_tree(root, base, PROMPTS)
        if file.path.endswith(f"/{PROMPT_FILE}")
    ]
    return {
        path.split("/")[1]
        for path, data in git.read_trees(root, base, configs).items()
        if _can_hold(data, wanted) and not _graders(path, data).isdisjoint(paths)
    }


def _can_hold(config: bytes, wanted: Iterable[frozenset[bytes]]) -> bool:
    """Whether the words of a path are in it: YAML can write them otherwise by a backslash alone."""
    words = _words(config)
    return b"\\" in config or any(of_path <= words for of_path in wanted)


def _words(text: bytes) -> frozenset[bytes]:
    return frozenset(_WORD.findall(text))


def _graders(path: str, config: bytes) -> set[str]:
    """The files that its metrics read, spelled as git does; none where it cannot be read."""
    try:
        value = parse_yaml(config, path).value
    except FormatError:
        return set()
    return {str(PurePosixPath(name)) for name in grader_files(value)}
