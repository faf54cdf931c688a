from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from landrace.errors import ConfigError
from landrace.parsers import MAX_JSON_DEPTH, ParseFailure, default_parser, parse

JSON = {"kind": "json"}
NUMBER = {"kind": "number"}
ANSWER = {"kind": "after", "marker": "Answer:"}
XML = {"kind": "xml", "tag": "answer"}
FIELD = {"kind": "json_field", "field": "answer"}
SENTIMENT = {"kind": "label", "labels": ["positive", "negative"]}

TOPICS = {"kind": "labels", "labels": ["sport", "arts", "visual arts"]}

LETTERS = {"kind": "labels", "labels": ["A", "B"]}

SPECS = [
    LETTERS,
    {"kind": "text"},
    {"kind": "first_line"},
    {"kind": "last_line"},
    ANSWER,
    SENTIMENT,
    TOPICS,
    NUMBER,
    JSON,
    FIELD,
    XML,
]


def failure(spec, text) -> str:
    with pytest.raises(ParseFailure) as caught:
        parse(spec, text)
    return caught.value.reason


@pytest.mark.parametrize(
    ("spec", "text", "answer"),
    [
        ({"kind": "text"}, "  a\nb \n", "a\nb"),
        ({"kind": "text"}, "", ""),
        ({"kind": "first_line"}, "\n a \nb", "a"),
        ({"kind": "last_line"}, "a\n b\n\n", "b"),
        (ANSWER, "Answer: 1\nso\nAnswer: 2 \nbye", "2"),
        (ANSWER, "**Answer:** two words\n", "two words"),
        (ANSWER, "**Answer**: two", "two"),
        (ANSWER, "**answer: two**", "two"),
        (ANSWER, "Answer:\n\ntwo", "two"),
        (XML, "<answer>a</answer> <answer> b\nc </answer>.", "b\nc"),
        (XML, "so <ANSWER>b", "b"),
        (FIELD, '{"x": 1} then {"answer": "yes", "x": 2}', "yes"),
        (FIELD, '{"answer": null} {"answer": [0]}', [0]),
        (TOPICS, "Sport, and visual arts. Sport!", ["sport", "visual arts"]),
        (TOPICS, "None.", []),
    ],
)
def test_texts(spec, text, answer):
    assert parse(spec, text) == answer


@pytest.mark.parametrize(
    ("spec", "text", "reason"),
    [
        ({"kind": "first_line"}, " \n ", "it is empty"),
        ({"kind": "last_line"}, "", "it is empty"),
        (ANSWER, "42", "it lacks 'Answer:'"),
        (ANSWER, "Answer: ", "nothing follows 'Answer:'"),
        (XML, "42</answer>", "it lacks <answer>"),
        (XML, "<answer> </answer>", "<answer> is empty"),
        (FIELD, '{"answer": null}', "it holds no JSON object with a value for 'answer'"),
        (NUMBER, "none of them", "it holds no number"),
        (NUMBER, "9" * 301, "its last number has more than 300 digits"),
        (NUMBER, "1e999", "its last number is too large"),
        (JSON, "null", "it holds no JSON value"),
        (SENTIMENT, "neutral", "it names none of the labels"),
        (SENTIMENT, "positive or negative?", "it names more than one label: positive, negative"),
        (SENTIMENT, "x" * 200_001, "it is longer than 200000 characters"),
        (JSON, "x" * 2_000_001, "it is longer than 2000000 characters"),
    ],
)
def test_failures_give_a_reason(spec, text, reason):
    assert failure(spec, text) == reason


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("positive", "positive"),
        ('**"Positive."**\n', "positive"),
        ("The review is NEGATIVE overall.", "negative"),
        ("negative, very negative", "negative"),
    ],
)
def test_label_is_found_whatever_surrounds_it(text, label):
    assert parse(SENTIMENT, text) == label


def test_label_must_be_a_whole_word():
    assert "none" in failure(SENTIMENT, "electropositive")


