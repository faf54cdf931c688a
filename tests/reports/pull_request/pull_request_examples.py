"""Hand-made runs of a pull request, one of every ending."""

from __future__ import annotations

import gate_examples as gate

from landrace.schemas.evidence import Transfer
from landrace.schemas.gate_report import GateSpent
from landrace.schemas.pull_request import Plan, PlannedWork, PullRequestReport, TransferRow
from landrace.schemas.results import Unfinished
from report_examples import FIRST_AS_WRITTEN, FIRST_PIN, KEPT_NO_HEADROOM, NOTHING_BETTER, PROMOTED

BASE, HEAD = "8f14e45fceea167a5a36dedd4bea2543f1d2a9c0", "c4ca4238a0b923820dcc509a6f75849b4f1e8d07"
NAME = (PROMOTED.prompt, PROMOTED.model)
NOTHING = gate.spent(0, 0, (0, 0), 0.0)


def judged(verdict="PASS", claims=None, *, name=NAME, **changed):
    """A cell as the offline gate finds it."""
    usual = {
        "prompt": name[0], "model": name[1], "changed": ("template", "pin"), "split": "holdout",
        "cases": 120, "scored": 120, "spent": NOTHING,
    }  # fmt: skip
    return gate.cell(verdict, claims, **(usual | changed))


def unjudged(reason, name):
    """A cell without evidence, of which nothing else is known."""
    return judged(
        "NOT EVALUATED", (), name=name, reason=reason, changed=(), base=None, head=None,
        cases=0, scored=0, looks=0, looks_planned=0, repeats=0, scores=(), coverage=0.0,
    )  # fmt: skip


def run(*cells, searches=(), **changed):
    usual = {
        "base": BASE,
        "head": HEAD,
        "run": "7215931042",
        "gate": gate.report(
            *cells,
            **({} if cells else {"reason": "nothing that is evaluated changed"}),
            base=BASE,
            head=HEAD,
            unchanged=2,
            spent=NOTHING,
        ),
        "searches": searches,
        "transfers": (),
        "unfinished": (),
        "plan": None,
        "committed": None,
        "spent": GateSpent(
            calls=780, reused=240, prompt_tokens=161_432, completion_tokens=3_012, cost_usd=0.0412
        ),
    }
    return PullRequestReport(**(usual | changed))


def work(kind="optimize", name=NAME, **changed):
    usual = {
        "reasons": ("the template changed",),
        "calls": 840,
        "tokens": 201_600,
        "cost_usd": 0.0521,
    }
    return PlannedWork(prompt=name[0], model=name[1], kind=kind, **(usual | changed))


def plan(*works, **changed):
    usual = {"cells": max(2, len(works)), "why_not": "", "notes": ()}
    return Plan(base=BASE, head=HEAD, work=works, **(usual | changed))


FORK = (
    "the branch belongs to a fork, and forks get no credential; a maintainer can start this "
    "workflow by hand for the pull request"
)
KEPT = (KEPT_NO_HEADROOM.prompt, KEPT_NO_HEADROOM.model)
NEW = FIRST_PIN.model_copy(update={"prompt": "summaries"})
OTHER = ("route-note", "openai/gpt-4o-mini")
OTHER_KEPT = NOTHING_BETTER.model_copy(update={"prompt": OTHER[0], "model": OTHER[1]})

TRANSFERS = tuple(
    TransferRow(
        prompt="support-intent",
        winner_of=winner,
        scores=tuple(Transfer(model=model, score=score, cases=120) for model, score in row),
    )
    for winner, row in {
        "local/small": [("local/small", 0.71), ("openai/large", 0.88)],
        "openai/large": [("openai/large", 0.93), ("local/small", 0.42)],
        "openai/silent": [("openai/silent", 0.5)],
    }.items()
)

EXAMPLES = {
    "promoted": run(judged(), searches=(PROMOTED,), committed="9d5ed678fe57bcca610140957afab571" + "0" * 8),
    "kept and new": run(searches=(KEPT_NO_HEADROOM, NEW)),
    "as written": run(
        searches=(FIRST_AS_WRITTEN,),
        uncommitted=(FIRST_AS_WRITTEN.model_copy(update={"prompt": "summaries"}),),
    ),
    "failed": run(
        judged("FAIL", (gate.FAILED,), flips=(gate.flip(0), gate.flip(1))),
        judged(name=OTHER),
        searches=(PROMOTED, OTHER_KEPT),
    ),
    "not evaluated": run(
        unjudged("stale evidence: the template changed", NAME),
        unjudged("missing evidence: no pipeline that base allows asks for this pin", KEPT),
        plan=plan(work()),
    ),
    "a fork": run(unjudged("stale evidence: there is no pin yet", NAME), plan=plan(work(), why_not=FORK)),
    "not committed": run(
        unjudged("stale evidence: there is no pin yet", NAME),
        unjudged("stale evidence: the template changed", KEPT),
        uncommitted=(PROMOTED, KEPT_NO_HEADROOM),
    ),
    "unfinished": run(
        unjudged("stale evidence: the template changed", NAME),
        judged(name=OTHER),
        unfinished=(
            Unfinished(prompt=NAME[0], model=NAME[1], reason="the provider is down", exit_code=75),
        ),
    ),
    "transfers": run(judged(), searches=(PROMOTED,), transfers=TRANSFERS),
    "nothing": run(),
}  # fmt: skip

PLANS = {
    "work": plan(
        work(),
        work("measure", KEPT, reasons=("what base serves changed",), calls=240, cost_usd=0.0098),
        work(
            name=("summaries", "openai/gpt-4o-mini"),
            reasons=("there is no pin yet", "but it cannot be: 3 cases are too few"),
            calls=None, tokens=None, cost_usd=None,
        ),
        notes=("pipelines/new.yaml is new and takes effect once it is merged",),
    ),
    "priced": plan(work(), work("measure", KEPT, calls=240, cost_usd=0.0098)),
    "impossible": plan(work(calls=None, tokens=None, cost_usd=None)),
    "fork": plan(work(), why_not=FORK),
    "nothing": plan(),
}  # fmt: skip
