"""``protegi``: a beam search whose gradients are critiques (Pryzant et al. 2023, arXiv 2305.03495).

A round has each prompt of the beam run on search cases. A critique of some mistakes is the
gradient, an edit that answers it the step, and paraphrases explore around it (§3.1); a bandit
chooses the next beam from old and new (§3.2). Where the instruction has a section `task`, only
that is edited, as the original edits only the part under one heading.

Mended: selection is cumulative on shared cases, by default by halving, which loses less than UCB in
simulation and as little as exact successive rejects; critiques see search cases, selection select
cases, the winner is crowned on all of these and proved on cases that no search has seen, where
the original reports the best of its beam on the test set. Children are made only as far as the
round can tell them apart.
"""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING

from pydantic import Field

from landrace.optimizers.allocation.bandits import Pace, Rule
from landrace.optimizers.allocation.contest import best_of
from landrace.optimizers.allocation.screening import crown
from landrace.optimizers.operators.rewording import PARAPHRASE, reworded
from landrace.optimizers.operators.samples import mistakes
from landrace.optimizers.proposing.breeding import bred
from landrace.optimizers.proposing.opening import context_of, opened, opening_runs, welcomed
from landrace.optimizers.proposing.proposers import clip, contract_rule
from landrace.optimizers.proposing.wording import read_task, task_child, task_of
from landrace.schemas.base import Strict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.strategy import Sizes
    from landrace.optimizers.study import Entry, Study
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case

VERSION = "1"

CROWN_SHARE = 20  # percent of what the probe leaves
RUNS_A_CHILD = 12  # to make it, and to tell it from the others
LEAST_BATCH = 4


class Options(Strict):
    """Options of ``protegi``; the defaults are the paper's (§4.1) but for `selection`."""

    rounds: int = Field(default=6, ge=1, le=50, description="Rounds, as far as runs suffice.")
    beam: int = Field(default=4, ge=1, le=32, description="Prompts that are kept.")
    batch: int = Field(
        default=64, ge=1, le=500, description="Most search cases on which mistakes are looked for."
    )
    gradients: int = Field(default=4, ge=1, le=16, description="Critiques of each prompt.")
    errors: int = Field(default=4, ge=1, le=16, description="Mistakes in one critique.")
    edits: int = Field(default=1, ge=1, le=8, description="Edits after each critique.")
    paraphrases: int = Field(default=2, ge=0, le=8, description="Rewordings of each edit.")
    children: int = Field(default=8, ge=1, le=64, description="Most children of each prompt.")
    selection: Rule = Field(
        default="halving",
        description="Who gets more cases: `uniform`, `ucb`, `ucb-e`, `rejects` or `halving`.",
    )
    exploration: float = Field(default=1.0, ge=0, le=10, description="UCB's c.")


def least(options: Options, sizes: Sizes) -> int:
    """The fewest runs with which a search makes sense: one round with some children."""
    crowning = sizes.select
    return opening_runs(sizes) + crowning + RUNS_A_CHILD * (options.beam + 2)


