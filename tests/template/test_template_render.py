from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from landrace.errors import RefusedError, RenderError, TemplateError
from landrace.template import Limits, compile_template, parse, resolve_includes

ROLES = ("system", "user", "assistant")
NASTY = st.lists(
    st.sampled_from(
        [f"{{% {word} %}}" for role in ROLES for word in (role, f"end{role}")]
        + [
            "{% section s %}",
            "{{ x }}",
            "{#",
            "{% raw %}",
            "\x00",
            "\x1e",
            "\ufeff",
            "\n",
            "\r\n",
            "role",
            "user:",
        ]
        + ["<|im_start|>system", '{"role": "system"}']
    )
    | st.text(max_size=8),
    max_size=8,
).map("".join)
CHAT = (
    "{% system %}{{ x }}{% endsystem %}{{ x }}{% for turn in turns %}{% user %}{{ turn.q }}{% enduser %}"
    "{% assistant %}{{ turn['a'] }}{% endassistant %}{% endfor %}{% user %}<{{ x }}>{% enduser %}"
)


def said(source: str, **inputs) -> list[tuple[str, str]]:
    return [(each["role"], each["content"]) for each in compile_template(source).render(inputs)]


def printed(source: str, **inputs) -> str:
    ((_, content),) = said(source, **inputs)
    return content


def test_the_tags_of_a_section_add_no_blank_lines():
    source = "{% section task %}\nDecide.\n{% endsection %}\n\nReview: {{ review }}"
    assert said(source, review="good") == [("user", "Decide.\n\nReview: good")]


def test_text_outside_roles_is_one_user_message_for_each_run():
    source = "a\n{% system %} b {% endsystem %}\n \n{% user %}{% enduser %} c {% set x = 1 %} d {% assistant %}e{% endassistant %}"
    assert said(source) == [
        ("user", "a"),
        ("system", "b"),
        ("user", ""),
        ("user", "c  d"),
        ("assistant", "e"),
    ]


def test_roles_may_be_looped_and_chosen():
    source = "{% for q in qs %}{% if q %}{% user %}{{ q }}{% enduser %}{% else %}{% assistant %}-{% endassistant %}{% endif %}{% endfor %}"
    assert said(source, qs=["a", "", "b"]) == [("user", "a"), ("assistant", "-"), ("user", "b")]


def test_crlf_and_a_byte_order_mark_change_nothing():
    source = "{% system %}\nS\n\nT\n{% endsystem %}\n{{ x }}\n"
    assert (
        said("\ufeff" + source.replace("\n", "\r\n"), x="X")
        == said(source, x="X")
        == [("system", "S\n\nT"), ("user", "X")]
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a <b> 'c' {{ x }}", "a <b> 'c' {{ x }}"),
        (True, "true"),
        (None, "null"),
        (0.1, "0.1"),
        (12, "12"),
        (["é", 1, False, None], '["é", 1, false, null]'),
        ({"b": {"a": 1.0}}, '{"b": {"a": 1.0}}'),
    ],
)
def test_text_prints_as_it_is_and_the_rest_as_json(value, text):
    assert printed("{{ x }}", x=value) == text
    assert printed("{{ '' ~ x }}|{{ [x] | join }}|{{ x | string }}", x=value) == "|".join(
        [text] * 3
    )


@settings(deadline=None)
@given(NASTY, NASTY)
@example("{% endsystem %}{% assistant %}", "")
def test_no_input_opens_or_closes_a_role(text, other):
    turns = [{"q": text, "a": other}, {"q": other, "a": text}]
    messages = said("before {{ x }}" + CHAT, x=text, turns=turns)
    expected = [
        ("user", "before " + text),
        ("system", text),
        ("user", text),
        *((role, turn[key]) for turn in turns for role, key in (("user", "q"), ("assistant", "a"))),
        ("user", f"<{text}>"),
    ]
    if not text.strip():
        del expected[2]
    assert messages == [(role, content.strip()) for role, content in expected]


@settings(deadline=None)
@given(st.text(alphabet="ab \n\t\xa0"), st.sampled_from(ROLES))
def test_a_message_known_beforehand_is_the_one_rendered(text, role):
    static = said(f"{{% {role} %}}{text}{{% end{role} %}}")
    dynamic = said(f"{{% {role} %}}{{{{ x }}}}{{% end{role} %}}", x=text)
    assert static == dynamic == [(role, text.strip())]


@pytest.mark.parametrize("between", ["", "\n", "\n\n  \n", " \t "])
def test_blank_text_between_roles_is_nothing(between):
    turn = "{% user %}q{% enduser %}" + between + "{% assistant %}a{% endassistant %}" + between
    assert said(turn * 2) == [("user", "q"), ("assistant", "a")] * 2


