"""Templates and inputs that are out to harm: each is refused early and with little memory."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landrace.errors import LandraceError, RefusedError, RenderError, TemplateError
from landrace.template import Limits, compile_template, inputs_read, parse

MEGABYTE = 1_000_000
MOST_MEMORY = 100 * MEGABYTE

REACHES = [
    "{{ ''.__class__ }}",
    "{{ ''['__class__'] }}",
    "{{ x.__init__.__globals__ }}",
    "{{ x['__class__'].__mro__[1].__subclasses__() }}",
    "{{ x | attr('__class__') }}",
    "{{ x._private }}",
    "{{ _x }}",
    "{% set _x = 1 %}",
    "{% for _x in xs %}{% endfor %}",
    "{{ x.append(1) }}",
    "{{ xs.append(1) }}",
    "{{ '{0.__class__}'.format(x) }}",
    "{{ '%0300000000d' | format(1) }}",
    "{{ lipsum(n=100000) }}",
    "{{ range(1000000000) }}",
    "{{ cycler('a') }}",
    "{{ joiner() }}",
    "{{ namespace() }}",
    "{{ dict(a=1) }}",
    "{{ self() }}",
    "{{ loop() }}",
    "{% for a in xs recursive %}{{ loop(xs) }}{% endfor %}",
    "{% for a in xs %}{{ loop.cycle(1) }}{% endfor %}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ x | center(300000000) }}",
    "{{ x | indent(300000000) }}",
    "{{ x | wordwrap(1) }}",
    "{{ x | pprint }}",
    "{{ x | xmlattr }}",
    "{{ x | map('upper') | list }}" + "{{ x | selectattr('a') }}",
    "{{ x | groupby('a') }}",
    "{{ x | safe }}",
    "{{ x | random }}",
    "{{ x | urlize }}",
    "{{ x | slice(1000000000) }}",
    "{{ x is callable }}",
    "{{ x is filter }}",
    "{{ x | upper(*xs) }}",
    "{{ x | upper(**x) }}",
    "{% macro m() %}{% endmacro %}",
    "{% call x() %}{% endcall %}",
    "{% block b %}{% endblock %}",
    "{% extends 'x' %}",
    "{% import 'x' as y %}",
    "{% from 'x' import y %}",
    "{% filter upper %}{% endfilter %}",
    "{% with a = 1 %}{% endwith %}",
    "{% autoescape true %}{% endautoescape %}",
    "{% set x.y = 1 %}",
    "{% set x | upper %}a{% endset %}",
    "{{ 0x" + "f" * 1000 + " }}",
    "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "{{ " + "not " * 5000 + "x }}",
    "{{ " + "-" * 120 + "1 }}",
    "{{ " + "[" * 120 + "]" * 120 + " }}",
    "{{ 1" + " + 1" * 200 + " }}",
    "{{ x }}" * 5100,
    "x" * 200_001,
    "{% for a in x %}" * 4 + "{% endfor %}" * 4,
    "{% if x %}" * 120 + "{% endif %}" * 120,
]
MISTAKES = [
    "{{ " + "9" * 5000 + " }}",
    "{% include 'x' %}",
    "{% do x %}",
    "{% break %}",
    "{% trans %}{% endtrans %}",
    "{% debug %}",
    "{{ x | eval }}",
]
TEXT = "a" * MEGABYTE
HUNDRED = list(range(100))
GROWTHS = [
    ("{{ 'a' * 50000000 }}", {}),
    ("{{ 50000000 * 'a' }}", {}),
    ("{{ 'a' * 10 * 10 * 10 * 10 * 10 * 10 * 10 * 10 }}", {}),
    ("{% set a = x %}" + "{% set a = a ~ a %}" * 50 + "{{ a }}", {"x": "aaaa"}),
    ("{% set a = x %}" + "{% set a = a + a %}" * 50 + "{{ a }}", {"x": "aaaa"}),
    ("{% set a = x %}" + "{% set a = a + a %}" * 50 + "{{ a }}", {"x": [1, 2]}),
    ("{% set a = x %}" + "{% set a = [a, a] %}" * 60 + "{{ a }}", {"x": [1, 2]}),
    (
        "{% set a = x %}" + "{% set a = [a] %}" * 900 + "{{ a | tojson(indent=8) }}",
        {"x": [1] * 90_000},
    ),
    ("{% set a = x %}" + "{% set a = a * a %}" * 100 + "{{ a }}", {"x": 999_999}),
    ("{% set a = x %}" + "{% set a = [a] %}" * 1200 + "{{ a == a }}", {"x": 1}),
    ("{{ x | replace('', y) }}", {"x": TEXT, "y": TEXT}),
    ("{{ x | replace('a', y) | replace('b', y) }}", {"x": "a" * 3000, "y": "b" * 3000}),
    ("{{ x | join(y) }}", {"x": TEXT[:90_000], "y": TEXT}),
    ("{{ x | map(attribute='a') | join(y) }}", {"x": [{"a": "b"}] * 40_000, "y": TEXT}),
    ("{{ x | map('replace', '', y) | join }}", {"x": ["a"] * 40_000, "y": TEXT}),
    ("{{ x | map(attribute=y, default='b') }}", {"x": ["a"] * 90_000, "y": "a." * 90_000}),
    ("{{ x | sort(attribute=y) }}", {"x": [{"a": "b" * 99}] * 9_000, "y": "a," * 9_000 + "a"}),
    ("{{ x | tojson(indent=100000000) }}", {"x": [1]}),
    ("{{ x | tojson(indent=8) }}", {"x": [[[[["a"] * 90_000]]]]}),
    ("{{ 1 | round(100000000) }}{{ 1 | round(-100000000) }}", {}),
    ("{{ 1.5 | round(100000000, 'ceil') }}", {}),
    ("{{ x | int }}", {"x": "9" * MEGABYTE}),
    ("{{ x | int(0, 16) }}", {"x": "f" * MEGABYTE}),
    ("{{ x | int(0, 16) }}", {"x": "f" * 999}),
    ("{{ x | float }}", {"x": "9" * MEGABYTE}),
    ("{{ x | trim(x) }}", {"x": TEXT}),
    ("{{ x | sum(start=[]) }}", {"x": [["a"] * 160] * 600}),
    ("{{ x }}" * 2000, {"x": TEXT}),
    ("{% set a %}" + "{{ x }}" * 2000 + "{% endset %}", {"x": TEXT}),
    (
        "{% for a in x %}{% for b in x %}{% for c in x %}{% endfor %}{% endfor %}{% endfor %}",
        {"x": HUNDRED},
    ),
    (
        "{% for a in x if a > 0 %}{% for b in x if false %}{% for c in x %}{% endfor %}{% endfor %}{% endfor %}",
        {"x": list(range(1000))},
    ),
    ("{% for a in x %}" + "y" * 10_000 + "{% endfor %}", {"x": TEXT[:100_000]}),
    (
        "{% for a in x %}{% user %}" + "y" * 10_000 + "{% enduser %}{% endfor %}",
        {"x": TEXT[:100_000]},
    ),
    (
        "{% for a in x %}{% set b %}" + "y" * 10_000 + "{% endset %}{% endfor %}",
        {"x": TEXT[:100_000]},
    ),
    ("{% for a in x %}{{ x | upper | lower }}{% endfor %}", {"x": TEXT[:90_000]}),
    ("{% for a in x %}{{ '' if x == y }}{% endfor %}", {"x": TEXT[:90_000], "y": TEXT[:90_000]}),
    (
        "{% for a in x %}" + "{% user %}{% enduser %}" * 1000 + "{% endfor %}",
        {"x": TEXT[:90_000]},
    ),
    (
        "{% for a in x %}" + "{% user %}{{ '' }}{% enduser %}" * 600 + "{% endfor %}",
        {"x": TEXT[:90_000]},
    ),
    ("{{ x | sort }}" * 900, {"x": ["a" * 1000, "a" * 1000] * 100}),
    ("{{ x[::-1] ~ x[:] }}" * 400, {"x": TEXT}),
]


@pytest.fixture(autouse=True)
def bounded_memory():
    tracemalloc.start()
    yield
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MOST_MEMORY


@pytest.mark.parametrize("source", REACHES, ids=lambda source: source[:60])
def test_reaching_for_more_than_values_is_refused(source):
    with pytest.raises(RefusedError) as caught:
        compile_template(source, name="p.jinja")
    assert caught.value.exit_code == 3
    assert caught.value.where.startswith("p.jinja")


@pytest.mark.parametrize("source", MISTAKES, ids=lambda source: source[:60])
def test_what_is_not_there_is_a_mistake(source):
    with pytest.raises(TemplateError) as caught:
        compile_template(source)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(("source", "inputs"), GROWTHS, ids=[source[:70] for source, _ in GROWTHS])
def test_growth_ends_early(source, inputs):
    compiled = compile_template(source)
    with pytest.raises(RenderError):
        compiled.render(inputs)


@pytest.mark.parametrize(
    "source", ["{{ x == y }}", "{{ x < y }}", "{{ 1 in x }}", "{{ x is eq y }}"]
)
def test_comparing_is_work(source):
    compiled = compile_template(source * 20, limits=Limits(work=MEGABYTE, seconds=600))
    with pytest.raises(RenderError, match="handled more than"):
        compiled.render({"x": [0] * 90_000, "y": [0] * 90_000})


def test_asking_for_the_inputs_computes_nothing():
    assert inputs_read(parse("{{ 'a' * 500000000 }}{{ x }}")) == {"x"}


def test_methods_and_attributes_of_python_are_not_there():
    for name in ("upper", "format", "keys", "items", "append", "real", "denominator"):
        for value in ("text", {"a": 1}, [1], 1, 1.5, True, None):
            with pytest.raises(RenderError, match="is undefined"):
                compile_template(f"{{{{ x.{name} }}}}").render({"x": value})
            with pytest.raises(RenderError, match="is undefined"):
                compile_template("{{ x[name] }}").render({"x": value, "name": "__class__"})


def test_keys_that_look_like_attributes_are_data():
    source = "{{ x[k] }}{{ x.items }}{{ x['_id'] }}"
    inputs = {"x": {"__class__": "c", "items": "i", "_id": "d"}, "k": "__class__"}
    assert compile_template(source).render(inputs)[0]["content"] == "cid"


PARTS = st.sampled_from(
    [
        *"[](){},:.|~+-*/%<=\n",
        *("x", "xs", "1", "'a'", "//", "**", "==", "in", "is", "not", "and", "or", "if", "else"),
        *("defined", "upper", "join", "default", "first", "sort", "tojson", "map", "attribute"),
        *("{{", "}}", "{%", "%}", "{#", "#}", "for", "endfor", "endif", "set", "endset", "user"),
        *("enduser", "section", "endsection", "raw", "endraw", "loop", "index", "__class__"),
        *("{% if x %}", "{% for x in xs %}", "{% user %}", "{{ x", "{% endfor %}", "{% endif %}"),
    ]
)


@settings(deadline=None)
@given(st.lists(PARTS, max_size=25).map(" ".join))
def test_nothing_but_our_own_errors_ever_comes_out(source):
    with suppress(LandraceError):
        compiled = compile_template(source, name="p")
        messages = compiled.render({"x": {"a": "b"}, "xs": [1, "a", None, {"a": []}]})
        assert all(isinstance(message["content"], str) for message in messages)
