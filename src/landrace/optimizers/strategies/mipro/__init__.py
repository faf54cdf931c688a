"""``mipro``: instructions and demos of all nodes chosen together, and the family around it.

Multi-prompt Instruction PRoposal Optimizer (Opsahl-Ong et al. 2024, arXiv 2406.11695), with the
scales of DSPy's MIPROv2. One strategy; ``FAMILY`` in its options has its
relatives as other defaults. Mended, each with an option that takes it back where the original
may be wanted: trials of a round share their cases (``minibatch``), the surrogate is told residuals
weighted by cases instead of minibatch means (``credit``), full evaluations decide who wins and
do not mix with minibatches, the winner is proved on a holdout, and every call of the proposer is
in the plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.probing import probe
from landrace.optimizers.proposing import grounded
from landrace.optimizers.slots import bootstrap
from landrace.optimizers.slots.labels import answered_cases
from landrace.optimizers.strategies.mipro.options import FAMILY, Options
from landrace.optimizers.strategies.mipro.plan import least, longest_answer, shares
from landrace.optimizers.strategies.mipro.pools import Pools
from landrace.optimizers.strategies.mipro.searchers import (
    CoordinateOpro,
    ModuleOpro,
    ProgramOpro,
    RandomSearch,
    SettingsSearch,
    Tpe,
)
from landrace.optimizers.strategies.mipro.trials import Trials
from landrace.optimizers.strategies.mipro.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landrace.optimizers.slots.bootstrap import DemoSet
    from landrace.optimizers.strategies.mipro.trials import Searcher
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case

__all__ = ["FAMILY", "VERSION", "Options", "least", "longest_answer", "optimize", "shares"]

VERSION = "3"
NO_HEADROOM = 0.995


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell."""
    options: Options = study.setting.options
    if not _probe(study, options):
        return
    cases = _bootstrap_cases(study, options)
    with study.stage("bootstrap", "runs that go well become demos"):
        if options.teacher:
            study.teach(cases)
        else:
            study.evaluate([study.base], cases)
    sets = _demo_sets(study, options, cases)
    pools = Pools(study.setting.program, sets[: options.sets], options.layout)
    views = Views(options, grounded.Facts(), sets, study.rng("views"))
    with study.stage("propose", "instructions grounded in data, program, demos and tips"):
        if options.writes:
            wanted = {"data": options.data_summary, "program": options.program_summary}
            views.facts = grounded.gather(study, **wanted)
            _fill(study, options, pools, views)
    trials = Trials(study, options, pools)
    with study.stage("search", f"{options.search}, on minibatches"):
        searcher = _searcher(study, options, pools, views)
        trials.run(searcher, options.most_trials(len(pools.nodes)))
    with study.stage("confirm", "all of select for the best of the minibatches"):
        trials.settle()


def _probe(study: Study, options: Options) -> bool:
    """Score what there is; whether there is anything to gain and to change."""
    cases = study.select[: options.scale.cases]
    with study.stage("probe", "the default program first"):
        probe(study, study.rivals, cases)
    best = study.best()
    mean = None if best is None else study.table.mean(best.digest, cases)
    if mean is None or mean >= NO_HEADROOM:
        study.log("no headroom")
        return False
    if not Pools(study.setting.program).nodes:
        study.log("nothing to vary", reason="no node's instruction can be told from its input")
        return False
    return True


def _bootstrap_cases(study: Study, options: Options) -> Sequence[Case]:
    if not options.needs_runs:
        return ()
    count = min(options.bootstrap_cases, len(study.search))
    return study.rng("bootstrap").sample(study.search, count)


def _demo_sets(study: Study, options: Options, cases: Sequence[Case]) -> Sequence[DemoSet]:
    """Sets out of runs that went well, as far as there are any, and of labelled cases."""
    if not options.needs_runs:
        return [{}]
    table = study.lessons if options.teacher else study.table
    runs = []
    for case in table.shared([study.base.digest], cases):
        (score,) = table.scores(study.base.digest, [case])
        runs.append(bootstrap.Run(case, score, study.trace(study.base, case, table=table)))
    rng = study.rng("demo sets")
    labelled = answered_cases(study.setting.labels, study.search)
    return bootstrap.demo_sets(
        study.setting.program,
        bootstrap.passing(runs, options.threshold),
        rng.sample(labelled, len(labelled)),
        count=max(options.sets, options.scale.n if options.shown_demos else 1),
        limits=bootstrap.Limits(options.max_bootstrapped, options.max_labelled),
        rng=rng,
    )


def _fill(study: Study, options: Options, pools: Pools, views: Views) -> None:
    """Add proposals to the pools, for all nodes in turn: what the budget allows is kept."""
    for _ in range(options.pool - 1):
        for number, node in enumerate(pools.nodes):
            text = grounded.proposed(study, node, views.draw(node))
            if text is not None:
                pools.add(number, text)


def _searcher(study: Study, options: Options, pools: Pools, views: Views) -> Searcher:
    if options.search == "tpe":
        return Tpe(study, options, pools)
    if options.search == "random":
        return RandomSearch(pools, study.rng("random search"))
    writers: dict[str, Callable[[Study, Options, Pools, Views], Searcher]] = {
        "module-opro": ModuleOpro,
        "program-opro": ProgramOpro,
        "ca-opro": CoordinateOpro,
        "settings": SettingsSearch,
    }
    return writers[options.search](study, options, pools, views)
