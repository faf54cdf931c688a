from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pytest_regressions.data_regression import RegressionYamlDumper

from landrace.errors import FormatError
from landrace.schemas.baseline import Baseline, BaselineCase, ScoredAnswer
from landrace.store.baselines import read_baseline

# What a case id or a model may be called; PyYAML itself cannot write U+0085 so that it is read.
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x85"), min_size=1, max_size=30)
answers = st.builds(
    ScoredAnswer.model_validate,
    st.fixed_dictionaries(
        {"score": st.floats(0, 1)},
        optional={
            "parts": st.dictionaries(texts, st.floats(0, 1), max_size=2),
            "measures": st.dictionaries(texts, st.none() | st.floats(0, 1e9), max_size=2),
        },
    ),
)
cases = st.builds(
    BaselineCase,
    id=texts | st.sampled_from(["1e3", "012", "0o7", "yes", "1:30", "2026-01-01", "~", "- x"]),
    digest=st.from_regex(r"\A[0-9a-f]{16}\Z") | st.just("123456789012e345"),
    answers=st.tuples(answers),
)
baselines = st.builds(
    Baseline,
    schema_version=st.just(1),
    prompt=texts,
    model=texts,
    case_set=st.sampled_from(["all", "holdout"]),
    kind=st.sampled_from(["template", "pin"]),
    variant=st.from_regex(r"\A[0-9a-f]{16}\Z"),
    params=st.dictionaries(texts, st.integers() | st.booleans() | texts, max_size=3),
    eval_set=texts,
    metric=texts,
    metrics=st.dictionaries(texts, texts, max_size=2),
    cases=st.lists(cases, max_size=4).map(tuple),
)


@given(baseline=baselines)
def test_what_pytest_regressions_writes_is_read_as_it_was(baseline, tmp_path_factory):
    path = tmp_path_factory.mktemp("kept") / "gate.yml"
    with path.open("wb") as file:
        yaml.dump_all(
            [baseline.model_dump(mode="json", exclude_unset=True)],
            file,
            Dumper=RegressionYamlDumper,
            default_flow_style=False,
            allow_unicode=True,
            indent=2,
            encoding="utf-8",
        )
    assert read_baseline(path, "gate.yml") == baseline


def test_there_may_be_none_yet(tmp_path):
    assert read_baseline(tmp_path / "gate.yml", "gate.yml") is None


@pytest.mark.parametrize(
    ("text", "where", "problem"),
    [
        ("cases: [\n- {", "kept/gate.yml:2", "not YAML"),
        ("- 1\n", "kept/gate.yml", "must be a mapping"),
        ("schema_version: 1\n", "kept/gate.yml", "`prompt` is missing"),
        ("!!python/object/apply:os.getcwd []\n", "kept/gate.yml:1", "not YAML"),
        ("\x00", "kept/gate.yml", "not YAML"),
        ("", "kept/gate.yml", "must be a mapping"),
    ],
)
def test_what_is_no_baseline_is_named_with_what_to_do(tmp_path, text, where, problem):
    path = tmp_path / "gate.yml"
    path.write_text(text)
    with pytest.raises(FormatError, match=problem) as caught:
        read_baseline(path, "kept/gate.yml")
    assert caught.value.where == where
    assert "--regen-all" in caught.value.fix


def test_bytes_that_are_no_text_are_no_baseline(tmp_path):
    path = tmp_path / "gate.yml"
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(FormatError, match="not YAML"):
        read_baseline(path, "gate.yml")
