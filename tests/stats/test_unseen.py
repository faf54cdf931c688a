from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from landrace.stats import Mean, Pairs
from landrace.stats.proportions import tango, wilson
from landrace.stats.unseen import Weights, hidden, unseen

CONFIDENCES = (0.6, 0.95, 0.9975)
confidences = st.sampled_from(CONFIDENCES)
weights = st.lists(st.floats(0.001, 1000), min_size=2, max_size=40)
rooms = st.lists(st.floats(0, 5), min_size=1, max_size=40).map(np.array)


@given(st.integers(1, 400), st.floats(0.5, 0.999))
def test_a_kind_of_case_that_is_more_common_would_have_been_seen(cases, confidence):
    share = unseen(cases, confidence)
    assert (1 - share) ** cases == pytest.approx((1 - confidence) / 2)


@given(st.integers(1, 60), st.floats(0.001, 30), confidences)
def test_cases_with_as_much_room_hide_what_plain_ones_do(cases, room, confidence):
    found = hidden(np.full(cases, room), confidence)
    assert found == pytest.approx(unseen(cases, confidence) * room, rel=1e-9)


@given(rooms, confidences, st.integers(0, 2**32 - 1))
def test_no_chances_that_stay_unseen_hide_more(room, confidence, seed):
    """Chances of any kind that together leave the error: none does more than is said."""
    shares = np.random.default_rng(seed).dirichlet(np.full(room.size, 0.3))
    chances = 1 - ((1 - confidence) / 2) ** shares
    assert np.prod(1 - chances) == pytest.approx((1 - confidence) / 2)
    assert (chances * room).mean() <= hidden(room, confidence) + 1e-9


@pytest.mark.parametrize("confidence", CONFIDENCES)
def test_the_worst_chances_are_those_that_a_search_finds(confidence):
    room = np.array([9.0, 4.0, 4.0, 1.0, 0.5, 0.0])
    budget = -math.log((1 - confidence) / 2)
    found = minimize(
        lambda spent: -(room * -np.expm1(-spent)).mean(),
        np.full(room.size, budget / room.size),
        bounds=[(0, budget)] * room.size,
        constraints={"type": "ineq", "fun": lambda spent: budget - spent.sum()},
        options={"ftol": 1e-12},
    )
    assert hidden(room, confidence) == pytest.approx(-found.fun, abs=1e-6)


def test_five_heavy_cases_of_a_hundred_hide_what_five_cases_do():
    """They hold 150 of 245 parts of the weight; the other cases are too light to matter."""
    heavy = Weights([30.0] * 5 + [1.0] * 95)
    assert heavy.effective == pytest.approx(245**2 / (5 * 900 + 95))
    assert heavy.unseen(0.95) == pytest.approx(unseen(5, 0.95) * 150 / 245)


def test_nothing_is_hidden_where_there_is_no_room():
    assert hidden(np.array([0.0, -1.0]), 0.95) == 0
    assert hidden(np.array([2.0, 1.0, -3.0]), 1.0) == pytest.approx(1)


@given(weights, confidences, st.integers(2, 4))
def test_more_cases_of_the_same_weights_are_the_cases_many_times(given_, confidence, times):
    if (one := Weights.of(given_, len(given_))) is not None:
        many = Weights(given_ * times)
        assert many.effective == pytest.approx(times * one.effective)
        asked = one.unseen(confidence, cases=times * len(given_))
        assert asked == pytest.approx(many.unseen(confidence))


@given(weights, confidences)
def test_the_share_is_less_than_all_and_no_less_than_without_weights(given_, confidence):
    if (found := Weights.of(given_, len(given_))) is not None:
        share = found.unseen(confidence)
        assert unseen(len(given_), confidence) - 1e-9 <= share <= 1
        assert share <= unseen(1 / (max(given_) / sum(given_)), confidence) + 1e-9
        assert 1 - 1e-9 <= found.effective <= len(given_) + 1e-9


@pytest.mark.parametrize("weight", [0.001, 0.3, 1.0, 7.0, 1000.0])
def test_weights_that_are_all_the_same_are_none(weight):
    assert Weights.of([weight] * 7, 7) is None
    assert Weights.of(None, 7) is None


