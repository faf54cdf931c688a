from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.errors import CaseError, FormatError, StorageError
from landrace.schemas.case import Case
from landrace.schemas.prompt import PromptConfig
from landrace.store.cases import (
    MAX_LINE_BYTES,
    EvalSet,
    eval_set_digest,
    iter_cases,
    iter_eval_set,
    written,
)

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=6,
)  # fmt: skip


def config(**inputs):
    schema = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    return PromptConfig(
        description="d", inputs={**schema, **inputs}, metrics=[{"metric": "exact_match"}]
    )


def read_eval_set(*arguments, **options):
    return EvalSet.of(iter_eval_set(*arguments, **options))


def line(id_, text="x", **more):
    return json.dumps({"id": id_, "inputs": {"text": text}, **more}) + "\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "cases.jsonl"

    def write(content):
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def error_of(path, prompt=None, **more):
    with pytest.raises(CaseError) as caught:
        read_eval_set(path, prompt or config(), name="cases.jsonl", **more)
    return caught.value


def test_lines_become_cases_in_their_order(file):
    path = file(line("b", expected="y", split="holdout", weight=2, metadata={"k": 1}) + line("a"))
    cases = list(iter_cases(path))
    assert [case.id for case in cases] == ["b", "a"]
    assert cases[0].expected == "y"
    assert (cases[0].split, cases[0].weight, cases[0].metadata) == ("holdout", 2.0, {"k": 1})


def test_byte_order_mark_blank_lines_crlf_and_a_missing_last_newline_are_fine(file):
    content = "\ufeff" + line("a") + "\n  \n" + line("b").replace("\n", "\r\n") + line("c").rstrip()
    assert [case.id for case in iter_cases(file(content))] == ["a", "b", "c"]


def test_a_line_separator_inside_a_text_is_no_line_end(file):
    content = json.dumps({"id": "a", "inputs": {"text": "x\u2028y\x85z"}}, ensure_ascii=False)
    assert next(iter_cases(file(content))).inputs == {"text": "x\u2028y\x85z"}


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("{", "the line is not JSON"),
        ("[]", "must be a mapping"),
        ("null", "must be a mapping"),
        ('{"id": "x"}', "`inputs` is missing"),
        ('{"id": "x", "inputs": {}, "id": "y"}', "the key 'id' stands twice"),
        ('{"id": 3, "inputs": {}}', "`id` must be text, not 3"),
        ('{"id": "", "inputs": {}}', "`id` must not be empty"),
        ('{"id": "x", "inputs": []}', "`inputs` must be a mapping, not a list"),
        ('{"id": "x", "inputs": {"text": NaN}}', "NaN is not a JSON number"),
        ('{"id": "x", "inputs": {"text": -Infinity}}', "-Infinity is not a JSON number"),
        ('{"id": "x", "inputs": {"text": 1e999}}', "`inputs.text` is not a finite number"),
        (
            '{"id": "x", "inputs": {"text": %s}}' % ("9" * 400),
            "`inputs.text` is too large a number",
        ),
        ('{"id": "x", "inputs": {}, "expected": [%s]}' % ("9" * 400), "is too large a number"),
        ('{"id": "x", "inputs": {}, "weight": %s}' % ("9" * 400), "`weight`"),
        ('{"id": "x", "inputs": {"text": "\\ud800"}}', "half of a surrogate pair"),
        ('{"id": "x", "inputs": {}, "split": "test"}', "`split` must be 'search', 'select' or"),
        ('{"id": "x", "inputs": {}, "weight": 0}', "`weight` must be at least 0.001, not 0"),
        ('{"id": "x", "inputs": {}, "weight": "2"}', '`weight` must be a number, not "2"'),
        ("[" * 100_000, "nested too deeply"),
        ('{"id": "x", "inputs": ' + "[" * 90 + "]" * 90 + "}", "nested too deeply"),
        (b'{"id": "\xff"}', "not UTF-8"),
    ],
)
def test_a_bad_line_is_named(file, bad, words):
    data = bad if isinstance(bad, bytes) else bad.encode()
    error = error_of(file(line("a").encode() + b"\n" + data + b"\n"))
    assert error.where == "cases.jsonl:3"
    assert words in error.problem


def test_an_unknown_key_gets_the_nearest(file):
    error = error_of(file('{"id": "a", "inputs": {}, "expcted": 1}'))
    assert error.problem == "`expcted` is not a known key"
    assert error.fix == "did you mean `expected`?"


def test_two_cases_with_one_id_are_named_by_both_lines(file):
    error = error_of(file(line("a") + line("b") + "\n" + line("a", "other")))
    assert error.where == "cases.jsonl:4"
    assert error.problem == "the id `a` stands twice, on lines 1 and 4"


def test_a_line_without_end_is_not_read_to_its_end(file):
    error = error_of(file(line("a") + "x" * (MAX_LINE_BYTES + 5)))
    assert error.where == "cases.jsonl:2"
    assert "longer than 1,000,000 bytes" in error.problem


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", "\ufeff\n"])
def test_an_empty_eval_set_is_an_error(file, content):
    error = error_of(file(content))
    assert error.where == "cases.jsonl"
    assert error.problem == "the eval set is empty"


