from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from landrace.errors import LandraceError, RefusedError, TemplateError
from landrace.template import (
    Parts,
    compile_template,
    drop_section,
    inputs_read,
    literal,
    literal_text,
    parse,
    replace_section,
    sections,
    split_instruction,
)

REVIEW = "{% section task %}\nSay positive or negative.\n{% endsection %}\n\nReview: {{ review }}\n"
JINJA_TEXT = st.text(alphabet="{}%#-+ \n\r\t\"'\\ab") | st.text()


def test_sections_are_given_in_order_with_their_lines():
    template = parse(
        "{% system %}{% section b %} B\n{% endsection %}{% endsystem %}\n{% section a %}A{% endsection %}"
    )
    assert [tuple(each) for each in sections(template).values()] == [("b", "B", 1), ("a", "A", 3)]


def test_a_new_body_changes_nothing_else():
    edited = replace_section(parse(REVIEW), "task", "\nBe brief.\nBe kind.\n\n")
    assert edited.source == REVIEW.replace("Say positive or negative.", "Be brief.\nBe kind.")


def test_a_new_body_takes_the_line_ends_of_its_template():
    template = parse(REVIEW.replace("\n", "\r\n"))
    edited = replace_section(template, "task", "Be brief.\nBe kind.")
    assert edited.source == REVIEW.replace(
        "Say positive or negative.", "Be brief.\nBe kind."
    ).replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("body", "expected"),
    [("", "x"), ("  ", "x"), ("\n", "\nx\n"), (" a\n", " x\n"), ("\n\n a\n b \n", "\n\n x \n")],
)
def test_the_space_between_tags_and_text_stays(body, expected):
    source = "{%- section s -%}" + body + "{%+ endsection %}"
    assert replace_section(parse(source), "s", "x").source == source.replace(
        body + "{%+", expected + "{%+", 1
    )


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@settings(deadline=None)
@given(before=st.text(alphabet="ab.\n"), body=st.text(alphabet="ab. {\n"), new=JINJA_TEXT)
@example(before="", body="", new="{")
@example(before="", body="a", new="{% endsection %}{% section t %}")
def test_only_the_section_changes(end, before, body, new):
    head = (before + "{% section s %}").replace("\n", end)
    tail = "{% endsection %}\r\n{% section t %}{% endsection %}{{ x }}"
    try:
        edited = replace_section(parse(head + body + tail), "s", new)
    except TemplateError:
        return
    assert edited.source.startswith(head)
    assert edited.source.endswith(tail)
    assert list(sections(edited)) == ["s", "t"]
    assert sections(edited)["s"].body.split() == new.split()


@settings(deadline=None)
@given(st.text(alphabet="ab \n\t"))
def test_the_same_body_gives_the_same_template(body):
    template = parse("{% section s %}\n" + body + "\n{% endsection %}!")
    assert replace_section(template, "s", sections(template)["s"].body) == template


@pytest.mark.parametrize(
    "body",
    [
        "{% endsection %}{% section other %}",
        "{% section other %}{% endsection %}",
        "{% user %}x{% enduser %}",
        "{% if x %}",
        "{% raw %}",
        "{{",
        "{#",
    ],
)
def test_a_new_body_cannot_leave_its_section(body):
    with pytest.raises(TemplateError):
        replace_section(parse(REVIEW), "task", body)


def test_a_brace_cannot_swallow_the_tag_after_it():
    with pytest.raises(TemplateError):
        replace_section(parse("{% section s %}x{% endsection %}{{ y }}"), "s", "{")


