"""``landrace eval``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from landrace.commands.eval_results import EvalResults
from landrace.commands.output import count, emit, examples, format_option
from landrace.commands.progress import progress
from landrace.commands.services import ceilings, ceilings_options, services
from landrace.errors import BudgetExhaustedError
from landrace.reports.figures import UNKNOWN, points
from landrace.reports.neutralise import one_line
from landrace.reports.text import table
from landrace.schemas.case import SPLITS
from landrace.schemas.pipeline import Budget
from landrace.store.project import Project, find_root
from landrace.workflows.callable import check_callable
from landrace.workflows.evaluate import Evaluation, evaluate
from landrace.workflows.evaluation_setup import EvaluationSetup, set_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from landrace.commands.progress import Progress
    from landrace.gateway.metered import Spend
    from landrace.schemas.score import Outcome
    from landrace.workflows.tasks import Ceilings

FAILURES_SHOWN = 3


class Row(NamedTuple):
    """One evaluated model, and where its results went."""

    model: str
    found: Evaluation
    results: str


@click.command(
    epilog=examples(
        "landrace eval review-sentiment",
        "landrace eval review-sentiment --model openai/gpt-5-mini --max-cost 0.50",
        "landrace eval review-sentiment --variant pinned --split holdout --format json",
    )
)
@click.argument("prompt")
@click.option(
    "--model", "models", multiple=True, metavar="ID", help="Default: every model of the pipelines."
)
@click.option(
    "--variant",
    type=click.Choice(["base", "pinned"]),
    default="base",
    show_default=True,
    help="The template in prompts/, or what is pinned for the model.",
)
@click.option(
    "--split",
    type=click.Choice([*SPLITS, "all"]),
    default="all",
    show_default=True,
    help="Which cases.",
)
@click.option("--cases", metavar="FILE", help="Other cases than the prompt's own (JSONL).")
@ceilings_options
@format_option()
def command(
    *,
    prompt: str,
    models: tuple[str, ...],
    variant: str,
    split: str,
    cases: str | None,
    output_format: str,
    **options: Any,
) -> None:
    """Score a prompt on its cases, for one model or several.

    Calls that were made before come out of the ledger and cost nothing. Each output with its
    score and feedback goes to a file under .landrace/evals/, of pinned variants to one named
    .pinned.jsonl; where a run ends early, to one named .partial.jsonl beside it. A call that
    fails for good is missing, never a low score.
    """
    project = Project(find_root(Path.cwd()))
    setups = set_up(
        project,
        prompt,
        models=models,
        variant=variant,
        split=split,
        cases=Path(cases) if cases else None,
    )
    for setup in setups:
        check_callable([setup.model], setup.metric.judges)
    rows = _run(project, setups, variant, ceilings(options))
    emit([_data(row) for row in rows], _text(rows), output_format)
    for row in rows:
        if row.found.ended:
            raise BudgetExhaustedError(
                f"{row.model}: {row.found.ended} after {row.found.cases} cases",
                fix="raise the ceiling and run the same command; what was paid for is kept",
            )


def _run(
    project: Project, setups: list[EvaluationSetup], variant: str, limits: Ceilings
) -> list[Row]:
    rows = []
    with services(project, [setup.model for setup in setups]) as given, progress() as shown:
        for setup in setups:
            with EvalResults(project.root, setup, variant) as results:
                found = evaluate(
                    setup.variant,
                    setup.cases(),
                    model=setup.model,
                    metric=setup.metric,
                    budget=limits.over(Budget()),
                    services=given,
                    on_outcome=_into(results, shown, setup),
                )
                if not found.ended:
                    results.finish()
            rows.append(Row(setup.model.id, found, results.path))
    return rows


def _into(
    results: EvalResults, shown: Progress, setup: EvaluationSetup
) -> Callable[[Outcome, Spend], None]:
    total, count = 0.0, 0

    def take(outcome: Outcome, spent: Spend) -> None:
        nonlocal total, count
        if outcome.score is not None:
            total, count = total + outcome.score.value, count + 1
        results.add(outcome)
        shown.update(
            f"{setup.prompt} on {setup.model.id}",
            "eval",
            score=total / count if count else None,
            calls=spent.calls,
            tokens=spent.tokens,
            cost_usd=spent.cost_usd or None,
            measure="mean so far",
        )

    return take


def _text(rows: list[Row]) -> str:
    header = ("model", "score", "interval", "cases", "coverage", "calls", "tokens", "cost")
    lines = [table(header, [_row(row) for row in rows])]
    for row in rows:
        worst = ", ".join(case for _, case in row.found.worst)
        lines.append(f"{row.results}" + (f"  lowest: {worst}" if worst else ""))
        lines += _unread(row.found)
    return "\n".join(lines)


def _unread(found: Evaluation) -> list[str]:
    """How many answers could not be read, and what failed on the way to them."""
    lines = []
    if found.unread:
        lines.append(f"{found.unread:,} of {count(found.scored, 'answer')} could not be read")
    for failure, times in found.failures[:FAILURES_SHOWN]:
        lines.append(f"  {one_line(failure)} (in {count(times, 'case')})")
    return lines


def _row(row: Row) -> tuple[str, ...]:
    found = row.found
    interval = found.interval
    return (
        row.model,
        points(interval.mean) if interval else UNKNOWN,
        f"[{points(interval.low)}, {points(interval.high)}]" if interval else UNKNOWN,
        f"{found.cases:,}",
        f"{found.coverage:.0%}",
        f"{found.spent.calls:,}",
        f"{found.spent.tokens:,}",
        UNKNOWN if found.cost_usd is None else f"${found.cost_usd:,.4f}",
    )


def _data(row: Row) -> dict[str, Any]:
    found = row.found
    return {
        "model": row.model,
        "cases": found.cases,
        "coverage": found.coverage,
        "score": found.interval._asdict() if found.interval else None,
        "metrics": found.parts,
        "unread": found.unread,
        "failures": [{"problem": problem, "cases": n} for problem, n in found.failures],
        "lowest": [{"id": case, "score": value} for value, case in found.worst],
        "calls": found.spent.calls,
        "tokens": found.spent.tokens,
        "cost_usd": found.cost_usd,
        "results": row.results,
        "ended": found.ended or None,
    }
