"""Minibatches of cases from which there is something to learn about a candidate."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landrace.optimizers.entry import Entry
    from landrace.optimizers.search.epochs import Epochs
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case


def unshown_batch(study: Study, batches: Epochs[Case], entry: Entry) -> list[Case]:
    """The next minibatch of search cases that the candidate does not show as examples.

    It has those right by heart: no mistake is found on them, and no child can gain there. Empty
    where it shows all of them.
    """
    told = {case.id for case in study.unshown(study.search, entry)}
    return batches.batch(lambda case: case.id in told)
