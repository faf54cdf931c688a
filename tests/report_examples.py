"""Hand-made reports of every kind of ending."""

from __future__ import annotations

from landrace.reports.story import SampleFlip
from landrace.schemas.report import (
    Comparison,
    Contender,
    Estimate,
    Finalist,
    Flip,
    Report,
    Spent,
    Stage,
)

BINARY = "exact sign test, Tango score interval"
GRADED = "sign-flip permutation test, BCa bootstrap interval"

DIFF = """\
--- prompts/support-intent/prompt.jinja
+++ winner
@@ -1,6 +1,16 @@
 {% system %}
 {% section task %}
-Classify the customer's message.
+Read the customer's message and name the one intent it is about.
+Answer with the intent alone, as it stands in the list.
 {% endsection %}
 {% endsystem %}
+{% user %}
+I was charged twice for one coffee.
+{% enduser %}
+{% assistant %}
+duplicate_charge
+{% endassistant %}
 {% user %}
 {{ message }}
 {% enduser %}
"""


def estimate(mean, low, high, n, coverage=1.0):
    return Estimate(mean=mean, low=low, high=high, n=n, coverage=coverage)


STAGES = (
    ("probe", "how good is what we have", 0, 210, 30_282, 0.72381),
    ("propose", "examples, instructions and formats", 0, 32, 9_412, 0.72381),
    ("screen", "successive halving on shared cases", 36, 312, 58_911, 0.72381),
    ("breed", "generations of children, gated on a slice", 21, 401, 92_130, 0.72381),
    ("crown", "merges, and the best by all that is known", 2, 86, 21_004, 0.857143),
    ("shorten", "the same accuracy with fewer tokens", 4, 71, 17_246, 0.857143),
)

FINALISTS = (
    ("c0ffee1234567890", "merge", (0.857143, 0.7776, 0.914395), 241.7),
    ("5b0c1d7a99e2f310", "mended instruction → crossing", (0.857143, 0.7776, 0.914395), 318.4),
    ("7d20f4c8b1a66e55", "demos → mended instruction", (0.828571, 0.745238, 0.892063), 265.0),
    ("9b2d1c7e5f00a3d4", "incumbent", (0.72381, 0.631542, 0.802664), 182.0),
    ("44136fa355b3678a", "base", (0.609524, 0.513924, 0.699051), 96.4),
)

PROMOTED = Report(
    prompt="support-intent",
    model="local/qwen2.5-coder-0.5b-instruct",
    params={"temperature": 0, "max_tokens": 16},
    strategy="auto",
    seed=0,
    proposer="local/qwen2.5-coder-0.5b-instruct",
    proposer_note="no proposer is configured, so the task model wrote the proposals (weak)",
    decision="promoted",
    reason="on the holdout the 95 % interval of the difference is above zero",
    confidence=0.95,
    metrics="exact_match",
    splits={"search": 75, "select": 105, "holdout": 120},
    contenders=(
        Contender(
            role="base",
            digest="44136fa355b3678a",
            operator="base",
            select=estimate(0.609524, 0.513924, 0.699051, 105),
            holdout=estimate(0.6, 0.51056, 0.684597, 120),
            prompt_tokens=96.4,
            completion_tokens=5.2,
            cost_usd=0.0,
        ),
        Contender(
            role="incumbent",
            digest="9b2d1c7e5f00a3d4",
            operator="incumbent",
            select=estimate(0.72381, 0.631542, 0.802664, 105),
            holdout=estimate(0.7, 0.612849, 0.776697, 120),
            prompt_tokens=182.0,
            completion_tokens=4.8,
            cost_usd=0.0,
        ),
        Contender(
            role="winner",
            digest="c0ffee1234567890",
            operator="merge",
            select=estimate(0.857143, 0.7776, 0.914395, 105),
            holdout=estimate(0.808333, 0.728788, 0.871198, 120),
            prompt_tokens=241.7,
            completion_tokens=4.1,
            cost_usd=0.0,
        ),
    ),
    comparisons=(
        Comparison(
            against="base",
            difference=0.208333,
            low=0.122924,
            high=0.298709,
            p=0.000011,
            wins=29,
            losses=4,
            ties=87,
            method=BINARY,
        ),
        Comparison(
            against="incumbent",
            difference=0.108333,
            low=0.028419,
            high=0.193166,
            p=0.014633,
            wins=19,
            losses=6,
            ties=95,
            method=BINARY,
        ),
    ),
    inflation=0.04881,
    holdout_looks=2,
    stages=tuple(
        Stage(
            name=name, note=note, candidates=new, calls=calls, tokens=tokens, best=best, cases=105
        )
        for name, note, new, calls, tokens, best in STAGES
    ),
    finalists=tuple(
        Finalist(
            digest=digest,
            variant=digest,
            operator=made,
            select=estimate(*score, 105),
            prompt_tokens=tokens,
            completion_tokens=4.1,
        )
        for digest, made, score, tokens in FINALISTS
    ),
    flips=(
        *(Flip(case_id=f"intent-{n}", base=1.0, winner=0.0) for n in (114, 150, 201, 288)),
        *(Flip(case_id=f"intent-{n:03}", base=0.0, winner=1.0) for n in range(7, 36)),
    ),
    spent=Spent(
        calls=1472,
        prompt_tokens=284_099,
        completion_tokens=8_990,
        cost_usd=0.0,
        proposer_calls=40,
        failed_calls=0,
        coverage=1.0,
    ),
    diff=DIFF,
)

