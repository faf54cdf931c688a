"""The hashes of every prompt, remembered by the raw bytes of its files.

Reading a prompt in full (YAML, template, every case) takes milliseconds; over a thousand
prompts that is a wait before anything happens. What has the same bytes as last time has the
same hashes, so unchanged prompts are only hashed. The memory is a run artifact under
``.landrace/``: losing or damaging it costs time, never correctness, for an entry that
has not the digest that it was written with is not there. That finds damage; it is no seal.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from landrace import __version__
from landrace.digest import json_digest
from landrace.errors import StorageError
from landrace.schemas.base import Strict
from landrace.schemas.prompt import PromptConfig
from landrace.store.atomic import write_text
from landrace.workflows.prompt_state import prompt_state
from landrace.workflows.task import Fingerprints

if TYPE_CHECKING:
    from pathlib import Path

    from landrace.store.project import Project
    from landrace.workflows.prompt_state import PromptState

MEMORY = ".landrace/fingerprints.json"
_SHARED = "_shared"
_DIGEST = "digest"
_LAYOUT = 2  # of the memory; the first one sorted what is now kept in order


class Known(NamedTuple):
    """What planning needs of a prompt; ``parts`` are those of a program with a graph."""

    config: PromptConfig
    fingerprints: Fingerprints
    parts: dict[str, Any] | None = None

    @classmethod
    def of(cls, state: PromptState) -> Known:
        """Raises like `PromptState.fingerprints`."""
        parts = None if state.program.is_plain else state.program.parts
        return cls(state.source.config, state.fingerprints(), parts)


class _Entry(Strict):
    """What is remembered of one prompt, as long as its ``key`` is the same."""

    key: str
    config: PromptConfig
    fingerprints: Fingerprints
    parts: dict[str, Any] | None


class FingerprintsOf:
    """Gives a prompt's hashes; call `save` at the end."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._memory = _load(project.root / MEMORY)
        self._shared = _raw(project.root / "prompts" / _SHARED)
        self._changed = False

    def __call__(self, prompt: str) -> Known:
        """The prompt's hashes. Raises like `prompt_state`."""
        key = self._key(prompt)
        remembered = _entry(self._memory.get(prompt))
        if remembered is not None and remembered.key == key:
            return Known(remembered.config, remembered.fingerprints, remembered.parts)
        source = self._project.read_prompt(prompt)
        known = Known.of(prompt_state(source))
        if key is not None and not _reads_other_files(source.config):
            self._changed = True
            entry = _Entry(key=key, **known._asdict())
            # Of a node, only the one key that says its kind may be there.
            data = entry.model_dump(mode="json", by_alias=True, exclude_unset=True)
            self._memory[prompt] = {**data, _DIGEST: json_digest(data)}
        return known

    def _key(self, prompt: str) -> str | None:
        """What a prompt's hashes hang on; None where that cannot be told."""
        own = _raw(self._project.root / "prompts" / prompt)
        if own is None or self._shared is None:
            return None
        return f"{_LAYOUT}/{__version__}/{prompt}/{self._shared}/{own}"

    def save(self) -> None:
        """Remember for the next run; a disk that refuses costs only time."""
        if self._changed:
            with contextlib.suppress(StorageError, OSError):
                path = self._project.root / MEMORY
                path.parent.mkdir(exist_ok=True)
                # Prompts are sorted, and no keys in them: a default's order is a part of it.
                write_text(path, json.dumps(dict(sorted(self._memory.items()))))


def _reads_other_files(config: PromptConfig) -> bool:
    """Whether a metric's identity depends on a file outside the prompt's folder."""
    return any(metric.metric in {"python", "llm_judge"} for metric in config.metrics)


def _raw(folder: Path) -> str | None:
    """The hash of the names and bytes of a folder's files; None where one is a link.

    Links are left to the full reading, which refuses those that it meets.
    """
    whole = hashlib.sha256()
    if not folder.is_dir():
        return "none"
    for path in sorted(folder.iterdir()):
        whole.update(f"\0{path.name}\0".encode())
        if path.is_symlink():
            return None
        if path.is_file():
            whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def _load(path: Path) -> dict[str, Any]:
    try:
        memory = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return memory if isinstance(memory, dict) else {}


def _entry(value: object) -> _Entry | None:
    """What was remembered, unless it is damaged."""
    if not isinstance(value, dict):
        return None
    data = {name: part for name, part in value.items() if name != _DIGEST}
    try:
        is_whole = json_digest(data) == value.get(_DIGEST)
        return _Entry.model_validate(data) if is_whole else None
    except (ValidationError, ValueError, RecursionError):
        return None