def test_an_unknown_section_is_named_with_the_known_ones():
    with pytest.raises(TemplateError, match="no section `tusk`") as caught:
        drop_section(parse(REVIEW, name="p.jinja"), "tusk")
    assert caught.value.where == "p.jinja"
    assert "task" in caught.value.fix


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (REVIEW, "Review: {{ review }}\n"),
        ("A\n\n{% section s %}\nB\n{% endsection %}\n\nC\n", "A\n\nC\n"),
        ("A\r\n\r\n  {% section s %}\r\nB\r\n{% endsection %} \r\n\r\nC", "A\r\n\r\nC"),
        ("A\n{% section s %}B{% endsection %}\nC", "A\nC"),
        ("A\n{% section s %}B{% endsection %}\n\nC", "A\n\nC"),
        ("A {% section s %}B{% endsection %} C\n\n", "A  C\n\n"),
        (
            "{% user %}\n{% section s %}\nB\n{% endsection %}\n\nC{% enduser %}",
            "{% user %}\nC{% enduser %}",
        ),
        ("A\n{% section s %}B{% endsection %}", "A\n"),
    ],
)
def test_a_dropped_section_takes_its_lines_along(source, expected):
    assert drop_section(parse(source), "s" if "task" not in source else "task").source == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain {x} } %} text\n\n", "plain {x} } %} text\n\n"),
        ("{{ x }}", '{{ "{{" }} x }}'),
        ("{%", '{{ "{%" }}'),
        ("{{{#", '{{ "{{{#" }}'),
        ("a{", 'a{{ "{" }}'),
        ("a\r\nb\r", 'a{{ "\\r\\n" }}b{{ "\\r" }}'),
        ("# Title", "# Title"),
    ],
)
def test_literal_escapes_as_little_as_it_can(text, expected):
    assert literal(text) == expected


@settings(deadline=None)
@given(JINJA_TEXT)
@example("{% endraw %}{% user %}")
@example("{{ '\\' }}")
def test_literal_prints_exactly_the_text(text):
    inside = compile_template("<" + literal(text) + ">").render({})
    assert inside == [{"role": "user", "content": f"<{text}>"}]
    alone = compile_template("{% user %}" + literal(text) + "{% enduser %}").render({})
    assert alone == [{"role": "user", "content": text.strip()}]


@given(text=JINJA_TEXT)
@example(text="{{\r\n{")
def test_the_text_of_a_literal_is_found_again(text):
    assert literal_text(literal(text)) == text


@pytest.mark.parametrize(
    "source", ["{{ x }}", '{{ "a" }}', "{# #}", "{% raw %}{{{% endraw %}", "a\r"]
)
def test_what_is_no_literal_has_no_text(source):
    assert literal_text(source) is None


@settings(deadline=None)
@given(JINJA_TEXT)
def test_literal_means_the_same_to_jinja(text):
    jinja = Environment(keep_trailing_newline=True, autoescape=False)
    assert jinja.from_string(literal(text)).render() == text


@settings(deadline=None)
@given(JINJA_TEXT.map(lambda text: text.replace("\r", "")))
def test_literal_text_can_stand_in_a_section(text):
    edited = replace_section(parse("{% section s %}\n{% endsection %}-{{ x }}"), "s", literal(text))
    (message,) = compile_template(edited.source).render({"x": "x"})
    assert message["content"] == f"{text.strip()}\n-x".strip()


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("{{ a.b }}{{ c['d'] }}{{ 'e' }}", {"a", "c"}),
        (
            "{% for x in xs if x > low %}{{ x }}{{ loop.index }}{% else %}{{ none_left }}{% endfor %}{{ x }}",
            {"xs", "low", "none_left", "x"},
        ),
        ("{% set a = b %}{{ a }}", {"b"}),
        ("{{ a }}{% set a = 1 %}{{ a }}", {"a"}),
        ("{% if c %}{% set a = 1 %}{% endif %}{{ a }}", {"a", "c"}),
        ("{% if c %}{% set a = 1 %}{% else %}{% set a = 2 %}{% endif %}{{ a }}", {"c"}),
        (
            "{% if c %}{% set a = 1 %}{% elif d %}{% set a = 3 %}{% else %}{% set b = 2 %}{% endif %}{{ a }}",
            {"a", "c", "d"},
        ),
        ("{% set a %}{{ b }}{% endset %}{{ a }}", {"b"}),
        ("{% system %}{% set a = 1 %}{% endsystem %}{{ a }}", set()),
        ("{% for k, v in d | items %}{{ k }}{{ v }}{% endfor %}", {"d"}),
        ("{{ a | default(b) }}{{ c is defined }}", {"a", "b", "c"}),
        ("{% raw %}{{ a }}{% endraw %}{# {{ b }} #}", set()),
        ("{% for x in xs %}{% set a = 1 %}{% endfor %}{{ a }}", {"a", "xs"}),
    ],
)
def test_inputs_are_the_names_read_before_they_are_set(source, names):
    assert inputs_read(parse(source)) == names


def test_inputs_of_a_bad_template_are_refused():
    with pytest.raises(RefusedError):
        inputs_read(parse("{{ x() }}"))