def test_the_longer_label_swallows_the_shorter():
    spec = {"kind": "label", "labels": ["positive", "very positive"]}
    assert parse(spec, "It is very positive.") == "very positive"
    assert "more than one" in failure(spec, "positive, even very positive")


def test_labels_of_several_words_ignore_how_words_are_joined():
    spec = {"kind": "label", "labels": ["not_spam", "spam"]}
    assert parse(spec, "Label: Not spam!") == "not_spam"


@pytest.mark.parametrize("label", ["C", "C++", "C#"])
def test_labels_that_differ_in_marks_stay_apart(label):
    spec = {"kind": "label", "labels": ["C", "C++", "C#"]}
    assert parse(spec, f"I would use {label.lower()} here") == label


@pytest.mark.parametrize("label", ["us", "US"])
def test_labels_that_differ_in_case_stay_apart(label):
    assert parse({"kind": "label", "labels": ["us", "US"]}, f"it is {label} ") == label


def numbered(*labels):
    return {"kind": "label", "labels": list(labels)}


@pytest.mark.parametrize(
    ("labels", "text", "label"),
    [
        (("लड़का", "लड़की"), "यह लड़की है", "लड़की"),
        (("caf\u00e9", "bar"), "It is a cafe\u0301.", "caf\u00e9"),
        (("cafe\u0301", "bar"), "It is a Caf\u00e9.", "cafe\u0301"),
        (("क ख", "ग"), "क-ख", "क ख"),
        (("1", "2"), "1\ufe0f\u20e3", "1"),
        (("positive", "negative"), "\u2764\ufe0fpositive\u2764\ufe0f", "positive"),
    ],
)
def test_labels_with_marks_on_letters(labels, text, label):
    assert parse(numbered(*labels), text) == label


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (("लड़का", "other"), "लड़की"),
        (("ดี", "แย่"), "ไม่ดี"),
        (("क ख", "ग"), "का ख"),
        (("e", "f"), "e\u0304"),
    ],
)
def test_a_label_is_no_part_of_a_word_with_marks(labels, text):
    assert failure(numbered(*labels), text) == "it names none of the labels"


@pytest.mark.parametrize(
    ("labels", "text", "label"),
    [
        (("-1", "0", "1"), "\u22121", "-1"),
        (("-1", "0", "1"), "Score: \u22121.", "-1"),
        (("-1", "0", "1"), "_\u20131_", "-1"),
        (("-1", "2"), "it is -1", "-1"),
        (("-1", "0", "1"), "I say +1.", "1"),
        (("1.5", "2"), "so 1.5", "1.5"),
        (("1", "2"), "- 1.", "1"),
        (("1", "2"), "Class-1, I think", "1"),
        (("1", "2"), "No.2!", "2"),
        (("0-10", "10-20"), "0 \u2013 10 years", "0-10"),
        (("4", "5"), "4 of 10, 1.5 less", "4"),
    ],
)
def test_a_label_that_is_a_number_is_read(labels, text, label):
    assert parse(numbered(*labels), text) == label


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (("1", "2"), "-1"),
        (("1", "2"), "it is \u22121"),
        (("-1", "2"), "1"),
        (("-1", "2"), "3-1"),
        (("1", "2"), "1.5"),
        (("1", "2"), "0.1"),
        (("1", "2"), "so .1"),
        (("1", "2"), "1,5"),
        (("1", "2"), "7,2"),
        (("1", "2"), "3-1"),
        (("1", "2"), "2\u20135"),
        (("1.5", "2.5"), "1 or 5"),
        (("-1", "\u22121", "1"), "so \u20131"),
    ],
)
def test_a_label_is_no_part_of_another_number(labels, text):
    assert failure(numbered(*labels), text) == "it names none of the labels"


def test_a_comma_is_between_several_labels():
    spec = {"kind": "labels", "labels": ["1", "2", "3"]}
    assert parse(spec, "[1,3]") == ["1", "3"]
    assert failure(spec, "1.3") == "it names none of the labels"


