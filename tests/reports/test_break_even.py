from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.reports import story
from landrace.reports.break_even import break_even
from report_examples import PROMOTED


def report(*, rival, winner, spent, decision="promoted"):
    """A report with (tokens, dollars) a call of both sides and of the study."""
    _, incumbent, best = PROMOTED.contenders
    sides = [
        side.model_copy(
            update={"prompt_tokens": tokens, "completion_tokens": 0.0, "cost_usd": cost}
        )
        for side, (tokens, cost) in ((incumbent, rival), (best, winner))
    ]
    whole = {"prompt_tokens": spent[0], "completion_tokens": 0, "cost_usd": spent[1]}
    return PROMOTED.model_copy(
        update={
            "contenders": tuple(sides),
            "spent": PROMOTED.spent.model_copy(update=whole),
            "decision": decision,
        }
    )


def test_tokens_saved_pay_for_tokens_spent():
    found = report(rival=(100.0, None), winner=(40.0, None), spent=(6100, None))
    assert break_even(found) == 102
    assert "pays for it after 102 calls" in story.spent(found)


def test_money_counts_where_it_is_known():
    found = report(rival=(100.0, 0.01), winner=(40.0, 0.006), spent=(6100, 1.0))
    assert break_even(found) == 250


def test_a_local_model_costs_no_money_so_tokens_count():
    assert break_even(report(rival=(100.0, 0.0), winner=(40.0, 0.0), spent=(6000, 0.0))) == 100


@pytest.mark.parametrize(
    "changes",
    [
        {"winner": (120.0, None)},
        {"winner": (100.0, None)},
        {"winner": (None, None)},
        {"decision": "kept incumbent"},
    ],
)
def test_where_nothing_is_saved_nothing_is_said(changes):
    values = {"rival": (100.0, None), "winner": (40.0, None), "spent": (6000, None)}
    found = report(**{**values, **changes})
    assert break_even(found) is None
    assert "pays for it" not in story.spent(found)


@given(st.floats(1, 1e6), st.floats(1, 1e4), st.integers(1, 10**7))
def test_one_call_fewer_does_not_pay(rival, saved, spent):
    found = report(rival=(rival + saved, None), winner=(rival, None), spent=(spent, None))
    due = break_even(found)
    exact = (rival + saved) - rival
    assert due * exact >= spent * (1 - 1e-9)
    assert (due - 1) * exact <= spent * (1 + 1e-9)
