from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.errors import CaseError
from landrace.schemas.case import SPLITS, Case
from landrace.schemas.prompt import SplitConfig
from landrace.store.near import groups, words
from landrace.store.splits import assign_splits, position, split_cases

CONFIG = SplitConfig(search=0.35, select=0.25, holdout=0.40)
LONG = "a customer wrote that the kettle leaked from its base on the fourth day"
TEXTS = st.lists(
    st.lists(st.sampled_from("abcdefghijkl"), min_size=1, max_size=12).map(" ".join),
    max_size=12,
    unique=True,
)


def cases_of(texts):
    return [Case(id=f"{n}-{text}", inputs={"text": text}) for n, text in enumerate(texts)]


def many(count):
    return [Case(id=f"c{n}", inputs={"text": f"word{n}"}) for n in range(count)]


@given(TEXTS, st.randoms(use_true_random=False), st.integers(0, 3))
def test_the_order_of_lines_does_not_matter(texts, random, seed):
    config = SplitConfig(seed=seed, min_cases=1)
    cases = cases_of(texts)
    shuffled = random.sample(cases, len(cases))
    assert assign_splits(cases, config) == assign_splits(shuffled, config)


@given(TEXTS, st.sampled_from(["x y", "a b c", "d", LONG]))
def test_a_new_case_moves_only_what_it_is_a_near_duplicate_of(texts, extra):
    cases = cases_of(texts)
    new = Case(id="new", inputs={"text": extra})
    before = assign_splits(cases, CONFIG)
    after = assign_splits([*cases, new], CONFIG)
    leaders = groups([words(case.inputs) for case in [*cases, new]])
    apart = [case.id for case, leader in zip(cases, leaders, strict=False) if leader != leaders[-1]]
    assert {name: after[name] for name in apart} == {name: before[name] for name in apart}


@given(TEXTS)
def test_near_duplicates_never_straddle(texts):
    cases = cases_of(texts)
    split = assign_splits(cases, CONFIG)
    for case, leader in zip(cases, groups([words(case.inputs) for case in cases]), strict=True):
        assert split[case.id] == split[cases[leader].id]


@given(st.lists(st.tuples(st.text(max_size=5), st.sampled_from([None, *SPLITS])), max_size=12))
def test_a_split_by_hand_wins(rows):
    cases = [
        Case(id=f"c{n}", inputs={"text": text}, split=split) for n, (text, split) in enumerate(rows)
    ]
    chosen = assign_splits(cases, CONFIG)
    assert all(chosen[case.id] == case.split for case in cases if case.split)


def test_a_split_by_hand_takes_near_duplicates_along():
    plain = [Case(id="a", inputs={"text": LONG}), Case(id="b", inputs={"text": LONG + " ago"})]
    natural = assign_splits(plain, CONFIG)["a"]
    for split in SPLITS:
        by_hand = [plain[0], plain[1].model_copy(update={"split": split})]
        assert assign_splits(by_hand, CONFIG) == {"a": split, "b": split}
    assert natural in SPLITS


def test_neither_id_nor_label_nor_weight_decides():
    case = Case(id="a", inputs={"text": "x"})
    other = Case(id="b", inputs={"text": "x"}, expected="y", weight=3, metadata={"k": 1})
    assert position(case, 0) == position(other, 0)
    assert position(case, 0) != position(case, 1)


def test_known_places_stay_where_they_are():
    # A change here re-splits every eval set in the world.
    assert [round(position(case, 0), 6) for case in many(3)] == [0.944595, 0.488315, 0.712549]


def test_the_shares_are_kept():
    splits = split_cases(many(4000), CONFIG)
    assert [len(part) / 4000 for part in splits] == pytest.approx([0.35, 0.25, 0.40], abs=0.03)


def test_every_split_is_in_order_of_the_hash():
    splits = split_cases(reversed(many(100)), CONFIG)
    for part in splits:
        places = [position(case, CONFIG.seed) for case in part]
        assert places == sorted(places)
    assert sorted(case.id for part in splits for case in part) == sorted(c.id for c in many(100))


def test_a_split_that_is_too_small_says_counts_and_what_to_do():
    with pytest.raises(CaseError) as caught:
        split_cases(many(10), CONFIG, "prompts/x/cases.jsonl")
    assert caught.value.where == "prompts/x/cases.jsonl"
    assert "search " in caught.value.problem
    assert caught.value.problem.endswith("and each needs 8")
    assert "about 48" in caught.value.fix
    assert "splits.min_cases" in caught.value.fix


def test_too_few_cases_because_of_near_duplicates_are_said_to_be_that():
    alike = cases_of(f"{LONG} in town {n}" for n in range(500))
    with pytest.raises(CaseError) as caught:
        split_cases(alike, CONFIG)
    assert caught.value.problem.endswith("; 500 of 500 are near-duplicates that are kept together")
    assert "add cases that are unlike those until there are about 547" in caught.value.fix


@given(st.integers(0, 70), st.integers(0, 70))
def test_what_to_do_never_asks_for_as_many_cases_as_there_are(apart, alike):
    cases = [*many(apart), *cases_of(f"{LONG} in town {n}" for n in range(alike))]
    try:
        split_cases(cases, SplitConfig(min_cases=8, search=0.2, select=0.2, holdout=0.6))
    except CaseError as error:
        numbers = [int(number) for number in re.findall(r"about (\d+)", error.fix)]
        assert all(number > len(cases) for number in numbers)


def test_where_the_hash_was_unlucky_no_number_is_named():
    by_hand = [case.model_copy(update={"split": "search"}) for case in many(60)]
    with pytest.raises(CaseError) as caught:
        split_cases(by_hand, CONFIG)
    assert caught.value.problem.endswith("search 60, select 0, holdout 0, and each needs 8")
    assert caught.value.fix.startswith("add cases, give some a `split` by hand")


def test_a_hundred_thousand_cases_are_split():
    splits = split_cases((Case(id=f"c{n}", inputs={"n": n}) for n in range(100_000)), CONFIG)
    assert sum(map(len, splits)) == 100_000
