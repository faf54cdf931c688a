from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.strategies.promst.score_model import (
    LEAST,
    Scored,
    fitted,
    rank_correlation,
    vector,
    words,
)
from landrace.optimizers.strategies.promst.sieve import _text
from landrace.schemas.candidate import Candidate, Slots
from sammo_world import study_of
from strategy_world import chain

FILLER = [
    "please",
    "say",
    "which",
    "colour",
    "the",
    "given",
    "word",
    "has",
    "in",
    "one",
    "short",
    "answer",
    "of",
    "yours",
]


def texts(count, rng):
    return [" ".join(rng.sample(FILLER, 6)) for _ in range(count)]


def samples(count, effect, seed=1):
    """Every other text names the rules, which is worth ``effect``; the rest is luck."""
    rng = random.Random(seed)
    return [
        Scored(
            f"{text} follow the rules" if number % 2 else text,
            0.4 + effect * (number % 2) + rng.uniform(-0.05, 0.05),
            20,
        )
        for number, text in enumerate(texts(count, rng))
    ]


def test_words_that_matter_are_found():
    model = fitted(samples(24, 0.4))
    assert model.is_trusted
    assert model.rank_correlation > 0.6
    better, worse = "follow the rules, please", "the given word, please"
    assert model.predict(better) > model.predict(worse) + 0.1


def test_luck_is_not_trusted():
    trusted = [fitted(samples(24, 0.0, seed)).is_trusted for seed in range(20)]
    assert sum(trusted) <= 3


def test_few_prompts_or_one_score_make_no_model():
    assert fitted(samples(LEAST - 1, 0.4)) is None
    assert fitted([Scored(text, 0.5, 9) for text in texts(20, random.Random(1))]) is None


def test_the_error_is_that_of_prompts_left_out():
    found = samples(24, 0.4)
    model = fitted(found)
    fit = np.array([model.predict(sample.text) - sample.score for sample in found])
    assert model.error > np.sqrt(np.mean(fit**2))
    unseen = samples(200, 0.4, seed=2)
    misses = np.array([model.predict(sample.text) - sample.score for sample in unseen])
    assert np.sqrt(np.mean(misses**2)) == pytest.approx(model.error, rel=0.5)


def test_a_score_of_few_cases_weighs_little():
    found = samples(20, 0.4)
    odd = "an odd thing altogether"
    sure, unsure = (fitted([*found, Scored(odd, 1.0, cases)]) for cases in (20, 1))
    assert sure.predict(odd) > unsure.predict(odd)


@given(st.text())
def test_a_vector_has_length_one_or_none(text):
    length = np.linalg.norm(vector(text))
    assert length == pytest.approx(1) or length == 0


def test_rank_correlation():
    up = np.array([1.0, 2.0, 3.0, 4.0])
    assert rank_correlation(up, up**3) == pytest.approx(1)
    assert rank_correlation(up, -up) == pytest.approx(-1)
    assert rank_correlation(up, np.ones(4)) == 0
    # Ties have the mean rank: 1, 2.5, 2.5, 4 beside 1, 2, 3, 4.
    assert rank_correlation(up, np.array([0.0, 1.0, 1.0, 2.0])) == pytest.approx(0.948683)


def test_a_word_stands_with_its_node_whatever_marks_are_around_it(tmp_path):
    """Else a node's name would count for itself, and its words for those of other nodes."""
    slots = Slots(instruction='Say "red" or (blue), **never** both.', layout="user")
    with study_of(tmp_path, program=chain()) as study:
        entry = study.admit(Candidate(nodes={"hint": slots}))
        told = words(_text(study, ["hint", "colour"], entry))
    said = ["say", "red", "or", "blue", "never", "both"]
    assert told == [*(f"hint_{word}" for word in said), "colour_red", "colour_or", "colour_blue"]