@given(
    st.decimals(-99, 99, places=1) | st.integers(-999, 999),
    st.sampled_from(["-", "\u2212"]),
    st.sampled_from(["{}", "It is {}.", "**{}**", "({})"]),
)
def test_a_number_names_the_label_that_it_is_or_none(number, minus, around):
    labels = ["-2", "-1", "0", "1", "2"]
    text = around.format(str(number).replace("-", minus))
    if str(number) in labels:
        assert parse(numbered(*labels), text) == str(number)
    else:
        assert failure(numbered(*labels), text) == "it names none of the labels"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("The answer is (B) because it is a fruit", "B"),
        ("B is a good answer", "B"),
        ("b", "B"),
        ("**a**.", "A"),
        ("Answer: b.", "B"),
        ("b. Rome, a city", "B"),
        ("b) Rome, a city", "B"),
        ("Option (b), e.g. a city", "B"),
    ],
)
def test_a_letter_is_a_label_where_it_is_no_word(text, label):
    assert parse(numbered("A", "B", "C", "D", "E"), text) == label


def test_a_letter_that_is_a_word_is_no_label():
    options = numbered("A", "B", "C", "D")
    text = "This is a difficult question; none of the options fits."
    assert failure(options, text) == "it names none of the labels"
    assert "more than one" in failure(options, "a or b")
    assert parse(numbered("a", "b"), "This is a difficult one") == "a"
    assert parse(numbered("a", "b"), "It is B because of that") == "b"
    assert parse(numbered("A", "a lot"), "quite a lot of it") == "a lot"


def test_letters_of_a_list_are_labels():
    options = {"kind": "labels", "labels": ["A", "B", "C", "D"]}
    assert parse(options, "a, b and d") == ["A", "B", "D"]
    assert parse(options, "[a/c]") == ["A", "C"]
    assert parse(options, "A and C, which is a pity") == ["A", "C"]


LABELS = st.lists(st.text(min_size=1, max_size=6).filter(str.strip), min_size=1, max_size=5)


@given(LABELS, st.text())
def test_label_is_never_invented(labels, text):
    with contextlib.suppress(ParseFailure):
        assert parse({"kind": "label", "labels": labels}, text) in labels


@given(LABELS, st.data())
def test_a_label_alone_is_itself(labels, data):
    label = data.draw(st.sampled_from(labels)).strip()
    assume(label in labels)
    assert parse({"kind": "label", "labels": labels}, f" {label}\n") == label


WORDS = st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=2, max_size=4, unique=True)


@given(WORDS, st.data())
def test_a_label_in_words_that_are_no_labels_is_found(labels, data):
    label = data.draw(st.sampled_from(labels))
    noise = data.draw(st.lists(st.from_regex(r"[0-9]{1,4}", fullmatch=True)))
    text = " ".join([*noise, f"**{label.upper()}**.", *noise])
    assert parse({"kind": "label", "labels": labels}, text) == label


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("42", 42),
        ("first 3, then 4.50 km", 4.5),
        ("It costs $1,234,567.89.", 1234567.89),
        ("-$5", -5),
        ("\u22127 degrees", -7),
        ("10-5", 5),
        ("in 2024-05-31", 31),
        ("GPT4 says 12", 12),
        ("12 by GPT4", 12),
        ("45%", 45),
        ("**0.5**", 0.5),
        ("_7_", 7),
        (".25", 0.25),
        ("1e-3", 0.001),
        ("5e", 5),
        ("1,2,3", 3),
        ("12,3456", 3456),
        ("5kg", 5),
        ("Der Preis beträgt 3,50 €.", 3.5),
        ("-1,5", -1.5),
        ("0,125", 0.125),
        ("1234,567", 1234.567),
        ("1.234,56", 1234.56),
        ("1.234.567", 1234567),
        ("1\u00a0234", 1234),
        ("1\u202f234\u202f567,5 km", 1234567.5),
        ("1'234'567.8", 1234567.8),
        ("1\u2019234", 1234),
        ("\u20b912,34,567", 1234567),
        ("12,34,567.5", 1234567.5),
        ("1,5e3", 1500),
        ("1.5,2.5", 2.5),
        ("1, 5", 5),
        ("on 31.05.2024", 2024),
        ("in 2024\u00a0100", 100),
        ("1,234", 1234),
    ],
)
def test_number(text, number):
    assert parse(NUMBER, text) == number


