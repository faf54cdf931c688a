"""What the evidence beside a pin of head is worth now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from landrace import signing
from landrace.digest import normalize_newlines, text_digest
from landrace.errors import FormatError, IntegrityError, RefusedError
from landrace.pin import MAX_VARIANT_BYTES, PIN_FILE
from landrace.store import files
from landrace.store.project import PIPELINES
from landrace.store.registry import cell_path
from landrace.workflows.pinning import REPORT, REPORT_DATA
from landrace.workflows.pull_request.evidence import (
    EVIDENCE,
    MOST_EVIDENCE_BYTES,
    SIGNATURE,
    parse_evidence,
)
from landrace.workflows.pull_request.inputs import NAMES, Inputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from landrace.schemas.evidence import Evidence
    from landrace.workflows.plan import PlannedCell
    from landrace.workflows.pull_request.states import States
    from landrace.workflows.tasks import Pinned

ALLOWED_SIGNERS = "allowed_signers"

Status: TypeAlias = Literal["fresh", "stale", "missing", "refused"]


class Standing(NamedTuple):
    """What a cell's evidence is worth, and why it is worth less than it should be."""

    prompt: str
    model: str
    status: Status
    reasons: tuple[str, ...] = ()
    evidence: Evidence | None = None


class EvidenceCheck:
    """Judges head's evidence files by today's inputs, and by the signers that base allows."""

    def __init__(self, base: States, head: States) -> None:
        self.base = base
        self.head = head
        self.inputs = Inputs(base, head)
        self._signers = _allowed_signers(base)

    def standing(self, cell: PlannedCell, pinned: Pinned) -> Standing:
        """What the evidence beside a pin of head is worth.

        Raises:
            LandraceError: what base serves cannot be read, or ``ssh-keygen`` is missing.
        """
        name = (cell.prompt, cell.model.id)
        path = f"{cell_path(*name)}/{EVIDENCE}"
        if not files.exists(self.head.project.root, path):
            return Standing(*name, "missing", ("there is no evidence yet",))
        try:
            found = self._read(cell, path)
            beside = _digests(self.head, cell, {*found.files, *_vouched_for(pinned)})
        except (RefusedError, FormatError) as error:
            return Standing(*name, "refused", (error.problem,))
        reasons = tuple(self._stale_reasons(found, beside, cell, pinned))
        return Standing(*name, "stale" if reasons else "fresh", reasons, found)

    def _read(self, cell: PlannedCell, path: str) -> Evidence:
        # What was signed has LF alone; a work tree with `core.autocrlf` has not.
        text = normalize_newlines(
            files.read_text(self.head.project.root, path, MOST_EVIDENCE_BYTES)
        )
        self._check_signature(text, f"{cell_path(cell.prompt, cell.model.id)}/{SIGNATURE}")
        found = parse_evidence(text, path)
        if (found.prompt, found.model) != (cell.prompt, cell.model.id):
            raise IntegrityError("the evidence is another cell's", where=path)
        return found

    def _check_signature(self, text: str, path: str) -> None:
        if self._signers is None:
            return
        root = self.head.project.root
        if not files.exists(root, path):
            raise RefusedError("the evidence is not signed, and base asks for a signature")
        signature = normalize_newlines(files.read_text(root, path))
        signing.verify(text.encode(), signature, self._signers)

    def _stale_reasons(
        self, found: Evidence, beside: Mapping[str, str], cell: PlannedCell, pinned: Pinned
    ) -> list[str]:
        now = self.inputs.of(cell)
        reasons = [
            f"{NAMES[name]} changed" for name in NAMES if found.inputs.get(name) != now[name]
        ]
        if found.inputs.keys() - now.keys():
            reasons.append("the evidence rests on something unknown")
        if found.variant != pinned.pin.variant:
            reasons.append("the evidence is about another variant")
        elif found.files != beside:
            reasons.append("a file beside the evidence is not the one that it was made with")
        return reasons

    def why_searched(self, cell: PlannedCell, pinned: Pinned, standing: Standing) -> str | None:
        """Why a comparison alone is not enough for a pin of head; None where it is.

        A comparison believes what a pin and its report tell of their search, and the bot signs
        it. So it must be base's own, or have been signed once; without signers it must at least
        be judged against something.
        """
        try:
            beside = self.pinned_files(cell, pinned)
            if beside == _digests(self.base, cell, _vouched_for(pinned)):
                return None
        except (RefusedError, FormatError):
            return "a file beside the pin cannot be read, and only a search writes it anew"
        told = standing.evidence.files if standing.evidence else {}
        return self._why_unbelieved(cell, told, beside)

    def _why_unbelieved(
        self, cell: PlannedCell, told: Mapping[str, str], beside: Mapping[str, str]
    ) -> str | None:
        if self._signers is not None:
            signed = told == beside
            return None if signed else "base asks for signatures, and nobody has signed these files"
        if not self.inputs.is_compared(cell):
            return "base has no such cell that the pin is compared with"
        if _has_other_report(told, beside):
            return "the report beside the pin is not the one that its search has left"
        return None

    def pinned_files(self, cell: PlannedCell, pinned: Pinned) -> dict[str, str]:
        """The hashes of a pin of head, of what it serves, and of its report, if it has one.

        Raises:
            FormatError: one of them is no text, or larger than a cell's files may be.
            RefusedError: a link or a folder stands there.
        """
        return _digests(self.head, cell, _vouched_for(pinned))


def _vouched_for(pinned: Pinned) -> tuple[str, ...]:
    """The files of a cell that its evidence has the hashes of, where they are there."""
    return (PIN_FILE, *pinned.pin.files, REPORT, REPORT_DATA)


def _has_other_report(told: Mapping[str, str], beside: Mapping[str, str]) -> bool:
    """Whether the pin is that of the evidence, and a report is not."""
    if told.get(PIN_FILE) != beside[PIN_FILE]:
        return False
    return any(name in told and told[name] != beside.get(name) for name in (REPORT, REPORT_DATA))


def _digests(side: States, cell: PlannedCell, names: Iterable[str]) -> dict[str, str]:
    root, folder = side.project.root, cell_path(cell.prompt, cell.model.id)
    return {
        name: text_digest(files.read_text(root, f"{folder}/{name}", MAX_VARIANT_BYTES))
        for name in names
        if files.exists(root, f"{folder}/{name}")
    }


def _allowed_signers(base: States) -> bytes | None:
    path = f"{PIPELINES}/{ALLOWED_SIGNERS}"
    if not files.exists(base.project.root, path):
        return None
    return files.read_text(base.project.root, path).encode()
