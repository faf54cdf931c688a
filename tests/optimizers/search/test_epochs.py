from __future__ import annotations

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.search.epochs import Epochs

sizes = st.integers(1, 20)


@given(items=sizes, size=sizes, batches=st.integers(1, 30), seed=st.integers())
def test_no_item_comes_twice_before_all_have_come(items, size, batches, seed):
    epochs = Epochs(range(items), size, random.Random(seed))
    met = Counter()
    for _ in range(batches):
        batch = epochs.batch()
        assert len(batch) == len(set(batch)) == min(size, items)
        met.update(batch)
    counts = [met[item] for item in range(items)]
    assert max(counts) - min(counts) <= 1


def test_passes_are_in_different_orders_and_a_seed_repeats_them():
    one, other = (Epochs(range(8), 8, random.Random(3)) for _ in range(2))
    first, second = one.batch(), one.batch()
    assert first != second
    assert [other.batch(), other.batch()] == [first, second]


@given(items=sizes, size=sizes, fitting=st.lists(st.frozensets(st.integers(0, 19)), max_size=20))
def test_a_batch_is_filled_up_with_what_fits(items, size, fitting):
    epochs = Epochs(range(items), size, random.Random(0))
    for some in fitting:
        batch = epochs.batch(some.__contains__)
        there = some & set(range(items))
        assert set(batch) <= there
        assert len(batch) == len(set(batch)) == min(size, len(there))


def test_what_did_not_fit_keeps_its_turn():
    epochs, usual = (Epochs(range(8), 4, random.Random(3)) for _ in range(2))
    first = usual.batch()
    passed = first[:2]
    assert epochs.batch(lambda item: item not in passed)[:2] == first[2:]
    assert epochs.batch()[:2] == passed