def test_a_number_without_a_point_is_an_int():
    assert isinstance(parse(NUMBER, "42"), int)
    assert isinstance(parse(NUMBER, "42.0"), float)


PLAIN_TEXT = st.text(st.characters(exclude_characters="$€£¥,.+-\u2212", exclude_categories=["N"]))


@given(PLAIN_TEXT, st.integers(-(10**12), 10**12), PLAIN_TEXT)
def test_a_grouped_integer_in_text_is_found(before, number, after):
    assert parse(NUMBER, f"{before} {number:,} {after}") == number


@given(PLAIN_TEXT, st.floats(allow_nan=False, allow_infinity=False), PLAIN_TEXT)
def test_a_float_in_text_is_found(before, number, after):
    assert parse(NUMBER, f"{before} {number!r} {after}") == number


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
CONTAINERS = VALUES.filter(lambda value: isinstance(value, (list, dict)))
# Without a quote, because prose in quotes is a JSON string as a whole.
PROSE = st.text(st.characters(exclude_characters='[{`"'))


@given(PROSE, CONTAINERS, st.text(), st.sampled_from([None, 2]))
def test_json_in_prose_is_found(before, value, after, indent):
    assert parse(JSON, f"{before} {json.dumps(value, indent=indent)} {after}") == value


@given(PROSE, VALUES.filter(lambda value: value is not None and "```" not in json.dumps(value)))
def test_fenced_json_is_found(before, value):
    assert parse(JSON, f"{before}\n```json\n{json.dumps(value)}\n```\n[1] done") == value


@given(VALUES.filter(lambda value: value is not None))
def test_json_alone_is_itself(value):
    assert parse(JSON, f"\n{json.dumps(value, ensure_ascii=False)} ") == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('I {really} mean [sic] {"a": 1}', {"a": 1}),
        ('{"a": "two\nlines"}', {"a": "two\nlines"}),
        ('draft {"a": 0}\n```\n{"a": 1}\n```', {"a": 1}),
        ('```python\n{x}\n```\n{"a": 1}', {"a": 1}),
        ('{"a": 1} {"b": 2}', {"a": 1}),
        ('[2nd try, see {x}] {"a": 1}', {"a": 1}),
        ('[note {"a": 1}]', {"a": 1}),
        ('{"a": oops, "b": "}"} {"a": 1}', {"a": 1}),
    ],
)
def test_json_among_other_things(text, value):
    assert parse(JSON, text) == value


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"b": 1}, "c": ',
        '{"a": {"b": 1}, "c": "cut o',
        '{"a": [1, 2], "c"',
        '{"a": {"b": 1}, "c": None}',
        '{"a": 1,, "b": {"c": 2}}',
        '[1, "]", [2], oops]',
        "[NaN]",
        "[1e999]",
        '{"a": -Infinity}',
        "[" + "9" * 5000 + "]",
    ],
)
def test_json_cut_off_or_broken_fails_as_a_whole(text):
    assert failure(JSON, text) == "it holds no JSON value"


HALF = "\\ud83d"  # as JSON escapes it


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f'{{"q": "{HALF} cat"}}', {"q": "\ufffd cat"}),
        (f'so: [["a {HALF}"], {{"{HALF}": 1}}]', [["a \ufffd"], {"\ufffd": 1}]),
        ('"\\uD83D\\uDE00"', "\U0001f600"),
        (r'"a \\ud83d b"', r"a \ud83d b"),
        ('{"q": "\ud83d cat"}', {"q": "\ufffd cat"}),
    ],
)
def test_half_a_character_in_json_is_marked_as_such(text, value):
    assert parse(JSON, text) == value


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"kind": "text"}, "a \ud83d"),
        (FIELD, f'{{"answer": "a {HALF}"}}'),
        (XML, "<answer>a \ud83d</answer>"),
    ],
)
def test_half_a_character_is_marked_by_every_parser(spec, text):
    assert parse(spec, text) == "a \ufffd"


