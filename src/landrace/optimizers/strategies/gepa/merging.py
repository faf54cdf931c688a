"""When two candidates are merged, and when the merge stays (GEPA+Merge)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.strategies.gepa.merge import merged, stratified, unions
from landrace.optimizers.strategies.gepa.pool import TIE

if TYPE_CHECKING:
    from landrace.optimizers.entry import Entry
    from landrace.optimizers.strategies.gepa.merge import Union
    from landrace.optimizers.strategies.gepa.pool import Pool


class Merging:
    """The merges of a run: each union is tried once, and no more stay than the options say.

    As in the released code, one that is rejected takes nothing off their number.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._rng = pool.study.rng("gepa/merges")
        self._left = pool.options.merges
        self._joined: set[Union] = set()

    def next(self) -> Union | None:
        """Two of the frontier that may be joined; None where there are none, or no merges left."""
        if self._left == 0:
            return None
        pool = self._pool
        frontier = pool.frontier()
        waiting = [
            union
            for union in unions(list(frontier), pool.parents)
            if union not in self._joined and self._is_progress(union)
        ]
        return self._rng.choice(waiting) if waiting else None

    def try_(self, union: Union) -> bool | None:
        """Whether a merge was taken in; None where the runs do not suffice for it.

        It has to be as good as the better of the two on a few cases of select, in which each
        side's strengths have their part; then all of select is paid for.

        Raises:
            BudgetExhaustedError: a ceiling other than that of calls was met.
        """
        pool = self._pool
        self._joined.add(union)
        better, worse, ancestor = self._sides(union)
        candidate = merged(better, worse, ancestor, pool.study.setting.program.nodes)
        child = None if candidate is None else pool.fresh(candidate)
        if child is None:
            return False
        if not pool.affords(0):
            return None
        study = pool.study
        shared = study.table.shared([better.digest, worse.digest], study.select)
        scores = study.table.scores
        cases = stratified(
            shared, scores(better.digest, shared), scores(worse.digest, shared), self._rng
        )
        study.evaluate([child], cases)
        ours, *theirs = pool.sums([child, better, worse], cases)
        study.log("merge", child=child.digest, union=list(union), scores=[ours, *theirs])
        if ours < max(theirs) - TIE or not pool.accept(child, [better, worse]):
            return False
        self._left -= 1
        return True

    def _is_progress(self, union: Union) -> bool:
        """Whether both are as good as what they come from, and each has something of its own."""
        better, worse, ancestor = self._sides(union)
        *sides, before = self._pool.sums([better, worse, ancestor], self._pool.study.select)
        nodes = self._pool.study.setting.program.nodes
        return min(sides) >= before - TIE and merged(better, worse, ancestor, nodes) is not None

    def _sides(self, union: Union) -> tuple[Entry, Entry, Entry]:
        """The better, the worse, and what both come from."""
        study, members = self._pool.study, self._pool.members
        better, worse = study.ranked([members[union.one], members[union.other]], study.select)
        return better, worse, members[union.ancestor]
