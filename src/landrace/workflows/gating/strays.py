"""Files of head that are in nobody's place, though a loader may serve them.

The gate looks for pins where `landrace.store.registry` puts them. To a file system that takes no
notice of case ``Colours/`` is ``colours/`` and ``PIN.json`` is ``pin.json``, and a loader that is
given a repository looks for the registry in it: what a checkout serves in such places must not be
something that nobody has judged. Nor must a checkout lack what was judged: the gate reads git's
objects, past the attributes that change files on their way out of git.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import category, normalize

from landrace import git
from landrace.errors import ConfigError, FormatError, RefusedError
from landrace.naming import is_model_dirname, is_name, model_dirname
from landrace.pin import MAX_PIN_BYTES, PIN_FILE, Pin
from landrace.runtime.choices import CHOICES_FILE
from landrace.runtime.folder import REGISTRY
from landrace.store import files
from landrace.store.registry import is_variant_file
from landrace.workflows.pinning import REPORT, REPORT_DATA
from landrace.workflows.pull_request.evidence import EVIDENCE, SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MOST_TOLD = 1_000
WHY_REFUSED = "no file of a cell can be called so, and a checkout might serve it"
WHY_NO_ATTRIBUTES = "by its attributes a checkout or an archive might have other pins, or none"
_FIX = "remove it: a pin is served from `registry/<prompt>/<model>/` alone"
_FIX_ATTRIBUTES = (
    "set no encoding, filter, `ident` or `export-…` for pins and their files, and put what you set "
    "into `.gitattributes` at the top"
)
_ATTRIBUTES = ".gitattributes"
CELL_FILES = frozenset({PIN_FILE, REPORT, REPORT_DATA, EVIDENCE, SIGNATURE})


def refuse_strays(root: Path, head: str | None, paths: Iterable[str]) -> None:
    """Stop where `strays` finds any; choices are left to whoever put them there.

    Raises:
        RefusedError: there are some, or as `strays` raises it.
    """
    found = [path for path in strays(root, head, paths) if not is_choices(path)]
    if found:
        fix = _FIX_ATTRIBUTES if _has_attributes(found[0]) else _FIX
        raise RefusedError(why_refused(found[0]), where=ascii(found[0])[1:-1], fix=fix)


def why_refused(path: str) -> str:
    """The reason for one of the `strays`."""
    return WHY_NO_ATTRIBUTES if _has_attributes(path) else WHY_REFUSED


def strays(root: Path, head: str | None, paths: Iterable[str]) -> tuple[str, ...]:
    """Those of the paths that head has, or the work tree for None, which belong to no cell and
    lie in ``registry/`` or what could be taken for it, and attributes that take pins away.

    Files beside the cells are none as long as they are not called like a part of one. The first
    `MOST_TOLD`: one is enough to refuse.

    Raises:
        RefusedError: one of them is a link, or leads elsewhere.
    """
    paths = list(paths)
    odd = _present(root, head, [path for path in paths if _is_odd(path)])
    pins = _read(root, head, [path for path in paths if _may_be_a_pin_at_the_top(path)])
    found = {path for path in odd if not _is_harmless(path)}
    found |= {path for path, data in pins.items() if _is_pin_of_its_place(path, data)}
    if _ATTRIBUTES in paths and git.altered(root, head, _served(root, head)):
        found.add(_ATTRIBUTES)
    return tuple(sorted(found)[:MOST_TOLD])


def is_choices(path: str) -> bool:
    """Whether a path is that of a cell's choices, which no gate judges."""
    top, *below = path.split("/")
    return top == REGISTRY and _is_in_a_cell(below) and below[2] == CHOICES_FILE


def _present(root: Path, head: str | None, paths: list[str]) -> list[str]:
    if head is not None:
        return git.present(root, head, paths)
    found = [path for path in paths if files.exists(root, path)]
    for path in found:
        if files.exists(root, f"{path}/.git"):
            raise RefusedError("a repository of its own stands where a file belongs", where=path)
    return found


def _served(root: Path, head: str | None) -> list[str]:
    """The files of all cells that a loader reads; of the work tree those that git knows."""
    if head is not None:
        everything = [file.path for file in git.list_tree(root, head, REGISTRY)]
    else:
        everything = git.tracked_files(root, REGISTRY)
    return [path for path in everything if _is_served(path)]


def _is_served(path: str) -> bool:
    top, *below = path.split("/")
    if top != REGISTRY or not _is_in_a_cell(below):
        return False
    return below[2] in {PIN_FILE, CHOICES_FILE} or is_variant_file(below[2])


def _read(root: Path, head: str | None, paths: list[str]) -> dict[str, bytes]:
    if head is not None:
        return git.read_files(root, head, paths)
    return {path: _start(root / path) for path in paths if (root / path).is_file()}


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_PIN_BYTES + 1)


def _is_odd(path: str) -> bool:
    top, *below = path.split("/")
    if _folded(top) != REGISTRY:
        return path != _ATTRIBUTES and _folded(path) == _ATTRIBUTES
    return top != REGISTRY or not _is_cell_file(below)


def _is_cell_file(below: list[str]) -> bool:
    return _is_in_a_cell(below) and (below[2] in CELL_FILES or is_variant_file(below[2]))


def _is_in_a_cell(below: list[str]) -> bool:
    return len(below) == 3 and is_name(below[0]) and is_model_dirname(below[1])


def _is_harmless(path: str) -> bool:
    """Whether a regular file lies so high in the registry itself that no loader reads it."""
    top, *below = path.split("/")
    if top != REGISTRY or len(below) not in {1, 2}:
        return False
    if _folded(below[-1]) in {PIN_FILE, _ATTRIBUTES}:
        return False
    return len(below) == 1 or _folded(below[0]) != REGISTRY


def _has_attributes(path: str) -> bool:
    return _folded(path.rpartition("/")[2]) == _ATTRIBUTES


def _may_be_a_pin_at_the_top(path: str) -> bool:
    parts = path.split("/")
    return len(parts) == 3 and _folded(parts[0]) != REGISTRY and _folded(parts[2]) == PIN_FILE


def _is_pin_of_its_place(path: str, data: bytes) -> bool:
    """Whether a loader that takes the repository for a registry would find this pin."""
    try:
        pin = Pin.loads(data)
        place = (pin.prompt, model_dirname(pin.model.id), PIN_FILE)
    except (FormatError, ConfigError):
        return False
    return [_folded(part) for part in path.split("/")] == [_folded(part) for part in place]


def _folded(name: str) -> str:
    """A name as the most careless file system has it: case, invisible characters, the end."""
    visible = "".join(char for char in normalize("NFKC", name) if category(char) != "Cf")
    return visible.casefold().rstrip(". ")
