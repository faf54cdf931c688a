from __future__ import annotations

import json

import pytest
from gate_cells import case, cell, errors, evidence, outcome, pair, rules, table
from hypothesis import assume, given
from hypothesis import strategies as st

from landrace.gate.trials import applying, trials, trials_of
from landrace.schemas.gate_policy import Rule


def only(evidence, error=0.05, **rule):
    (trial,) = trials(evidence, [Rule(**rule)], error)
    return trial


def floor_of(evidence, floor, **rule):
    _, trial = trials(evidence, [Rule(floor=floor, **rule)], 0.05)
    assert trial.kind == "floor"
    return trial


def tokens(*counts):
    """Cases by their prompt tokens on base and head; both sides are right."""
    return cell(
        *[(outcome(1, tokens=(base, 5)), outcome(1, tokens=(head, 5))) for base, head in counts]
    )


def costs(*amounts):
    return cell(*[(outcome(1, cost=base), outcome(1, cost=head)) for base, head in amounts])


def test_a_drop_is_head_minus_base():
    trial = only(table(wins=2, losses=5, kept=3))
    assert (trial.base, trial.head) == (0.8, 0.5)
    assert trial.interval(0.05).mean == -0.3
    assert (trial.statistic.wins, trial.statistic.losses, trial.statistic.ties) == (2, 5, 3)


def test_where_less_is_better_the_difference_is_turned_and_stays_right_or_wrong():
    trial = only(table(wins=2, losses=5, kept=3), direction="lower")
    assert (trial.base, trial.head) == (0.8, 0.5)
    assert trial.interval(0.05).mean == 0.3
    assert trial.statistic.binary


def test_repeats_are_one_case():
    trial = only(cell(([1, 1, 0], [0, 0, 0]), ([1], [1])))
    assert trial.statistic.size == 2
    assert trial.interval(0.05).mean == round(-1 / 3, 6)


def test_cases_without_an_answer_on_both_sides_are_left_out():
    trial = only(cell(pair(1, []), pair([], 0), pair(1, 1)))
    assert trial.statistic.size == 1
    assert (trial.base, trial.head) == (1, 1)


def test_weights_count_in_both_means_and_in_the_difference():
    trial = only(cell(pair(1, 0, case(weight=3)), pair(0, 0, case(weight=1))))
    assert (trial.base, trial.head, trial.interval(0.05).mean) == (0.75, 0, -0.75)


@pytest.mark.parametrize("weight", [0.001, 0.3, 1000.0])
def test_weights_that_are_all_the_same_say_nothing(weight):
    weighed = cell(*[pair(0.25, 0.75, case(weight=weight))] * 4, pair(1, 1, case(weight=weight)))
    plain = cell(*[pair(0.25, 0.75)] * 4, pair(1, 1))
    assert only(weighed).interval(0.05) == only(plain).interval(0.05)


def test_a_metric_is_one_part_of_the_score():
    parted = outcome(0.5, parts={"contains": 1.0, "length": 0.0})
    both = cell(*[(parted, parted)] * 3, metrics=("contains", "length"))
    assert only(both, metric="contains").base == 1
    assert only(both, metric="length").base == 0
    assert only(both, metric="score").base == 0.5


def test_a_rule_about_a_metric_that_the_prompt_lacks_is_no_rule_for_it():
    asked = [Rule(metric="rouge"), Rule(), Rule(metric="latency_s"), Rule(metric="contains")]
    names = [rule.metric for rule in applying(["contains"], asked)]
    assert names == ["score", "latency_s", "contains"]
    assert trials(table(kept=3), [Rule(metric="rouge")], 0.05) == []


@pytest.mark.parametrize(("floor", "count"), [(None, 1), (0.5, 2), (0.0, 2)])
def test_a_floor_is_a_trial_of_its_own(floor, count):
    rule = Rule(floor=floor)
    assert trials_of(rule) == count == len(trials(table(kept=3), [rule], 0.05))


def test_a_floor_tests_heads_mean():
    trial = floor_of(table(kept=8, wrong=2), 0.9)
    assert (trial.base, trial.head, trial.allowed) == (0.8, 0.8, 0)
    low, high = trial.interval(0.05)[1:]
    assert trial.interval(0.05).mean == pytest.approx(-0.1)
    assert low < -0.1 < high <= 0.1 + 1e-6  # a mean of 1 at most


def test_a_floor_where_less_is_better_is_a_ceiling():
    trial = floor_of(table(kept=2, wrong=8), 0.5, direction="lower")
    assert trial.head == 0.2
    assert trial.interval(0.05).mean == pytest.approx(0.3)


def test_thirty_kept_cases_of_unequal_weight_say_less_than_plain_ones():
    """Of a floor and of a drop; what few heavy cases may hide is more than all others could."""
    weighed = cell(*[pair(1, 1, case(weight=1 + number % 3)) for number in range(30)])
    heavy = cell(*[pair(1, 1, case(weight=30 if number < 3 else 1)) for number in range(30)])
    plain = table(kept=30)
    for found in (lambda kept: floor_of(kept, 0.8), only):
        low, lower, lowest = (found(kept).interval(0.05).low for kept in (plain, weighed, heavy))
        assert lowest < lower - 0.1 < lower < low


