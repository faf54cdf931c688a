from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.evaluation.table import ScoreTable
from landrace.optimizers.objective import CAUTIOUS_FROM, Figures, Objective, figures, noise
from landrace.schemas.case import Case
from landrace.schemas.score import Outcome, Score, Usage

CASES = tuple(Case(id=f"c{n}", inputs={"word": f"w{n}"}, expected="x") for n in range(10))
TWENTY = tuple(Case(id=f"d{n}", inputs={"word": f"w{n}"}, expected="x") for n in range(20))
COMPRESS = Objective(accuracy=0, tokens=1, max_drop=0.02, min_parsed=0.9)


def outcome(digest, case, value, *, prompt=100, completion=10, answer="x", cost=0.01):
    score = None if value is None else Score(value)
    return Outcome(
        digest, case.id, 0, "x", answer, score, Usage(prompt, completion, cost), latency_s=0.5
    )


def table(**columns):
    """Rows by digest: how many of the ten cases are right, and what else to say of them."""
    filled = ScoreTable()
    for digest, (right, extra) in columns.items():
        for number, case in enumerate(CASES):
            filled.add(outcome(digest, case, float(number < right), **extra))
    return filled


def order(objective, scores, digests, rival="base"):
    return sorted(digests, key=lambda d: objective.merit(scores, d, rival, CASES))


def test_the_cheapest_that_is_as_good_wins():
    scores = table(
        base=(8, {}), short=(8, {"prompt": 50}), shorter=(7, {"prompt": 20}), long=(10, {})
    )
    assert order(COMPRESS, scores, ["base", "shorter", "long", "short"])[0] == "short"


def test_a_drop_within_the_allowance_is_allowed():
    scores = table(base=(8, {}), shorter=(7, {"prompt": 20}))
    loose = COMPRESS.model_copy(update={"max_drop": 0.1, "caution": 0})
    assert order(loose, scores, ["base", "shorter"])[0] == "shorter"


def long_table(**losses):
    """Twenty cases of which the base has all, and the others all but so many."""
    filled = ScoreTable()
    for digest, lost in {"base": 0, **losses}.items():
        for number, case in enumerate(TWENTY):
            filled.add(outcome(digest, case, float(number >= lost), prompt=100 - 10 * lost))
    return filled


def test_a_drop_that_only_luck_keeps_within_the_allowance_is_not_allowed():
    # One case of twenty: a loss of .05 with a standard error of .05.
    scores = long_table(shorter=1)
    assert noise(scores, "shorter", "base", TWENTY) == pytest.approx(0.05)
    for allowance, first in ((0.099, "base"), (0.1, "shorter")):
        careful = COMPRESS.model_copy(update={"max_drop": allowance, "caution": 1})
        found = min(("base", "shorter"), key=lambda d: careful.merit(scores, d, "base", TWENTY))
        assert found == first


def test_on_a_few_cases_the_means_alone_count():
    scores = long_table(shorter=1)
    careful = COMPRESS.model_copy(update={"max_drop": 0.1, "caution": 5})
    assert careful.permits(scores, "shorter", "base", TWENTY[: CAUTIOUS_FROM - 1])
    assert not careful.permits(scores, "shorter", "base", TWENTY[:CAUTIOUS_FROM])


def test_further_cases_forbid_and_are_no_part_of_the_value():
    scores = long_table(shorter=1)
    first, rest = TWENTY[:1], TWENTY[1:]
    strict = COMPRESS.model_copy(update={"max_drop": 0.01})
    assert strict.merit(scores, "shorter", "base", rest)[0] == 0.0
    assert strict.merit(scores, "shorter", "base", rest, further=first)[0] == 1.0
    loose = COMPRESS.model_copy(update={"max_drop": 1.0})
    both = [loose.merit(scores, "shorter", "base", rest, further=f) for f in ((), first)]
    assert both[0] == both[1]


def test_noise_counts_a_case_by_its_weight_beside_the_others():
    scores = table(base=(8, {}), other=(5, {}))
    plain = noise(scores, "other", "base", CASES)
    heavy = [case.model_copy(update={"weight": 3.0}) for case in CASES]
    assert noise(scores, "other", "base", heavy) == pytest.approx(plain)
    # The three on which they differ count for next to nothing.
    light = [
        c.model_copy(update={"weight": 0.01}) if 5 <= n < 8 else c for n, c in enumerate(CASES)
    ]
    assert noise(scores, "other", "base", light) < 0.03 * plain
    assert noise(scores, "other", "base", CASES[:1]) == 0.0


def test_answers_that_cannot_be_read_make_a_candidate_infeasible():
    scores = table(base=(8, {}), mute=(8, {"prompt": 5, "answer": None}))
    assert order(COMPRESS, scores, ["mute", "base"])[0] == "base"


def test_a_rival_that_breaks_a_constraint_itself_need_only_be_equalled():
    scores = table(base=(8, {"answer": None}), short=(8, {"prompt": 5, "answer": None}))
    assert order(COMPRESS, scores, ["base", "short"])[0] == "short"


def test_an_output_token_weighs_twice_an_input_token():
    scores = table(
        base=(8, {}),
        fewer_in=(8, {"prompt": 85, "completion": 10}),
        fewer_out=(8, {"prompt": 100, "completion": 2}),
    )
    assert order(COMPRESS, scores, ["base", "fewer_in", "fewer_out"])[0] == "fewer_out"


def test_of_the_infeasible_the_most_accurate_is_first():
    scores = table(base=(10, {}), bad=(2, {"prompt": 1}), better=(8, {"prompt": 90}))
    assert order(COMPRESS, scores, ["bad", "better", "base"]) == ["base", "better", "bad"]


def test_without_a_shared_case_nothing_is_said():
    scores = table(base=(8, {}))
    assert COMPRESS.merit(scores, "unknown", "base", CASES) == (2.0, 0.0)


def test_only_shared_cases_are_compared():
    scores = table(base=(10, {}))
    for case in CASES[:3]:
        scores.add(outcome("new", case, 1.0, prompt=10))
    scores.add(outcome("new", CASES[3], None, prompt=0))
    assert COMPRESS.merit(scores, "new", "base", CASES)[0] == 0.0


def test_figures_are_means_a_case():
    found = figures(table(a=(5, {"cost": None})), "a", CASES)
    assert found == Figures(0.5, 100, 10, None, 0.5, 1.0)


figure = st.builds(
    Figures,
    st.floats(0, 1),
    st.floats(1, 1000),
    st.floats(0, 100),
    st.none() | st.floats(0, 1),
    st.floats(0, 10),
    st.floats(0, 1),
)


@given(figure, figure)
def test_a_rival_is_always_allowed_and_cheaper_never_counts_less(ours, rival):
    objective = Objective(tokens=0.5, cost=0.2, latency=0.1, max_drop=0.0, min_parsed=0.9)
    assert objective.allows(rival, rival)
    cheaper = ours._replace(input_tokens=ours.input_tokens / 2)
    assert objective.value(cheaper, rival) >= objective.value(ours, rival)


@given(figure, figure)
def test_accuracy_alone_is_the_default(ours, rival):
    assert Objective().value(ours, rival) == pytest.approx(ours.accuracy)
