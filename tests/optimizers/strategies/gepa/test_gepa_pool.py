from __future__ import annotations

import random
from collections import Counter
from types import SimpleNamespace
from typing import get_args

import pytest

from landrace.optimizers.strategies.gepa.options import Options, Selector
from landrace.optimizers.strategies.gepa.pool import Pool
from landrace.schemas.score import Score
from sammo_world import study_of


def test_sums_are_by_the_weights_of_the_cases(tmp_path):
    with study_of(tmp_path, lambda _request: "red") as study:
        study.evaluate([study.base], study.search[:3])
        cases = [
            case.model_copy(update={"weight": weight})
            for case, weight in zip(study.search[:3], (1.0, 10.0, 100.0), strict=True)
        ]
        (found,) = Pool(study, Options()).sums([study.base], cases)
        mean = study.table.mean(study.base.digest, cases)
    assert 0 < mean < 1
    assert found == pytest.approx(111 * mean)


def mean_of(marks):
    return sum(sum(parts) / 2 for parts in marks.values()) / len(marks)


class Told:
    """A study that knows what members scored in two metrics, by case."""

    select = tuple(SimpleNamespace(id=name, weight=1.0) for name in ("one", "two", "three"))
    search = ()

    def __init__(self, members, *, learned=(), too_long=()):
        self.members = members
        self.learned = learned
        self.too_long = too_long
        self.setting = SimpleNamespace(policy=SimpleNamespace(min_coverage=0.6))
        self.table = SimpleNamespace(
            outcomes=self.outcomes,
            shared=self.shared,
            heard=self.heard,
            get=lambda *_: "an outcome",
        )

    def outcomes(self, digest, cases):
        assert cases == self.select
        for case, parts in self.members[digest].items():
            score = Score(sum(parts) / 2, parts=dict(zip("ab", parts, strict=True)))
            yield SimpleNamespace(case_id=case, score=score)

    def ranked(self, entries, cases):
        assert cases == self.select
        return sorted(entries, key=lambda entry: -mean_of(self.members[entry.digest]))

    def fitting(self, entries):
        return [entry for entry in entries if entry.digest not in self.too_long] or list(entries)

    def heard(self, digests, cases, share):
        return [d for d in digests if len(self.shared([d], cases)) >= share * len(cases)]

    def shared(self, digests, cases):
        return [case for case in cases if all(case.id in self.members[d] for d in digests)]

    def unshown(self, cases, _entry):
        return cases

    def errors(self, entry, _cases):
        return [] if entry.digest in self.learned else ["a mistake"]


def pool_of(members, *, learned=(), too_long=(), **options):
    pool = Pool(Told(members, learned=learned, too_long=too_long), Options(**options))
    pool.members = {name: SimpleNamespace(digest=name) for name in members}
    return pool


SPECIALISTS = {
    "a": {"one": (1.0, 0.0), "two": (1.0, 0.0)},
    "b": {"one": (0.0, 1.0), "two": (0.0, 1.0)},
    "first": {"one": (0.9, 0.9), "two": (0.2, 0.2)},
    "second": {"one": (0.2, 0.2), "two": (0.9, 0.9)},
    "nowhere": {"one": (0.8, 0.8), "two": (0.8, 0.8)},
}


@pytest.mark.parametrize(
    ("kind", "led"),
    [
        ("instance", {"first": 1, "second": 1}),
        ("objective", {"a": 1, "b": 1}),
        ("hybrid", {"a": 1, "b": 1, "first": 1, "second": 1}),
        ("cartesian", {"a": 2, "b": 2}),
    ],
)
def test_what_there_is_to_lead(kind, led):
    assert pool_of(SPECIALISTS, frontier=kind).frontier() == led


# From the best mean to the worst: m0 to m6. The last one alone leads the second case.
MEMBERS = {f"m{n}": {"one": (0.9 - n / 10,) * 2, "two": (0.1, 0.1)} for n in range(6)}
MEMBERS["m6"] = {"one": (0.0, 0.0), "two": (0.2, 0.2)}


@pytest.mark.parametrize(
    ("selector", "shares"),
    [
        ("current-best", {"m0": 1.0}),
        ("top-5", {f"m{n}": 0.2 for n in range(5)}),
        ("epsilon-greedy", {"m0": 0.9 + 0.1 / 7, **{f"m{n}": 0.1 / 7 for n in range(1, 7)}}),
        ("pareto", {"m0": 0.5, "m6": 0.5}),
    ],
)
def test_whose_child_is_next(selector, shares):
    pool, rng = pool_of(MEMBERS, selector=selector), random.Random(0)
    drawn = Counter(pool.parent(rng).digest for _ in range(4000))
    assert {name: n / 4000 for name, n in drawn.items()} == pytest.approx(shares, abs=0.03)


@pytest.mark.parametrize(
    ("selector", "parents"),
    [
        ("current-best", {"m1"}),
        ("top-5", {f"m{n}" for n in range(1, 6)}),
        ("epsilon-greedy", {f"m{n}" for n in range(1, 7)}),
        ("pareto", {"m6"}),
    ],
)
def test_who_makes_no_mistake_has_no_children(selector, parents):
    pool, rng = pool_of(MEMBERS, selector=selector, learned=("m0",)), random.Random(0)
    assert {pool.parent(rng).digest for _ in range(400)} == parents


@pytest.mark.parametrize("selector", get_args(Selector))
def test_where_nobody_makes_a_mistake_nobody_is_next(selector):
    pool = pool_of(MEMBERS, selector=selector, learned=tuple(MEMBERS))
    assert pool.parent(random.Random(0)) is None


@pytest.mark.parametrize("kind", ["objective", "hybrid"])
def test_a_case_that_is_missing_makes_no_mean_better(kind):
    told = {
        "whole": {"one": (1.0, 1.0), "two": (1.0, 1.0), "three": (0.0, 0.0)},
        "holed": {"one": (1.0, 1.0), "two": (0.9, 0.9)},
    }
    assert set(pool_of(told, frontier=kind).frontier()) == {"whole"}


def test_means_of_parts_are_by_the_weights_of_the_cases():
    pool = pool_of(
        {
            "heavy": {"one": (1.0, 1.0), "two": (0.0, 0.0), "three": (0.0, 0.0)},
            "light": {"one": (0.0, 0.0), "two": (1.0, 1.0), "three": (1.0, 1.0)},
        },
        frontier="objective",
    )
    pool.study.select = tuple(
        SimpleNamespace(id=case.id, weight=weight)
        for case, weight in zip(Told.select, (10.0, 1.0, 1.0), strict=True)
    )
    assert pool.frontier() == {"heavy": 2}


@pytest.mark.parametrize("selector", get_args(Selector))
def test_who_is_too_long_has_no_children_while_anybody_fits(selector):
    rng = random.Random(0)
    pool = pool_of(MEMBERS, selector=selector, too_long=("m0", "m1", "m6"))
    drawn = {pool.parent(rng).digest for _ in range(400)}
    assert drawn <= {"m2", "m3", "m4", "m5"}
    assert "m2" in drawn
    none_fits = pool_of(MEMBERS, selector=selector, too_long=tuple(MEMBERS))
    assert none_fits.parent(rng) is not None