def test_what_is_written_is_read_as_the_same_case(file):
    case = Case(id="a", inputs={"x": "ü\u2028\n"}, expected=[1.5, None], weight=2, split="select")
    assert list(iter_cases(file(written(case)))) == [case]


def test_the_longest_line_that_is_written_is_the_longest_that_is_read(file):
    def sized(length):
        return Case(id="a", inputs={"x": "x" * length})

    longest = MAX_LINE_BYTES - len(written(sized(0)))
    assert list(iter_cases(file(written(sized(longest))))) == [sized(longest)]
    with pytest.raises(CaseError, match="longer than"):
        written(sized(longest + 1))


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(StorageError, match="cannot be read"):
        list(iter_cases(tmp_path / "none.jsonl"))


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({}, "case `x`: missing input `text`"),
        ({"text": "a", "txt": "b"}, "case `x`: there is no input `txt`"),
        ({"text": 3}, "case `x`: input `text` is a number, not of type string"),
        ({"text": None}, "case `x`: input `text` is null"),
    ],
)
def test_inputs_that_do_not_fit_are_named_by_line_and_case(file, inputs, words):
    content = line("a") + json.dumps({"id": "x", "inputs": inputs}) + "\n"
    error = error_of(file(content))
    assert error.where == "cases.jsonl:2"
    assert error.problem.startswith(words)


def test_a_case_is_completed_with_defaults(file):
    prompt = config(properties={"text": {"type": "string"}, "tone": {"default": "kind"}})
    (case,) = read_eval_set(file(line("a")), prompt).cases
    assert case.inputs == {"text": "x", "tone": "kind"}


@pytest.mark.parametrize(
    ("schema", "bad"),
    [
        ({"type": "string", "pattern": "^y"}, "x"),
        ({"type": "array", "items": {"type": "string"}}, ["a", 1]),
        ({"type": "object", "required": ["k"]}, {}),
        ({"$ref": "#/definitions/d"}, 3),
        ({"anyOf": [{"type": "null"}, {"minLength": 3}]}, "x"),
    ],
)
def test_the_rest_of_json_schema_counts_too(file, schema, bad):
    prompt = config(properties={"text": schema}, definitions={"d": {"type": "string"}})
    error = error_of(file(line("a", bad)), prompt)
    assert error.problem.startswith("case `a`: input `text")


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (
            {"properties": {"text": {"pattern": 3}}},
            "`inputs.properties.text.pattern` is no JSON Schema",
        ),
        ({"properties": {"text": {"type": "str"}}}, "'str', not one of"),
        ({"properties": {"text": {"$ref": "https://example.org/x.json"}}}, "in another place"),
        ({"properties": {"text": {"$ref": "#/definitions/none"}}}, "refers to nothing"),
    ],
)
def test_a_wrong_schema_is_an_error_of_the_prompt(file, schema, words):
    with pytest.raises(FormatError, match=words) as caught:
        read_eval_set(file(line("a")), config(**schema))
    assert caught.value.where == "prompt.yaml"


def test_an_expected_that_the_metric_cannot_use_is_named(file):
    def check(expected):
        return None if expected in {"yes", "no"} else "is none of yes, no"

    content = line("a", expected="yes") + line("b", expected="maybe")
    error = error_of(file(content), check_expected=check)
    assert error.where == "cases.jsonl:2"
    assert error.problem == "case `b`: `expected` is none of yes, no"


@given(st.lists(JSON_VALUES, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_the_digest_depends_on_neither_order_nor_layout(values, random):
    cases = [Case(id=f"c{n}", inputs={"v": value}) for n, value in enumerate(values)]
    shuffled = random.sample(cases, len(cases))
    assert eval_set_digest(shuffled) == eval_set_digest(cases)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            '{"id":"a","inputs":{"text":"x"}}\n',
            '{"inputs": {"text": "x"}, "id": "a"}\r\n\r\n',
            True,
        ),
        (line("a"), line("a", metadata={"tag": 1}), True),
        (line("a"), line("a", weight=1), True),
        (line("a"), line("a", weight=2), False),
        (line("a"), line("a", expected="y"), False),
        (line("a"), line("b"), False),
        (line("a"), line("a", "y"), False),
        (line("a"), line("a", split="search"), False),
        (line("a", expected={"b": 1, "a": 2}), line("a", expected={"a": 2, "b": 1}), True),
    ],
)
def test_the_digest_is_of_what_counts(file, one, other, same):
    first = read_eval_set(file(one), config()).digest
    assert (read_eval_set(file(other), config()).digest == first) == same


def test_an_object_among_the_inputs_prints_in_its_order():
    def digest_of(**inputs):
        return eval_set_digest([Case(id="a", inputs=inputs)])

    one = digest_of(text="x", style={"tone": "kind", "form": "note"})
    assert digest_of(style={"tone": "kind", "form": "note"}, text="x") == one
    assert digest_of(text="x", style={"form": "note", "tone": "kind"}) != one


def test_a_large_file_is_streamed(file):
    path = file("".join(line(f"c{n}", "x" * 1500) for n in range(20_000)))
    tracemalloc.start()
    try:
        count = sum(1 for _ in iter_cases(path))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 20_000
    assert peak < path.stat().st_size / 5  # the ids, and one line at a time
