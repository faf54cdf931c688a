"""Verdicts are where intervals lie, and testing many claims makes no false failure likelier."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from gate_cells import case, cell, errors, evidence, outcome, pair, rules, score_rules, table
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import brentq

from landrace.gate.judge import judge
from landrace.gate.trials import trials
from landrace.schemas.gate_policy import Rule
from landrace.schemas.gate_report import Claim
from landrace.stats import Pairs
from landrace.stats.spending import spent_at

DROP = (Rule(),)
runs = st.lists(st.tuples(evidence, rules), min_size=1, max_size=4)


def claims_of(trials_, remaining=None):
    return judge(trials_, remaining or len(trials_)).claims


def one(evidence, error=0.05, remaining=1, **rule):
    return judge(trials(evidence, [Rule(**rule)], error), remaining).claims[0]


def assert_the_interval_says(claim):
    """The whole of the policy: every verdict and its numbers, by these and nothing else."""
    if claim.verdict == "NOT EVALUATED":
        numbers = (claim.base, claim.head, claim.difference, claim.low, claim.high, claim.fail_high)
        assert numbers == (None,) * 6
        assert claim.reason
        return
    assert claim.low <= claim.difference <= claim.high <= claim.fail_high
    passes, fails = claim.low > -claim.allowed, claim.fail_high < -claim.allowed
    assert not (passes and fails)
    assert claim.verdict == ("FAIL" if fails else "PASS" if passes else "INCONCLUSIVE")


@given(runs, errors, st.integers(0, 30))
def test_no_verdict_contradicts_its_interval(run, error, others):
    found = [trial for cell, rule in run for trial in trials(cell, [rule], error)]
    for claim in claims_of(found, len(found) + others):
        assert_the_interval_says(claim)
        assert_the_interval_says(Claim.model_validate_json(claim.model_dump_json()))


HAIRS = [-1e-6, -6e-7, -4e-7, -1e-9, -1e-12, 0.0, 1e-12, 1e-9, 4e-7, 6e-7, 1e-6]
lost = st.one_of(
    st.builds(table, st.integers(0, 3), st.integers(12, 60), st.integers(0, 60)),
    st.lists(st.floats(0.2, 0.9), min_size=5, max_size=30).map(
        lambda drops: cell(*[(0.95, 0.95 - drop) for drop in drops])
    ),
)


@given(st.one_of(evidence, lost), errors, st.sampled_from(["low", "high"]))
def test_rounding_does_not_bring_a_margin_to_the_wrong_side(cell, error, end):
    """The margin is laid next to an end of the interval, nearer than a report's digits show."""
    (trial,) = trials(cell, DROP, error)
    assume(trial.statistic is not None)
    margin = -getattr(trial.statistic.interval(1 - error), end)
    for hair in HAIRS:
        if 0 <= margin + hair < 1:
            assert_the_interval_says(one(cell, error, allowed_drop=margin + hair))


@pytest.mark.parametrize(
    ("evidence", "verdict", "reason"),
    [
        (table(kept=400), "PASS", "the interval lies above what may be lost"),
        (table(losses=30, kept=70), "FAIL", "the interval lies below what may be lost"),
        (table(losses=1, wins=1, kept=28), "INCONCLUSIVE", "holds both"),
        (cell(), "NOT EVALUATED", "no case has a score on both sides"),
    ],
)
def test_the_four_verdicts(evidence, verdict, reason):
    claim = one(evidence)
    assert claim.verdict == verdict
    assert reason in claim.reason


def test_floors_speak_of_the_floor():
    def reason(evidence):
        return judge(trials(evidence, [Rule(floor=0.8)], 0.05), 2).claims[1].reason

    assert reason(table(kept=100)) == "the interval lies above the floor"
    assert reason(table(wrong=100)) == "the interval lies below the floor"
    assert reason(table(kept=80, wrong=20)) == "the interval holds the floor"


def test_what_would_fail_alone_waits_among_many_and_says_so():
    drop = table(losses=14, wins=2, kept=84)
    assert one(drop, allowed_drop=0.02).verdict == "FAIL"
    among = one(drop, remaining=50, allowed_drop=0.02)
    assert among.verdict == "INCONCLUSIVE"
    assert among.reason.endswith("but not once all claims are tested")
    assert among.high < -0.02 <= among.fail_high


def test_an_unknown_cost_is_not_evaluated_and_keeps_its_place():
    free = cell((outcome(1), outcome(1, cost=None)), (1, 1))
    found = judge(trials(free, [Rule(metric="cost_usd"), Rule()], 0.05), 2)
    assert [claim.verdict for claim in found.claims] == ["NOT EVALUATED", "INCONCLUSIVE"]
    assert found.remaining == 2
    assert found.claims[0].cases == 0


def test_nothing_to_judge_is_no_error():
    assert judge([], 1) == ((), 1)


