"""``ape``: instructions guessed from examples, the best of many (Zhou et al. 2022, 2211.01910).

A proposer sees a few subsamples of examples and says, many times for each, which instruction led
from inputs to outputs (§3.1); a bandit or equal shares find the best (§3.2); on request, the better
half is said in other words and tried again (§3.3), which the paper finds to gain little.

Mended: scores are of shared cases, so comparisons are paired, and UCB compares what remains once
the hardness of cases is taken out; base and incumbent compete; the best four are crowned on all
select cases and proved on others. Scores are the prompt's own metric, as the paper's execution
accuracy, and never likelihoods, which few models tell. In a program the nodes take turns; of an
inner node examples are what it said where the whole answer was right.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from landrace.optimizers.allocation.bandits import Pace
from landrace.optimizers.allocation.contest import best_of
from landrace.optimizers.operators.rewording import rephrased
from landrace.optimizers.proposing.breeding import bred
from landrace.optimizers.proposing.guessing import guessed
from landrace.optimizers.proposing.opening import context_of, opening_runs, welcomed
from landrace.optimizers.proposing.wording import instruction_of, read_proposal, reworded_child
from landrace.optimizers.search.rounds import crowned, guest_runs, last_round, parts, probed
from landrace.optimizers.search.turns import turns
from landrace.schemas.base import Strict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.strategy import Sizes
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate

VERSION = "3"

FINALISTS = 4
RUNS_A_PROMPT = 8  # to guess it, and to tell it from the others
LEAST_PROMPTS = 4


class Options(Strict):
    """Options of ``ape``; the defaults are those of the paper's cheap mode, with UCB.

    Its dear mode guesses 50 times from each of five subsamples: 250 `prompts`, `uniform`.
    """

    prompts: int = Field(
        default=50, ge=2, le=500, description="Instructions guessed, as far as runs suffice."
    )
    subsamples: int = Field(default=5, ge=1, le=50, description="Sets of examples.")
    demos: int = Field(default=5, ge=1, le=32, description="Examples of a set.")
    allocation: Literal["ucb", "uniform"] = Field(
        default="ucb", description="The promising get more select cases, or all the same number."
    )
    cases: int = Field(
        default=50, ge=1, le=1000, description="Select cases for each, when uniform."
    )
    rounds: int = Field(default=20, ge=1, le=200, description="Rounds of UCB.")
    block: int = Field(default=5, ge=1, le=100, description="Cases an instruction gets in a round.")
    exploration: float = Field(default=1.0, ge=0, le=10, description="UCB's c.")
    resampling: int = Field(
        default=0, ge=0, le=10, description="Rounds that reword the better half."
    )


def least(options: Options, sizes: Sizes) -> int:
    """The fewest runs with which a search makes sense: a few guesses."""
    few = RUNS_A_PROMPT * min(LEAST_PROMPTS, options.prompts)
    return opening_runs(sizes) + few * (1 + options.resampling) + sizes.select


def shares(options: Options, sizes: Sizes, runs: int) -> dict[str, int]:
    """The most runs of each stage, for a search that has ``runs`` of them in all."""
    probe = min(runs, opening_runs(sizes))
    crowning = min(runs - probe, FINALISTS * sizes.select, max(sizes.select, runs // 5))
    left = runs - probe - crowning
    rounds = 1 + options.resampling
    most = rounds * options.prompts * (1 + sizes.select)
    return {"probe": probe, "search": min(left, most), "crown": crowning}


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell."""
    options: Options = study.setting.options
    start = probed(study)
    if start is None:
        return
    note = f"guessed instructions, {options.allocation}"
    rounds = partial(_rounds, study, options, start)
    pool = last_round(study, "search", note, [start.entry], rounds)
    crowned(study, pool[:FINALISTS])


def _rounds(study: Study, options: Options, start: Start, runs: int) -> Iterator[list[Entry]]:
    """The better half after each round, the best first."""
    pool = [start.entry, *welcomed(study, start, guest_runs(runs))]
    for part in parts(study, 1 + options.resampling):
        again = part.number
        born = _resampled(study, start, pool, again) if again else _guessed(study, options, start)
        most = min(options.prompts, max(2, part.runs // RUNS_A_PROMPT))
        pool = [*pool, *bred(study, [born], most=most, ends=part.ends + part.runs // 2)]
        pool = _compared(study, options, pool, part.left())
        yield pool


def _guessed(study: Study, options: Options, start: Start) -> Iterator[Candidate | None]:
    return guessed(
        study, start, count=options.prompts, subsamples=options.subsamples, size=options.demos
    )


def _resampled(
    study: Study, start: Start, pool: Sequence[Entry], number: int
) -> Iterator[Candidate | None]:
    """The pool in other words, one of each after the other; None where that failed.

    Raises:
        BudgetExhaustedError: a question could not be paid.
    """
    nodes = turns(start.nodes, number, len(pool))
    for place, (parent, node) in enumerate(zip(pool, nodes, strict=True)):
        context = context_of(study, parent, node, study.rng(f"ape/again/{number}/{place}"))
        answer = rephrased(study, instruction_of(context), temperature=0.9)
        text = read_proposal(context, answer)
        yield None if text is None else reworded_child(context, "ape, resampled", text)


def _compared(study: Study, options: Options, pool: Sequence[Entry], runs: int) -> list[Entry]:
    """The better half of the pool, at least the finalists."""
    entries = list({entry.digest: entry for entry in pool}.values())
    keep = max(FINALISTS, math.ceil(len(entries) / 2))
    third = math.ceil(len(entries) / 3)
    if options.allocation == "uniform":
        return best_of(study, entries, keep, runs, rule="uniform", cases=options.cases)
    runs = min(runs, options.rounds * third * options.block)
    pace = Pace(options.rounds, third, options.exploration)
    return best_of(study, entries, keep, runs, rule="ucb", pace=pace)
