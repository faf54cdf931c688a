from __future__ import annotations

import importlib
import math
import pkgutil
import subprocess
import sys

import pytest
from metric_samples import sample
from pydantic import ValidationError

from landrace import metrics
from landrace.errors import ConfigError, FormatError
from landrace.metrics.base import MetricOptions
from landrace.metrics.exact_match import ExactMatch
from landrace.metrics.table import METRICS, Combined, Part, build, digest
from landrace.schemas.prompt import MetricConfig
from landrace.schemas.score import Score


def built(*entries):
    return build([MetricConfig.model_validate(entry) for entry in entries])


def test_every_metric_that_a_module_defines_has_a_row():
    modules = [
        importlib.import_module(f"{metrics.__name__}.{module.name}")
        for module in pkgutil.iter_modules(metrics.__path__)
        if module.name != "base"
    ]
    defined = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, MetricOptions)
        and value.__module__ == module.__name__
    }
    orphans = sorted(metric.__module__ for metric in defined - set(METRICS.values()))
    assert not orphans, f"src/landrace/metrics/table.py: add a row to METRICS for {orphans}"


def test_one_metric_stays_plain():
    metric = built({"metric": "exact_match", "ignore_case": True, "weight": 3})
    assert metric == ExactMatch(ignore_case=True)


def test_several_are_weighed():
    metric = built(
        {"metric": "exact_match", "weight": 3},
        {"metric": "contains"},
        {"metric": "f1"},
    )
    score = metric.score(sample("red", "red hat"))
    assert score.parts == {"exact_match": 0.0, "contains": 1.0, "f1": pytest.approx(2 / 3)}
    assert score.value == pytest.approx((0 * 3 + 1 + 2 / 3) / 5)
    assert score.feedback == (
        'exact_match: expected "red", got "red hat"'
        " (the right words, but with more around them)\n"
        'f1: expected "red", got "red hat"; too much: hat'
    )


def test_perfect_parts_make_exactly_one():
    metric = built(*({"metric": "contains", "weight": weight} for weight in (0.1, 0.2, 0.7, 1.1)))
    score = metric.score(sample("a", "a"))
    assert (score.value, score.feedback) == (1.0, "")


def test_a_weight_has_a_bound():
    """So that sums of weights have one."""
    with pytest.raises(ValidationError, match="less than or equal to 1000000"):
        MetricConfig(metric="contains", weight=1e308)
    assert MetricConfig(metric="contains", weight=1_000_000).weight == 1_000_000


def test_a_repeated_metric_keeps_its_own_part():
    metric = built({"metric": "contains"}, {"metric": "contains", "ignore_case": True})
    assert metric.score(sample("A", "a")).parts == {"contains": 0.0, "contains#2": 1.0}


def test_an_option_may_be_called_options():
    assert built({"metric": "one_of", "options": ["a"]}).options == ("a",)


class Rude(MetricOptions):
    """Gives what no metric may."""

    value: float

    def score(self, sample):
        del sample
        return Score(self.value)


@pytest.mark.parametrize("value", [66.7, -0.1, math.nan, math.inf])
def test_a_part_that_leaves_the_scale_is_named(value):
    rude = Rude.model_construct(value=value)
    metric = Combined((Part("exact_match", 1, ExactMatch()), Part("rude", 1, rude)))
    with pytest.raises(ConfigError, match=rf"the metric rude gave a score of {value}, .* 0\.\.1"):
        metric.score(sample("a", "a"))


def test_expected_must_suit_every_part():
    metric = built({"metric": "contains"}, {"metric": "numeric"})
    assert metric.check_expected("3") is None
    assert metric.check_expected("three").startswith("numeric: it must be a number")


