from __future__ import annotations

import csv as module
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.errors import CaseError, LandraceError, RefusedError
from landrace.store.importers import Columns, import_csv, import_promptfoo

FIELD = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)


def csv(text, columns=Columns(), **more):  # noqa: B008 - immutable
    return import_csv(text.encode(), "t.csv", columns, **more)


def promptfoo(text):
    return import_promptfoo(text.encode(), "p.yaml")


def csv_error(text, columns=Columns(), **more):  # noqa: B008 - immutable
    with pytest.raises(CaseError) as caught:
        csv(text, columns, **more)
    return caught.value


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_column_but_the_answer_is_an_input(delimiter):
    text = '\ufeffquestion,tone,expected\r\n"a, b; c\nd",kind,yes\r\n\r\nx,,\r\n'
    text = text.replace('"a, b; c\nd"', '"a#b\nd"').replace(",", delimiter)
    first, second = csv(text).cases
    assert first.inputs == {"question": "a#b\nd", "tone": "kind"}
    assert first.expected == "yes"
    assert second.inputs == {"question": "x", "tone": ""}
    assert second.expected is None


@pytest.mark.parametrize(
    ("text", "inputs"),
    [
        ('"note, as written";expected\nx;y', {"note, as written": "x"}),
        ('note,"a;b;c"\nx,y', {"note": "x", "a;b;c": "y"}),
        ('"a;b",c\nx,y', {"a;b": "x", "c": "y"}),
        ('"a ""b"", c, d";e\nx;y', {'a "b", c, d': "x", "e": "y"}),
        ('"a, b,\nc, d";e\nx;y', {"a, b,\nc, d": "x", "e": "y"}),
        ('\r\n\r\n"a, b";e\r\nx;y', {"a, b": "x", "e": "y"}),
        ('5" pipe;width\nx;y', {'5" pipe': "x", "width": "y"}),
        ('"a, b"\nx', {"a, b": "x"}),
    ],
)
def test_what_stands_in_quotes_does_not_choose_the_delimiter(text, inputs):
    (case,) = csv(text).cases
    assert case.inputs == inputs


def test_a_field_may_be_as_long_as_a_case():
    usual = module.field_size_limit()
    (case,) = csv(f"q,expected\n{'x' * 900_000},yes\n").cases
    assert len(case.inputs["q"]) == 900_000
    error = csv_error(f"q,expected\n{'x' * 1_000_001},yes\n")
    assert (error.where, "larger than field limit" in error.problem) == ("t.csv:2", True)
    assert module.field_size_limit() == usual


def test_columns_are_mapped_to_inputs():
    columns = Columns(inputs={"text": "Question"}, expected="Answer", id="Key")
    (case,) = csv("Key,Question,Answer,Unused\nk1,q,a,z\n", columns).cases
    assert (case.id, case.inputs, case.expected) == ("k1", {"text": "q"}, "a")


def test_ids_come_from_the_content_and_stay_when_rows_move():
    one = {case.inputs["q"]: case.id for case in csv("q,expected\na,1\nb,2\n").cases}
    other = {case.inputs["q"]: case.id for case in csv("q,expected\nnew,0\nb,2\na,1\n").cases}
    assert {key: other[key] for key in one} == one
    assert len(set(other.values())) == 3


def test_a_row_that_stands_twice_is_left_out_and_noted():
    found = csv("q,expected\na,1\na,1\nb,1\na,1\n")
    assert len(found.cases) == 2
    assert found.notes == ("2x left out, because the same case stands above",)


def test_fields_are_read_as_json_where_an_input_takes_no_text():
    schema = {
        "properties": {"n": {"type": "integer"}, "tags": {"type": ["array", "null"]}, "s": {}}
    }
    (case,) = csv('n,tags,s,other\n3,"[""a""]",4,5\n', schema=schema).cases
    assert case.inputs == {"n": 3, "tags": ["a"], "s": "4", "other": "5"}
    error = csv_error("n\nthree\n", schema=schema)
    assert error.where == "t.csv:2"
    assert error.problem == "input `n` is 'three', and must be of type integer"


