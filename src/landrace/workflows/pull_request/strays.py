"""Files in ``registry/`` that are in nobody's place, though they may look so to a file system.

The gate looks for pins where `landrace.store.registry` puts them. To a file system that takes no
notice of case ``Colours/`` is ``colours/`` and ``PIN.json`` is ``pin.json``: what a checkout
serves there must not be something that nobody has judged.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from landrace import git
from landrace.errors import ConfigError
from landrace.naming import is_name, model_id
from landrace.pin import PIN_FILE
from landrace.runtime.folder import REGISTRY
from landrace.store import files
from landrace.store.registry import is_variant_file
from landrace.workflows.pinning import REPORT, REPORT_DATA
from landrace.workflows.pull_request.evidence import EVIDENCE, SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MOST_TOLD = 1_000
CELL_FILES = frozenset({PIN_FILE, REPORT, REPORT_DATA, EVIDENCE, SIGNATURE})


def strays(root: Path, head: str | None, paths: Iterable[str]) -> tuple[str, ...]:
    """Those of the paths that head has, or the work tree for None, in ``registry/`` or what
    could be taken for it, but at no file of a cell. The first `MOST_TOLD`: one is enough to refuse.

    Raises:
        RefusedError: one of them leads elsewhere, or is reached by a link of the work tree.
    """
    odd = [path for path in paths if _is_stray(path)]
    if head is None:
        return tuple(islice((path for path in odd if files.exists(root, path)), MOST_TOLD))
    return tuple(git.present(root, head, odd)[:MOST_TOLD])


def _is_stray(path: str) -> bool:
    top, *below = path.split("/")
    if top.casefold() != REGISTRY or len(below) < 3:  # less deep, nothing is served
        return False
    prompt, folder, *name = below
    return not (top == REGISTRY and is_name(prompt) and _is_model(folder) and _is_file(name))


def _is_model(folder: str) -> bool:
    try:
        model_id(folder)
    except ConfigError:
        return False
    return True


def _is_file(name: list[str]) -> bool:
    if len(name) != 1:
        return False
    return name[0] in CELL_FILES or is_variant_file(name[0])