@pytest.mark.parametrize("statistic", [Mean, lambda *a: Pairs(a[0], *a)])
def test_each_score_has_its_weight(statistic):
    with pytest.raises(ValueError, match="cannot weigh 3 scores with 2 weights"):
        statistic([1.0, 0.0, 1.0], [1.0, 2.0])


# What holds of every interval, whatever is weighed.

right_or_wrong = st.sampled_from([0.0, 1.0])
sides = st.one_of(
    st.lists(st.tuples(right_or_wrong, right_or_wrong), min_size=1, max_size=40),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=14),
)
weighed = st.one_of(
    st.lists(st.tuples(right_or_wrong, right_or_wrong, st.floats(0.001, 1000)), min_size=1),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0.001, 1000)), min_size=1),
    st.lists(st.tuples(st.just(1.0), st.just(1.0), st.floats(0.001, 1000)), min_size=1),
)
bounded = st.booleans()


def statistics(one, two, weights, *, bounded=True):
    """Every statistic of these sides."""
    return [Mean(one, weights, bounded=bounded), Pairs(one, two, weights, bounded=bounded)]


@given(sides, st.floats(0.001, 1000), confidences, bounded)
def test_equal_weights_give_the_unweighted_interval(pairs, weight, confidence, bounded):
    one, two = map(list, zip(*pairs, strict=True))
    plain = statistics(one, two, None, bounded=bounded)
    equal = statistics(one, two, [weight] * len(one), bounded=bounded)
    assert equal[0].interval(confidence) == pytest.approx(plain[0].interval(confidence), abs=1e-9)
    assert equal[1].interval(confidence) == plain[1].interval(confidence)
    assert [each.method for each in equal] == [each.method for each in plain]
    assert (equal[1].p, equal[1].noise) == (plain[1].p, plain[1].noise)


@given(weighed, st.floats(0.01, 100), confidences, bounded)
def test_scaling_all_weights_changes_nothing(cases, scale, confidence, bounded):
    one, two, weights = map(list, zip(*cases, strict=True))
    found = statistics(one, two, weights, bounded=bounded)
    scaled = statistics(one, two, [scale * weight for weight in weights], bounded=bounded)
    for each, other in zip(found, scaled, strict=True):
        assert other.interval(confidence) == pytest.approx(each.interval(confidence), abs=1e-6)


@given(weighed, confidences)
def test_weighted_intervals_hold_the_weighted_mean_and_keep_to_the_scale(cases, confidence):
    one, two, weights = map(list, zip(*cases, strict=True))
    differences = np.array(one) - np.array(two)
    expected = [np.average(one, weights=weights), np.average(differences, weights=weights)]
    found = statistics(one, two, weights)
    for each, mean, least in zip(found, expected, (0, -1), strict=True):
        interval = each.interval(confidence)
        assert interval.mean == pytest.approx(mean, abs=1e-8)
        assert least <= interval.low <= interval.mean + 1e-8
        assert interval.mean - 1e-8 <= interval.high <= 1


@given(weighed)
def test_more_confidence_never_shortens_a_weighted_interval(cases):
    one, two, weights = map(list, zip(*cases, strict=True))
    for each in statistics(one, two, weights):
        narrow, wide = each.interval(0.8), each.interval(0.99)
        assert wide.low <= narrow.low + 1e-9
        assert wide.high >= narrow.high - 1e-9


@given(
    st.lists(st.floats(0.01, 100), min_size=2, max_size=40),
    st.tuples(st.integers(0, 39), st.integers(0, 39), st.floats(0, 0.99)),
    st.sampled_from([0.0, 0.4, 1.0]),
    confidences,
)
def test_more_unequal_weights_never_give_a_narrower_interval_where_nothing_differs(
    weights, transfer, score, confidence
):
    """What is taken from a lighter case and given to a heavier one makes weights more unequal.

    All ways of being more unequal (majorization) are made of such transfers.
    """
    order = sorted(weights)
    light, heavy = sorted(place % len(order) for place in transfer[:2])
    uneven = [*order]
    uneven[light] -= order[light] * transfer[2]
    uneven[heavy] += order[light] * transfer[2]
    same = [score] * len(order)
    for fair, unfair in zip(
        statistics(same, same, order), statistics(same, same, uneven), strict=True
    ):
        narrow, wide = fair.interval(confidence), unfair.interval(confidence)
        assert wide.low <= narrow.low + 1e-8
        assert wide.high >= narrow.high - 1e-8


