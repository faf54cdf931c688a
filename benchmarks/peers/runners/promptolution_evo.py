"""promptolution's EvoPromptGA and EvoPromptDE: option ``way`` is "ga" or "de".

Changed for the budget: a smaller population, fewer steps and fewer training cases than the paper's
10, 10 and 50 or more, all of which every prompt meets. All else is its default: parents by
roulette, or the best prompt as the donor.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from fit import EvoSize, evo_size
from promptolution.optimizers import EvoPromptDE, EvoPromptGA
from promptolution_side import answer, best, draw, parts
from side import main

WAYS = {"ga": EvoPromptGA, "de": EvoPromptDE}


class Settings(NamedTuple):
    size: EvoSize
    train: list[dict[str, Any]]


def settings(job: dict[str, Any]) -> tuple[str, Settings]:
    cases = draw(job)
    size = evo_size(job["budget"], len(cases))
    words = (
        f"population {size.population}, {size.steps} steps, {size.train} training cases, "
        f"at most {size.calls} calls"
    )
    return words, Settings(size, cases[: size.train])


def search(job: dict[str, Any], chosen: Settings) -> tuple[Any, str]:
    optimizer = WAYS[job["options"]["way"]]
    size = chosen.size
    return best(
        job,
        lambda: optimizer(**parts(job, chosen.train, size.population)._asdict()),
        size.steps,
    )


if __name__ == "__main__":
    main(settings, search, answer)
