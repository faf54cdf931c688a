"""``choices.json`` of a cell, out of what its search has paid for already.

The rewards are the scores in the ledger, of `select` cases alone: a variant that shows a `search`
case as an example is right about it, and no better for queries like it. Which variants stand beside
the winner, and which of them a query would get, is decided for each case without that case's
rewards; only what gains so is written.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace import stats
from landrace.errors import ConfigError, EvidenceError
from landrace.optimizers.shown_cases import is_written
from landrace.optimizers.variants import is_plain
from landrace.pin import MAX_VARIANT_BYTES
from landrace.program.ranking import Bm25
from landrace.runtime.choices import CHOICES_FILE, Choices, Query, Served
from landrace.runtime.choosing import choice, nearest, query_text
from landrace.store.atomic import storage_error, write_text
from landrace.store.registry import cell_dir
from landrace.workflows.recorded_variant import recorded_variant
from landrace.workflows.training_scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from landrace.pin import Pin
    from landrace.schemas.case import Case
    from landrace.workflows.task import CellTask

MOST = 3  # variants beside the winner
SIZES = (8, 16, 32, 64)  # of neighbourhoods: few where words tell a kind, many where they hardly do
SHARED = 0.5  # of the winner's cases: who has met fewer was dropped early, and is not compared


class Found(NamedTuple):
    """What choosing was worth on ``cases`` known queries, each as if it were a new one.

    ``winner`` and ``chosen`` are mean rewards of always serving the pinned variant and of choosing;
    ``low`` and ``high`` are of their difference, at 95 % over all sizes of neighbourhoods that were
    tried. ``choices`` is None where that reaches zero.
    """

    choices: Choices | None
    cases: int
    winner: float
    chosen: float
    low: float
    high: float


class _Scored(NamedTuple):
    """One study's candidates by their digest there: slots, and scores by case."""

    slots: dict[str, dict[str, Any]]
    scores: dict[str, dict[str, float]]


def find_choices(task: CellTask, pin: Pin, records: Iterable[Mapping[str, Any]]) -> Found:
    """What choosing among the variants of a cell's last search would be worth.

    Raises:
        EvidenceError: the pin is stale, or the ledger has no scores of what it serves.
    """
    if tuple(pin.base) != tuple(task.fingerprints):
        raise _missing(pin, "the pin's evidence is about other files than today's")
    known = {case.id for case in task.select}
    for study in reversed(list(_studies(task, records).values())):
        served = _served(task, pin, study)
        # A study may have met search cases alone: what a model is then trained on.
        if pin.variant in served and known & study.scores[served[pin.variant][0]].keys():
            return _found(pin, task.select, served, study)
    raise _missing(pin, "the ledger has no scores of the pinned variant")


def write_choices(root: Path, found: Found, cell: tuple[str, str]) -> None:
    """Write what was found beside the pin of the prompt and model; remove what pays no more.

    Raises:
        ConfigError: the file would be larger than a loader reads.
        StorageError: the disk refuses.
    """
    path = cell_dir(root, *cell) / CHOICES_FILE
    if found.choices is None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise storage_error("removed", path, error) from error
        return
    text = found.choices.dumps()
    if len(text.encode()) > MAX_VARIANT_BYTES:
        raise ConfigError(
            f"the choices are larger than {MAX_VARIANT_BYTES:,} bytes, the most that is read",
            where=" on ".join(cell),
            fix="choose for prompts with shorter inputs alone",
        )
    write_text(path, text)


def _missing(pin: Pin, problem: str) -> EvidenceError:
    return EvidenceError(
        problem,
        where=f"{pin.prompt} on {pin.model.id}",
        fix="run `landrace optimize` here, with --force if the pin is fresh",
    )


def _studies(task: CellTask, records: Iterable[Mapping[str, Any]]) -> dict[str, _Scored]:
    """The studies of the cell on today's eval set and splits, in the order of the ledger."""
    now = task.fingerprints
    scope = Scope(task.prompt, task.model.id, None, now.eval_set, now.split_seed)
    found: dict[str, _Scored] = defaultdict(lambda: _Scored({}, defaultdict(dict)))
    mine: dict[str, _Scored] = {}
    for record in records:
        name = record.get("study", "")
        if record["kind"] == "candidate" and "slots" in record:
            found[name].slots[record["digest"]] = record["slots"]
        elif record["kind"] == "study":
            if scope.has_study(record):
                mine[name] = found[name]
        elif record["kind"] == "score" and record["repeat"] == 0:
            found[name].scores[record["candidate"]][record["case"]] = record["value"]
    return mine


