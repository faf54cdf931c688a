"""The strategy: what all of its searches and presets share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.allocation.screening import crown, has_headroom
from landrace.optimizers.objective import Objective
from landrace.optimizers.probing import probe
from landrace.optimizers.strategies.sammo.arena import Arena
from landrace.optimizers.strategies.sammo.beam import beam_search, sequential_search
from landrace.optimizers.strategies.sammo.breeding import context_of
from landrace.optimizers.strategies.sammo.confirming import confirm
from landrace.optimizers.strategies.sammo.enumerative import enumerated
from landrace.optimizers.strategies.sammo.evolution import evolution
from landrace.optimizers.strategies.sammo.fitting import check_parser
from landrace.optimizers.strategies.sammo.starts import started

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.strategies.sammo.options import Options
    from landrace.optimizers.strategy import Sizes
    from landrace.optimizers.study import Study

VERSION = "9"

CROWN_SHARE = 20  # percent of what the probe leaves
CONFIRM_SHARE = 40  # percent of it instead, where accuracy is bounded


def least(options: Options, sizes: Sizes) -> int:
    """The fewest runs of the program with which a search makes sense."""
    return sizes.select * (sizes.rivals + 3) + options.width


def shares(options: Options, sizes: Sizes, runs: int) -> dict[str, int]:
    """The most runs of the program in each stage, for a search that has ``runs`` in all."""
    probe = min(runs, sizes.rivals * sizes.select)
    rest = runs - probe
    if _is_bounded(options.objective):
        confirming = rest * CONFIRM_SHARE // 100
        return {"probe": probe, "search": rest - confirming, "confirm": confirming}
    crowning = 0 if options.allocation == "full" else rest * CROWN_SHARE // 100
    return {"probe": probe, "search": rest - crowning, "crown": crowning}


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell.

    Raises:
        NotInstalledError: an operator needs what this machine lacks.
    """
    options: Options = study.setting.options
    check_parser(options)
    objective = _objective(study, options)
    is_bounded = "confirm" in study.shares
    # Where the end makes sure, a search need not: few cases are sure of nothing.
    study.objective = objective.by_mean() if objective and is_bounded else objective
    with study.stage("probe", "how good is what we have"):
        probe(study, study.rivals, study.select)
    if not study.table.outcomes(study.base.digest, study.select):
        return
    if study.objective is None and not has_headroom(study):
        study.log("no headroom")
        return
    arena = Arena(study, options.allocation == "full")
    finalists: list[Entry] = []
    with study.stage("search", f"{options.search} search"):
        # One by one: what came before the end of the budget stays.
        for best in _search(arena, options):
            finalists = best
    if is_bounded:
        study.objective = objective
        with study.stage("confirm", "what would be promoted, by all of select and search cases"):
            confirm(study, finalists)
        return
    with study.stage("crown", "successive rejects on all of select") as runs:
        crown(study, finalists, runs)


def _search(arena: Arena, options: Options) -> Iterator[list[Entry]]:
    study = arena.study
    contexts = _contexts(study, options)
    starts = _starts(study, options, contexts)
    yield starts[: options.width]
    if options.search in {"grid", "random"}:
        yield from enumerated(arena, options, starts, contexts)
    elif options.search == "evolution":
        yield from evolution(arena, options, starts)
    elif options.search == "sequential":
        yield from sequential_search(arena, options, starts)
    else:
        yield from beam_search(arena, options, starts)


def _contexts(study: Study, options: Options) -> list[Context]:
    """The nodes of what is to be beaten, each with a stream of its own."""
    entry = study.rival
    return [
        context_of(study, entry, node, options.tuning, study.rng(f"sammo/start/{node}"))
        for node in study.setting.program.nodes
    ]


def _starts(study: Study, options: Options, contexts: list[Context]) -> list[Entry]:
    """The starts of every node, other models' winners, and always base and incumbent."""
    candidates = [
        candidate
        for start in options.starts
        for context in contexts
        for candidate in started(context, start)
    ]
    found = [*study.rivals, *study.admit_all([*study.setting.others, *candidates])]
    return list({entry.digest: entry for entry in found}.values())


def _objective(study: Study, options: Options) -> Objective | None:
    """None for accuracy alone. Where accuracy has no weight, the policy says what may be lost."""
    wanted = options.objective
    if wanted == Objective():
        return None
    if _is_bounded(wanted) and wanted.max_drop is None:
        return wanted.model_copy(update={"max_drop": study.setting.policy.margin})
    return wanted


def _is_bounded(objective: Objective) -> bool:
    """Whether only so much accuracy may be lost."""
    return objective.max_drop is not None or objective.accuracy == 0
