from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.workflows.new_models import name_order, new_models
from model_lists import known

MODELS = [known(f"openai/gpt-{n}") for n in (9, 10, 8)]


def test_the_newest_looking_come_first():
    assert new_models(MODELS, ["openai/*"], ()) == ["openai/gpt-10", "openai/gpt-9", "openai/gpt-8"]


def test_patterns_take_turns():
    more = [known("anthropic/claude-7"), known("anthropic/claude-6")]
    assert new_models([*MODELS, *more], ["anthropic/*", "openai/*"], ()) == [
        "anthropic/claude-7",
        "openai/gpt-10",
        "anthropic/claude-6",
        "openai/gpt-9",
        "openai/gpt-8",
    ]


def test_a_model_has_the_name_that_the_pattern_matches():
    assert new_models(MODELS[:1], ["gpt-*"], ()) == ["gpt-9"]
    assert new_models(MODELS[:1], ["*gpt-*"], ()) == ["openai/gpt-9"]
    assert new_models(MODELS[:1], ["gpt-*", "openai/*"], ()) == ["gpt-9"]


@pytest.mark.parametrize("taken", ["openai/gpt-10", "gpt-10"])
def test_a_model_is_taken_under_any_of_its_names(taken):
    assert new_models(MODELS, ["openai/*"], {taken}) == ["openai/gpt-9", "openai/gpt-8"]


def test_without_a_pattern_there_is_nothing_new():
    assert new_models(MODELS, [], ()) == []


def test_what_cannot_name_a_folder_is_left_out():
    assert new_models([known("x" * 300), known("y")], ["*"], ()) == ["y"]


@pytest.mark.parametrize(
    "names",
    [
        ["gpt-4", "gpt-4.1", "gpt-4.1-mini", "gpt-4o", "gpt-5", "gpt-5.2", "gpt-5.10", "gpt-10"],
        ["claude-3-5-sonnet-20241022", "claude-3-7-sonnet-20250219", "claude-4-sonnet"],
        ["m-0613", "m-1106"],
    ],
)
def test_the_order_of_names(names):
    backwards = names[::-1]
    assert sorted(backwards, key=name_order) == names


NAMES = st.text(alphabet="ab/-.019", min_size=1, max_size=6)
PLAIN_NAMES = st.text(alphabet="ab-.019", min_size=1, max_size=6)


@given(
    st.lists(PLAIN_NAMES, unique=True),
    st.lists(PLAIN_NAMES.map(lambda name: f"*{name}*"), max_size=3),
)
def test_each_model_that_matches_comes_once_and_no_other(names, patterns):
    taken = set(names[::3])
    found = new_models([known(name) for name in names], patterns, taken)
    assert len(found) == len(set(found))
    assert not taken & set(found)
    assert all(any(fnmatchcase(name, pattern) for pattern in patterns) for name in found)


@given(st.lists(NAMES, unique=True))
def test_with_one_pattern_names_only_look_older_down_the_list(names):
    found = new_models([known(name) for name in names], ["*"], ())
    assert found == sorted(found, key=name_order, reverse=True)
    assert set(found) <= {name for model in map(known, names) for name in model.names}
