from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from landrace.stats.spending import spent_at

looks = st.lists(st.floats(0.001, 0.999), max_size=9, unique=True).map(
    lambda shares: [*sorted(shares), 1.0]
)


@given(looks)
def test_the_looks_share_the_whole_chance_of_error(shares):
    spent = spent_at(shares)
    assert len(spent) == len(shares)
    assert all(share > 0 for share in spent)
    assert sum(spent) == pytest.approx(1)


@given(looks)
def test_what_is_spent_by_a_look_depends_on_no_later_one(shares):
    assert spent_at([*shares[:-1], 1.0])[: len(shares) - 1] == spent_at(shares)[:-1]


def test_half_of_the_answers_spend_a_quarter():
    assert spent_at([0.5, 1.0]) == [0.25, 0.75]
    assert spent_at([1.0]) == [1.0]


@pytest.mark.parametrize("shares", [[0.5, 1.0], [0.2, 0.4, 0.6, 0.8, 1.0], [1 / 3, 0.999, 1.0]])
@pytest.mark.parametrize("how", ["growing", "independent", "the same"])
def test_looking_often_keeps_the_level_however_the_looks_depend(shares, how):
    """20,000 runs without an effect; a run errs if any look refuses at its share of .05."""
    rng = np.random.default_rng(3)
    runs = 20_000
    fresh = rng.normal(size=(runs, len(shares)))
    if how == "growing":  # each look holds the answers of those before
        parts = np.sqrt(np.diff([0.0, *shares]))
        z = np.cumsum(fresh * parts, axis=1) / np.sqrt(shares)
    else:
        z = fresh if how == "independent" else np.repeat(fresh[:, :1], len(shares), axis=1)
    reach = norm.ppf(1 - 0.05 * np.array(spent_at(shares)) / 2)
    erred = (np.abs(z) > reach).any(axis=1).mean()
    assert erred <= 0.05 + 0.005
    # Unspent looks would err more often, so the test can fail.
    if len(shares) > 2 and how != "the same":
        assert (np.abs(z) > norm.ppf(0.975)).any(axis=1).mean() > 0.06
