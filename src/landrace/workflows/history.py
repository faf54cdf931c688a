"""The versions of a prompt's pins, read out of git."""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from landrace import git
from landrace.errors import LandraceError, UnknownModelError, UnknownPromptError
from landrace.naming import is_name, model_id
from landrace.pin import PIN_FILE, Pin
from landrace.runtime.folder import REGISTRY
from landrace.strict_json import near_fix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class Version(NamedTuple):
    """One commit that changed one pin. ``pin`` is None where it was removed or is unreadable.

    ``same_variant`` tells that at most the evidence changed, ``same_evidence`` that at most
    the aliases did; ``problem`` says why a pin cannot be read.
    """

    model: str
    commit: git.Commit
    pin: Pin | None
    same_variant: bool = False
    same_evidence: bool = False
    problem: str | None = None


class History(NamedTuple):
    """Versions, newest first; ``complete`` is False where older ones were left out."""

    versions: tuple[Version, ...]
    complete: bool


def prompt_history(root: Path, prompt: str, *, model: str | None = None, limit: int) -> History:
    """The versions of a prompt's pins in the last ``limit`` commits that touched them.

    A model may be named by an alias that one of its pins had.

    Raises:
        UnknownPromptError: there is no such prompt, and there never was a pin of it.
        UnknownModelError: the prompt was never pinned for the model.
        RepositoryError: there is no commit yet.
    """
    folder = f"{REGISTRY}/{prompt}"
    commits = git.history(root, folder) if is_name(prompt) else []
    if not commits:
        _check_prompt(root, prompt)
    complete = len(commits) <= limit and not git.is_shallow(root)
    versions = tuple(_versions(root, folder, commits[:limit]))
    if model is not None:
        named = {version.model for version in versions if model in _names(version)}
        if not named:
            _refuse_model(prompt, model, sorted({version.model for version in versions}))
        versions = tuple(version for version in versions if version.model in named)
    return History(versions, complete)


def _check_prompt(root: Path, prompt: str) -> None:
    if not (is_name(prompt) and (root / "prompts" / prompt).is_dir()):
        raise UnknownPromptError(
            "there is no such prompt",
            where=prompt,
            fix=near_fix(prompt, _known_prompts(root)) or "`landrace check` lists the prompts",
        )


def _names(version: Version) -> tuple[str, ...]:
    return (version.model, *(version.pin.model.aliases if version.pin else ()))


def _refuse_model(prompt: str, model: str, pinned: Sequence[str]) -> NoReturn:
    raise UnknownModelError(
        "the prompt was never pinned for this model",
        where=f"{prompt} on {model}",
        fix=near_fix(model, pinned) or f"it was pinned for {', '.join(pinned) or 'none'}",
    )


def _versions(root: Path, folder: str, commits: Sequence[git.Commit]) -> Iterator[Version]:
    """What each commit changed of what it was made on.

    What a merge takes from one of its parents is that parent's version, and none of its own.
    """
    pins_of = cache(lambda sha: _pins(root, sha, folder))
    for commit in commits:
        pins = pins_of(commit.sha)
        befores = [pins_of(parent) for parent in commit.parents] or [{}]
        for model in sorted({*pins, *chain.from_iterable(befores)}):
            data, olds = pins.get(model), [before.get(model) for before in befores]
            if data not in olds:
                yield _version(model, commit, data, olds)


def _version(
    model: str, commit: git.Commit, data: bytes | None, olds: Sequence[bytes | None]
) -> Version:
    if data is None:
        return Version(model, commit, None)
    try:
        pin = Pin.loads(data)
    except LandraceError as error:
        return Version(model, commit, None, problem=error.problem)
    befores = [before for before in map(_readable, olds) if before is not None]
    return Version(
        model,
        commit,
        pin,
        same_variant=any(before.variant == pin.variant for before in befores),
        same_evidence=any(_unnamed(before) == _unnamed(pin) for before in befores),
    )


def _readable(data: bytes | None) -> Pin | None:
    if data is None:
        return None
    try:
        return Pin.loads(data)
    except LandraceError:
        return None


def _unnamed(pin: Pin) -> Pin:
    """The pin without its aliases, which are names and no evidence."""
    return pin._replace(model=pin.model._replace(aliases=()))


def _pins(root: Path, sha: str, folder: str) -> dict[str, bytes]:
    """The bytes of the pins in a commit, by model id; folders that name no model are skipped."""
    found = {}
    for path, data in git.read_tree(root, sha, folder).items():
        parts = path.removeprefix(f"{folder}/").split("/")
        if len(parts) == 2 and parts[1] == PIN_FILE:
            try:
                found[model_id(parts[0])] = data
            except LandraceError:
                continue
    return found


def _known_prompts(root: Path) -> list[str]:
    return sorted(path.parent.name for path in root.glob("prompts/*/prompt.yaml"))