@pytest.mark.parametrize(
    ("entry", "problem", "fix"),
    [
        (
            {"metric": "exact_mach"},
            "`metrics[1].metric`: there is no metric 'exact_mach'",
            "Did you mean 'exact_match'? The metrics are exact_match, one_of",
        ),
        (
            {"metric": "exact_match", "ignore_cas": True},
            "`metrics[1].ignore_cas`: exact_match has no option 'ignore_cas'",
            "Did you mean 'ignore_case'? exact_match takes ignore_case, strip, ",
        ),
        (
            {"metric": "json_schema", "schma": {}},
            "`metrics[1].schma`: json_schema has no option 'schma'",
            "Did you mean 'schema'? json_schema takes schema.",
        ),
        (
            {"metric": "f1", "zzz": 1},
            "`metrics[1].zzz`: f1 has no option 'zzz'",
            "f1 takes no options.",
        ),
        (
            {"metric": "cost"},
            "`metrics[1].limit_usd`: cost needs this option",
            "cost takes limit_usd.",
        ),
        (
            {"metric": "regex", "flags": ["ignore_case", "x"]},
            "`metrics[1].flags[1]`: Input should be 'ignore_case', 'multiline' or 'dot_all'",
            "regex takes pattern, mode, flags.",
        ),
        (
            {"metric": "json_fields", "fields": {"a": -1}},
            "`metrics[1].fields.a`: Input should be greater than or equal to 0",
            "json_fields takes fields, ",
        ),
        (
            {"metric": "length"},
            "`metrics[1]`: give exactly one of `limit` and `target`",
            "length takes limit, target, unit.",
        ),
    ],
)
def test_a_bad_entry_is_named_with_what_is_allowed(entry, problem, fix):
    with pytest.raises(FormatError) as caught:
        built({"metric": "f1"}, entry)
    assert caught.value.problem == problem
    assert caught.value.fix.startswith(fix)


def test_no_metric_at_all():
    with pytest.raises(FormatError, match="`metrics` is empty"):
        build([])


def test_digest_follows_what_decides_the_score():
    plain = digest(built({"metric": "contains"}))
    assert plain == digest(built({"metric": "contains", "mode": "all", "weight": 9}))
    others = [
        built({"metric": "contains", "mode": "any"}),
        built({"metric": "f1"}),
        built({"metric": "contains"}, {"metric": "f1"}),
        built({"metric": "contains"}, {"metric": "f1", "weight": 2}),
        built({"metric": "llm_judge", "model": "a", "rubric": "r"}),
        built({"metric": "llm_judge", "model": "b", "rubric": "r"}),
        built({"metric": "llm_judge", "model": "b", "rubric": "r", "params": {"seed": 1}}),
    ]
    assert len({plain, *map(digest, others)}) == len(others) + 1


def test_combined_is_what_several_make():
    assert isinstance(built({"metric": "f1"}, {"metric": "f1"}), Combined)


def test_the_table_imports_no_metric_library():
    heavy = ["rapidfuzz", "rouge_score", "sacrebleu", "jsonschema", "nltk", "numpy", "litellm"]
    code = (
        "import sys, landrace.metrics.table;"
        f" print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_judges_are_those_of_all_parts():
    judges = [
        {"metric": "llm_judge", "model": model, "rubric": "Polite?"} for model in ("a", "b", "a")
    ]
    metric = built(judges[0], {"metric": "contains"}, *judges[1:])
    assert [judge.model for judge in metric.judges] == ["a", "b", "a"]
    assert built({"metric": "contains"}, {"metric": "python", "function": "a.py:f"}).judges == ()


def test_what_is_right_for_several_metrics_is_right_for_each():
    both = build([MetricConfig(metric="exact_match"), MetricConfig(metric="contains")])
    assert both.right_answer("red") == "red"
    assert both.right_answer(["red", "blue"]) is None
    assert both.wanted(["red", "blue"]) == 'an answer that contains each of "red", "blue"'
    short = build([MetricConfig(metric="length", limit=3), MetricConfig(metric="exact_match")])
    assert short.right_answer([3, 5]) == 3
