"""The pins among what head changed, and what a reviewer should know of them beside verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import LandraceError
from landrace.naming import is_model_dirname, is_name, model_id
from landrace.pin import PIN_FILE
from landrace.runtime.folder import REGISTRY
from landrace.store import files
from landrace.store.registry import cell_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landrace.workflows.gating.changes import Revisions
    from landrace.workflows.pull_request.opened import Opened
    from landrace.workflows.pull_request.states import States

Name = tuple[str, str]

_LOST = "any more: an application that asks so gets another pin that fits, or an error"


def touched_pins(revisions: Revisions) -> Iterator[Name]:
    """The cells that have a pin, and of which head changed a file."""
    for name in _touched_cells(revisions):
        if files.exists(revisions.head_project.root, f"{cell_path(*name)}/{PIN_FILE}"):
            yield name


def pin_notes(change: Opened) -> Iterator[str]:
    """What no comparison of answers shows: pins that are gone, or should be, and their names."""
    revisions, check, _, _ = change
    for name in _touched_cells(revisions):
        before, after = (_aliases(states, name) for states in (check.base, check.head))
        if before is not None and after is None:
            yield f"{name[0]} is not pinned for {name[1]} {_LOST}"
            continue
        old, new = before or set(), after or set()
        if more := new - old:
            yield f"{name[0]} on {name[1]} answers to {', '.join(sorted(more))}, too"
        if less := old - new:
            yield f"{name[0]} on {name[1]} does not answer to {', '.join(sorted(less))} {_LOST}"
    for prompt in revisions.prompts:
        is_removed = prompt in revisions.base_tree.prompts - revisions.head_tree.prompts
        if is_removed and (revisions.head_project.root / REGISTRY / prompt).is_dir():
            place = f"{REGISTRY}/{prompt}"
            yield f"{prompt} is removed, and is served all the same: {place} is still there"


def _touched_cells(revisions: Revisions) -> Iterator[Name]:
    folders = {tuple(path.split("/")[1:3]) for path in revisions.paths if _is_cell_file(path)}
    for prompt, folder in sorted(folders):
        if is_name(prompt) and is_model_dirname(folder):  # anything else is a stray, and refused
            yield prompt, model_id(folder)


def _is_cell_file(path: str) -> bool:
    return path.startswith(f"{REGISTRY}/") and path.count("/") >= 3


def _aliases(states: States, name: Name) -> set[str] | None:
    """The other names of a pin; None without a pin that can be loaded."""
    try:
        pinned = states.pinned(*name)
    except LandraceError:
        return None
    return set(pinned.pin.model.aliases) if pinned else None
