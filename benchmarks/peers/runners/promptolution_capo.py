"""promptolution's CAPO.

Changed for the budget: a smaller population, then fewer cases, and blocks of a third of them where
its own are 30. A tenth of the cases, and no fewer than it may show, is kept for examples. All else
is its default: 4 crossovers a step, up to 5 examples with the model's own reasons, alpha .2, length
penalty .05, and 10 steps, which the budget ends.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from fit import CapoSize, capo_size
from promptolution.optimizers import CAPO
from promptolution_side import answer, best, draw, parts, table
from side import main

STEPS = 10


class Settings(NamedTuple):
    size: CapoSize
    train: list[dict[str, Any]]
    shown: list[dict[str, Any]]


def settings(job: dict[str, Any]) -> tuple[str, Settings]:
    cases = draw(job)
    size = capo_size(job["budget"], len(cases))
    words = (
        f"population {size.population}, {size.train} training cases in blocks of {size.block}, "
        f"examples out of {size.shown}, at most {size.first_step} calls in the first step"
    )
    end = size.shown + size.train
    return words, Settings(size, cases[size.shown : end], cases[: size.shown])


def search(job: dict[str, Any], chosen: Settings) -> tuple[Any, str]:
    size = chosen.size

    def make() -> CAPO:
        given = parts(
            job,
            chosen.train,
            size.population,
            n_subsamples=size.block,
            eval_strategy="sequential_block",
        )
        return CAPO(**given._asdict(), df_few_shots=table(chosen.shown))

    return best(job, make, STEPS)


if __name__ == "__main__":
    main(settings, search, answer)
