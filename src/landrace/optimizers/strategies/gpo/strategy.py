"""The search: steps of propose, score, move on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.embedding import embed
from landrace.errors import ConfigError
from landrace.optimizers.allocation.contest import best_in_full, best_of
from landrace.optimizers.proposing.opening import sizes_of, welcomed
from landrace.optimizers.search.epochs import Epochs
from landrace.optimizers.search.rounds import probed
from landrace.optimizers.strategies.gpo.direction import (
    Direction,
    nodes_of,
    proposals,
    reflected,
    summed_up,
)
from landrace.optimizers.strategies.gpo.plan import (
    HALVING,
    evaluation_runs,
    most_steps,
    planned_steps,
    step_runs,
    words_allowed,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.strategies.gpo.options import Options
    from landrace.optimizers.study import Study

VERSION = "4"

QUIET = 3  # steps in a row without anything new that end a search


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell.

    Raises:
        ConfigError: the momentum needs embeddings, and they are not installed.
    """
    options: Options = study.setting.options
    if options.momentum == "relevance":
        _check_embeddings()
    start = probed(study)
    if start is None:
        return
    with study.stage("search", "steps with momentum and a step size") as runs:
        _descend(study, options, start, runs)


def _check_embeddings() -> None:
    """Make sure before the first call that texts can be compared."""
    try:
        embed(["Is it there?"])
    except ConfigError as error:
        raise ConfigError(
            "`momentum: relevance` of `gpo` needs embeddings",
            fix=f"{error.fix} Or choose another momentum, such as `recency`.",
        ) from None


def _descend(study: Study, options: Options, start: Start, runs: int) -> None:
    """Step from winner to winner until the steps or the runs are at an end."""
    sizes = sizes_of(study)
    steps = planned_steps(options, sizes, runs)
    trail = [start.entry]
    batches = Epochs(study.search, options.batch, study.rng("gpo/batches"))
    summary, summed, quiet = "", 1, 0  # there is nothing to say of where it starts
    for step in range(most_steps(options, sizes)):
        if study.runs_left() < step_runs(options, sizes) or quiet == QUIET:
            return
        if options.momentum == "summary" and len(trail) > summed:
            summary, summed = summed_up(study, start.nodes, trail, summary), len(trail)
        flaws = {}
        if options.reflection:
            nodes = dict.fromkeys(nodes_of(options, start, step))
            flaws = reflected(study, trail[-1], list(nodes), batches.batch())
        direction = Direction(
            trail, summary, flaws, words_allowed(options, step, steps), step, start
        )
        found = study.admit_all(list(proposals(study, options, direction)))
        if not step:
            found += welcomed(study, start, study.runs_left() - evaluation_runs(options, sizes))
        behind = {entry.digest for entry in trail}
        fresh = [entry for entry in found if entry.digest not in behind]
        quiet = 0 if fresh else quiet + 1
        if fresh:
            trail.append(_next(study, options, fresh))
            study.log("step", number=step, words=direction.words, digest=trail[-1].digest)


def _next(study: Study, options: Options, fresh: Sequence[Entry]) -> Entry:
    """The best of a step's new candidates, better than the present one or not."""
    if options.allocation == "full":
        return best_in_full(study, fresh, 1)[0]
    # With other models' winners there may be more to compare than a step has runs for.
    spare = int(study.runs_left()) - len(study.select)
    best = best_of(study, fresh, 1, min(spare, HALVING * len(study.select)))
    return best_in_full(study, best, 1)[0]
