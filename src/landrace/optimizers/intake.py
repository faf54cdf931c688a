"""How candidates come into a study: written out, tried on real cases, each variant once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import LandraceError, RefusedError
from landrace.optimizers.entry import Entry
from landrace.optimizers.growth import Growth
from landrace.optimizers.variants import write_variant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.evaluation.table import ScoreTable
    from landrace.optimizers.setting import Setting
    from landrace.optimizers.study_log import StudyLog
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case


class Intake:
    """Who was taken in, by the variant's digest, and who may be."""

    def __init__(self, setting: Setting, log: StudyLog) -> None:
        self.entries: dict[str, Entry] = {}
        self._growth: Growth | None = None  # until it is known what is served
        self._setting = setting
        self._log = log
        self._cases = (*setting.search, *setting.select)
        self.left = ""  # the digest of what was left behind

    def measure_by(self, rival: Entry) -> None:
        """Let the policy's limit of length go by this from here on."""
        self._growth = Growth(self._setting.policy.max_growth, rival.variant, self._cases)

    def leave(self, entry: Entry) -> None:
        """Never take this in again."""
        self.left = entry.digest

    def admit(self, candidate: Candidate) -> Entry:
        """See `Study.admit`."""
        variant = write_variant(self._setting.program, candidate)
        if variant.digest == self.left:
            raise RefusedError("it was served until now, and left behind")
        known = self.entries.get(variant.digest)
        if known is not None:
            return known
        for case in self._cases:
            variant.first_messages(case.inputs)
        too_long = self._growth.too_long(variant) if self._growth else ""
        if too_long:
            raise RefusedError(too_long)
        entry = Entry(candidate, variant)
        self.entries[variant.digest] = entry
        self._log.candidate(entry)
        return entry

    def admit_all(self, candidates: Sequence[Candidate]) -> list[Entry]:
        """See `Study.admit_all`."""
        entries: dict[str, Entry] = {}
        for candidate in candidates:
            try:
                entry = self.admit(candidate)
            except LandraceError as error:
                self._log.add("dropped", operator=candidate.operator, reason=str(error))
                continue
            entries.setdefault(entry.digest, entry)
        return list(entries.values())

    def fits(self, table: ScoreTable, entry: Entry, cases: Sequence[Case]) -> bool:
        """See `Study.fits`."""
        growth = self._growth
        return growth is None or growth.permits(table, entry.digest, cases)
