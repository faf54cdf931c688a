"""What a search takes, in runs of the program, from the numbers that it is held to.

Every question to the proposer counts, as a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.proposing.grounded import JOINT_TOKENS, fact_calls
from landrace.optimizers.strategies.mipro.options import MINIBATCH_FROM

if TYPE_CHECKING:
    from landrace.optimizers.strategies.mipro.options import Options
    from landrace.optimizers.strategy import Sizes

LEAST_TRIALS = 3
LEAST_RUNS = 8


def least(options: Options, sizes: Sizes) -> int:
    """The fewest runs with which a search makes sense: three trials, their best scored in full."""
    return (
        _probe(options, sizes)
        + min(_runs(options, sizes), LEAST_RUNS)
        + _proposals(options, sizes)
        + LEAST_TRIALS * trial_runs(options, sizes)
        + _confirm(options, sizes)
    )


def longest_answer(options: Options, sizes: Sizes) -> int:
    """The tokens of an answer that has an instruction for each node."""
    del options
    return max(512, JOINT_TOKENS * sizes.nodes)


def shares(options: Options, sizes: Sizes, runs: int) -> dict[str, int]:
    """The most runs of each stage, for a search that has ``runs`` of them in all."""
    probe = min(runs, _probe(options, sizes))
    confirm = min(runs - probe, _confirm(options, sizes))
    propose = min(runs - probe - confirm, _proposals(options, sizes))
    left = runs - probe - confirm - propose
    # Demos out of many runs are of little use without trials.
    spare = left - LEAST_TRIALS * trial_runs(options, sizes)
    bootstrap = min(left, _runs(options, sizes), max(LEAST_RUNS, spare // 2))
    search = min(left - bootstrap, _search(options, sizes))
    return {
        "probe": probe,
        "bootstrap": bootstrap,
        "propose": propose,
        "search": search,
        "confirm": confirm,
    }


def trial_runs(options: Options, sizes: Sizes) -> int:
    """The most runs of a trial, and questions to the proposer."""
    return _batch(options, sizes) + _written(options, sizes)


def paid_trials(options: Options, sizes: Sizes, runs: float) -> int:
    """How many trials so many runs pay, with the full evaluations among them."""
    each = trial_runs(options, sizes) + _confirm(options, sizes) / options.full_every
    return min(options.most_trials(sizes.nodes), int(runs // each))


def _search(options: Options, sizes: Sizes) -> int:
    trials = options.most_trials(sizes.nodes)
    full = trials // options.full_every * _confirm(options, sizes)
    return trials * trial_runs(options, sizes) + full


def _probe(options: Options, sizes: Sizes) -> int:
    return sizes.rivals * _full(options, sizes)


def _full(options: Options, sizes: Sizes) -> int:
    """Runs of a full evaluation."""
    return min(sizes.select, options.scale.cases)


def _confirm(options: Options, sizes: Sizes) -> int:
    """Runs of a full evaluation after trials; none where each trial is one."""
    full = _full(options, sizes)
    return full if _batch(options, sizes) < full else 0


def _batch(options: Options, sizes: Sizes) -> int:
    cases = _full(options, sizes)
    if options.minibatch != "off" and cases > MINIBATCH_FROM:
        cases = min(cases, options.minibatch_size)
    return cases


def _runs(options: Options, sizes: Sizes) -> int:
    if not options.needs_runs:
        return 0
    return min(options.bootstrap_cases, sizes.search)


def _proposals(options: Options, sizes: Sizes) -> int:
    """Questions to the proposer before the first trial."""
    if not options.writes:
        return 0
    facts = fact_calls(
        sizes.search, sizes.nodes, data=options.data_summary, program=options.program_summary
    )
    return facts + (options.pool - 1) * sizes.nodes


def _written(options: Options, sizes: Sizes) -> int:
    """Questions to the proposer in each trial."""
    if options.search in {"module-opro", "settings"}:
        return sizes.nodes
    return int(options.writes_in_trials)
