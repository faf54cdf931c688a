"""What holds for every metric in the table."""

from __future__ import annotations

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from metric_samples import EXAMPLES, approving_judge, make, sample
from pydantic import ValidationError

from landrace.errors import CaseError
from landrace.metrics.base import AnswerMetric
from landrace.metrics.table import METRICS, json_schema

EVERY = pytest.mark.parametrize("name", METRICS)
ANSWERS = st.one_of(
    st.text(),
    st.text(st.characters(codec=None)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ),
)


def near(value):
    """Values with parts of this one, in any number and order, so that some of them score."""
    if isinstance(value, str):
        return near(value.split(" ")).map(" ".join)
    if isinstance(value, list):
        return st.lists(st.sampled_from(value), max_size=2 * len(value))
    if isinstance(value, dict):
        return st.dictionaries(st.sampled_from(list(value)), st.sampled_from(list(value.values())))
    return st.just(value)


def test_every_metric_has_an_example():
    rows = "tests/metrics/metric_samples.py, EXAMPLES"
    missing, extra = METRICS.keys() - EXAMPLES.keys(), EXAMPLES.keys() - METRICS.keys()
    assert not missing, f"{rows}: add a row with a perfect answer for {', '.join(sorted(missing))}"
    assert not extra, f"{rows}: there is no metric {', '.join(sorted(extra))}"


@EVERY
def test_a_perfect_answer_scores_one(name):
    example = EXAMPLES[name]
    assert make(name, **example.options).score(sample(example.expected, example.perfect)).value == 1


@EVERY
@given(data=st.data(), output=st.text())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_answer_gets_a_stable_score_in_range(name, data, output):
    example = EXAMPLES[name]
    answer = data.draw(st.one_of(near(example.perfect), near(example.expected), ANSWERS))
    given_sample = sample(example.expected, answer, output=output)
    score = make(name, **example.options).score(given_sample)
    assert 0 <= score.value <= 1
    assert isinstance(score.feedback, str)
    assert make(name, **example.options).score(given_sample) == score


@EVERY
def test_a_metric_asks_no_more_than_it_says(name):
    """What plans calls and what keeps the ceilings goes by its word."""
    example, asked = EXAMPLES[name], []

    def ask(request):
        asked.append(request)
        return approving_judge(request)

    metric = make(name, **example.options)
    metric.score(sample(example.expected, example.perfect, ask=ask))
    assert [(one.model, one.params) for one in asked] == [
        (judge.model, judge.params) for judge in metric.judges
    ]


@EVERY
def test_an_imperfect_answer_gets_feedback(name):
    example = EXAMPLES[name]
    score = make(name, **example.options).score(
        sample(example.expected, "four words of nonsense", latency_s=9.0)
    )
    assert score.value == 1 or len(score.feedback) > 10


@pytest.mark.parametrize("name", [n for n, m in METRICS.items() if issubclass(m, AnswerMetric)])
def test_an_unreadable_answer_scores_zero_and_is_quoted(name):
    example = EXAMPLES[name]
    metric = make(name, **example.options)
    score = metric.score(sample(example.expected, None, output="I am\nnot sure"))
    assert score.value == 0
    assert "could not be read as" in score.feedback
    assert r'"I am\nnot sure"' in score.feedback


@EVERY
def test_options_survive_a_round_trip(name):
    metric = make(name, **EXAMPLES[name].options)
    assert make(name, **metric.model_dump(mode="json", by_alias=True)) == metric


@EVERY
def test_an_unknown_option_is_an_error(name):
    with pytest.raises(ValidationError, match="nonsense"):
        make(name, **EXAMPLES[name].options, nonsense=1)


@EVERY
def test_options_are_documented(name):
    own = METRICS[name].model_json_schema()
    assert own["description"]
    assert all(option["description"] for option in own.get("properties", {}).values())


@EVERY
def test_the_published_schema_takes_the_example_and_nothing_unknown(name):
    validator = jsonschema.Draft7Validator(json_schema())
    entry = {"metric": name, "weight": 2, **EXAMPLES[name].options}
    assert list(validator.iter_errors(entry)) == []
    assert list(validator.iter_errors({**entry, "nonsense": 1}))


def test_the_published_schema_is_draft_07():
    schema = json_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    assert "$defs" not in str(schema)
    assert "prefixItems" not in str(schema)


NEEDS_EXPECTED = [
    name for name, example in EXAMPLES.items() if example.expected is not None and name != "python"
]


@pytest.mark.parametrize("name", NEEDS_EXPECTED)
@pytest.mark.parametrize("expected", [None, [], {}, [None], [[1]]], ids=repr)
def test_an_unusable_expected_is_named_on_load_and_refused_later(name, expected):
    metric = make(name, **EXAMPLES[name].options)
    why = metric.check_expected(expected)
    assert isinstance(why, str)
    with pytest.raises(CaseError, match="`expected` does not suit"):
        metric.score(sample(expected, "x"))


@EVERY
def test_what_it_calls_a_right_answer_scores_one(name):
    """Examples show it, so it would teach what is wrong."""
    example = EXAMPLES[name]
    metric = make(name, **example.options)
    assert metric.right_answer(None) is None
    right = metric.right_answer(example.expected)
    if right is None:
        assert metric.wanted(example.expected)
    else:
        first = right[0] if isinstance(right, list) else right
        assert metric.score(sample(example.expected, first)).value == 1


@EVERY
def test_the_examples_expected_is_usable(name):
    example = EXAMPLES[name]
    assert make(name, **example.options).check_expected(example.expected) is None


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("exact_match", {}),
        ("one_of", {}),
        ("contains", {}),
        ("f1", {}),
        ("similarity", {"method": "WRatio"}),
        ("similarity", {"method": "partial_ratio"}),
        ("similarity", {"method": "token_set_ratio"}),
        ("rouge", {"kind": "rouge1"}),
        ("rouge", {"kind": "rougeL", "stem": True}),
        ("bleu", {"kind": "bleu"}),
        ("bleu", {"kind": "bleu", "tokenize": "intl"}),
        ("bleu", {"kind": "bleu", "tokenize": "char"}),
        ("bleu", {"kind": "chrf++", "ignore_case": True}),
    ],
    ids=str,
)
@given(text=st.text(min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_the_expected_text_itself_scores_one(name, options, text):
    metric = make(name, **options)
    if metric.check_expected(text) is None:
        assert metric.score(sample(text, text)).value == 1
