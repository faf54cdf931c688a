"""A cell as it is served: the pin and its variant files, verified against each other."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from landrace.digest import normalize_newlines, text_digest
from landrace.errors import FormatError, IntegrityError
from landrace.pin import PIN_FILE, Pin, variant_digest

_FIX = "restore it from git, or pin the edited prompt anew with `landrace optimize`"


class Source(Protocol):
    """Where pins come from: a folder, a bundle, files out of a git tree."""

    def prompts(self) -> list[str]:
        """The names of all prompts with a pin, sorted."""
        ...

    def models(self, prompt: str) -> list[str]:
        """The ids of the models that a prompt is pinned for, sorted; none if it is unknown."""
        ...

    def pin(self, prompt: str, model: str) -> Pin | None:
        """The pin of a cell, or None.

        Raises:
            FormatError: it is no pin.
            RefusedError: it is a link out of the registry.
            StorageError: it cannot be read.
        """
        ...

    def text(self, prompt: str, model: str, file: str) -> str | None:
        """The text of a variant file, or None. Raises like `pin`."""
        ...

    def where(self, prompt: str, model: str, file: str) -> str:
        """The name of a file for a message."""
        ...


class Cell(NamedTuple):
    """A pin, and its files' texts with every line end as LF."""

    pin: Pin
    files: dict[str, str]


def load_cell(source: Source, prompt: str, model: str) -> Cell | None:
    """The cell of a prompt and exactly this model, verified; None if it is not pinned.

    Raises:
        IntegrityError: a file is missing, or something differs from what the pin says.
        FormatError, RefusedError, StorageError: like `Source.pin`.
    """
    pin = load_pin(source, prompt, model)
    if pin is None:
        return None
    if pin.variant != variant_digest(pin):
        raise IntegrityError(
            "the pin was edited: `variant` is not the hash of what it serves",
            where=source.where(prompt, model, PIN_FILE),
            fix=_FIX,
        )
    files = {
        file: _verified(source.text(prompt, model, file), digest, source.where(prompt, model, file))
        for file, digest in pin.files.items()
    }
    return Cell(pin, files)


def load_pin(source: Source, prompt: str, model: str) -> Pin | None:
    """The pin of a cell, which must name that cell. Raises like `Source.pin`."""
    pin = source.pin(prompt, model)
    if pin is not None and (pin.prompt, pin.model.id) != (prompt, model):
        raise FormatError(
            f"the pin is for {pin.prompt} on {pin.model.id}, "
            f"and this is the place of {prompt} on {model}",
            where=source.where(prompt, model, PIN_FILE),
            fix="move the pin to its own folder, or restore this one from git",
        )
    return pin


def _verified(content: str | None, digest: str, where: str) -> str:
    if content is None:
        raise IntegrityError("the pin names this file, and it is missing", where=where, fix=_FIX)
    if text_digest(content) != digest:
        raise IntegrityError("the file is not the one that its pin names", where=where, fix=_FIX)
    return normalize_newlines(content)