def shares(options: Options, sizes: Sizes, calls: int) -> dict[str, int]:
    """The most runs of each stage, for a search that has ``calls`` of them in all."""
    probe = min(calls, opening_runs(sizes))
    rest = calls - probe
    crowning = min(rest, max(sizes.select, rest * CROWN_SHARE // 100))
    most = options.rounds * options.beam * _most_of_a_parent(options, sizes)
    return {"probe": probe, "search": min(rest - crowning, most), "crown": crowning}


def _most_of_a_parent(options: Options, sizes: Sizes) -> int:
    """Runs and questions for a parent's children, and the scores of parent and children in full."""
    made = options.edits * (1 + options.paraphrases)
    questions = options.gradients * (1 + made) + options.paraphrases
    batch = min(options.batch, sizes.search) * min(sizes.nodes, options.gradients)
    return questions + batch + (1 + options.children) * sizes.select


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell."""
    options: Options = study.setting.options
    start = None
    with study.stage("probe", "how good is what we have"):
        start = opened(study)
    if start is None:
        return
    beam = [start.entry]
    with study.stage("search", f"a beam, chosen by {options.selection}") as runs:
        # Round by round: what came before the end of the budget stays.
        for found in _rounds(study, options, start, runs):
            beam = found
    with study.stage("crown", "successive rejects on all of select") as runs:
        crown(study, beam, runs)


def _rounds(study: Study, options: Options, start: Start, runs: int) -> Iterator[list[Entry]]:
    """The beam after each round; every round gets an equal share of what is left."""
    beam = [start.entry, *welcomed(study, start, runs // 4)]
    rounds = max(1, min(options.rounds, runs // (RUNS_A_CHILD * (options.beam + 2))))
    for number in range(rounds):
        share = int(study.runs_left() / (rounds - number))
        ends = study.runs_left() - share
        litter = Litter(study, options, start.nodes, number, share)
        children = litter.born(beam[: options.beam])
        rest = int(study.runs_left() - ends)
        pace = Pace(c=options.exploration)
        pool = [*beam, *children]
        beam = best_of(study, pool, options.beam, rest, rule=options.selection, pace=pace)
        yield beam


class Litter:
    """The children of one round, for half of its share of runs."""

    def __init__(
        self, study: Study, options: Options, nodes: tuple[str, ...], number: int, share: int
    ) -> None:
        self._study = study
        self._options = options
        self._nodes = nodes
        self._stream = f"protegi/{number}"
        self._share = share

    def born(self, beam: list[Entry]) -> list[Entry]:
        """Children of the beam in turn, as many as the share can tell apart.

        Raises:
            BudgetExhaustedError: runs or questions could not be paid.
        """
        options, share = self._options, self._share
        ends = self._study.runs_left() - share // 2
        room = min(len(beam) * options.children, max(1, share // RUNS_A_CHILD))
        each = max(LEAST_BATCH, share // (4 * len(beam)))
        sources = [
            islice(self._children(parent, place, each), options.children)
            for place, parent in enumerate(beam)
        ]
        return bred(self._study, sources, most=room, ends=ends)

    def _children(self, parent: Entry, place: int, cases: int) -> Iterator[Candidate]:
        """For each gradient its edits, each followed by paraphrases; the nodes take turns."""
        rng = self._study.rng(f"{self._stream}/{place}")
        batch = self._batch(cases)
        for _, node in zip(range(self._options.gradients), cycle(self._nodes), strict=False):
            context = context_of(self._study, parent, node, rng)
            wrong = mistakes(context, batch)
            if not wrong:
                yield from self._paraphrased(context, task_of(context))
                continue
            flaw = self._gradient(context, wrong)
            if flaw is None:
                continue
            for _ in range(self._options.edits):
                text = self._edited(context, flaw)
                if text is not None:
                    yield task_child(context, "protegi, edit", text)
                    yield from self._paraphrased(context, text)

    def _batch(self, cases: int) -> list[Case]:
        """The search cases of a round, the same for all of its parents."""
        study = self._study
        count = min(cases, self._options.batch, len(study.search))
        return study.rng(f"{self._stream}/batch").sample(study.search, count)

    def _gradient(self, context: Context, wrong: list[dict[str, str]]) -> str | None:
        sample = context.rng.sample(wrong, min(self._options.errors, len(wrong)))
        flaw = self._study.ask(
            "critique",
            description=self._study.setting.description,
            instruction=context.view.instruction(),
            mistakes=sample,
            temperature=0.7,
        )
        return clip(flaw.strip()) if flaw and flaw.strip() else None

    def _edited(self, context: Context, flaw: str) -> str | None:
        answer = self._study.ask(
            "amend",
            instruction=task_of(context),
            flaw=flaw,
            rule=contract_rule(context.view.node.contract),
            temperature=0.7,
        )
        return read_task(context, answer)

    def _paraphrased(self, context: Context, text: str) -> Iterator[Candidate]:
        for _ in range(self._options.paraphrases):
            again = reworded(self._study, text, PARAPHRASE, temperature=0.7)
            if again is not None:
                yield task_child(context, "protegi, paraphrase", again)
