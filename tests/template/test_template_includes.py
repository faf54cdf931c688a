from __future__ import annotations

import pytest

from landrace.errors import TemplateError
from landrace.template import compile_template, parse, resolve_includes


def resolved(source: str, **partials: str) -> str:
    files = {f"{name}.jinja": text for name, text in partials.items()}
    return resolve_includes(parse(source, name="p.jinja"), files.get).source


def test_partials_are_written_where_they_stand():
    source = "a\r\n{% include \"_rules.jinja\" %}\r\nb {%include '_word.jinja'%}."
    assert resolved(source, _rules="1.\n2.\n\n", _word="\ufeffx\r\n") == "a\r\n1.\n2.\n\r\nb x."


def test_partials_may_hold_partials_sections_and_roles():
    source = '{% include "_a.jinja" %}{% user %}{{ q }}{% enduser %}'
    a = '{% system %}{% section s %}{% include "_b.jinja" %}{% endsection %}{% endsystem %}'
    text = resolved(source, _a=a, _b="Be kind.")
    assert compile_template(text).render({"q": "Why?"}) == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Why?"},
    ]


def test_a_template_without_includes_stays():
    source = '{% raw %}{% include "_a.jinja" %}{% endraw %}{# {% include "_b.jinja" %} #}\r\n'
    assert resolved(source) == source


@pytest.mark.parametrize(
    "tag",
    [
        '{% include "a.jinja" %}',
        '{% include "../_a.jinja" %}',
        '{% include "_x/_a.jinja" %}',
        '{% include "_..jinja" %}',
        "{% include name %}",
        '{% include "_a.jinja" ignore missing %}',
        '{% include ["_a.jinja"] %}',
        '{%- include "_a.jinja" %}',
        '{% include "_a.jinja" -%}',
        "{% include %}",
    ],
)
def test_only_plain_partials_can_be_included(tag):
    with pytest.raises(TemplateError, match="no include of a partial") as caught:
        resolved(f"one\ntwo {tag}", _a="x")
    assert caught.value.where == "p.jinja:2"


def test_a_missing_partial_names_the_line_that_asks():
    with pytest.raises(TemplateError, match=r"no partial `_b\.jinja`") as caught:
        resolved('{% include "_a.jinja" %}', _a='\n\n{% include "_b.jinja" %}')
    assert caught.value.where == "_a.jinja:3"


def test_partials_cannot_include_themselves():
    with pytest.raises(TemplateError, match="included by itself"):
        resolved(
            '{% include "_a.jinja" %}', _a='{% include "_b.jinja" %}', _b='{% include "_a.jinja" %}'
        )


def test_depth_is_bounded():
    partials = {f"_p{n}": f'{{% include "_p{n + 1}.jinja" %}}' for n in range(20)}
    with pytest.raises(TemplateError, match="more than 8 deep"):
        resolved('{% include "_p0.jinja" %}', **partials)


def test_size_is_bounded():
    twice = {f"_p{n}": f'{{% include "_p{n + 1}.jinja" %}}' * 8 for n in range(6)}
    with pytest.raises(TemplateError, match="passes 200,000 characters"):
        resolved('{% include "_p0.jinja" %}', **twice, _p6="x" * 1000)


def test_an_include_that_was_not_resolved_never_renders():
    with pytest.raises(TemplateError, match="include was not resolved") as caught:
        compile_template('\n{% include "_a.jinja" %}', name="p.jinja")
    assert caught.value.where == "p.jinja:2"
