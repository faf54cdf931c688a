"""Runs studies under random ceilings and counts what really passed the model's door.

python -m benchmarks.ceilings [--budgets 200]
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.repositories import small_repository

from landrace.errors import BudgetExhaustedError
from landrace.gateway.base import Completion, Request
from landrace.gateway.metered import Price
from landrace.ledger import Ledger
from landrace.schemas.score import Usage
from landrace.store.project import Project
from landrace.workflows.estimate import estimate
from landrace.workflows.optimize import optimize
from landrace.workflows.plan import Selection, plan
from landrace.workflows.services import Services
from landrace.workflows.tasks import Ceilings, make_task

PRICE = Price(1e-6, 4e-6)


class Door:
    """A model that knows some first letters, and keeps its own books."""

    def __init__(self) -> None:
        self.calls, self.tokens, self.cost = 0, 0, 0.0

    def complete(self, request: Request) -> Completion:
        text = request.messages[-1].content
        demos = sum(message.role == "assistant" for message in request.messages)
        answer = text[-1] if hash_of(text) % 8 > demos else text.rsplit("\n", 1)[-1][0]
        usage = Usage(sum(len(m.content) // 3 + 4 for m in request.messages), 2, 0.0)
        usage = Usage(
            usage.prompt_tokens, 2, usage.prompt_tokens * PRICE.prompt + 2 * PRICE.completion
        )
        time.sleep(0.003)
        self.calls += 1
        self.tokens += usage.tokens
        self.cost += usage.cost_usd or 0.0
        return Completion(answer, usage=usage, latency_s=0.0)


def hash_of(text: str) -> int:
    return sum(ord(char) for char in text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budgets", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    passed = {"calls": 0, "tokens": 0, "cost": 0, "time": 0, "estimate": 0}
    ended = 0
    worst = dict.fromkeys(("calls", "tokens", "cost", "time"), 0.0)
    for _ in range(options.budgets):
        with tempfile.TemporaryDirectory() as folder:
            ceilings = Ceilings(
                calls=rng.randint(170, 600),
                tokens=rng.randint(2_000, 80_000),
                cost_usd=rng.uniform(0.002, 0.1),
                seconds=rng.uniform(0.5, 4),
            )
            ended += not one(Path(folder), ceilings, passed, worst)
    shares = ", ".join(f"{name} {share:.0%}" for name, share in worst.items())
    print(f"{options.budgets} budgets; {ended} ended before a first score")
    print(f"ceilings passed: {passed}")
    print(f"most of a ceiling that was used: {shares}")
    sys.exit(1 if any(passed.values()) else 0)


def one(folder: Path, ceilings: Ceilings, passed: dict[str, int], worst: dict[str, float]) -> bool:
    project = Project(small_repository(folder / "repo", "fake/door"))
    cells = plan(project, Selection(), {})
    at_most = estimate(make_task(project, cells[0], ceilings=ceilings), lambda _m: PRICE)
    door, finished = Door(), True
    with Ledger(project.root / ".landrace/ledger.jsonl") as ledger:
        began = time.monotonic()
        try:
            list(optimize(project, cells, services(door, ledger), ceilings=ceilings))
        except BudgetExhaustedError:
            finished = False
        took = time.monotonic() - began
    used = {
        "calls": door.calls / (ceilings.calls or 1),
        "tokens": door.tokens / (ceilings.tokens or 1),
        "cost": door.cost / (ceilings.cost_usd or 1),
        "time": took / (ceilings.seconds or 1),
    }
    for name, share in used.items():
        passed[name] += share > 1
        worst[name] = max(worst[name], share)
    passed["estimate"] += door.calls > at_most.calls or door.tokens > at_most.tokens
    return finished


def services(door: Door, ledger: Ledger) -> Services:
    return Services(door, ledger, price=lambda _model: PRICE)


if __name__ == "__main__":
    main()