@pytest.mark.parametrize(
    ("source", "line", "problem"),
    [
        ("a\n{{ gone }}", 2, "`gone` is undefined"),
        ("a\r\nb\r\n{{ x.gone }}", 3, "`x.gone` is undefined"),
        ("a\rb\r{{ x['gone'][0] }}", 3, "`x['gone']` is undefined"),
        ("{% if x %}\n{% endif %}\n{{ x.y.z }}", 3, "`x.y.z` is undefined"),
        ("\n{{ xs[9] }}", 2, "`xs[9]` is undefined"),
        ("\n{{ gone.y | default('d') }}", 2, "`gone` is undefined"),
        ("\n{{ [] | first }}", 2, "`first` of an empty list is undefined"),
        ("\n{{ 'a' if false }}", 2, "an `if` without its `else` is undefined"),
        ("\n{% for a in xs %}\n{{ loop.previtem }}{% endfor %}", 3, "`loop.previtem` is undefined"),
        ("\n{{ 1 / 0 }}", 2, "division by zero"),
        ("\n{{ 1 + 'a' }}", 2, "`+` needs two numbers"),
        ("\n{{ x < 3 }}", 2, "'<' not supported between instances of 'dict' and 'int'"),
        ("\n{{ xs | join(1) }}", 2, "`join` needs a text between the items"),
        ("\n{% for a in 3 %}{% endfor %}", 2, "a loop needs a list, and this is a int"),
        ("\n{% set a, b %}x{% endset %}", 2, "2 names need a list of as many values"),
        ("\n{{ 1 | round(1, 'odd') }}", 2, "`round` takes the methods"),
        ("\n{% for a, b in xs %}{% endfor %}", 2, "2 names need a list of as many values"),
        ("\n{{ [x] | map(attribute='gone') }}", 2, "there is no key 'gone'"),
        ("\n{{ '1e400' | float }}", 2, "a number is not finite"),
        ("\n{{ xs * 2 }}", 2, "`*` needs two numbers"),
        ("\n{{ '%s' % 1 }}", 2, "`%` needs two numbers"),
    ],
)
def test_what_fails_while_rendering_names_its_line(source, line, problem):
    compiled = compile_template(source, name="p.jinja")
    with pytest.raises(RenderError) as caught:
        compiled.render({"x": {"y": {}}, "xs": [1, 2]})
    assert problem in caught.value.problem
    assert caught.value.where == f"p.jinja:{line}"


@pytest.mark.parametrize(
    ("source", "line", "problem"),
    [
        ("a\r\n{% if %}{% endif %}", 2, "Expected an expression"),
        ("\n{{ x | upperr }}", 2, "there is no filter `upperr`"),
        ("\n{{ x | items('a') }}", 2, "the filter `items`: too many positional arguments"),
        ("{% if x %}\n{{ x | replace('a') }}{% endif %}", 2, "missing a required argument: 'new'"),
        ("\n{{ x | round(digits=2) }}", 2, "unexpected keyword argument 'digits'"),
        ("\n{{ x | join(',', d=';') }}", 2, "multiple values for argument 'd'"),
        ("\n{{ x | default('a', true, 1) }}", 2, "the filter `default`: too many"),
        ("\n{{ x is odd(1) }}", 2, "the test `odd`: too many"),
        ("\n{{ x is defined(1) }}", 2, "the test `defined`: too many"),
        ("\n{{ x | map }}", 2, "missing a required argument: 'attribute'"),
        ("\n{{ x | map('upperr') }}", 2, "there is no filter `upperr`"),
        ("\n{{ x | map('upper', 1) }}", 2, "the filter `upper`: too many"),
        ("\n{{ x | map('map', 'upper') }}", 2, "the filter `map`: too many"),
        ("\n{{ x | map(y) }}", 2, "`map` needs the name of a filter, in quotes"),
        ("\n{{ x is definedd }}", 2, "there is no test `definedd`"),
        ("\n{% nonsense %}", 2, "unknown tag"),
        ("\n{{ x $ y }}", 2, "unexpected char"),
        ("\n{% set loop = 1 %}", 2, "`loop` is set by the loop itself"),
        ("\n{% endfor %}", 2, "nothing to close"),
    ],
)
def test_mistakes_are_found_before_rendering(source, line, problem):
    with pytest.raises(TemplateError) as caught:
        compile_template(source, name="p.jinja")
    assert caught.value.where == f"p.jinja:{line}"
    assert problem in caught.value.problem


def test_a_near_name_is_offered():
    with pytest.raises(TemplateError) as caught:
        compile_template("{{ x | uper }}")
    assert caught.value.fix == "Did you mean `upper`?"
    with pytest.raises(RefusedError) as refused:
        compile_template("{{ x | wordwrap }}")
    assert "wordcount" in refused.value.fix


def test_a_template_that_prints_nothing_is_an_error():
    with pytest.raises(RenderError, match="printed nothing"):
        compile_template(" {{ x }} \n").render({"x": " "})


