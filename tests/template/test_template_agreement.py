"""Where templates may be written at all, they mean what Jinja's own sandbox makes of them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import StrictUndefined, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from landrace.errors import RenderError
from landrace.template import compile_template, parse
from landrace.template.layout import without_tag_lines

INPUTS = {
    "word": "Straße and  b",
    "words": ["b", "A", "a", "c b"],
    "number": 7,
    "numbers": [3, 1, 2, 1],
    "share": 2.675,
    "yes": True,
    "nothing": None,
    "person": {"name": "Ada", "tags": ["x", "y"], "b": 1, "a": 2},
    "people": [{"name": "Bo", "age": 3}, {"name": "al", "age": 2}],
    "empty": "",
}


def shown(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(list(value) if hasattr(value, "__next__") else value, ensure_ascii=False)


JINJA = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, finalize=shown, autoescape=False, keep_trailing_newline=True
)

# `tojson` here is for models, not for HTML: keys stay in order and nothing is escaped.
JINJA.policies["json.dumps_kwargs"] = {"ensure_ascii": False}

TEXTS = [
    "word",
    "empty",
    "'it'",
    "person.name",
    "words[0]",
    "person['tags'][-1]",
    "word[2:5]",
    "word[::-1]",
]
NUMBERS = ["number", "share", "numbers[1]", "3", "0", "2.5", "loop.index", "people[0].age"]
LISTS = ["words", "numbers", "person.tags", "['q', 1]", "numbers[1:]", "[]", "people"]
TEXT_FILTERS = [
    "upper", "lower", "title", "capitalize", "trim", "trim('Sb')", "replace('a', 'xy')", "replace('', '-', 2)",
    "truncate(6)", "truncate(7, true, '…', 0)", "e", "string", "reverse", "default('d')", "default('d', true)",
]  # fmt: skip
NUMBER_FILTERS = [
    "abs",
    "round",
    "round(1)",
    "round(2, 'floor')",
    "round(1, 'ceil')",
    "int",
    "float",
]
LIST_FILTERS = ["list", "reverse | list", "sort", "sort(reverse=true)", "sort(case_sensitive=true)"]
LIST_RESULTS = [
    "length", "count", "first", "last", "min", "max", "sum", "map(attribute='name') | list",
    "map(attribute='age') | sum", "sort(attribute='name') | map(attribute='name') | join", "tojson", "join(attribute='name')",
    "sum(attribute='age')", "max(attribute='age')", "unique(attribute='age') | list",
    "map('upper') | join(',')", "map('string') | map('replace', 'a', 'xy') | list", "map('first') | list",
    "map(attribute='gone', default='x') | list", "map(attribute='name.gone', default=0) | list",
    "map('default', 'd', true) | list", "map('truncate', 6, end='') | list", "map('round', method='floor') | list",
    "sort(attribute='age,name') | map(attribute='name') | list",
]  # fmt: skip
TESTS = [
    "none", "string", "number", "integer", "float", "boolean", "true", "false", "mapping",
    "sequence", "iterable", "lower", "upper", "odd", "even", "divisibleby(3)", "in [7, 'it']", "eq 7", "ne 7", "gt 2",
    "lessthan 3", "ge 7", "le 7",
]  # fmt: skip
DEFINED = [*TEXTS, *NUMBERS, *LISTS, "yes", "nothing", "person"]
MISSING = ["gone", "person.gone", "gone.a", "numbers[9]"]
ANYTHING = [*DEFINED, *MISSING]


def combined(*parts: st.SearchStrategy[str] | str) -> st.SearchStrategy[str]:
    return st.tuples(*(st.just(part) if isinstance(part, str) else part for part in parts)).map(
        "".join
    )


def one(options: list[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(options)


TEXT = st.recursive(
    one(TEXTS),
    lambda inner: (
        combined("(", inner, " | ", one(TEXT_FILTERS), ")")
        | combined("(", inner, one([" ~ ", " + "]), inner, ")")
        | combined("(", inner, " if ", one(["yes", "empty", "number > 3"]), " else ", inner, ")")
    ),
    max_leaves=3,
)
NUMBER = st.recursive(
    one(NUMBERS),
    lambda inner: (
        combined("(", inner, " | ", one(NUMBER_FILTERS), ")")
        | combined("(", inner, one([" + ", " - ", " * ", " / ", " // ", " % "]), inner, ")")
        | combined("(-", inner, ")")
    ),
    max_leaves=3,
)
LIST = (
    one(["words | unique | list", "numbers | unique | list"])
    | combined("(", one(LISTS), " | ", one(LIST_FILTERS), ")")
    | one(LISTS)
)
TRUTH = st.recursive(
    combined(one(DEFINED), " is ", one(TESTS))
    | combined(one([*DEFINED, *MISSING]), " is ", one(["defined", "undefined"]))
    | combined(NUMBER, one([" < ", " <= ", " == ", " != ", " > ", " >= "]), NUMBER)
    | combined(NUMBER, " < ", NUMBER, " <= ", NUMBER)
    | combined(TEXT, one([" in ", " not in ", " == "]), one([*TEXTS, *LISTS, "person"]))
    | one(ANYTHING),
    lambda inner: (
        combined("(", inner, one([" and ", " or "]), inner, ")") | combined("(not ", inner, ")")
    ),
    max_leaves=3,
)
VALUE = (
    TEXT
    | NUMBER
    | TRUTH
    | LIST
    | combined(LIST, " | ", one(LIST_RESULTS))
    | combined(one(["words", "numbers", "[]"]), one([" | join", " | join('; ')"]))
    | combined(one(ANYTHING), " | default(", one(["'d'", "none, true"]), ")")
    | one(
        [
            "person | items | list",
            "{'a': word, 'b': [1]}",
            "(1, 'a')",
            "person",
            "(word if empty)",
            "(word if yes)",
        ]
    )
)
BODY = st.recursive(
    one(["text ", "{# note #}", "\n", "{% raw %}{{ x }}{% endraw %}"]) | combined("{{ ", VALUE, " }}"),
    lambda inner: combined("{% if ", TRUTH, " %}", inner, "{% elif ", TRUTH, " %}", inner, "{% else %}", inner, "{% endif %}")
    | combined("{% for item in ", LIST, " %}", inner, "{{ item }}{{ loop.last }}{{ loop.revindex }}{% endfor %}")
    | combined("{% for item in ", LIST, " if ", TRUTH, " %}", inner, "{% else %}", inner, "{% endfor %}")
    | combined("{% for key, value in person | items %}{{ key }}", inner, "{{ value }}{% endfor %}")
    | combined("{% set other = ", TEXT, " %}", inner, "{{ other }}")
    | combined("{% set made = ", VALUE, " %}{{ made }}", inner)
    | combined("{% set made %}", inner, "{% endset %}{{ made }}")
    | combined("{% set one, two = 1, ", NUMBER, " %}", inner, "{{ one }}{{ two }}")
    | combined(inner, inner),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(BODY)
def test_templates_print_what_jinja_prints(body):
    source = f"<{body}>"
    try:
        expected = JINJA.from_string(without_tag_lines(parse(source))).render(INPUTS)
    except (TemplateError, ArithmeticError, TypeError, ValueError, AssertionError):
        with pytest.raises(RenderError):
            compile_template(source).render(INPUTS)
        return
    assert compile_template(source).render(INPUTS) == [{"role": "user", "content": expected}]


def outcome(compiled, inputs):
    try:
        return compiled.render(inputs)
    except RenderError as error:
        return str(error)


@settings(max_examples=200, deadline=None)
@given(BODY)
def test_inputs_are_enough_and_no_more_than_jinja_finds(body):
    compiled = compile_template(f"<{body}>")
    assert compiled.inputs <= meta.find_undeclared_variables(JINJA.parse(body))
    needed = {name: value for name, value in INPUTS.items() if name in compiled.inputs}
    assert outcome(compiled, needed) == outcome(compiled, INPUTS)