def test_a_field_without_a_type_is_what_its_schema_takes():
    schema = {
        "properties": {
            "level": {"enum": [1, 2, "3"]},
            "mode": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            "note": {"description": "any"},
        }
    }
    schema["minProperties"] = 2  # of all inputs together
    cases = csv("level,mode,note\n1,7,1.10\n3,null,null\nx,y,z\n", schema=schema).cases
    assert [case.inputs for case in cases] == [
        {"level": 1, "mode": 7, "note": "1.10"},
        {"level": "3", "mode": None, "note": "null"},
        {"level": "x", "mode": "y", "note": "z"},  # what the check of the cases tells of
    ]


@pytest.mark.parametrize(
    ("text", "columns", "where", "words"),
    [
        ("", Columns(), "t.csv", "no rows"),
        ("a,b\n", Columns(), "t.csv", "no rows"),
        ("a,a\n1,2\n", Columns(), "t.csv:1", "`a` stands twice"),
        ("a,\n1,2\n", Columns(), "t.csv:1", "no name"),
        ("a,b\n1,2\n3\n", Columns(), "t.csv:3", "1 fields under a header of 2"),
        ("a\n1\n", Columns(inputs={"x": "b"}), "t.csv:1", "no column `b`"),
        ("a\n1\n", Columns(expected="answer"), "t.csv:1", "no column `answer`"),
        ("a\n1\n", Columns(id="key"), "t.csv:1", "no column `key`"),
        ('a\n"1', Columns(), "t.csv:2", "not CSV"),
        ("id,a\nk,1\nk,2\n", Columns(id="id"), "t.csv:3", "`k` stands twice, first at t.csv:2"),
        (f"id,a\n{'k' * 201},1\n", Columns(id="id"), "t.csv:2", "`id` must have at most 200"),
    ],
)
def test_a_bad_table_is_named_by_line(text, columns, where, words):
    error = csv_error(text, columns)
    assert error.where == where
    assert words in error.problem


def test_a_table_that_is_not_utf8_is_named_by_line():
    with pytest.raises(CaseError, match=r"t\.csv:2: not UTF-8"):
        import_csv(b"a\n\xff\n", "t.csv")


@given(st.binary(max_size=60))
def test_any_bytes_are_a_table_or_one_clear_error(data):
    try:
        import_csv(data, "t.csv")
    except CaseError as error:
        assert error.where.startswith("t.csv")  # noqa: PT017 - some bytes are a table


@given(st.lists(st.tuples(FIELD, FIELD).filter(any), min_size=1, max_size=5, unique=True))
def test_what_the_csv_module_writes_is_read_back(rows):
    file = io.StringIO(newline="")
    module.writer(file).writerows([("q", "expected"), *rows])
    cases = import_csv(file.getvalue().encode(), "t.csv").cases
    read = [(case.inputs["q"], case.expected or "") for case in cases]
    assert read == rows


def test_promptfoo_tests_become_cases():
    found = promptfoo("""
description: a configuration
prompts: ['{{q}}']
defaultTest:
  vars: {tone: kind, q: default}
tests:
  - description: first
    vars: {q: hello}
    assert:
      - {type: equals, value: hi}
  - vars: {n: 3}
    metadata: {tag: x}
""")
    first, second = found.cases
    assert first.inputs == {"tone": "kind", "q": "hello"}
    assert first.expected == "hi"
    assert first.metadata == {"description": "first"}
    assert second.inputs == {"tone": "kind", "q": "default", "n": 3}
    assert second.expected is None
    assert second.metadata == {"tag": "x"}
    assert found.notes == ("1x `equals` became `expected`: score with the metric exact_match",)


def test_a_list_of_tests_alone_is_fine():
    assert promptfoo("- vars: {q: a}\n- vars: {q: b}\n")[0][1].inputs == {"q": "b"}


def test_lists_in_vars_are_multiplied_out():
    cases = promptfoo("- vars: {a: [1, 2], b: [x, y], c: z}\n").cases
    assert [tuple(case.inputs.values()) for case in cases] == [
        (1, "x", "z"), (1, "y", "z"), (2, "x", "z"), (2, "y", "z"),
    ]  # fmt: skip
    assert len({case.id for case in cases}) == 4


