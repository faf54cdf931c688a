from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from landrace.errors import TemplateError
from landrace.template import parse
from landrace.template.layout import without_tag_lines
from landrace.template.parser import count_lines

PARTS = st.sampled_from(
    [
        "{% if x %}",
        "{%- if x -%}",
        "{%+ if x +%}",
        "{% endif %}",
        "{# c #}",
        "{#-c-#}",
        "{{ x }}",
        "{% raw %} {% endraw %}",
        "\n",
        "\r\n",
        "  ",
        "\t",
        "word",
    ]
)


def rendered(source: str) -> str:
    jinja = Environment(keep_trailing_newline=True, autoescape=False)
    return jinja.from_string(without_tag_lines(parse(source))).render(x=1, xs=[1, 2])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% if x %}\na\n{% endif %}\nb\n", "a\nb\n"),
        ("  {% if x %}  \r\n\ta\r\n  {% endif %}\r\nb", "\ta\nb"),
        ("a {% if x %}b{% endif %}\nc", "a b\nc"),
        ("{% if x %}b{% endif %}\nc", "b\nc"),
        ("a{% if x %}\nb{% endif %}", "a\nb"),
        ("{# one #}\n{# two #} {% if x %}\na{% endif %}", "a"),
        ("{# two\nlines #}\na", "a"),
        ("a\n\n{% if x %}\n\nb\n\n{% endif %}\n\nc", "a\n\n\nb\n\n\nc"),
        ("{% for i in xs %}\n- {{ i }}\n{% endfor %}\nend", "- 1\n- 2\nend"),
        ("a\n  {% if x %}", None),
        ("{% set y = 1 %}\n{{ y }}\n", "1\n"),
        ("  {%+ if x %}\na{% endif %}", "  a"),
        ("{% if x +%}\na{% endif %}", "\na"),
        ("a\n{%- if x %}\nb{% endif %}", "ab"),
        ("{% raw %}\n{{ a }}\n{% endraw %}\nb", "{{ a }}\nb"),
        ("{{ x }}\n{{ x }}", "1\n1"),
        ("{{ x }} {% if x %}\nb{% endif %}", "1 \nb"),
        ("{% if x %} {{ x }}\n{% endif %}", " 1\n"),
        ("a\n{% if x %}\n{% endif %}", "a\n"),
        ("a\n{% if x %}{% endif %}  ", "a\n"),
    ],
)
def test_lines_of_nothing_but_tags_print_nothing(source, expected):
    if expected is None:
        with pytest.raises(TemplateError):
            rendered(source)
    else:
        assert rendered(source) == expected


@settings(deadline=None)
@given(st.lists(PARTS, max_size=12).map("".join))
def test_line_numbers_and_tags_stay(source):
    try:
        before = parse(source)
    except TemplateError:
        return
    after = parse(without_tag_lines(before))
    assert count_lines(after.source) == count_lines(source)
    marks = [
        [(p.kind, p.word, p.line) for p in t.pieces if p.kind != "text"] for t in (before, after)
    ]
    assert marks[0] == marks[1]


@settings(deadline=None)
@given(st.text(alphabet="ab {}\n\r\t.") | st.text())
def test_text_without_tags_stays(text):
    source = text.replace("{", "")
    assert without_tag_lines(parse(source)) == source