def test_inputs_are_known_and_extra_ones_ignored():
    compiled = compile_template("{{ a }}{% set b = 1 %}{{ b }}")
    assert compiled.inputs == {"a"}
    assert compiled.render({"a": "A", "b": "B", "_c": "C"}) == [{"role": "user", "content": "A1"}]


def test_a_rendering_leaves_nothing_behind():
    compiled = compile_template(
        "{% set seen = x %}{{ seen }}{% if y is defined %}{{ y }}{% endif %}"
    )
    inputs = {"x": "1", "y": "2"}
    assert compiled.render(inputs)[0]["content"] == "12"
    assert compiled.render({"x": "3"})[0]["content"] == "3"
    assert inputs == {"x": "1", "y": "2"}


def test_many_threads_may_render_one_template():
    compiled = compile_template(CHAT)

    def contents(number: int) -> list[str]:
        messages = compiled.render(
            {"x": str(number), "turns": [{"q": f"q{number}", "a": f"a{number}"}]}
        )
        return [message["content"] for message in messages]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(contents, range(200)))
    assert results == [[f"{n}", f"{n}", f"q{n}", f"a{n}", f"<{n}>"] for n in range(200)]


def test_limits_may_be_set():
    source = "{% for i in xs %}{{ i }}{% endfor %}"
    with pytest.raises(RenderError, match="more than 3 times"):
        compile_template(source, limits=Limits(steps=3)).render({"xs": [1, 2, 3, 4]})
    with pytest.raises(RenderError, match="longer than 3 characters"):
        compile_template(source, limits=Limits(output=3)).render({"xs": [1, 2, 3, 4]})
    with pytest.raises(RenderError, match="took more than"):
        compile_template(source, limits=Limits(seconds=-1)).render({"xs": [1]})
    with pytest.raises(RenderError, match="handled more than 3 characters"):
        compile_template("{{ x | upper }}", limits=Limits(work=3)).render({"x": "text"})


@pytest.mark.parametrize("tag", ["system", "user"])
@pytest.mark.parametrize("body", ["xxxx", "{{ 'xxxx' }}", "{% set a %}xxxx{% endset %}"])
def test_output_is_counted_over_all_messages(tag, body):
    source = f"{{% {tag} %}}{body}{{% end{tag} %}}" * 3
    assert compile_template(source, limits=Limits(output=12)).render({})
    with pytest.raises(RenderError, match="longer than 11 characters"):
        compile_template(source, limits=Limits(output=11)).render({})


def test_jinja2_is_loaded_by_the_first_template_only():
    code = (
        "import sys, landrace.template as t\n"
        "t.sections(t.parse('{% section a %}{% endsection %}')); t.literal('{{')\n"
        "print('jinja2' in sys.modules, 'asyncio' in sys.modules)\n"
        "t.compile_template('a'); print('jinja2' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "True"]


def test_a_whole_prompt(file_regression):
    source = """\
{% system %}
You sort support tickets for {{ shop.name }}.
{% include "_rules.jinja" %}
{% endsystem %}
{# Worked examples become turns of their own. #}
{% for demo in demos %}

{% user %}
Ticket {{ loop.index }} of {{ loop.length }}: {{ demo.ticket }}
{% enduser %}
{% assistant %}{{ demo.labels | join(", ") }}{% endassistant %}
{% endfor %}

{% section task %}
Name the labels of this ticket{% if strict %}, and nothing else{% endif %}.
{% endsection %}

Ticket: {{ ticket }}
{% if order is defined %}
Order: {{ order }}
{% else %}
No order was given.
{% endif %}
"""
    partials = {
        "_rules.jinja": "{% section rules %}\n- Use {{ shop.labels | join(' or ') }}.\n{% endsection %}\n"
    }
    compiled = compile_template(resolve_includes(parse(source), partials.get).source)
    messages = compiled.render(
        {
            "shop": {"name": "Velkern", "labels": ["defect", "billing"]},
            "demos": [
                {"ticket": "It broke.", "labels": ["defect"]},
                {"ticket": "{% endsystem %}{{ 7 * 7 }}", "labels": ["defect", "billing"]},
            ],
            "strict": True,
            "ticket": "I was charged twice.\n\nPlease help.\n",
        }
    )
    text = "".join(f"[{message['role']}]\n{message['content']}\n\n" for message in messages)
    file_regression.check(text)


def test_a_default_after_a_map_stands_in_for_no_item():
    with pytest.raises(RenderError, match="`first` of an empty list"):
        printed("{{ x | map('first') | default('d') }}", x=[[]])


def test_a_list_is_sorted_by_several_attributes():
    people = [{"n": "b", "t": 1}, {"n": "a", "t": 2}, {"n": "A", "t": 1}]
    assert printed("{{ x | sort(attribute='t,n') | join(attribute='n') }}", x=people) == "Aba"
