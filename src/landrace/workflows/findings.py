"""What a check finds: every problem by itself, where the readers of files stop at the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import BaseModel, ValidationError

from landrace.errors import ConfigError, FormatError, LandraceError
from landrace.store.validate import problems

if TYPE_CHECKING:
    from landrace.store.yaml import Document

OK = 0


class Finding(NamedTuple):
    """One problem. ``where`` is ``file:line`` or a file; a warning has the exit code 0."""

    severity: Literal["error", "warning"]
    where: str
    problem: str
    fix: str | None
    exit_code: int

    @property
    def file(self) -> str:
        return self._place()[0]

    @property
    def line(self) -> int | None:
        return self._place()[1]

    def _place(self) -> tuple[str, int | None]:
        file, _, line = self.where.rpartition(":")
        return (file, int(line)) if file and line.isdecimal() else (self.where, None)


def error(found: LandraceError, where: str) -> Finding:
    """The finding of an error that a reader raised; ``where`` serves if it names no place."""
    return Finding("error", found.where or where, found.problem, found.fix, found.exit_code)


def mistake(where: str, problem: str, fix: str | None = None) -> Finding:
    """A problem that the user must mend before anything else works."""
    return Finding("error", where, problem, fix, ConfigError.exit_code)


def warning(where: str, problem: str, fix: str | None = None) -> Finding:
    """Something that works and is probably not meant."""
    return Finding("warning", where, problem, fix, OK)


def misfits(model: type[BaseModel], document: Document, found: FormatError) -> list[Finding]:
    """Every place where a document does not fit; ``found`` is what its reader raised."""
    try:
        model.model_validate(document.value)
    except ValidationError as invalid:
        return [
            mistake(document.where(misfit.path), misfit.line, misfit.fix)
            for misfit in problems(model, invalid)
        ]
    return [error(found, document.name)]


def exit_code(findings: list[Finding]) -> int:
    """3 where policy or security refuses something, else 2 where something is wrong, else 0."""
    return max((finding.exit_code for finding in findings), default=OK)
