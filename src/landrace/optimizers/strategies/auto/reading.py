"""Answers that are there already, read by a parser that forgives more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.allocation.screening import reached
from landrace.optimizers.slots.formats import formats_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate


def better_read(study: Study, entries: Sequence[Entry]) -> list[Entry]:
    """Those that do better with another parser, with it; the calls are paid for already.

    Raises:
        BudgetExhaustedError: a ceiling was met.
    """
    cases = study.select[: reached(study, entries)]
    # What comes to a known variant, such as an incumbent, need not know of this parent.
    pairs = {
        child.digest: (entry, child)
        for entry, candidate in _tolerant(study, entries)
        for child in study.admit_all([candidate])
    }
    study.evaluate([child for _, child in pairs.values()], cases)
    return [
        child
        for entry, child in pairs.values()
        if study.ranked([entry, child], cases)[0] is child and child not in entries
    ]


def _tolerant(study: Study, entries: Sequence[Entry]) -> Iterator[tuple[Entry, Candidate]]:
    main = study.setting.program.main
    for form in formats_for(main.contract)[1:]:
        if form.ask:
            continue
        for entry in entries:
            slots = entry.candidate.slots(main.name)
            is_plain = slots.source is None and slots.layout != "base" and slots.format == "base"
            # With fewer examples its answers would have to be paid for.
            if is_plain and len(slots.demos) <= study.setting.options.max_demos:
                child = entry.candidate.changed(
                    f"read as {form.name}", node=main.name, parent=entry.digest, format=form.name
                )
                yield entry, child