def test_two_halves_that_stand_together_are_one_character():
    assert parse({"kind": "text"}, "a \ud83d\ude00") == "a \U0001f600"


def test_depth_is_bounded():
    deepest = "[" * MAX_JSON_DEPTH + "]" * MAX_JSON_DEPTH
    assert parse(JSON, deepest) is not None
    assert failure(JSON, f"[{deepest}]".replace("[]", "[0]"))


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec["kind"])
@given(text=st.text())
def test_any_text_gives_an_answer_or_a_parse_failure(spec, text):
    with contextlib.suppress(ParseFailure):
        assert parse(spec, text) is not None


HOSTILE = [
    "{" * 10**6,
    "[" * 10**6,
    '{"' * 500_000,
    '{"a":' * 200_000,
    "[1," * 300_000,
    ("[" + "1," * 3000) * 160,
    "[1x\n" * 250_000,
    " " * 900_000 + "[1x" * 30_000,
    "[1x]" * 250_000,
    "[x" + '"\\' * 400_000,
    '["' + '\\"' * 400_000,
    "`" * 10**6,
    "```{" * 250_000,
    "<answer>" * 120_000,
    "Answer:" * 140_000,
    "1," * 500_000,
    "1,234," * 160_000,
    "1,23" + ",23" * 300_000,
    "1\u00a0234" * 160_000,
    "1.234.234" + ".234" * 200_000,
    "9" * 10**6,
    "a positive " * 18_000,
    "visual " + " " * 190_000,
    "visual " * 28_000,
    "a " * 99_000,
    "a" + "\u0301\u0316" * 99_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:8].strip() or "space")
def test_hostile_megabytes_end(text):
    """A quadratic parser would need hours for these, and so never end this test."""
    for spec in SPECS:
        with contextlib.suppress(ParseFailure):
            parse(spec, text)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({}, "no parser of kind None"),
        ({"kind": "yaml"}, "no parser of kind 'yaml'"),
        ({"kind": ["json"]}, "no parser of kind"),
        ({"kind": "after"}, "needs `marker`"),
        ({"kind": "after", "marker": " "}, "needs `marker`"),
        ({"kind": "json_field", "field": 3}, "needs `field`"),
        ({"kind": "label", "labels": "positive"}, "needs `labels`"),
        ({"kind": "label", "labels": []}, "needs `labels`"),
        ({"kind": "label", "labels": ["a", 3]}, "needs `labels`"),
        ({"kind": "xml", "tagg": "answer"}, "takes no 'tagg'"),
        ({"kind": "text", "marker": "x"}, "takes no 'marker'"),
    ],
)
def test_a_bad_spec_is_a_config_error(spec, message):
    with pytest.raises(ConfigError, match=re.escape(message)) as caught:
        parse(spec, "text")
    assert caught.value.fix


@pytest.mark.parametrize(
    ("contract", "kind"),
    [
        ({"type": "text"}, "text"),
        ({"type": "label", "labels": ["a"]}, "text"),
        ({"type": "number"}, "number"),
        ({"type": "json", "schema": {}}, "json"),
        ({}, "text"),
    ],
)
def test_default_parser(contract, kind):
    assert default_parser(contract) == {"kind": kind}


def test_default_parser_of_an_unknown_type():
    with pytest.raises(ConfigError, match="'yaml'"):
        default_parser({"type": "yaml"})


def test_import_is_light():
    heavy = ["pydantic", "jinja2", "yaml", "click", "dataclasses", "inspect"]
    code = (
        "import sys; before = set(sys.modules); import landrace.parsers;"
        f" print([name for name in {heavy} if name in set(sys.modules) - before])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
