"""``trained``: templates by a model that was trained outside to write them.

MAPO (Chen et al. 2023, arXiv 2407.04118), QPO (Kong et al. 2024, arXiv 2408.10504) and FIPO (Lu
et al. 2024, arXiv 2402.11811) train a model on prompts and what they scored, and then let it write
better ones. The training is done elsewhere, with the rows of ``landrace export --of templates``;
this is its use. The proposer is asked as in the rows, several times for each node, at FIPO's
temperature.

FIPO takes the one answer as it comes, without a look at its score. Here answers are candidates:
halving leaves a few, successive rejects choose among them, and the winner is proved on the holdout.
In a program each candidate has one node rewritten, and one more joins the best of all nodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from landrace.optimizers.allocation.contest import best_of
from landrace.optimizers.allocation.screening import crown
from landrace.optimizers.operators.base import fault_of
from landrace.optimizers.proposing.breeding import bred
from landrace.optimizers.proposing.opening import ranked_rivals
from landrace.optimizers.proposing.template_writing import asked
from landrace.schemas.base import Strict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.strategy import Sizes
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate

VERSION = "3"

OPERATOR = "trained"
FINALISTS = 4
RUNS_A_SAMPLE = 8  # to ask for it, and to tell it from the others
LEAST_SAMPLES = 2  # of a node
MOST_TOKENS = 512  # of an answer; a plan reckons with as many for every proposal


class Options(Strict):
    """Options of ``trained``."""

    samples: int = Field(
        default=8, ge=1, le=200, description="Templates asked for a node, as far as runs suffice."
    )
    temperature: float = Field(
        default=0.8, ge=0, le=2, description="Of the proposer, unless its own params say."
    )


def least(options: Options, sizes: Sizes) -> int:
    """The fewest runs with which a search makes sense: a few answers for each node."""
    few = RUNS_A_SAMPLE * sizes.nodes * min(LEAST_SAMPLES, options.samples)
    return sizes.rivals * sizes.select + few + sizes.select


def shares(options: Options, sizes: Sizes, runs: int) -> dict[str, int]:
    """The most runs of each stage, for a search that has ``runs`` of them in all."""
    probe = min(runs, sizes.rivals * sizes.select)
    left = runs - probe
    crowning = min(left, (FINALISTS + 1) * sizes.select, max(sizes.select, left // 4))
    most = options.samples * sizes.nodes * (1 + sizes.select)
    return {"probe": probe, "write": min(left - crowning, most), "crown": crowning}


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell."""
    pool: list[Entry] = []
    with study.stage("probe", "how good is what we have"):
        pool = ranked_rivals(study)[:1]
    if not pool:
        return
    with study.stage("write", "the trained model's templates, compared by halving") as runs:
        pool = best_of(study, [*pool, *study.admit_all(study.setting.others)], FINALISTS, runs // 4)
        born = _written(study, study.setting.options)
        pool = best_of(study, [*pool, *born], FINALISTS, int(study.runs_left()))
    with study.stage("crown", "successive rejects on all of select") as runs:
        crown(study, [*pool, *_joined(study, pool)], runs)


def _written(study: Study, options: Options) -> list[Entry]:
    """New candidates, each with one node in the proposer's words; the nodes take turns."""
    nodes = list(study.setting.program.nodes)
    runs = int(study.runs_left())
    wanted = min(options.samples * len(nodes), max(len(nodes), runs // RUNS_A_SAMPLE))
    writers = [_rewritings(study, node, options) for node in nodes]
    # Half of the runs at least compare what has been written.
    return bred(study, writers, most=wanted, ends=runs / 2)


def _rewritings(study: Study, node: str, options: Options) -> Iterator[Candidate | None]:
    """The node's own template as the base has it, written anew: that is what rows show.

    None for each answer that is of no use.

    Raises:
        BudgetExhaustedError: a question could not be paid.
    """
    source = study.setting.program.nodes[node].source
    for _ in range(options.samples):
        text = asked(study, source, temperature=options.temperature, max_tokens=MOST_TOKENS)
        yield None if text is None else _rewriting(study, node, text)


def _rewriting(study: Study, node: str, text: str) -> Candidate | None:
    """The base with this template for a node; None, and logged, if that cannot be run."""
    child = study.base.candidate.changed(OPERATOR, node=node, parent=study.base.digest, source=text)
    fault = fault_of(study.setting.program.nodes[node], child)
    if fault:
        study.log("dropped", operator=OPERATOR, reason=fault)
    return None if fault else child


def _joined(study: Study, finalists: Sequence[Entry]) -> list[Entry]:
    """The best rewriting of each node in one candidate, if there are several."""
    best: dict[str, Entry] = {}
    for entry in finalists:
        if entry.candidate.operator == OPERATOR:
            best.setdefault(next(iter(entry.candidate.nodes)), entry)
    if len(best) < 2:
        return []
    nodes = {node: entry.candidate.slots(node) for node, entry in best.items()}
    parents = tuple(entry.digest for entry in best.values())
    update = {"nodes": nodes, "operator": f"{OPERATOR}, joined", "parents": parents}
    return study.admit_all([study.base.candidate.model_copy(update=update)])
