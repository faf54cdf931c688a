from __future__ import annotations

import pytest

from landrace.errors import FormatError
from landrace.store.project import Project
from landrace.workflows.evaluation_setup import set_up
from landrace.workflows.initialise import initialise
from landrace.workflows.plan import Selection, plan
from landrace.workflows.prompt_metric import metric_of, metric_part

PROMPT = "prompts/route-note/prompt.yaml"


@pytest.fixture
def project(tmp_path):
    initialise(tmp_path)
    return Project(tmp_path)


def told(project, metrics):
    """The error that a prompt with these metrics, in the lines of its only one, leads to."""
    path = project.root / PROMPT
    before, _, rest = path.read_text(encoding="utf-8").partition("metrics:\n")
    after = "".join(line for line in rest.splitlines(keepends=True) if not line.startswith(" "))
    path.write_text(f"{before}metrics:\n{metrics}{after}", encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        metric_of(project.read_prompt("route-note"))
    return caught.value, before.count("\n") + 1


@pytest.mark.parametrize(
    ("metrics", "line", "problem"),
    [
        ("  - metric: exact_mach\n", 1, "`metrics[0].metric`: there is no"),
        ("  - metric: f1\n  - metric: f1\n    zzz: 1\n", 3, "`metrics[1].zzz`: f1 has no option"),
        ("  - metric: f1\n  - metric: cost\n", 2, "`metrics[1].limit_usd`: cost needs this"),
        ("  - metric: regex\n    pattern: a\n    flags:\n      - dot_all\n      - x\n", 5, "Input"),
    ],
)
def test_a_bad_metric_is_told_with_its_line(project, metrics, line, problem):
    error, first = told(project, metrics)
    assert error.where == f"{PROMPT}:{first + line}"
    assert problem in error.problem


def test_plans_and_evaluations_tell_it_alike(project):
    error, _ = told(project, "  - metric: exact_mach\n")
    with pytest.raises(FormatError) as planning:
        plan(project, Selection(), {})
    with pytest.raises(FormatError) as evaluating:
        set_up(project, "route-note", models=[], variant="base", split="all", cases=None)
    assert str(planning.value) == str(evaluating.value) == str(error)


def test_one_of_several_is_known_by_its_place(project):
    told(project, "  - metric: f1\n  - metric: exact_mach\n")
    source = project.read_prompt("route-note")
    assert metric_part(source, 0).judges == ()
    with pytest.raises(FormatError, match=r"`metrics\[1\].metric`"):
        metric_part(source, 1)