@given(st.lists(st.floats(0.01, 100), min_size=2, max_size=40), confidences)
def test_where_nothing_differs_it_is_as_wide_as_of_the_effective_number_at_least(
    weights, confidence
):
    found = Weights.of(weights, len(weights))
    if found is None:
        return
    same = [1.0] * len(weights)
    low, high = Pairs(same, same, weights).interval(confidence)[1:]
    least, most = tango(0, 0, found.effective, confidence)
    share = found.unseen(confidence)
    assert low == pytest.approx(min(least, -share))
    assert high == pytest.approx(max(most, share))
    for score in (0.0, 1.0):
        mean = Mean([score] * len(weights), weights)
        assert mean.method == "Wilson interval"
        least, most = wilson(score * found.effective, found.effective, confidence)
        interval = mean.interval(confidence)
        assert interval.low <= max(0, least) + 1e-9
        assert interval.high >= min(1, most) - 1e-9


def test_a_light_case_that_is_lost_does_not_show_that_no_heavy_one_can_be():
    """Alone it makes the difference vary by nearly nothing, and lie at the end of the scale."""
    weights = [30.0] * 5 + [1.0] * 95
    right, one_lost = [1.0] * 100, [1.0] * 99 + [0.0]
    assert Pairs(one_lost, right, weights).interval(0.95).low < -0.3
    assert Mean(one_lost, weights).interval(0.95).low < 0.7


def test_counts_are_not_those_of_plain_cases_where_only_cases_of_mean_weight_are_right():
    """Then weighted scores happen to be zeros and ones."""
    right, wrong = [0.0, 1.0, 0.0] * 10, [0.0] * 30
    assert not Pairs(right, wrong, [1.0, 2.0, 3.0] * 10).binary


DESIGNS = {
    "5 of 100 weigh 30": [30.0] * 5 + [1.0] * 95,
    "one of 100 weighs 10": [10.0] + [1.0] * 99,
    "from 1 to 3": [1.0, 2.0, 3.0] * 33,
    "log-normal": np.exp(np.random.default_rng(3).normal(0, 1, 100)).tolist(),
}


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("kind", ["all", "heavy", "noisy", "graded"])
def test_it_keeps_its_level_whichever_cases_break(design, kind):
    """Either end of a 95 % interval misses in 2.5 % of 500 draws, and two errors of these.

    By Student's and BCa's limits alone one misses in half of them.
    """
    weights = np.array(DESIGNS[design])
    rng = np.random.default_rng(7)
    chance = np.full(weights.size, 0.05)
    if kind == "heavy":
        chance = np.where(weights >= 0.9 * weights.max(), 0.4, 0.0)
    truth = -float(np.average(chance, weights=weights))
    missed = np.zeros(2)
    for _ in range(500):
        base = rng.beta(3, 1, weights.size) if kind == "graded" else np.ones(weights.size)
        if kind == "noisy":
            base = np.where(rng.random(weights.size) < 0.8, 1.0, 0.0)
        again = np.where(rng.random(weights.size) < 0.8, base, rng.permutation(base))
        head = again if kind in {"noisy", "graded"} else base
        # What breaks loses all; where base has less than that, the truth is its share.
        broken = rng.random(weights.size) < chance
        head = np.where(broken, 0.0, head)
        low, high = Pairs(head.tolist(), base.tolist(), weights.tolist()).interval(0.95)[1:]
        true = {"noisy": 0.8, "graded": 0.75}.get(kind, 1.0) * truth
        missed += (low > true + 1e-9, high < true - 1e-9)
    assert missed.max() / 500 <= 0.025 + 2 * math.sqrt(0.025 * 0.975 / 500)