def test_every_claim_tells_what_its_cases_can_detect_and_how_many_it_needs():
    few, many = one(table(losses=2, wins=2, kept=26)), one(table(losses=20, wins=20, kept=260))
    assert few.detectable > many.detectable > 0.05
    assert few.verdict == "INCONCLUSIVE"
    assert few.cases_needed > 30
    assert one(table(kept=3), error=0.001, remaining=90).detectable is None
    assert one(table(kept=9), allowed_drop=0).cases_needed is None


def test_among_many_claims_less_can_be_detected():
    cells = table(losses=2, wins=2, kept=96)
    assert one(cells, remaining=20).detectable > one(cells).detectable


def smallest_error(trial):
    """The p value that belongs to an interval: the error at which it just ends at the margin."""

    def gap(log_error):
        return trial.statistic.interval(1 - float(np.exp(log_error))).high + trial.allowed

    least, most = np.log(1e-9), np.log(0.999)
    if gap(least) < 0:
        return 1e-9
    return float(np.exp(brentq(gap, least, most))) if gap(most) < 0 else 1.0


def holm(ps, level, hypotheses):
    """Which are refused, as in the textbook: from the smallest p on, until the first that holds."""
    refused = set()
    for step, (p, index) in enumerate(sorted((p, index) for index, p in enumerate(ps))):
        if p > level / (hypotheses - step):
            break
        refused.add(index)
    return refused


binary_cells = st.builds(table, st.integers(0, 6), st.integers(0, 40), st.integers(40, 120))


@given(st.lists(binary_cells, min_size=1, max_size=8), st.integers(0, 5))
def test_failing_is_holms_procedure(cells, others):
    found = [trial for cell in cells for trial in trials(cell, DROP, 0.05)]
    hypotheses = len(found) + others
    ps = [smallest_error(trial) for trial in found]
    levels = [0.05 / (hypotheses - step) for step in range(len(found))]
    # An interval that ends at the margin to the last digit is no matter of Holm.
    assume(all(abs(p / level - 1) > 1e-3 for p in ps for level in levels))
    judged = judge(found, hypotheses)
    failed = {i for i, claim in enumerate(judged.claims) if claim.verdict == "FAIL"}
    assert failed == holm(ps, 0.05, hypotheses)
    assert judged.remaining == max(1, hypotheses - len(failed))


def test_holm_fails_more_than_dividing_by_all_claims_would():
    clear, weak = table(losses=40, kept=60), table(losses=13, wins=2, kept=85)
    rule = [Rule(allowed_drop=0.03)]
    (first,), (second,) = trials(clear, rule, 0.05), trials(weak, rule, 0.05)
    alone = judge([replace(second)], 2).claims[0]
    together = judge([first, second], 2).claims[1]
    assert alone.verdict == "INCONCLUSIVE"
    assert together.verdict == "FAIL"


@given(st.lists(st.tuples(evidence, score_rules), min_size=1, max_size=5), errors, st.data())
def test_more_claims_never_make_a_failure_of_what_was_none(run, error, data):
    found = [trial for cell, rule in run for trial in trials(cell, [rule], error)]
    kept = data.draw(st.lists(st.sampled_from(range(len(found))), min_size=1, unique=True))
    fewer = claims_of([found[index] for index in kept])
    more = claims_of(found)
    for claim, index in zip(fewer, kept, strict=True):
        if claim.verdict != "FAIL":
            assert more[index].verdict != "FAIL"


@given(st.lists(st.tuples(evidence, rules), min_size=1, max_size=4), errors, st.randoms())
def test_the_order_of_claims_does_not_matter(run, error, random):
    found = [trial for cell, rule in run for trial in trials(cell, [rule], error)]
    order = list(range(len(found)))
    random.shuffle(order)
    shuffled = claims_of([found[index] for index in order])
    straight = claims_of(found)
    assert [straight[index] for index in order] == list(shuffled)


@given(evidence, rules, errors)
def test_passing_does_not_depend_on_other_claims(cell, rule, error):
    found = trials(cell, [rule], error)
    few, many = claims_of(found), claims_of(found, 100)
    for alone, among in zip(few, many, strict=True):
        assert (alone.verdict == "PASS") == (among.verdict == "PASS")
        assert (alone.low, alone.high) == (among.low, among.high)


@cache
def fails(wins, losses, cases, error, claims):
    """Whether one binary cell fails as one of so many claims, by the judge itself."""
    cell = table(wins, losses, cases - wins - losses)
    return judge(trials(cell, DROP, error), claims).claims[0].verdict == "FAIL"


