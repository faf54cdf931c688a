"""Which cells differ between two commits: by content, and cheaply where little changed.

Everything is read as data out of git's objects. Which cells there are, their models and their
policy is base's to say.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from landrace import git
from landrace.errors import ConfigError
from landrace.naming import is_name
from landrace.store.artifacts import refuse_committed
from landrace.store.project import PIPELINES, PROMPTS, Project
from landrace.strict_json import near_fix
from landrace.workflows.gating.affected import affected_prompts
from landrace.workflows.gating.comparison import ChangedCell, Comparison
from landrace.workflows.gating.strays import refuse_strays
from landrace.workflows.gating.tree import Tree, read_commit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from landrace.workflows.gating.comparison import CellName

__all__ = [
    "WORK_TREE",
    "ChangedCell",
    "Changes",
    "Revisions",
    "compare",
    "find_changes",
    "read_revisions",
    "select",
]

WORK_TREE = "work tree"
CELLS_NAMED = 3


class Revisions(NamedTuple):
    """Two commits, read as data. ``base`` and ``head`` are full ids, or `WORK_TREE`.

    ``fork_tree`` is the commit from which they have parted. ``paths`` changed on head since;
    ``prompts`` are those that they can be about, ``pipelines`` the names of those among them.
    """

    base: str
    head: str
    base_tree: Tree
    head_tree: Tree
    fork_tree: Tree
    prompts: tuple[str, ...]
    paths: tuple[str, ...]

    @property
    def pipelines(self) -> tuple[str, ...]:
        return pipelines_among(self.paths)

    @property
    def head_project(self) -> Project:
        return self.head_tree.project


class Changes(NamedTuple):
    """``base`` and ``head`` are full commit ids, or `WORK_TREE`. ``removed`` has cells whose
    prompts head has removed, ``unchanged`` the other cells of base's pipelines; ``notes`` are
    sentences without a full stop.
    """

    base: str
    head: str
    base_tree: Tree
    head_tree: Tree
    cells: tuple[ChangedCell, ...]
    removed: tuple[CellName, ...]
    unchanged: tuple[CellName, ...]
    notes: tuple[str, ...]

    @property
    def told(self) -> tuple[str, ...]:
        """The notes, and at last which of the cells serve something else than is compared."""
        others = [f"{cell.prompt} on {cell.model.id}" for cell in self.cells if cell.serves_other]
        if not others:
            return self.notes
        more = len(others) - CELLS_NAMED
        named = ", ".join(others[:CELLS_NAMED]) + (f" and {more:,} more" if more > 0 else "")
        note = (
            "applications are served a pin of an older prompt, not the template that is compared "
            f"here, until `landrace optimize` makes a new pin: {named}"
        )
        return (*self.notes, note)


@contextmanager
def find_changes(root: Path, base: str, head: str | None) -> Iterator[Changes]:
    """Compare the tip of ``base`` with ``head``, or with the work tree for None.

    Raises like `read_revisions`, `refuse_strays` and `compare`.
    """
    with read_revisions(root, base, head) as revisions:
        refuse_strays(root, head, revisions.paths)
        yield compare(revisions)


@contextmanager
def read_revisions(
    root: Path, base: str, head: str | None, *, whole_pipelines: bool = False
) -> Iterator[Revisions]:
    """The tip of ``base`` and ``head``, or the work tree for None, while the context lasts.

    What has changed on head is counted from where the two have parted: what others have merged
    into base meanwhile is no change of this head. The trees hold the prompts that can have
    changed and no others, or with ``whole_pipelines`` all of them where a pipeline changed.

    Raises:
        RepositoryError: there is no such commit, or no common one.
        RefusedError: a text cannot be a ref, a link stands where a file belongs, or like
            `refuse_committed`.
    """
    base_id = git.resolve(root, base)
    head_id = None if head is None else git.resolve(root, head)
    fork_id = git.merge_base(root, base, "HEAD" if head is None else head)
    paths = (
        git.changed_files(root, fork_id, head_id)
        if head_id
        else git.changed_in_work_tree(root, fork_id)
    )
    if head_id:
        refuse_committed(root, head_id, paths)
    prompts = affected_prompts(root, base_id, paths)
    wanted: Sequence[str] = prompts
    if whole_pipelines and pipelines_among(paths):
        commits = (base_id, head_id or "HEAD")
        wanted = sorted({*prompts, *(name for one in commits for name in _prompts_at(root, one))})
    with ExitStack() as stack:

        def read(commit: str) -> Tree:
            return stack.enter_context(read_commit(root, commit, wanted))

        base_tree = read(base_id)
        head_tree = read(head_id) if head_id else Tree(Project(root))
        fork_tree = base_tree if fork_id == base_id else read(fork_id)
        yield Revisions(
            base_id, head_id or WORK_TREE, base_tree, head_tree, fork_tree, prompts, tuple(paths)
        )


def pipelines_among(paths: Sequence[str]) -> tuple[str, ...]:
    """The names of the pipelines whose files are among the paths."""
    start, end = f"{PIPELINES}/", ".yaml"
    found = (path for path in paths if path.startswith(start) and path.endswith(end))
    names = [path[len(start) : -len(end)] for path in found]
    return tuple(name for name in names if is_name(name))


def _prompts_at(root: Path, commit: str) -> list[str]:
    return [name for name in git.list_folders(root, commit, PROMPTS) if is_name(name)]


def compare(revisions: Revisions, only: Collection[CellName] | None = None) -> Changes:
    """The cells that differ; of ``only`` these cells, or of all.

    The prompts of ``only`` may have changed otherwise than by a path, such as by a new pin. What
    cannot be read of others is told in the notes then, and raises nothing.

    Raises:
        RefusedError: a pinned variant of head was edited by hand. What base serves is nothing then.
        NewerFormatError: a pin was written by a newer landrace.
        ConfigError: a prompt or a pipeline cannot be read; the place begins with the commit.
    """
    trees = revisions.base_tree, revisions.head_tree
    comparison = Comparison(*trees, revisions.fork_tree, only)
    prompts = sorted({*revisions.prompts, *(prompt for prompt, _ in only or ())})
    comparison.compare(prompts, revisions.paths)
    return Changes(
        revisions.base,
        revisions.head,
        *trees,
        tuple(comparison.cells),
        tuple(comparison.removed),
        tuple(comparison.unchanged),
        tuple(comparison.notes),
    )


def select(changes: Changes, prompts: Sequence[str], models: Sequence[str]) -> Changes:
    """The changes of some prompts and models; names may be patterns, none means all.

    Raises:
        ConfigError: a name or a pattern is none of base's cells.
    """
    cells = [(cell.prompt, cell.model.id) for cell in changes.cells]
    known = [*cells, *changes.removed, *changes.unchanged]
    _refuse_unknown("prompt", prompts, sorted({prompt for prompt, _ in known}))
    _refuse_unknown("model", models, sorted({model for _, model in known}))
    chosen = {name for name in known if _fits(name[0], prompts) and _fits(name[1], models)}
    left_out = len(cells) - len([name for name in cells if name in chosen])
    notes = [f"{left_out} changed cells are left out, as was asked"] if left_out > 1 else []
    if left_out == 1:
        notes = ["1 changed cell is left out, as was asked"]
    return changes._replace(
        cells=tuple(cell for cell in changes.cells if (cell.prompt, cell.model.id) in chosen),
        removed=tuple(name for name in changes.removed if name in chosen),
        unchanged=tuple(name for name in changes.unchanged if name in chosen),
        notes=(*changes.notes, *notes),
    )


def _refuse_unknown(kind: str, patterns: Sequence[str], known: Sequence[str]) -> None:
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in known):
            listed = f"there are {', '.join(known[:20])}" if known else "base has no pipeline"
            raise ConfigError(
                f"no pipeline of base has a {kind} `{pattern}`",
                where=PIPELINES,
                fix=near_fix(pattern, known) or listed,
            )


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)
