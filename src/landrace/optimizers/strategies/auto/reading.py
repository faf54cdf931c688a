"""Answers that are there already, read by a parser that forgives more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.allocation.screening import reached
from landrace.optimizers.slots.formats import formats_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.study import Entry, Study
    from landrace.schemas.candidate import Candidate


def better_read(study: Study, entries: Sequence[Entry]) -> list[Entry]:
    """Those that do better with another parser, with it; the calls are paid for already.

    Raises:
        BudgetExhaustedError: a ceiling was met.
    """
    cases = study.select[: reached(study, entries)]
    found = study.admit_all(list(_tolerant(study, entries)))
    study.evaluate(found, cases)
    return [
        entry
        for entry in found
        if study.ranked([study.entries[entry.candidate.parents[0]], entry], cases)[0] is entry
    ]


def _tolerant(study: Study, entries: Sequence[Entry]) -> Iterator[Candidate]:
    main = study.setting.program.main
    for form in formats_for(main.contract)[1:]:
        if form.ask:
            continue
        for entry in entries:
            slots = entry.candidate.slots(main.name)
            if slots.source is None and slots.layout != "base" and slots.format == "base":
                yield entry.candidate.changed(
                    f"read as {form.name}", node=main.name, parent=entry.digest, format=form.name
                )
