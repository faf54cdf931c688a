"""Which of base's holdout cases a search on head can have seen, because head splits otherwise.

A search goes by head's splits, a comparison by base's holdout. A case that is in both says
nothing of a winner, whether somebody meant that or only drew the splits anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.digest import json_digest
from landrace.gate.evidence import CaseEvidence
from landrace.store.near import groups, words
from landrace.store.splits import assign_splits
from landrace.workflows.gating.suite import HOLDOUT, as_written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.schemas.case import Case, Split
    from landrace.store.project import PromptSource

    Placed = tuple[Case, Split]


def given_away(base: PromptSource, head: PromptSource) -> frozenset[str]:
    """The ids of base's holdout cases that head has in search or select, or nearly has.

    What base itself has there does not count: by hand it may have put near-duplicates apart.
    Only inputs that both declare are compared, so none that head adds hides a case.
    """
    bases, heads = base.eval_set().cases, head.eval_set().cases
    if (bases, base.config.splits) == (heads, head.config.splits):
        return frozenset()
    return _given_away(_splits(base, bases), _splits(head, heads), _shared(base, head))


def _given_away(
    bases: Sequence[Placed], heads: Sequence[Placed], shared: frozenset[str]
) -> frozenset[str]:
    known = [_of(case, shared) for case, split in bases if split != HOLDOUT]
    taught = [_of(case, shared) for case, split in heads if split != HOLDOUT]
    digests = set(map(json_digest, known))
    new = [inputs for inputs in taught if inputs and json_digest(inputs) not in digests]
    if not new:
        return frozenset()
    held = [case for case, split in bases if split == HOLDOUT]
    leaders = groups([words(inputs) for inputs in (*new, *(_of(case, shared) for case in held))])
    seen = set(leaders[: len(new)])
    places = zip(held, leaders[len(new) :], strict=True)
    return frozenset(case.id for case, leader in places if leader in seen)


def why_not_compared(base: PromptSource, holdout: Sequence[Case], gone: frozenset[str]) -> str:
    """Why what is left of base's holdout cannot judge a winner, or nothing."""
    left_out = [case for case in holdout if case.id in gone]
    if not left_out:
        return ""
    fix = "keep more of them by `split: holdout` in head's cases.jsonl, or take base's splits"
    guarded = [case.id for case in left_out if CaseEvidence(case, (), ()).is_critical]
    if guarded:
        return f"head's splits give the critical case {guarded[0]} to the search: {fix}"
    kept, needed = len(holdout) - len(left_out), base.config.splits.min_cases
    if kept >= needed:
        return ""
    return (
        f"head's splits give {len(left_out)} of base's {len(holdout)} holdout cases to the "
        f"search, and a comparison needs {needed}: {fix}"
    )


def _splits(source: PromptSource, cases: Sequence[Case]) -> list[Placed]:
    """Each case as it is written, without defaults, and its split."""
    splits, written = assign_splits(cases, source.config.splits), as_written(source)
    return [(written.get(case.id, case), splits[case.id]) for case in cases]


def _shared(base: PromptSource, head: PromptSource) -> frozenset[str]:
    return frozenset(base.config.inputs["properties"]).intersection(
        head.config.inputs["properties"]
    )


def _of(case: Case, names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in case.inputs.items() if name in names}
