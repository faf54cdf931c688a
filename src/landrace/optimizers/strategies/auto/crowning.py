"""Who wins: what the best learned apart is joined, and the best is scored on all of select."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from landrace.optimizers.allocation.screening import crown, reached
from landrace.optimizers.strategies.auto.bench import admitted
from landrace.optimizers.strategies.auto.joining import alike, merged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.samples import Sample
    from landrace.optimizers.strategies.auto.bench import Bench
    from landrace.optimizers.study import Study

    Samples = Mapping[str, Sequence[Sample]]

JOINED = 3  # of the best that are merged in pairs


def crowned_at_once(study: Study, best: Sequence[Entry], runs: int, samples: Samples) -> None:
    """By successive rejects among the survivors of one round and their merges.

    A merge first meets the cases that all survivors have met, and is left out where that cannot
    be paid: beside one that has met none, all would be compared on the first few cases anew.

    Raises:
        BudgetExhaustedError: not all could be paid.
    """
    done = reached(study, best)
    spare = max(0, runs - (len(study.select) - done))
    fresh = _merges(study, best, samples)[: spare // max(1, done)]
    study.evaluate(fresh, study.select[:done])
    crown(study, [*best, *fresh], runs - done * len(fresh))


def crowned_by_all(bench: Bench) -> None:
    """The best member by all that is known, merges of the best among them.

    Only what has met all of select can be chosen, so whoever leads meets it before any merge is
    tried, and a merge only where it could be paid to the end.

    Raises:
        BudgetExhaustedError: a ceiling other than that of calls was met.
    """
    study, members = bench.study, bench.members
    members.crown_leader()
    for entry in _merges(study, members.ranked, bench.start.samples):
        if study.runs_left() < len(study.select):
            return
        study.evaluate([entry], members.cases)
        members.add(entry)
        members.crown_leader()


def _merges(study: Study, ranked: Sequence[Entry], samples: Samples) -> list[Entry]:
    """What of the best there is in pairs, as far as that is anything new."""
    nodes = list(study.setting.program.nodes)
    known = set(study.entries)
    found = (merged(better, worse, nodes) for better, worse in combinations(ranked[:JOINED], 2))
    entries = admitted(study, [alike(study, each, samples) for each in found if each])
    return [entry for entry in entries if entry.digest not in known]
