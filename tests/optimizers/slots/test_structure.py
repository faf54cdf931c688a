from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from landrace.errors import TemplateError
from landrace.optimizers.slots.structure import (
    STYLES,
    dress,
    drop_intro,
    repeat_section,
    restyle,
    static_text,
    undress,
)
from landrace.template import compile_template, inputs_read, literal, parse, sections

SOURCE = """{% system %}
You read film reviews.

{% section task %}
Say positive or negative.
{% endsection %}

{% section hints %}
# What to look for
Sarcasm; mixed praise.
{% endsection %}
{% endsystem %}
{% user %}
Review: {{ review }}
{% enduser %}
"""

words = st.text(alphabet="ab {}%#.<>\n", min_size=1, max_size=30).filter(str.strip)


@st.composite
def templates(draw):
    texts = draw(st.lists(words, min_size=1, max_size=4))
    blocks = [
        f"{{% section part{n} %}}\n{literal(text)}\n{{% endsection %}}\n"
        for n, text in enumerate(texts)
    ]
    opening = draw(st.sampled_from(["", "Hello.\n\n"]))
    body = opening + "\n".join(blocks) + "\nInput: {{ x }}\n"
    if draw(st.booleans()):
        body = f"{{% user %}}\n{body}{{% enduser %}}\n"
    return body.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


def says(source, **inputs):
    return compile_template(source).render(inputs)


@given(templates(), st.sampled_from(STYLES))
def test_a_restyled_template_says_the_same_and_reads_the_same(source, style):
    template = parse(source)
    restyled = restyle(template, style)
    assert inputs_read(restyled) == {"x"}
    assert says(restyled.source, x="value")
    for name, section in sections(template).items():
        bare = undress(name, section.body)[1]
        assert bare.replace("\r\n", "\n") in sections(restyled)[name].body.replace("\r\n", "\n")
    assert restyled.source[-20:] == source[-20:]  # the input is not a section


@given(templates(), st.sampled_from(STYLES))
def test_restyling_twice_is_restyling_once(source, style):
    once = restyle(parse(source), style)
    assert restyle(once, style).source == once.source


def test_styles_by_hand():
    markdown = restyle(parse(SOURCE), "markdown")
    assert "## Task\nSay positive" in markdown.source
    assert "# What to look for\nSarcasm" in markdown.source  # it was dressed already
    xml = restyle(markdown, "xml")
    assert "<task>\nSay positive or negative.\n</task>" in xml.source
    assert "<hints>\nSarcasm; mixed praise.\n</hints>" in xml.source
    plain = restyle(xml, "plain")
    assert sections(plain)["hints"].body == "Sarcasm; mixed praise."


@given(templates(), st.data())
def test_a_repeated_section_is_said_twice_and_the_rest_stays(source, data):
    template = parse(source)
    names = list(sections(template))
    name = data.draw(st.sampled_from(names))
    after = data.draw(st.sampled_from([None, *names]))
    repeated = repeat_section(template, name, after)
    fresh = set(sections(repeated)) - set(names)
    assert len(fresh) == 1
    assert sections(repeated)[fresh.pop()].body == sections(template)[name].body
    assert inputs_read(repeated) == {"x"}
    assert len(says(repeated.source, x="value")) == len(says(source, x="value"))
    start = repeated.source.index(f"{{% section {name}_2 %}}")
    # Both ends of the source are as they were.
    assert source.startswith(repeated.source[:start].rstrip())
    assert source.endswith(repeated.source[start:].split("{% endsection %}", 1)[1].lstrip())


def test_a_task_can_be_repeated_after_the_input():
    repeated = repeat_section(parse(SOURCE), "task").source
    message = says(repeated, review="Fine.")[-1]["content"]
    assert message == "Review: Fine.\n\nSay positive or negative."


def test_what_stands_in_a_loop_cannot_be_repeated():
    source = "{% for x in xs %}{% section a %}b{% endsection %}{{ x }}{% endfor %}"
    with pytest.raises(TemplateError, match="no section `a` outside"):
        repeat_section(parse(source), "a")
    with pytest.raises(TemplateError, match="no section `b`"):
        repeat_section(parse(source), "b")


def test_an_introduction_is_text_before_the_first_section():
    dropped = drop_intro(parse(SOURCE))
    assert dropped is not None
    assert "You read" not in dropped.source
    assert SOURCE.endswith(dropped.source.removeprefix("{% system %}\n"))
    assert drop_intro(dropped) is None


def test_an_introduction_can_be_a_section_by_its_name():
    source = "{% section persona %}You are wise.{% endsection %}\n\n{% section task %}Go.{% endsection %}\n{{ x }}"
    dropped = drop_intro(parse(source))
    assert dropped is not None
    assert list(sections(dropped)) == ["task"]


def test_an_opening_with_an_input_is_no_introduction():
    assert drop_intro(parse("{{ x }}{% section task %}Go.{% endsection %}")) is None


@given(words)
def test_static_text_is_what_is_printed(text):
    assert static_text(literal(text)) == text.strip()


def test_text_that_depends_on_an_input_is_not_static():
    assert static_text("{{ x }}") is None
    assert static_text("{% if x %}a{% endif %}") is None
    assert static_text("{{ broken") is None
    assert static_text("") == ""


@given(words, st.sampled_from(STYLES))
def test_dressing_can_be_undone(text, style):
    text = literal(text.strip())
    assume(undress("task", text)[0].style == "plain")
    how, bare = undress("task", dress("task", text, undress("task", text)[0]._replace(style=style)))
    assert (how.style, bare) == (style, text)
