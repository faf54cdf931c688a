from __future__ import annotations

import pytest

from landrace.errors import LandraceError
from landrace.optimizers.table import STRATEGIES
from landrace.store.project import Project
from landrace.workflows.check import check
from landrace.workflows.initialise import initialise
from landrace.workflows.strategy_options import option_problems, options_read

PIPELINE = "pipelines/default.yaml"


@pytest.fixture
def written(tmp_path):
    """Writes a strategy into the pipeline; gives what check finds, and the pipeline."""
    initialise(tmp_path)

    def write(strategy):
        path = tmp_path / PIPELINE
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("name: auto", strategy), encoding="utf-8")
        source = Project(tmp_path).read_pipeline("default")
        findings = [one for one in check(tmp_path).findings if one.severity == "error"]
        return findings, source

    return write


@pytest.mark.parametrize(
    "strategy",
    [
        "name: atuo",
        "name: gpo/zzz",
        "name: sammo, options: {search: bean}",
        "name: sammo, options: {depth: 0}",
        "name: sammo, options: {objective: {max_dorp: 0.1}}",
        'name: sammo, options: {depth: "8"}',
    ],
)
def test_check_and_plan_say_the_same_of_a_strategy(written, strategy):
    [finding], source = written(strategy)
    with pytest.raises(LandraceError) as caught:
        options_read(source)
    error = caught.value
    assert (finding.where, finding.problem, finding.fix) == (error.where, error.problem, error.fix)


def test_an_option_is_named_by_its_whole_path(written):
    _, source = written("name: sammo, options: {objective: {max_dorp: 0.1}}")
    (problem,) = option_problems(source)
    assert problem.line == "`strategy.options.objective.max_dorp` is not a known key"


FAMILIES = ", ".join(name for name in STRATEGIES if "/" not in name)
GPO = ", ".join(name for name in STRATEGIES if name.startswith("gpo/"))


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("atuo", f"did you mean `auto`? (the strategies are {FAMILIES})"),
        ("quite-another", f"the strategies are {FAMILIES}"),
        ("gpo/quite-another", f"the presets of `gpo` are {GPO}"),
    ],
)
def test_an_unknown_strategy_is_told_the_nearest_and_the_families(written, name, fix):
    [finding], _ = written(f"name: {name}")
    assert finding.problem == f"there is no strategy `{name}`"
    assert finding.fix == fix