@pytest.mark.parametrize(
    ("assertions", "expected", "note"),
    [
        ("[{type: contains, value: a}, {type: contains, value: b}]", ["a", "b"], "metric contains"),
        ("[{type: contains-all, value: [a, b]}]", ["a", "b"], "metric contains"),
        ("[{type: icontains, value: a}]", "a", "contains with ignore_case: true"),
        ("[{type: regex, value: 'a+'}]", "a+", "metric regex"),
        ("[{type: is-json, value: {type: object}}]", {"type": "object"}, "json_schema"),
        ("[{type: is-json}]", None, "an assertion of type `is-json` was left out"),
        ("[{type: llm-rubric, value: is kind}]", None, "of type `llm-rubric` was left out"),
        ("[{type: not-equals, value: a}]", None, "of type `not-equals` was left out"),
        (
            "[{type: javascript, value: x}, {type: equals, value: a}]",
            "a",
            "`javascript` was left out",
        ),
    ],
)
def test_an_assertion_becomes_the_answer_or_a_note(assertions, expected, note):
    found = promptfoo(f"- vars: {{q: a}}\n  assert: {assertions}\n")
    assert found.cases[0].expected == expected
    assert note in " ".join(found.notes)


def test_default_assertions_count_for_every_test():
    text = "defaultTest: {assert: [{type: equals, value: a}], options: {}}\ntests: [{vars: {q: 1}}, {vars: {q: 2}}]\n"
    found = promptfoo(text)
    assert [case.expected for case in found.cases] == ["a", "a"]
    assert "2x `options` was left out" in found.notes


def test_a_template_in_a_variable_is_noted():
    assert "`{{`" in promptfoo("- vars: {q: 'see {{other}}'}\n").notes[0]


@pytest.mark.parametrize(
    "text",
    [
        "tests: file://cases.csv\n",
        "tests: [file://cases.yaml]\n",
        "- vars: file://vars.yaml\n",
        "- vars: {q: file://a.txt}\n",
        "- vars: {q: [a, file://a.txt]}\n",
        "- vars: {q: a}\n  assert: [{type: equals, value: file://a.txt}]\n",
        "defaultTest: file://d.yaml\ntests: [{vars: {q: a}}]\n",
        "defaultTest: {vars: {p: file://a.txt}}\ntests: [{vars: {q: a}}]\n",
    ],
)
def test_other_files_are_refused(text):
    with pytest.raises(RefusedError, match="another file"):
        promptfoo(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: 1\n",
        "tests: []\n",
        "tests: 3\n",
        "- 3\n",
        "- vars: 3\n",
        "- assert: 3\n",
        "- assert: [3]\n",
    ],
)
def test_what_is_no_test_is_an_error(text):
    with pytest.raises(CaseError) as caught:
        promptfoo(text)
    assert caught.value.where.startswith("p.yaml:")


def test_a_product_without_end_is_stopped():
    numbers = list(range(60))
    with pytest.raises(CaseError, match="more than 100,000 cases"):
        promptfoo(f"- vars: {{a: {numbers}, b: {numbers}, c: {numbers}}}\n")


@given(st.text(max_size=60))
def test_any_text_is_a_list_of_tests_or_one_clear_error(text):
    try:
        promptfoo(text)
    except LandraceError as error:
        assert error.where.startswith("p.yaml")  # noqa: PT017 - some texts are tests


@pytest.mark.parametrize(
    ("kind", "values", "expected", "any_will_do"),
    [
        ("equals", ["a", "b"], ["a", "b"], True),
        ("equals", ["a", "a"], "a", False),
        ("icontains", ["a", "b"], ["a", "b"], False),
    ],
)
def test_several_assertions_that_must_all_hold(kind, values, expected, any_will_do):
    assertions = ", ".join(f"{{type: {kind}, value: {value}}}" for value in values)
    found = import_promptfoo(f"[{{vars: {{q: 1}}, assert: [{assertions}]}}]".encode(), "p.yaml")
    assert found.cases[0].expected == expected
    assert any("any will do" in note for note in found.notes) == any_will_do