KEPT_NO_HEADROOM = PROMOTED.model_copy(
    update={
        "prompt": "review-sentiment",
        "model": "openai/gpt-5-mini",
        "proposer": "openai/gpt-5",
        "proposer_note": "",
        "decision": "kept incumbent",
        "reason": "there is no headroom: the incumbent solves 118 of 120 held-out cases",
        "contenders": (
            PROMOTED.contenders[1].model_copy(
                update={
                    "role": "incumbent",
                    "select": estimate(0.990476, 0.948014, 0.999453, 105),
                    "holdout": estimate(0.983, 0.941, 0.995, 120),
                    "cost_usd": 0.0000312,
                }
            ),
            PROMOTED.contenders[2].model_copy(
                update={
                    "select": estimate(1.0, 0.964706, 1.0, 105),
                    "holdout": estimate(0.983, 0.941, 0.995, 120),
                    "cost_usd": 0.000058,
                }
            ),
        ),
        "comparisons": (
            Comparison(
                against="incumbent",
                difference=0.0,
                low=-0.038251,
                high=0.038251,
                p=1.0,
                wins=1,
                losses=1,
                ties=118,
                method=BINARY,
            ),
        ),
        "inflation": 0.017,
        "holdout_looks": 5,
        "flips": (
            Flip(case_id="review-031", base=0.0, winner=1.0),
            Flip(case_id="review-077", base=1.0, winner=0.0),
        ),
        "stages": PROMOTED.stages[:1],
        "finalists": (),
        "spent": PROMOTED.spent.model_copy(update={"cost_usd": 0.0842}),
    }
)

FIRST_PIN = PROMOTED.model_copy(
    update={
        "prompt": "ticket-fields",
        "contenders": (PROMOTED.contenders[0], PROMOTED.contenders[2]),
        "comparisons": (PROMOTED.comparisons[0].model_copy(update={"method": GRADED}),),
        "holdout_looks": 1,
        "metrics": "json_fields",
        "reason": "the interval of the paired difference lies above zero; nothing was pinned yet",
    }
)

FIRST_AS_WRITTEN = FIRST_PIN.model_copy(
    update={
        "decision": "kept incumbent",
        "reason": "no candidate proved better than the base prompt; the holdout was not looked at",
        "contenders": tuple(
            PROMOTED.contenders[0].model_copy(update={"role": role, "holdout": None})
            for role in ("base", "winner")
        ),
        "comparisons": (),
        "holdout_looks": 0,
        "inflation": None,
        "flips": (),
    }
)

MISSING_COVERAGE = PROMOTED.model_copy(
    update={
        "model": "anthropic/claude-haiku-4-5",
        "decision": "kept incumbent",
        "reason": "only 88.3% of the winner's held-out calls succeeded, and the policy asks for 95%",
        "contenders": (
            PROMOTED.contenders[0].model_copy(update={"cost_usd": None}),
            PROMOTED.contenders[1].model_copy(update={"cost_usd": None}),
            PROMOTED.contenders[2].model_copy(
                update={
                    "holdout": estimate(0.811, 0.725, 0.875, 106, 106 / 120),
                    "cost_usd": None,
                }
            ),
        ),
        "comparisons": tuple(
            one.model_copy(update={"ties": one.ties - 14}) for one in PROMOTED.comparisons
        ),
        "spent": PROMOTED.spent.model_copy(
            update={"cost_usd": None, "failed_calls": 14, "coverage": 1458 / 1472}
        ),
    }
)

BUDGET_ENDED = PROMOTED.model_copy(
    update={
        "prompt": "ticket-fields",
        "model": "local/smollm2-135m-instruct",
        "decision": "kept incumbent",
        "reason": "the budget of 300 calls ended before the holdout could be scored",
        "contenders": (
            PROMOTED.contenders[0].model_copy(
                update={"holdout": None, "prompt_tokens": None, "completion_tokens": None}
            ),
            PROMOTED.contenders[2].model_copy(
                update={"holdout": None, "prompt_tokens": None, "completion_tokens": None}
            ),
        ),
        "comparisons": (),
        "inflation": None,
        "holdout_looks": 0,
        "stages": PROMOTED.stages[:2],
        "finalists": (),
        "flips": (),
        "diff": "",
    }
)

NOTHING_BETTER = PROMOTED.model_copy(
    update={
        "decision": "kept incumbent",
        "reason": "no candidate scored better than the pinned variant on select",
        "contenders": (
            *(one.model_copy(update={"holdout": None}) for one in PROMOTED.contenders[:2]),
            PROMOTED.contenders[1].model_copy(update={"role": "winner", "holdout": None}),
        ),
        "finalists": PROMOTED.finalists[3:],
        "comparisons": (),
        "inflation": None,
        "flips": (),
    }
)

EXAMPLES = {
    "promoted": PROMOTED,
    "kept_no_headroom": KEPT_NO_HEADROOM,
    "first_pin": FIRST_PIN,
    "missing_coverage": MISSING_COVERAGE,
    "budget_ended": BUDGET_ENDED,
    "nothing_better": NOTHING_BETTER,
}

SAMPLES = (
    SampleFlip(
        case_id="intent-007",
        input="My card is still not here, two weeks on.",
        expected="card_arrival",
        base_output="The customer's intent is to ask about a late card.",
        winner_output="card_arrival",
        feedback="the answer is right",
    ),
    SampleFlip(
        case_id="intent-114",
        input="Why did the exchange rate change?",
        expected="exchange_rate",
        base_output="exchange_rate",
        winner_output="exchange_charge",
        feedback="expected exchange_rate",
    ),
)
