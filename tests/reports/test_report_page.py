from __future__ import annotations

from pathlib import Path

from landrace.optimizers.strategy import Sizes
from landrace.optimizers.table import STRATEGIES
from landrace.reports.markdown import markdown
from report_examples import PROMOTED

PAGE = Path(__file__).parents[2] / "docs" / "reports.md"


def test_the_page_about_reports_ends_with_a_report_as_it_is_rendered_today():
    assert PAGE.read_text(encoding="utf-8").endswith(f"\n\n{markdown(PROMOTED)}")


def test_its_search_is_one_that_its_strategy_makes():
    strategy, stages = STRATEGIES[PROMOTED.strategy], PROMOTED.stages
    sizes = Sizes(**PROMOTED.splits, rivals=2)
    searched = PROMOTED.spent.calls - 3 * sizes.holdout
    assert sum(stage.calls for stage in stages) == searched
    shares = strategy.shares(strategy.options(), sizes, searched)
    assert [stage.name for stage in stages] == list(shares)
    assert {one.select.n for one in PROMOTED.contenders} == {sizes.select}
    assert {one.holdout.n for one in PROMOTED.contenders} == {sizes.holdout}
