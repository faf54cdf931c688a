from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import TemplateSyntaxError

from landrace.errors import TemplateError
from landrace.template import parse
from landrace.template.parser import _pieces, walk
from landrace.template.syntax import _environment

FRAGMENTS = st.sampled_from(
    [
        "{% section a %}",
        "{%- section b -%}",
        "{%+ endsection %}",
        "{% endsection %}",
        "{% user %}",
        "{% enduser %}",
        "{% system %}",
        "{% endsystem %}",
        "{% if x %}",
        "{% else %}",
        "{% endif %}",
        "{% for i in '%}' %}",
        "{% endfor %}",
        "{% set a = {'b': '}}'} %}",
        "{% set a %}",
        "{% endset %}",
        "{% raw %}",
        "{%- endraw -%}",
        "{{ x }}",
        "{{- {'a': {}} -}}",
        "{{ '}}' }}",
        '{{ "\\"}}" }}',
        "{# {% user %} #}",
        "{#-#}",
        "{#",
        "{",
        "}",
        "%}",
        "'",
        '"',
        "\n",
        "\r\n",
        "\r",
        "  ",
        "\t",
        "text",
        "é\u2028\x00\x1c",
    ]
)
SOURCES = st.lists(FRAGMENTS | st.text(max_size=5), max_size=12).map("".join)


def printed(template) -> str:
    return "".join(template.source[piece.start : piece.end] for piece in template.pieces)


@settings(deadline=None)
@given(SOURCES)
def test_pieces_cover_the_source_byte_for_byte(source):
    try:
        template = parse(source)
    except TemplateError:
        return
    assert printed(template) == source
    for block in walk(template.blocks):
        assert block.start < block.body_start <= block.body_end < block.end
        assert source[block.start :].startswith("{%")
        assert source[: block.end].endswith("%}")
        assert all(
            block.body_start <= child.start < child.end <= block.body_end
            for child in block.children
        )


@settings(deadline=None)
@given(SOURCES)
@example("{% raw %}{% section x %}{% endraw %}{{ a }}")
def test_pieces_are_the_tags_that_jinja_sees(source):
    lexer = _environment().lexer
    begins = {
        "block_begin": "tag",
        "variable_begin": "output",
        "comment_begin": "comment",
        "raw_begin": "tag",
    }
    try:
        tokens = list(lexer.tokeniter(source, None))
    except TemplateSyntaxError:
        return
    if tokens and tokens[-1][1] in begins:
        return  # Jinja's lexer lets a last tag without any text stay open; here that is an error
    seen = [(begins[kind], line) for line, kind, _ in tokens if kind in begins]
    try:
        mine = [piece for piece in _pieces(source, "t") if piece.kind != "text"]
    except TemplateError:
        with pytest.raises(TemplateSyntaxError):
            _environment().parse(source)
        return
    ends_of_raw = {
        after for before, after in pairwise(mine) if (before.word, after.word) == ("raw", "endraw")
    }
    assert [(piece.kind, piece.line) for piece in mine if piece not in ends_of_raw] == seen


def test_tree_holds_roles_and_their_sections():
    source = (
        "\ufeff{% system %}\r\n{%- section tone -%}Be kind.{%+ endsection %}\r\n{% endsystem %}"
        "{% for turn in turns %}{% user %}{{ turn }}{% enduser %}{% endfor %}"
    )
    template = parse(source, name="p.jinja")
    system, user = template.blocks
    (tone,) = system.children
    assert (system.kind, system.line, system.conditional) == ("system", 1, False)
    assert (tone.kind, tone.name, tone.line) == ("section", "tone", 2)
    assert source[tone.body_start : tone.body_end] == "Be kind."
    assert (user.kind, user.line, user.conditional) == ("user", 3, True)
    assert template.name == "p.jinja"


@pytest.mark.parametrize(
    "source",
    [
        "{% raw %}{% section x %}{% endraw %}",
        "{#{% user %}#}",
        "{{ '{% user %}' }}",
        "{% set a = '{% user %}' %}",
        "{%raw-%}{% endsection %}{%-endraw%}",
    ],
)
def test_tags_inside_raw_comments_and_strings_are_text(source):
    assert parse(source).blocks == ()


@pytest.mark.parametrize(
    ("source", "line", "problem"),
    [
        ("a\n{% section x %}b", 2, "never closed"),
        ("a\r\nb\r\n{% user %}", 3, "never closed"),
        ("a\rb\r{% if x %}", 3, "never closed"),
        ("\n{% endsection %}", 2, "nothing to close"),
        ("{% section x %}\n{% enduser %}", 2, "still open"),
        ("{% if x %}{% user %}\n{% endif %}{% enduser %}", 2, "still open"),
        ("{% if x %}{% user %}\n{% else %}{% enduser %}{% endif %}", 2, "still open"),
        ("{% section x %}\n{% section y %}{% endsection %}{% endsection %}", 2, "inside a section"),
        ("{% section x %}\n{% user %}{% enduser %}{% endsection %}", 2, "inside a role, section"),
        ("{% user %}\n{% system %}{% endsystem %}{% enduser %}", 2, "inside a role, section"),
        ("{% set x %}\n{% user %}{% enduser %}{% endset %}", 2, "inside a role, section or set"),
        (
            "{% section x %}{% endsection %}\n\n{% section x %}{% endsection %}",
            3,
            "already opened at line 1",
        ),
        ("\n{% section X %}{% endsection %}", 2, "no section name"),
        ("\n{% section %}{% endsection %}", 2, "no section name"),
        ("\n{% section x y %}{% endsection %}", 2, "no section name"),
        ("\n{% section _x %}{% endsection %}", 2, "no section name"),
        ("\n{% user now %}{% enduser %}", 2, "takes nothing"),
        ("{% section x %}\n{% endsection x %}", 2, "takes nothing"),
        ("\n{# never", 2, "comment is never closed"),
        ("\n{{ never", 2, "`{{` is never closed"),
        ("\n{% never }}", 2, "closes nothing"),
        ("\n{% raw %}{% user %}", 2, "`{% raw %}` is never closed"),
        ("\n{{ it's }}", 2, "quote"),
        ("\n{{ (] }}", 2, "closes nothing"),
    ],
)
def test_mistakes_are_told_with_their_line(source, line, problem):
    with pytest.raises(TemplateError, match=re.escape(problem)) as caught:
        parse(source, name="p.jinja")
    assert caught.value.where == f"p.jinja:{line}"


def test_a_huge_tag_of_blanks_is_read_in_one_go():
    source = "{% if " + " " * 150_000 + "x %}{% endif %}"
    assert parse(source).pieces[0].args == "x"
