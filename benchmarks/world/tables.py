"""Trials as tables in Markdown: a row for each strategy, a column for each budget."""

from __future__ import annotations

import math
from collections import defaultdict
from statistics import fmean, stdev
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.world.trial import Trial

CONTENDER = "auto"
MEAN = "mean over landscapes"
TOO_FEW = "*"
LEGEND = (
    "Gain in true quality over the base, in points of 100, with its standard error; in brackets "
    f"calls and tokens spent. {TOO_FEW} fewer calls than `landrace plan` asks for."
)

Gains = dict[int, float]  # by repetition


class Estimate(NamedTuple):
    """A mean with its standard error, both in points out of 100."""

    mean: float
    error: float

    def __str__(self) -> str:
        error = "" if math.isnan(self.error) else f" ± {self.error:.1f}"
        return f"{self.mean:+.1f}{error}"


def report(trials: Iterable[Trial], summaries: Mapping[str, str]) -> str:
    """All tables; ``summaries`` has a sentence for each landscape, in the order of the tables."""
    cells: dict[str, dict[str, dict[int, list[Trial]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for trial in trials:
        cells[trial.landscape][trial.strategy][trial.calls].append(trial)
    names = [name for name in summaries if name in cells]
    lines = [LEGEND, ""]
    for name in names:
        lines += [f"### {name}: {summaries[name]}", "", *_landscape(cells[name]), ""]
    if len(names) > 1:
        lines += [f"### {MEAN}", "", *_mean([cells[name] for name in names]), ""]
    standing = _standing({name: cells[name] for name in names})
    if standing:
        lines += [f"### {CONTENDER} against the best single strategy", "", *standing]
    return "\n".join(lines).rstrip("\n")


_ByCalls = dict[int, "list[Trial]"]
_ByStrategy = dict[str, _ByCalls]


def _landscape(cells: _ByStrategy) -> list[str]:
    budgets = _budgets([cells])
    rows = []
    for strategy in _by_merit([cells], budgets):
        row = [strategy]
        for calls in budgets:
            found = cells[strategy][calls]
            row.append(f"{_estimate(_gains(found))}{_spent(found)}" if found else "")
        rows.append(row)
    counts = {len(found) for each in cells.values() for found in each.values() if found}
    span = " to ".join(f"{count}" for count in sorted({min(counts), max(counts)}))
    note = f"Base {_base(cells):.1f}; repetitions: {span}."
    return [note, "", *_table(["strategy", *(f"{calls} calls" for calls in budgets)], rows)]


def _mean(landscapes: Sequence[_ByStrategy]) -> list[str]:
    budgets = _budgets(landscapes)
    rows = []
    for strategy in _by_merit(landscapes, budgets):
        found = [_over(landscapes, strategy, calls) for calls in budgets]
        rows.append([strategy, *("" if each is None else str(each) for each in found)])
    return _table(["strategy", *(f"{calls} calls" for calls in budgets)], rows)


def _standing(landscapes: Mapping[str, _ByStrategy]) -> list[str]:
    """The table; nothing while the contender or all others lack."""
    head = ["landscape", "calls", "best other", "its gain", CONTENDER, "difference", "in errors"]
    rows = []
    groups = {name: [cells] for name, cells in landscapes.items()}
    if len(groups) > 1:
        groups[MEAN] = list(landscapes.values())
    for name, group in groups.items():
        for calls in _budgets(group):
            rows += _against_best(name, group, calls)
    return _table(head, rows) if rows else []


def _against_best(name: str, group: Sequence[_ByStrategy], calls: int) -> list[list[str]]:
    """The row of one landscape and budget; none while the contender or all others lack."""
    means = {strategy: _over(group, strategy, calls) for strategy in _strategies(group)}
    ours = means.pop(CONTENDER, None)
    known = {strategy: each for strategy, each in means.items() if each is not None}
    if ours is None or not known:
        return []
    best = max(known, key=lambda strategy: known[strategy].mean)
    differences = [
        {number: ours - theirs for number, (ours, theirs) in _shared(cells, best, calls).items()}
        for cells in group
    ]
    difference = _combined([_estimate(each) for each in differences if each])
    is_known = difference.error > 0  # neither nothing nor not a number
    ratio = f"{difference.mean / difference.error:+.1f}" if is_known else ""
    return [[name, f"{calls}", best, str(known[best]), str(ours), str(difference), ratio]]


def _shared(cells: _ByStrategy, other: str, calls: int) -> dict[int, tuple[float, float]]:
    """Both gains of the repetitions that both have: the same worlds, the same cases."""
    ours, theirs = (_gains(cells[name][calls]) for name in (CONTENDER, other))
    return {number: (ours[number], theirs[number]) for number in ours if number in theirs}


def _over(landscapes: Sequence[_ByStrategy], strategy: str, calls: int) -> Estimate | None:
    """The mean over landscapes; None while one of them lacks."""
    found = [cells[strategy][calls] for cells in landscapes]
    return _combined([_estimate(_gains(each)) for each in found]) if all(found) else None


def _combined(estimates: Sequence[Estimate]) -> Estimate:
    """The mean of independent estimates."""
    error = math.sqrt(sum(each.error**2 for each in estimates)) / len(estimates)
    return Estimate(fmean(each.mean for each in estimates), error)


def _estimate(gains: Gains) -> Estimate:
    values = [100 * gain for gain in gains.values()]
    error = stdev(values) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return Estimate(fmean(values), error)


def _gains(trials: Iterable[Trial]) -> Gains:
    return {trial.repetition: trial.gain for trial in trials}


def _spent(trials: Sequence[Trial]) -> str:
    calls = fmean(trial.spent_calls for trial in trials)
    tokens = fmean(trial.tokens for trial in trials) / 1000
    mark = TOO_FEW if trials[0].too_few else ""
    return f" ({calls:.0f}, {tokens:.1f}k){mark}"


def _base(cells: _ByStrategy) -> float:
    bases = {
        trial.repetition: trial.base
        for each in cells.values()
        for found in each.values()
        for trial in found
    }
    return 100 * fmean(bases.values())


def _by_merit(landscapes: Sequence[_ByStrategy], budgets: Sequence[int]) -> list[str]:
    """The strategies, the best at the largest budget first."""

    def merit(strategy: str) -> tuple[float, str]:
        known = [_over(landscapes, strategy, calls) for calls in reversed(budgets)]
        return (-next((each.mean for each in known if each is not None), -math.inf), strategy)

    return sorted(_strategies(landscapes), key=merit)


def _strategies(landscapes: Sequence[_ByStrategy]) -> list[str]:
    return sorted({strategy for cells in landscapes for strategy in cells})


def _budgets(landscapes: Sequence[_ByStrategy]) -> list[int]:
    return sorted(
        {
            calls
            for cells in landscapes
            for each in cells.values()
            for calls, found in each.items()
            if found
        }
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"| --- |{' ---: |' * (len(head) - 1)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
