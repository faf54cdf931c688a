"""Union, extract and batch: what they make of values, a hostile model's among them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.parsers import ParseFailure
from landrace.program.batch import numbered, read_batch
from landrace.program.compute import union
from landrace.program.extract import extract
from landrace.program.nodes import Extract

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(st.lists(st.lists(JSON, max_size=5) | st.text(max_size=2), max_size=4))
def test_a_union_keeps_the_order_and_the_first_of_equals(values: list[Any]) -> None:
    flat = [item for value in values for item in (value if isinstance(value, list) else [value])]
    found = union(values)

    dumped = [json.dumps(item, sort_keys=True) for item in flat]
    assert [json.dumps(item, sort_keys=True) for item in found] == list(dict.fromkeys(dumped))


def test_a_union_tells_numbers_from_truth() -> None:
    assert union([[1, True, 1], "1", [{"a": 1, "b": 2}, {"b": 2, "a": 1}]]) == [
        1,
        True,
        "1",
        {"a": 1, "b": 2},
    ]


def part(by: str, what: str, value: Any, *, every: bool = False) -> Any:
    return extract(Extract("x", by, what, every), value)


DATA = {"a": [{"b": 1}, 2, None], "": 0, "m~n": 8, "c/d": 3, "none": None}


@pytest.mark.parametrize(
    ("by", "what", "value", "first", "every"),
    [
        ("regex", r"\d{4}", "1999, 2001 and 3", "1999", ["1999", "2001"]),
        ("regex", r"<(\w)>", "<a> <b>", "a", ["a", "b"]),
        ("regex", r"x(a)?", "x xa", "a", ["a"]),
        ("xml", "q", "<q>one</q> so <Q> two\n</Q>", "two", ["one", "two"]),
        ("xml", "q", "<q>one</q><q>cut off", "cut off", ["one", "cut off"]),
        ("lines", "", "\n a \n\nb\n", "a", ["a", "b"]),
    ],
)
def test_parts_of_a_text(by: str, what: str, value: str, first: str, every: list[str]) -> None:
    assert part(by, what, value) == first
    assert part(by, what, value, every=True) == every


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", DATA),
        ("/a", DATA["a"]),
        ("/a/0/b", 1),
        ("/a/1", 2),
        ("/", 0),
        ("/m~0n", 8),
        ("/c~1d", 3),
    ],
)
def test_json_pointers_of_the_rfc(pointer: str, value: Any) -> None:
    assert part("json", pointer, DATA) == value


def test_a_pointer_to_a_list_gives_its_items() -> None:
    assert part("json", "/a", DATA, every=True) == [{"b": 1}, 2]


@pytest.mark.parametrize(
    ("by", "what", "value", "reason"),
    [
        ("regex", r"\d", "none", "nothing in it matches"),
        ("regex", "a", "a" * 20_001, "it is longer than 20,000 characters"),
        ("regex", "a", ["a"], "it is no text"),
        ("xml", "q", "none", "it lacks <q>"),
        ("xml", "q", "<q></q>", "<q> is empty"),
        ("lines", "", " \n", "it is blank"),
        ("lines", "", 3, "it is no text"),
        ("json", "/x", DATA, "there is nothing at '/x'"),
        ("json", "/a/3", DATA, "there is nothing at '/a/3'"),
        ("json", "/a/00", DATA, "there is nothing at '/a/00'"),
        ("json", "/a/-", DATA, "there is nothing at '/a/-'"),
        ("json", "/a/\u0663", DATA, "there is nothing at '/a/\u0663'"),
        ("json", "/none", DATA, "there is null at '/none'"),
        ("json", "/a", "text", "there is nothing at '/a'"),
    ],
)
def test_what_is_not_there_is_a_failure(by: str, what: str, value: Any, reason: str) -> None:
    with pytest.raises(ParseFailure) as caught:
        part(by, what, value)
    assert caught.value.reason == reason


def test_all_of_nothing_is_an_empty_list() -> None:
    assert part("regex", r"\d", "none", every=True) == []
    assert part("xml", "q", "none", every=True) == []
    with pytest.raises(ParseFailure, match="no list at '/m~0n'"):
        part("json", "/m~0n", DATA, every=True)


def test_too_many_parts_are_a_failure() -> None:
    with pytest.raises(ParseFailure, match="more than 10,000 parts"):
        part("lines", "", "a\n" * 10_001, every=True)


def test_many_opening_tags_take_one_look_at_the_text() -> None:
    """Each would search the rest for its end; a text of this length would then take minutes."""
    assert part("xml", "q", "<q>" * 300_000, every=True) == ["<q>" * 299_999]


def answers(text: str, count: int = 3, kind: str = "text", parser: Any = None) -> dict[str, Any]:
    return read_batch(text, count, parser or {"kind": kind}, kind)


def test_items_are_numbered_from_one() -> None:
    assert numbered(["a", {"b": 1}]) == [{"id": "1", "item": "a"}, {"id": "2", "item": {"b": 1}}]


@pytest.mark.parametrize(
    "text",
    [
        '{"1": "a", "2": "b", "3": "c"}',
        'Here:\n```json\n{"3": "c", "1": " a ", "2": "b"}\n```',
        '{"answers": {"1": "a", "2": "b", "3": "c"}}',
        '[{"id": 1, "label": "a"}, {"id": "2", "label": "b"}, {"id": 3, "label": "c"}]',
        "1: a\n2: b\n3: c",
        "So:\n 1. a\n 2. b\n 3. c\nDone.",
        "1) a\n2) b\n\n3) c",
        "- **1**: a\n- **2:** b\n- 3: **c**",
        "[1] a\n[2] b\n[3] c",
        '"1": a\n"2": b\n"3": c',
        "Item 1: a\nid 2: b\n#3: c",
        "1: wrong\n2: b\n3: c\n1: a",
    ],
)
def test_the_answers_of_a_batch(text: str) -> None:
    assert answers(text) == {"1": "a", "2": "b", "3": "c"}


def test_answers_that_are_missing_or_cannot_be_read_are_left_out() -> None:
    assert answers('{"1": "5", "2": "many", "3": null, "4": "9"}', kind="number") == {"1": 5}
    assert answers("2: 7 apples", kind="number") == {"2": 7}
    assert answers("no idea") == {}
    assert answers("") == {}
    assert answers("1:\n2: b") == {"2": "b"}


def test_each_answer_is_read_as_if_it_had_come_alone() -> None:
    marker = {"kind": "after", "marker": "Answer:"}

    assert answers("1: hm. Answer: x\n2: y", parser=marker) == {"1": "x"}
    assert answers('{"1": 5, "2": true, "3": [1]}', kind="number") == {"1": 5, "3": 1}
    assert answers('{"1": {"a": 1}, "2": [2], "3": "{}"}', kind="json") == {
        "1": {"a": 1},
        "2": [2],
        "3": {},
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('1: [{"id": 2, "qty": 5}]\n2: []', {"1": [{"id": 2, "qty": 5}], "2": []}),
        ('1: {"2": "two stars"}\n2: {"1": "one"}', {"1": {"2": "two stars"}, "2": {"1": "one"}}),
        ('So:\n1: ```[{"id": 2, "qty": 5}]```', {"1": [{"id": 2, "qty": 5}]}),
        ('1:\n[{"id": 2, "qty": 5}]', {}),
        ('See {"2023": 1}.\n1: [3]', {"1": [3]}),
        ('1. Read all.\n2. Think.\n{"1": [3],\n "2": [4]}', {"1": [3], "2": [4]}),
        ('1. Read all.\n2. Think.\n```json\n{\n"1": [3],\n"2": [4]\n}\n```', {"1": [3], "2": [4]}),
        ('{\n  "1": {"2": 5},\n  "2": {"1": 6}\n}', {"1": {"2": 5}, "2": {"1": 6}}),
    ],
)
def test_json_in_a_line_is_of_that_answer_alone(text: str, found: dict[str, Any]) -> None:
    assert answers(text, 2, kind="json") == found


@given(st.lists(st.text(), max_size=6), st.sampled_from(["{}", "```json\n{}\n```"]))
def test_any_answers_come_back_through_json(texts: list[str], frame: str) -> None:
    text = json.dumps({str(n): each for n, each in enumerate(texts, start=1)})
    found = answers(frame.replace("{}", text), count=len(texts))

    assert list(found.values()) == [each.strip() for each in texts]


@given(st.text(alphabet='123:.)]"{}[]*#- \nab'), st.integers(1, 4))
def test_no_text_of_a_model_breaks_the_reading(text: str, count: int) -> None:
    found = answers(text, count)

    assert set(found) <= {str(n) for n in range(1, count + 1)}
    assert list(found) == sorted(found)
    assert all(isinstance(value, str) for value in found.values())
