"""Small cells to be judged: outcomes, cases and evidence in a line each."""

from __future__ import annotations

from hypothesis import strategies as st

from landrace.gate.evidence import CaseEvidence, Evidence
from landrace.schemas.case import Case
from landrace.schemas.gate_policy import Rule
from landrace.schemas.score import Outcome, Score, Usage

METRICS = ("exact_match",)


def outcome(value, *, parts=None, tokens=(100, 5), cost=0.001, latency=1.0, feedback=""):
    score = Score(float(value), feedback, parts or {})
    return Outcome("c", "id", 0, "out", "out", score, Usage(*tokens, cost), latency)


def case(name="a", *, weight=1.0, **metadata):
    return Case(id=name, inputs={"text": name}, weight=weight, metadata=metadata)


def pair(base, head, of=None):
    """One case; each side is a score, an outcome, or a list of either, one for each repeat."""
    return CaseEvidence(of or case(), _side(base), _side(head))


def cell(*pairs, metrics=METRICS):
    """Evidence of (base, head) pairs, or of cases that are made already."""
    return Evidence(
        tuple(
            one if isinstance(one, CaseEvidence) else pair(*one, case(f"c{number}"))
            for number, one in enumerate(pairs)
        ),
        metrics,
    )


def table(wins=0, losses=0, kept=0, wrong=0):
    """Evidence of right-or-wrong scores by how many cases did what."""
    return cell(*[(0, 1)] * wins, *[(1, 0)] * losses, *[(1, 1)] * kept, *[(0, 0)] * wrong)


def _side(given):
    each = given if isinstance(given, list) else [given]
    return tuple(one if isinstance(one, Outcome) else outcome(one) for one in each)


values = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1).map(lambda x: round(x, 3)))
sizes = st.tuples(st.integers(0, 3000), st.integers(0, 300))
outcomes = st.builds(
    outcome,
    values,
    tokens=sizes,
    cost=st.one_of(st.none(), st.floats(0, 2)),
    latency=st.floats(0, 60),
)
usual = st.builds(outcome, st.sampled_from([0.0, 1.0, 1.0, 0.5]), tokens=sizes)


def _pairs(answers):
    repeats = st.lists(answers, min_size=1, max_size=3)
    weights = st.sampled_from([1.0, 1.0, 1.0, 0.25, 1000.0, 0.001])
    return st.builds(
        lambda base, head, weight: pair(base, head, case(weight=weight)), repeats, repeats, weights
    )


evidence = st.one_of(
    st.lists(_pairs(usual), max_size=40).map(lambda pairs: cell(*pairs)),
    st.lists(_pairs(outcomes), max_size=12).map(lambda pairs: cell(*pairs)),
    st.builds(
        table, st.integers(0, 20), st.integers(0, 40), st.integers(0, 300), st.integers(0, 20)
    ),
)
_allowed = st.one_of(st.sampled_from([0.0, 0.02, 0.05, 0.1]), st.floats(0, 0.5))
_directions = st.sampled_from([None, "higher", "lower"])
_severities = st.sampled_from(["blocker", "warning"])
score_rules = st.builds(
    Rule,
    metric=st.sampled_from(["score", "exact_match"]),
    allowed_drop=_allowed,
    floor=st.one_of(st.none(), st.floats(0, 1)),
    direction=_directions,
    severity=_severities,
)
raw_rules = st.builds(
    Rule,
    metric=st.sampled_from(["prompt_tokens", "completion_tokens", "cost_usd", "latency_s"]),
    allowed_drop=st.floats(0, 10),
    floor=st.one_of(st.none(), st.floats(0, 1000)),
    direction=_directions,
    severity=_severities,
)
rules = st.one_of(score_rules, raw_rules)
errors = st.sampled_from([0.05, 0.0375, 0.0125, 0.2, 0.05 / 16])
