"""What both sides are asked and graded by, and what of head is not run."""

from __future__ import annotations

import pytest

from colours import CONFIG
from landrace.metrics import table as metrics
from landrace.schemas.prompt import MetricConfig
from landrace.store.project import Project
from landrace.store.splits import position
from landrace.workflows.gating.suite import (
    UnfitError,
    adapted,
    metric_names,
    read_suite,
    why_not_run,
)
from skill import words

JUDGE = {"metric": "llm_judge", "model": "fake/judge", "rubric": "Polite?"}


def metric(root, *options):
    return metrics.build([MetricConfig.model_validate(one) for one in options], root=root)


class TestReading:
    def test_the_order_is_that_of_the_hash_and_not_of_the_file(self, world):
        source = Project(world.root).read_prompt("colours")
        suite = read_suite(source, holdout_only=False)
        places = [position(case, 0) for case in suite.cases]
        assert places == sorted(places)
        world.cases(words(60)[::-1])
        assert read_suite(source, holdout_only=False).cases == suite.cases

    def test_the_holdout_is_a_part_of_all_in_the_same_order(self, world):
        source = Project(world.root).read_prompt("colours")
        everything = read_suite(source, holdout_only=False).cases
        holdout = read_suite(source, holdout_only=True).cases
        assert 0 < len(holdout) < len(everything)
        assert [case for case in everything if case in holdout] == list(holdout)

    def test_names_of_one_metric_and_of_several(self, world):
        assert metric_names(metric(world.root, {"metric": "contains"})) == ("contains",)
        several = metric(world.root, {"metric": "contains"}, {"metric": "contains"}, JUDGE)
        assert metric_names(several) == ("contains", "contains#2", "llm_judge")


class TestAdapting:
    @pytest.fixture
    def take(self, world):
        cases = read_suite(Project(world.root).read_prompt("colours"), holdout_only=False).cases

        def take(**inputs):
            world.config(inputs={**CONFIG["inputs"], **inputs})
            return adapted(cases, Project(world.root).read_prompt("colours")), cases

        return take

    def test_cases_that_fit_are_the_very_same(self, take):
        taken, cases = take()
        assert all(one is other for one, other in zip(taken, cases, strict=True))

    def test_nested_schemas_are_checked_too(self, take):
        with pytest.raises(UnfitError, match="case `word"):
            take(properties={"word": {"type": "string", "maxLength": 3}})


class TestWhatIsNotRun:
    @pytest.fixture(autouse=True)
    def _files(self, world):
        world.repo.write("g.py", "from os import system\ndef same(*_):\n    return 1\n")
        world.repo.write("copy.py", (world.root / "g.py").read_text())
        world.repo.write("other.py", "def same(*_):\n    return 0\n")
        world.repo.write("rubric.md", "Polite?")

    @pytest.mark.parametrize(
        ("base", "head", "why"),
        [
            ([{"metric": "contains"}], [{"metric": "regex", "pattern": "a"}], ""),
            (
                [{"metric": "python", "function": "g.py:same"}],
                [{"metric": "python", "function": "copy:same"}],
                "",
            ),
            (
                [{"metric": "python", "function": "g.py:same"}],
                [{"metric": "contains"}, {"metric": "python", "function": "other.py:same"}],
                "code of head is not run",
            ),
            (
                [{"metric": "python", "function": "g.py:same"}],
                [{"metric": "python", "function": "g.py:system"}],
                "code of head is not run",
            ),
            (
                [{"metric": "contains"}],
                [{"metric": "python", "function": "g.py:same"}],
                "code of head is not run",
            ),
            ([JUDGE], [{**JUDGE, "rubric": "Rude?", "scale": 9}], ""),
            ([JUDGE], [{**JUDGE, "rubric": None, "rubric_file": "rubric.md"}], ""),
            ([JUDGE], [{**JUDGE, "model": "fake/dear"}], "(fake/dear)"),
            ([JUDGE], [{**JUDGE, "params": {"api_base": "http://x.example"}}], "(fake/judge)"),
            ([{"metric": "contains"}], [JUDGE], "(fake/judge)"),
        ],
    )
    def test_heads_code_and_heads_judges(self, world, base, head, why):
        found = why_not_run(metric(world.root, *base), metric(world.root, *head))
        assert (why in found) if why else not found