def test_measures_of_calls_are_compared_as_shares_of_bases_mean():
    trial = only(tokens((100, 110), (300, 330), (200, 240)), metric="prompt_tokens")
    assert trial.base == 200
    assert trial.head == pytest.approx(680 / 3)
    assert trial.interval(0.05).mean == pytest.approx(-80 / 600, abs=1e-6)


def test_more_tokens_can_be_called_better():
    trial = only(tokens((100, 110), (300, 330)), metric="prompt_tokens", direction="higher")
    assert trial.interval(0.05).mean == pytest.approx(0.1)


def test_a_ceiling_of_a_measure_is_in_its_own_unit():
    trial = floor_of(tokens(*[(100, 120), (100, 140)] * 5), 150, metric="prompt_tokens")
    mean, low, high = trial.interval(0.05)
    assert mean == 20
    assert 10 < low < 20 < high < 30


def test_a_price_keeps_the_digits_that_it_has():
    trial = floor_of(costs(*[(1e-7, 2e-7), (1e-7, 2.2e-7)] * 9), 4e-7, metric="cost_usd")
    assert trial.interval(0.05).mean == pytest.approx(1.9e-7, abs=1e-11)
    assert trial.interval(0.05).low > 0


def test_what_cost_nothing_and_still_does_has_not_changed():
    assert only(costs(*[(0, 0)] * 5), metric="cost_usd").interval(0.001) == (0, 0, 0)


def test_any_price_is_much_for_what_was_free():
    """There is no share of nothing: the rise counts as one of a whole, however small it is."""
    trial = only(costs(*[(0, 1e-6)] * 20), metric="cost_usd")
    assert trial.interval(0.05).mean == -1
    assert trial.interval(0.05).high < -0.8


@pytest.mark.parametrize("floor", [None, 0.01])
def test_one_unknown_price_leaves_the_cost_unknown(floor):
    known = pair(outcome(1, cost=0.1), outcome(1, cost=0.1))
    one_unknown = pair(outcome(1, cost=0.1), [outcome(1, cost=0.1), outcome(1, cost=None)])
    found = trials(cell(known, one_unknown), [Rule(metric="cost_usd", floor=floor)], 0.05)
    assert len(found) == trials_of(Rule(floor=floor))
    for trial in found:
        assert trial.statistic is None
        assert trial.base is trial.head is None
        assert trial.problem == "not every call tells its cost_usd"


def test_no_pairs_are_nothing_to_test():
    for empty in (cell(), cell(pair(1, []), pair([], 1))):
        assert only(empty).problem == "no case has a score on both sides"
        assert only(empty).statistic is None


def test_one_case_tells_a_little_of_a_score_and_nothing_of_a_measure():
    low, high = only(table(kept=1)).interval(0.05)[1:]
    assert low < -0.7
    assert high > 0.7
    single = only(tokens((100, 400)), metric="prompt_tokens")
    assert single.statistic is None
    assert single.problem == "one case does not tell how much prompt_tokens varies"


@given(evidence, rules, errors)
def test_every_interval_is_finite_has_the_reports_digits_and_holds_its_mean(cell, rule, error):
    for trial in trials(cell, [rule], error):
        if trial.statistic is None:
            assert trial.problem
            continue
        for part in (1, 7, 40):
            interval = trial.interval(error / part)
            assert interval.low <= interval.mean <= interval.high
            assert json.loads(json.dumps(interval)) == list(interval)
            assert [round(end, trial.digits) for end in interval] == list(interval)


@given(evidence, rules, errors)
def test_more_confidence_never_shortens_an_interval(cell, rule, error):
    for trial in trials(cell, [rule], error):
        if trial.statistic is not None:
            wide, narrow = trial.interval(error / 5), trial.interval(error)
            assert wide.low <= narrow.low
            assert wide.high >= narrow.high


@given(evidence, rules, errors)
def test_rounding_only_widens_and_by_no_more_than_a_digit(cell, rule, error):
    for trial in trials(cell, [rule], error):
        if trial.statistic is not None:
            ends = [end - trial.shift for end in trial.statistic.interval(1 - error)]
            shown = trial.interval(error)
            step = 1.01 * 10.0**-trial.digits
            noise = 1e-8 * max(1, *map(abs, ends))
            assert ends[1] - step - noise <= shown.low <= ends[1] + noise
            assert ends[2] - noise <= shown.high <= ends[2] + step + noise


@given(st.lists(st.tuples(st.integers(1, 999), st.integers(1, 999)), min_size=2, max_size=30))
def test_the_unit_of_a_measure_does_not_matter(counts):
    assume(len(set(counts)) > 1)
    plain = only(tokens(*counts), metric="prompt_tokens").interval(0.05)
    thousands = only(
        tokens(*[(1000 * base, 1000 * head) for base, head in counts]), metric="prompt_tokens"
    ).interval(0.05)
    assert thousands == pytest.approx(plain, abs=1e-5)
