"""promptolution's OPRO, from the base prompt alone.

Changed for the budget: as many training cases as let it take a few steps of its 8 proposals, where
the paper has 200 steps. All else is its default, and 10 steps, which the budget ends.
"""

from __future__ import annotations

from typing import Any

from fit import opro_cases
from promptolution.optimizers import OPRO
from promptolution_side import answer, best, draw, parts
from side import main

PROPOSALS = 8
STEPS = 10


def settings(job: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    cases = draw(job)
    size = opro_cases(job["budget"], len(cases), PROPOSALS)
    return f"{size} training cases, {PROPOSALS} proposals a step", cases[:size]


def search(job: dict[str, Any], cases: list[dict[str, Any]]) -> tuple[Any, str]:
    return best(job, lambda: OPRO(**parts(job, cases, population=1)._asdict()), STEPS)


if __name__ == "__main__":
    main(settings, search, answer)