INPUT = "Review: {{ review }}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (REVIEW, Parts("Say positive or negative.", INPUT)),
        ("{% user %}\n" + REVIEW + "{% enduser %}\n", Parts("Say positive or negative.", INPUT)),
        (
            "{% system %}\nBe kind.\n{% endsystem %}\n" + REVIEW,
            Parts("Be kind.\n\nSay positive or negative.", INPUT),
        ),
        (
            "{% system %}\n{% section a %}\nA.\n{% endsection %}\nB.\n{% endsystem %}\n\n{% user %}"
            + INPUT
            + "{% enduser %}",
            Parts("A.\nB.", INPUT),
        ),
        (
            "{% system %}So {% section a %}A.{% endsection %}\nB.{% endsystem %}" + INPUT,
            Parts("So A.\nB.", INPUT),
        ),
        (
            "{{ a }}\n\n{% section s %}\nS\n{% endsection %}\n\n{% if b %}\n{{ b }}\n{% endif %}\n",
            Parts("S", "{{ a }}\n\n{% if b %}\n{{ b }}\n{% endif %}"),
        ),
        (
            '{% section s %}Say {{ "{{" }}{% raw %}{%{% endraw %}{# c #}{% endsection %} {{ x }}',
            Parts('Say {{ "{{" }}{% raw %}{%{% endraw %}{# c #}', "{{ x }}"),
        ),
        (
            "{{ x }} {% section s %}S{% endsection %} {% section t %}T{% endsection %}",
            Parts("S\n\nT", "{{ x }}"),
        ),
    ],
)
def test_instruction_and_input_are_told_apart(source, expected):
    for text in (source, "\ufeff" + source):
        parts = split_instruction(parse(text))
        assert parts is not None
        assert parts == expected
        assert parse(parts.instruction).blocks == parse(parts.input).blocks == ()


@pytest.mark.parametrize(
    "source",
    [
        INPUT,
        "{% section s %}Only this.{% endsection %}",
        "{% section s %}About {{ x }}.{% endsection %} {{ y }}",
        "{% section s %}{% if x %}a{% endif %}{% endsection %} {{ y }}",
        "{% system %}{{ x }}{% endsystem %}{{ y }}",
        "{% system %}a{% endsystem %}",
        "{% if x %}{% section s %}a{% endsection %}{% endif %}{{ y }}",
        "{% for x in xs %}{% user %}{{ x }}{% enduser %}{% endfor %}",
        "{% section s %}a{% endsection %}{{ x }}{% assistant %}b{% endassistant %}",
        "{% system %}a{% endsystem %}{% user %}{{ x }}{% enduser %}{% user %}b{% enduser %}",
        "{% user %}{{ x }}{% enduser %}{% system %}a{% endsystem %}",
        "{% system %}a{% endsystem %}{% user %}{{ x }}{% enduser %}b",
        "{% set y = x %}{% system %}a{% endsystem %}{% user %}{{ y }}{% enduser %}",
        "{{ x }}{% system %}a{% endsystem %}",
    ],
)
def test_what_cannot_be_told_apart_is_not(source):
    assert split_instruction(parse(source)) is None


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "{% section a %}",
                "{% endsection %}",
                "{% system %}",
                "{% endsystem %}",
                "{% user %}",
                "{% enduser %}",
                "{{ x }}",
                "text",
                "\n",
                "{% if x %}",
                "{% endif %}",
                '{{ "{{" }}',
            ]
        ),
        max_size=10,
    ).map("".join)
)
def test_parts_are_templates_of_their_own(source):
    try:
        template = parse(source)
        compiled = compile_template(source)
    except LandraceError:
        return
    parts = split_instruction(template)
    if parts is None:
        return
    spoken = "\n".join(message["content"] for message in compiled.render({"x": "X"}))
    apart = compile_template(f"{parts.instruction}\n{parts.input}").render({"x": "X"})[0]["content"]
    assert sorted("".join(spoken.split())) == sorted("".join(apart.split()))


def test_a_comment_outside_the_roles_says_nothing() -> None:
    roles = "{% system %}\nSort.\n{% endsystem %}\n{% user %}\n{{ x }}\n{% enduser %}\n"
    parts = split_instruction(parse(f"{{# who wrote this #}}\n{roles}"))
    assert parts == split_instruction(parse(roles))
    assert parts is not None
    assert split_instruction(parse(f"Hello.\n{roles}")) is None
