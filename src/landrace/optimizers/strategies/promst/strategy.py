"""The search: level by level, find faults, write children, choose who has children next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.allocation.contest import best_in_full, best_of
from landrace.optimizers.operators.induction import instruction_in
from landrace.optimizers.proposing.breeding import newcomers
from landrace.optimizers.proposing.opening import sizes_of
from landrace.optimizers.proposing.reflection import instructed, node_view
from landrace.optimizers.proposing.telling import MAX_INSTRUCTION, answer_rule, clip
from landrace.optimizers.search.epochs import Epochs
from landrace.optimizers.search.rounds import probed, rooted
from landrace.optimizers.strategies.promst.faults import faults, summed_up
from landrace.optimizers.strategies.promst.plan import DRAFTS, HALVING, level_runs
from landrace.optimizers.strategies.promst.sieve import Sieve, learned, sifted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.strategies.promst.faults import Summary
    from landrace.optimizers.strategies.promst.options import Options
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case

VERSION = "5"

QUIET = 3  # levels in a row without a child that end a search


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell."""
    start = probed(study)
    if start is None:
        return
    with study.stage("grow", "a tree of prompts, from faults that have names") as runs:
        _grow(study, study.setting.options, start, runs)


def _grow(study: Study, options: Options, start: Start, runs: int) -> None:
    """Level after level, until the best of one falls too often or runs do not pay for another.

    After a level whose drafts come to nothing, or to what the policy finds too long, the same
    parents are tried on other cases.

    Raises:
        BudgetExhaustedError: a ceiling other than that of calls was met.
    """
    sizes = sizes_of(study)
    tree = Tree(study, options, start)
    parents = rooted(study, start, runs - level_runs(options, sizes, options.kept), options.kept)
    before, falls, quiet = _mean(study, parents[0]), 0, 0
    batches = Epochs(study.search, options.batch, study.rng("promst/epochs"))
    for level in range(1, options.levels + 1):
        if study.runs_left() < level_runs(options, sizes, len(parents)):
            return
        children = tree.children(parents, batches.batch())
        good = best_of(study, children, options.kept, HALVING * len(study.select))
        grown = [entry for entry in best_in_full(study, good, options.kept) if study.fits(entry)]
        if not grown:
            study.log("no child", level=level)
            quiet += 1
            if quiet == QUIET:
                return
            continue
        quiet, parents = 0, grown
        score = _mean(study, parents[0])
        falls = falls + 1 if score < before else 0
        study.log("level", number=level, best=score, falls=falls)
        if falls >= options.falls and level >= options.least_levels:
            return
        before = score


class Tree:
    """Who descends from whom, and how children are made."""

    def __init__(self, study: Study, options: Options, start: Start) -> None:
        self._study = study
        self._options = options
        self._start = start
        self._turn = 0

    def children(self, parents: Sequence[Entry], cases: Sequence[Case]) -> list[Entry]:
        """New prompts that are to run: those of the drafts that the score model does not rule out.

        Raises:
            BudgetExhaustedError: runs or questions could not be paid.
        """
        known = learned(self._study, self._start.nodes) if self._options.score_model else None
        each = self._options.children * (DRAFTS if known else 1)
        self._study.evaluate(parents, cases)
        drafts = [child for parent in parents for child in self._drafts(parent, cases, each)]
        fresh = newcomers(self._study, drafts)
        if known is None:
            return fresh
        floor = min(known.values[parent.digest] for parent in parents)
        sieve = Sieve(floor, self._options.kept, self._options.children * len(parents))
        return sifted(self._study, self._start.nodes, known.model, fresh, sieve)

    def _drafts(self, parent: Entry, cases: Sequence[Case], count: int) -> Iterator[Candidate]:
        """Children of a parent as they are written; each changes one node, all in turn."""
        study, options, nodes = self._study, self._options, self._start.nodes
        found = faults(study, options, parent, nodes, cases)
        summaries = summed_up(study, parent, found, options.types)
        for _ in range(count):
            node = nodes[self._turn % len(nodes)]
            self._turn += 1
            text = self._written(parent, node, summaries.get(node, []))
            if text is not None:
                child = instructed(
                    study,
                    parent.candidate,
                    node,
                    text,
                    operator=f"promst on {node}",
                    parent=parent.digest,
                )
                if child is not None:
                    yield child

    def _written(self, parent: Entry, node: str, summaries: Sequence[Summary]) -> str | None:
        study = self._study
        view = node_view(study, parent.candidate, node)
        line = [
            (entry, node_view(study, entry.candidate, node).instruction())
            for entry in self._line(parent)
        ]
        answer = study.ask(
            "promst_write",
            temperature=1.0,
            description=study.setting.description,
            node=node if len(study.setting.program.nodes) > 1 else "",
            ancestors=[
                {
                    "text": clip(instruction, MAX_INSTRUCTION),
                    "score": round(100 * _mean(study, entry)),
                }
                for entry, instruction in line
            ],
            instruction=view.instruction(),
            score=round(100 * _mean(study, parent)),
            summaries=[summary._asdict() for summary in summaries],
            rule=answer_rule(view),
        )
        text = instruction_in(view, answer)
        if text is None:
            study.log("no proposal", node=node, reason="no instruction in the answer")
        return text

    def _line(self, entry: Entry) -> list[Entry]:
        """The ancestors, the eldest first; those of other runs are not known."""
        line: list[Entry] = []
        known = self._study.entries
        while entry.candidate.parents and entry.candidate.parents[0] in known:
            entry = known[entry.candidate.parents[0]]
            line.insert(0, entry)
        return line[-self._options.ancestors :] if self._options.ancestors else []


def _mean(study: Study, entry: Entry) -> float:
    return study.table.mean(entry.digest, study.select) or 0.0