def _served(task: CellTask, pin: Pin, study: _Scored) -> dict[str, tuple[str, Served]]:
    """The scored candidates by the digest that a pin would give them: their own, and the texts.

    All are plain, or all are programs, like the pinned one: an application asks them alike.
    """
    found = {}
    for digest in study.scores:
        variant = recorded_variant(task.program, study.slots.get(digest), digest)
        if variant is None:
            continue
        graph = variant.program.graph
        program = None if is_plain(graph) else graph.to_dict()
        if (program is None) != (pin.program is None):
            continue
        served = Served(dict(variant.files), dict(variant.parser), program)
        found[served.cell(pin).pin.variant] = (digest, served)
    return found


def _found(
    pin: Pin,
    select: Sequence[Case],
    served: Mapping[str, tuple[str, Served]],
    study: _Scored,
) -> Found:
    """Choose for each case without its own rewards, and write what all cases together say."""
    winner = pin.variant
    rewards = {
        name: _rewards(study.scores[digest], select, each)
        for name, (digest, each) in served.items()
    }
    queries = _queries(winner, {case.id: query_text(case.inputs) for case in select}, rewards)
    ours = [query.rewards[winner] for query in queries]
    chosen = _as_if_new(winner, queries)
    most = max(SIZES, key=lambda size: sum(chosen[size]))
    # The best of several is taken, so each gets its share of the 5 %.
    pair = stats.paired(chosen[most], ours, 1 - 0.05 / len(SIZES))
    kept = complements(winner, queries) if pair.low > 0 else []
    choices = Choices(
        pin.prompt,
        pin.model.id,
        winner,
        most,
        {name: served[name][1] for name in kept},
        tuple(_only(query, {winner, *kept}) for query in queries),
    )
    return Found(
        choices if kept else None,
        len(queries),
        round(sum(ours) / len(ours), 6),
        round(sum(chosen[most]) / len(ours), 6),
        round(pair.low, 6),
        round(pair.high, 6),
    )


def _rewards(
    scores: Mapping[str, float], select: Sequence[Case], served: Served
) -> dict[str, float]:
    """The scores on cases that the variant does not show, as what is pinned since before may."""
    texts = "\n".join(text for name, text in served.files.items() if name.endswith(".jinja"))
    shown = {case.id for case in select if is_written(case, texts)}
    return {case: score for case, score in scores.items() if case not in shown}


def _queries(
    winner: str, texts: Mapping[str, str], scores: Mapping[str, Mapping[str, float]]
) -> list[Query]:
    """The winner's cases, with the rewards of those that have met enough of them."""
    cases = [case for case in scores[winner] if case in texts]
    least = SHARED * len(cases)
    rivals = [name for name in scores if sum(case in scores[name] for case in cases) >= least]
    return [
        Query(texts[case], {name: scores[name][case] for name in rivals if case in scores[name]})
        for case in cases
    ]


def _as_if_new(winner: str, queries: Sequence[Query]) -> dict[int, list[float]]:
    """By size of neighbourhood, the reward of what each query would get if it were new."""
    index = Bm25([query.text for query in queries])
    found: dict[int, list[float]] = {size: [] for size in SIZES}
    for place, query in enumerate(queries):
        others = [*queries[:place], *queries[place + 1 :]]
        kept = [name for name in complements(winner, others) if name in query.rewards]
        (scores,) = index.scores([query.text])
        scores.pop(place, None)
        near = [queries[other] for other in nearest(scores, max(SIZES))]
        for size in SIZES:
            found[size].append(query.rewards[choice(winner, near[:size], kept)])
    return found


def complements(winner: str, queries: Sequence[Query]) -> list[str]:
    """At most `MOST` variants that are right where the winner, and each other, are not.

    Greedy: each adds the most to the sum of the best rewards, on queries that it was scored on.
    """
    best = [query.rewards[winner] for query in queries]
    rivals = sorted({name for query in queries for name in query.rewards} - {winner})
    kept: list[str] = []

    def gain(name: str) -> float:
        return sum(
            max(0.0, query.rewards.get(name, 0.0) - had)
            for query, had in zip(queries, best, strict=True)
        )

    while rivals and len(kept) < MOST:
        found = max(rivals, key=gain)
        if gain(found) <= 0:
            break
        kept.append(found)
        rivals.remove(found)
        best = [
            max(had, query.rewards.get(found, 0.0))
            for query, had in zip(queries, best, strict=True)
        ]
    return kept


def _only(query: Query, names: set[str]) -> Query:
    rewards = {name: value for name, value in query.rewards.items() if name in names}
    return Query(query.text, rewards)
