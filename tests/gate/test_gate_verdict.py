from __future__ import annotations

from itertools import combinations, permutations

import pytest

from landrace.gate.verdict import exit_code, key, rule_on, rule_on_run, worst
from landrace.schemas.gate_report import Break, Claim, GateCell, GateSpent

VERDICTS = ("FAIL", "NOT EVALUATED", "INCONCLUSIVE", "PASS")
BROKEN = Break(kind="tag", name="refunds", reason="all are lost")


def claim(verdict, metric="score", *, severity="blocker", kind="drop"):
    return Claim(
        metric=metric, kind=kind, severity=severity, direction="higher", verdict=verdict,
        reason=f"because of {metric}", base=1, head=1, allowed=0.05, difference=0, low=0, high=0,
        fail_high=0, p=1, cases=1, wins=0, losses=0, ties=1, method="m", detectable=None,
        cases_needed=None,
    )  # fmt: skip


def cell(verdict, name="p"):
    return GateCell(
        prompt=name, model="m", verdict=verdict, reason="r", changed=("template",), base=None,
        head=None, line=1, confidence=0.95, split="all", cases=1, scored=1, coverage=1, looks=1,
        looks_planned=1, repeats=1, claims=(), breaks=(), drift=None, flips=(), scores=(),
        spent=GateSpent(calls=0, reused=0, prompt_tokens=0, completion_tokens=0, cost_usd=None),
    )  # fmt: skip


def test_the_worst_verdict_outweighs_the_others_in_any_order():
    for size in range(1, 5):
        for chosen in combinations(VERDICTS, size):  # keeps the order: the worst is first
            for order in permutations(chosen):
                assert worst(order) == chosen[0]


def test_of_no_verdicts_the_worst_is_a_pass():
    assert worst([]) == "PASS"


@pytest.mark.parametrize("verdict", VERDICTS)
def test_blockers_decide_and_warnings_do_not(verdict):
    assert rule_on([claim(verdict)], []).verdict == verdict
    warning = claim(verdict, "latency_s", severity="warning")
    assert rule_on([claim("PASS"), warning], []).verdict == "PASS"
    assert rule_on([warning], []).verdict == "PASS"


@pytest.mark.parametrize("verdict", ["FAIL", "NOT EVALUATED", "INCONCLUSIVE"])
def test_the_reason_is_that_of_the_claim_that_decides(verdict):
    claims = [claim("PASS", "a"), claim(verdict, "warned", severity="warning"), claim(verdict, "b")]
    assert rule_on(claims, []).reason == "b: because of b"
    assert rule_on([claim(verdict, kind="floor")], []).reason == "score floor: because of score"


def test_a_pass_tells_what_it_warns_of():
    claims = [claim("PASS"), *[claim("FAIL", "cost_usd", severity="warning")] * 2]
    assert rule_on(claims, []).reason == "with a warning: cost_usd failed"
    assert rule_on([claim("PASS")], []).reason == "no rule of the policy is broken"


def test_a_break_fails_whatever_the_means_say():
    for verdict in VERDICTS:
        assert rule_on([claim(verdict)], [BROKEN]).verdict == "FAIL"
    assert rule_on([], [BROKEN]).reason == "the tag refunds broke"
    case = Break(kind="case", name="vital", reason="critical")
    assert rule_on([], [case, BROKEN, BROKEN]).reason == "the case vital broke, and 2 more"


def test_a_prompt_that_no_rule_is_about_is_not_passed():
    assert rule_on([], []).verdict == "NOT EVALUATED"


def test_the_runs_verdict_is_its_worst_cells():
    run = rule_on_run([cell("PASS"), cell("FAIL"), cell("FAIL"), cell("INCONCLUSIVE")])
    assert run == ("FAIL", "2 of 4 changed cells")
    assert rule_on_run([]) == ("PASS", "nothing that is evaluated changed")


@pytest.mark.parametrize(
    ("verdicts", "ended", "blocking", "change", "code"),
    [
        ("", "", "", "", 0),
        ("P", "", "", "", 0),
        ("PP", "", "ab", "", 0),
        ("F", "", "", "", 1),
        ("I", "", "", "", 0),
        ("I", "", "a", "", 6),
        ("PI", "", "a", "", 0),  # another cell's policy blocks
        ("PI", "", "b", "", 6),
        ("I", "a", "", "", 5),
        ("I", "a", "a", "", 5),
        ("N", "", "", "", 75),
        ("N", "a", "", "", 5),
        ("NN", "a", "", "", 75),
        ("NI", "b", "b", "", 75),
        ("NI", "ab", "b", "", 5),
        ("NI", "", "b", "", 75),
        ("FN", "", "", "", 1),
        ("FI", "b", "b", "", 1),
        ("PPP", "abc", "abc", "", 0),
        ("N", "", "", "a", 2),
        ("NN", "", "", "a", 2),  # the other is an outage, which a rerun mends, but not this one
        ("NN", "a", "", "b", 2),
        ("NI", "b", "b", "a", 2),
        ("FN", "", "", "b", 1),
    ],
)
def test_exit_codes(verdicts, ended, blocking, change, code):
    """Cells a, b, c by the first letters of their verdicts; whose budget ended; who blocks; and
    for whom something must be changed.
    """
    named = {verdict[0]: verdict for verdict in VERDICTS}
    cells = [cell(named[letter], name) for letter, name in zip(verdicts, "abc", strict=False)]
    found = exit_code(
        cells,
        budget_ended=[f"{n}/m" for n in ended],
        blocking=[f"{n}/m" for n in blocking],
        need_change=[f"{n}/m" for n in change],
    )
    assert found == code


def test_a_cell_is_known_by_prompt_and_model():
    assert key(cell("PASS", "route-note")) == "route-note/m"
