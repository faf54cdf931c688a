"""Hand-made results of the gate, one of every kind that tells something."""

from __future__ import annotations

from landrace.schemas.gate_report import (
    Break,
    CaseScore,
    Claim,
    Drift,
    FlipSample,
    GateCell,
    GateReport,
    GateSpent,
    Side,
    SuiteMeans,
)

BINARY = "exact sign test, Tango score interval"
GRADED = "sign-flip permutation test, BCa bootstrap interval"


REASONS = {
    "PASS": "no rule of the policy is broken",
    "FAIL": "score: the interval lies below what may be lost",
    "INCONCLUSIVE": "score: the interval holds both what may be lost and what may not",
    "NOT EVALUATED": "the provider did not answer",
}


def spent(calls=240, reused=16, tokens=(24_000, 1_200), cost=0.0182):
    return GateSpent(
        calls=calls, reused=reused, prompt_tokens=tokens[0], completion_tokens=tokens[1],
        cost_usd=cost,
    )  # fmt: skip


def claim(verdict="PASS", **changed):
    """A claim on 128 cases, by default one that nothing was lost."""
    usual = {
        "metric": "score", "kind": "drop", "severity": "blocker", "direction": "higher",
        "reason": "the interval lies above what may be lost", "base": 0.8125, "head": 0.820312,
        "allowed": 0.05, "difference": 0.007812, "low": -0.030112, "high": 0.049001,
        "fail_high": 0.062311, "p": 1.0, "cases": 128, "wins": 3, "losses": 2, "ties": 123,
        "method": BINARY, "detectable": 0.093211, "cases_needed": 141,
    }  # fmt: skip
    return Claim(verdict=verdict, **(usual | changed))


def unknown(metric="cost_usd", problem="not every call tells its cost_usd"):
    return claim(
        "NOT EVALUATED", metric=metric, direction="lower", reason=problem, base=None, head=None,
        difference=None, low=None, high=None, fail_high=None, p=None, cases=0, wins=0, losses=0,
        ties=0, method="", detectable=None, cases_needed=None,
    )  # fmt: skip


FAILED = claim(
    "FAIL", reason="the interval lies below what may be lost", base=0.8125, head=0.632813,
    difference=-0.179688, low=-0.259012, high=-0.107113, fail_high=-0.091002, p=0.000003,
    wins=2, losses=25, ties=101, detectable=0.10411, cases_needed=203,
)  # fmt: skip
OPEN = claim(
    "INCONCLUSIVE", reason="the interval holds both what may be lost and what may not",
    base=0.833333, head=0.8, difference=-0.033333, low=-0.161211, high=0.078003,
    fail_high=0.101912, cases=30, wins=1, losses=2, ties=27, detectable=0.322001,
    cases_needed=412,
)  # fmt: skip


def scores(*pairs, repeats=1, flaky=()):
    return tuple(
        CaseScore(
            case_id=f"case-{number}", base=base, head=head, repeats=repeats, flaky=number in flaky
        )
        for number, (base, head) in enumerate(pairs)
    )


def flip(number=0, **changed):
    usual = {
        "case_id": f"case-{number}",
        "input": "I was charged twice for one coffee.",
        "expected": "duplicate_charge",
        "base_output": "duplicate_charge",
        "head_output": "refund",
        "base_score": 1.0,
        "head_score": 0.0,
        "feedback": "it is not the expected text",
    }
    return FlipSample(**(usual | changed))


def cell(verdict="PASS", claims=None, **changed):
    usual = {
        "prompt": "support-intent", "model": "local/qwen2.5-coder-0.5b-instruct",
        "reason": REASONS[verdict], "changed": ("template",),
        "base": Side(kind="template", digest="44136fa355b3678a", file="prompts/support-intent/prompt.jinja"),
        "head": Side(kind="template", digest="c0ffee1234567890", file="prompts/support-intent/prompt.jinja"),
        "line": 7, "confidence": 0.95, "split": "all", "cases": 128, "scored": 128,
        "coverage": 1.0, "looks": 2, "looks_planned": 2, "repeats": 1, "breaks": (),
        "drift": None, "flips": (), "scores": scores((1, 1), (0, 1), (1, 0)), "spent": spent(),
    }  # fmt: skip
    return GateCell(
        verdict=verdict, claims=(claim(verdict),) if claims is None else claims, **(usual | changed)
    )


def report(*cells, **changed):
    verdicts = [one.verdict for one in cells]
    worst = next((v for v in ("FAIL", "NOT EVALUATED", "INCONCLUSIVE") if v in verdicts), "PASS")
    usual = {
        "base": "8f14e45fceea167a5a36dedd4bea2543f1d2a9c0", "head": "work tree", "verdict": worst,
        "reason": f"{verdicts.count(worst)} of {len(cells)} changed cells",
        "exit_code": {"FAIL": 1, "NOT EVALUATED": 75}.get(worst, 0), "unchanged": 3, "notes": (),
        "spent": spent(),
    }  # fmt: skip
    return GateReport(cells=cells, **(usual | changed))


