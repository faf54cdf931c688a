from __future__ import annotations

from collections import UserString
from enum import IntEnum, StrEnum

import pytest

from landrace.errors import InputTypeError
from landrace.template.values import checked_inputs


class Colour(StrEnum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


class Loud(str):
    __slots__ = ()

    def __str__(self):
        return "shouted"


class Odd(float):
    def __float__(self):
        return 7.0


def test_values_become_exact_json_types():
    inputs = {
        "s": Colour.RED,
        "i": Level.LOW,
        "l": [Loud("calm"), Odd(0.5), True, None],
        "d": {Loud("key"): {"n": 1}},
    }
    checked = checked_inputs(inputs)
    assert checked == {"s": "red", "i": 1, "l": ["calm", 0.5, True, None], "d": {"key": {"n": 1}}}
    kinds = [type(value) for value in (checked["s"], checked["i"], *checked["l"], *checked["d"])]
    assert kinds == [str, int, str, float, bool, type(None), str]


def test_lists_and_dicts_are_copied():
    given = {"l": [1], "d": {"k": [2]}}
    checked = checked_inputs(given)
    given["l"].append(3)
    given["d"]["k"].append(4)
    assert checked == {"l": [1], "d": {"k": [2]}}


@pytest.mark.parametrize(
    "value",
    [
        object(),
        b"bytes",
        (1, 2),
        {1},
        {1: "a"},
        {"a": {None: 1}},
        UserString("x"),
        float("nan"),
        [float("-inf")],
        1 << 1025,
        print,
        [[object]],
    ],
)
def test_anything_else_is_refused_by_name(value):
    with pytest.raises(InputTypeError) as caught:
        checked_inputs({"fine": 1, "wrong": value})
    assert caught.value.where == "input wrong"


def test_names_are_text():
    with pytest.raises(InputTypeError):
        checked_inputs({1: "a"})


def test_endless_and_branching_values_are_refused():
    endless = []
    endless.append(endless)
    bomb = ["x"]
    for _ in range(30):
        bomb = [bomb, bomb]
    for value, problem in ((endless, "deeper"), (bomb, "more than"), ([0] * 100_001, "more than")):
        with pytest.raises(InputTypeError, match=problem):
            checked_inputs({"x": value})