@pytest.mark.parametrize("cells", [1, 20])
@pytest.mark.parametrize(
    ("wins", "drop"),
    [(0.02, 0.0), (0.1, 0.0), (0.005, 0.05), (0.05, 0.05)],
    ids=["calm", "noisy", "at the margin", "noisy at the margin"],
)
def test_a_run_without_a_forbidden_drop_seldom_fails(cells, wins, drop):
    """4,000 runs of cells with looks after 50 and 100 cases, by the chance of any FAIL.

    Half of the error of .05 is left for tags that break, so means may use .025, and get a
    little more at the very margin, where counts are coarse.
    """
    rng = np.random.default_rng(12)
    chances = (wins, wins + drop, 1 - 2 * wins - drop)
    halves = rng.multinomial(50, chances, size=(2, 4000, cells))
    looked = np.cumsum(halves, axis=0)
    failed = np.zeros(4000, dtype=bool)
    for number, share in enumerate(spent_at([0.5, 1.0])):
        size = 50 * (number + 1)
        verdicts = [
            [fails(int(w), int(lost), size, 0.05 * share, cells) for w, lost, _ in run]
            for run in looked[number]
        ]
        failed |= np.any(verdicts, axis=1)
    assert failed.mean() <= (0.035 if drop else 0.025)


def test_one_look_after_the_other_keeps_the_count_of_what_has_failed():
    """What failed at the first look leaves more of the error to the others at the second."""
    clear, weak = table(losses=40, kept=60), table(losses=13, wins=2, kept=85)
    rule = [Rule(allowed_drop=0.03)]
    first = judge(trials(clear, rule, 0.05), 2)
    assert first.claims[0].verdict == "FAIL"
    assert first.remaining == 1
    assert judge(trials(weak, rule, 0.05), first.remaining).claims[0].verdict == "FAIL"


def heavy_cases(rng, *, share, weight, lost, cases):
    """A share of the cases weighs more, and head loses some of these, and nothing else."""
    heavy = rng.permutation(cases) < share * cases
    broken = heavy & (rng.random(cases) < lost)
    return cell(
        *[
            pair(1, 0 if broken[number] else 1, case(weight=weight if heavy[number] else 1))
            for number in range(cases)
        ]
    )


@pytest.mark.parametrize(
    ("share", "weight", "lost", "cases"),
    [(0.1, 30, 0.1, 100), (0.15, 3, 0.16, 100), (0.02, 10, 0.5, 100)],
)
@pytest.mark.parametrize("kind", ["drop", "floor"])
def test_a_drop_of_heavy_cases_seldom_passes(share, weight, lost, cases, kind):
    """More is lost than is allowed, and in up to a third of all draws no case shows it."""
    rng, passed = np.random.default_rng(1), 0
    drop = share * weight * lost / (1 - share + share * weight)
    assert drop > 0.055
    for _ in range(200):
        cells = heavy_cases(rng, share=share, weight=weight, lost=lost, cases=cases)
        claims = claims_of(trials(cells, [Rule(floor=1.005 - drop)], 0.05))
        passed += any(claim.kind == kind and claim.verdict == "PASS" for claim in claims)
    assert passed <= 0.025 * 200


def test_an_early_look_does_not_pass_for_want_of_the_heavy_cases():
    """Three of four hundred hold a fifth of the weight, and none may be in the first half."""
    light = [pair(1, 1)] * 200
    planned = [case(weight=30 if number >= 397 else 1) for number in range(400)]
    (alone,) = trials(cell(*light), DROP, 0.0375)
    assert alone.interval(0.0375).low > -0.05
    (found,) = trials(cell(*light), DROP, 0.0375, planned)
    assert found.interval(0.0375).low < -0.15
    (same,) = trials(cell(*light), DROP, 0.0375, [case()] * 400)
    assert same.interval(0.0375) == alone.interval(0.0375)
    one_more = cell(*light, pair(1, 0, case(weight=0.9)))
    (moved,) = trials(one_more, DROP, 0.0375, planned)
    assert moved.interval(0.0375).low < -0.15


def test_unequal_weights_need_more_cases_and_say_so():
    def needed(weight):
        weighed = [pair(1, 1, case(weight=weight if n < 10 else 1)) for n in range(60)]
        return one(cell(*weighed))

    plain, some, many = needed(1), needed(3), needed(10)
    assert plain.cases_needed < some.cases_needed < many.cases_needed
    assert plain.detectable < some.detectable < many.detectable
    assert plain.cases == some.cases == many.cases == 60


def test_graded_scores_with_a_break_that_no_case_shows_do_not_pass():
    """Thirty answers a hair apart: that none broke does not show that fewer than 5 % do."""
    claim = one(cell(*[(0.8, 0.8 + 0.001 * (number % 3)) for number in range(30)]))
    assert isinstance(trials(cell((0.8, 0.8)), DROP, 0.05)[0].statistic, Pairs)
    assert claim.verdict == "INCONCLUSIVE"
    assert claim.cases_needed > 60