PASSED = report(cell())

REGRESSED = report(
    cell(
        "FAIL",
        (
            FAILED,
            claim(
                "PASS", kind="floor", allowed=0.0, base=0.8125, head=0.632813, p=None,
                reason="the interval lies above the floor", difference=0.132813, low=0.045001,
                high=0.210917, fail_high=0.229001, detectable=None, cases_needed=None,
                method="Wilson interval", wins=0, losses=0, ties=0,
            ),
            claim(
                "FAIL", metric="prompt_tokens", severity="warning", direction="lower", base=96.4,
                head=241.7, allowed=0.1, difference=-1.507261, low=-1.520119, high=-1.494403,
                fail_high=-1.491112, p=0.0001, wins=0, losses=128, ties=0, method=GRADED,
                reason="the interval lies below what may be lost", detectable=0.1042,
                cases_needed=2,
            ),
        ),
        scores=scores((1, 0), (1, 0), (0, 1), (1, 1), (1, None)),
        flips=(
            flip(0),
            flip(1, input="Where is my parcel?\nIt was due on Monday.", head_output="", feedback=""),
            flip(2, base_output="refund", head_output="duplicate_charge", base_score=0, head_score=1),
        ),
    ),
    cell(prompt="route-note", model="openai/gpt-4o-mini", line=1),
    notes=("the gate policy changed on head; base's decides",),
)  # fmt: skip

TOO_FEW = report(
    cell(
        "INCONCLUSIVE", (OPEN,), cases=30, scored=30, repeats=3, looks=4, looks_planned=4,
        reason="score: the interval holds both what may be lost and what may not",
        scores=scores((1, 0.666667), (0.333333, 1), (1, 1), repeats=3, flaky={0, 1}),
        spent=spent(180, 0, (9_000, 400), None),
    ),
    spent=spent(180, 0, (9_000, 400), None),
)  # fmt: skip

NOBODY_ANSWERED = report(
    cell(
        "NOT EVALUATED", (), reason="only 12% of the calls were answered", scored=3, coverage=0.02,
        looks=0, repeats=0, scores=scores((1, None), (None, None)), spent=spent(31, 0, (900, 20)),
    ),
    cell(
        "NOT EVALUATED", (claim(), unknown()), model="openai/some-new-model",
        reason="cost_usd: not every call tells its cost_usd",
    ),
)  # fmt: skip

DRIFTED = report(
    cell(
        changed=("template", "cases", "metrics"),
        drift=Drift(
            changed=("cases", "metrics"), old=SuiteMeans(cases=128, base=0.8125, head=0.820312),
            new=SuiteMeans(cases=140, base=0.771429, head=0.785714), regraded_cases=120,
            regraded_before=0.816667, regraded_after=0.775, refused="",
        ),
    ),
    cell(
        prompt="summaries", changed=("metrics",),
        drift=Drift(
            changed=("metrics",), old=SuiteMeans(cases=40, base=0.61, head=0.61), new=None,
            regraded_cases=0, regraded_before=None, regraded_after=None,
            refused="the code of a grader changed, and code of head is not run",
        ),
    ),
    notes=("prompts/summaries/prompt.yaml: its metrics changed",),
)  # fmt: skip

BROKEN = report(
    cell(
        "FAIL", (claim(),), reason="the case never-say-refund broke, and 1 more",
        breaks=(
            Break(
                kind="case", name="never-say-refund",
                reason="critical, and its score went from 1.00 to 0.00, over 3 answers",
            ),
            Break(kind="tag", name="legal", reason="all 9 cases that base solves are lost"),
        ),
        flips=(flip(0, case_id="never-say-refund"),),
    ),
)  # fmt: skip

ENDINGS = (
    ("PASS", (claim(),)),
    ("INCONCLUSIVE", (OPEN,)),
    ("FAIL", (FAILED,)),
    ("NOT EVALUATED", ()),
)
MANY = report(
    *[cell(*ENDINGS[number % len(ENDINGS)], prompt=f"p{number:03}") for number in range(130)],
    unchanged=9870,
)

EMPTY = report(
    reason="nothing that is evaluated changed", unchanged=0, spent=spent(0, 0, (0, 0), 0.0)
)

EXAMPLES = {
    "passed": PASSED,
    "regressed": REGRESSED,
    "too few cases": TOO_FEW,
    "nobody answered": NOBODY_ANSWERED,
    "drifted": DRIFTED,
    "broken": BROKEN,
    "many": MANY,
    "empty": EMPTY,
}
