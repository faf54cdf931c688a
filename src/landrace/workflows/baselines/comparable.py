"""What in a baseline can be compared with what is served now.

Cases that both have, by metrics that have not changed: scores of two metrics are no two sides
of one comparison, and the old answers are not there to be scored again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.digest import json_digest
from landrace.errors import EvidenceError
from landrace.gate.trials import applying
from landrace.key_order import values_in_order
from landrace.metrics import table as metrics
from landrace.metrics.base import MetricOptions
from landrace.schemas.gate_policy import COMBINED
from landrace.store.cases import eval_set_digest

if TYPE_CHECKING:
    from landrace.schemas.baseline import Baseline
    from landrace.schemas.case import Case
    from landrace.schemas.gate_policy import Rule
    from landrace.workflows.baselines.served import Served
    from landrace.workflows.gating.suite import Suite

# What makes the model's answers others; cases and metrics only look at other answers.
ASKED = frozenset({"variant", "params"})

_HEX = 16
_FIX = "look at what changed, then bless it: `pytest --landrace --force-regen`"


def differences(served: Served, baseline: Baseline) -> tuple[str, ...]:
    """What is not as it was when the baseline was blessed: some of variant, params, cases and
    metrics, in this order.
    """
    now = {
        "variant": served.side.side.digest == baseline.variant,
        "params": values_in_order(served.side.model.params) == baseline.params,
        "cases": eval_set_digest(served.suite.cases) == baseline.eval_set,
        "metrics": metrics.digest(served.suite.metric) == baseline.metric,
    }
    return tuple(name for name, same in now.items() if not same)


def common_cases(served: Served, baseline: Baseline) -> tuple[Case, ...]:
    """The cases of now, in their order, that ask and expect what the baseline's of that id did."""
    known = {case.id: case.digest for case in baseline.cases}
    return tuple(case for case in served.suite.cases if known.get(case.id) == case_digest(case))


def suite_note(served: Served, baseline: Baseline) -> str:
    """Says that the baseline is one of another suite, and what is left of it; or nothing."""
    others = [name for name in differences(served, baseline) if name not in ASKED]
    if not others:
        return ""
    return (
        f"the baseline was blessed with other {' and '.join(others)}: "
        f"{len(common_cases(served, baseline))} of {len(served.suite.cases)} cases can be "
        "compared with it"
    )


def refuse_incomparable(served: Served, baseline: Baseline, where: str) -> None:
    """Check that each rule of the policy, and at least one case, can be compared.

    Raises:
        EvidenceError: the baseline, whose file is ``where``, says nothing about one of them.
    """
    if not common_cases(served, baseline):
        raise EvidenceError(
            "none of the baseline's cases is in the eval set any more", where=where, fix=_FIX
        )
    now = {COMBINED: metrics.digest(served.suite.metric), **metric_digests(served.suite)}
    then = {COMBINED: baseline.metric, **baseline.metrics}
    measured = {name for case in baseline.cases for a in case.answers for name in a.measures}

    def is_known(rule: Rule) -> bool:
        if rule.is_raw:
            return rule.metric in measured
        return now[rule.metric] == then.get(rule.metric)

    rules = applying(served.suite.metric_names, served.policy.metrics)
    unknown = [rule.metric for rule in rules if not is_known(rule)]
    if unknown:
        raise EvidenceError(
            f"the baseline says nothing about {', '.join(unknown)}: the metrics or the policy "
            "have changed since it was blessed",
            where=where,
            fix=_FIX,
        )


def case_digest(case: Case) -> str:
    """What a score on the case rests on; ``metadata``, ``weight`` and ``split`` are no part."""
    return json_digest([values_in_order(case.inputs), case.expected])[:_HEX]


def metric_digests(suite: Suite) -> dict[str, str]:
    """The digest of each metric by its name."""
    if isinstance(suite.metric, metrics.Combined):
        return {part.name: metrics.digest(part.metric) for part in suite.metric.parts}
    assert isinstance(suite.metric, MetricOptions)  # `build` makes nothing else
    return dict.fromkeys(suite.metric_names, metrics.digest(suite.metric))
