"""What the gate found: the data of its text, JSON, Markdown, JUnit and annotations."""

from __future__ import annotations

from typing import Literal, TypeAlias

from landrace.schemas.base import Strict
from landrace.schemas.gate_policy import Direction, Severity

Verdict: TypeAlias = Literal["PASS", "FAIL", "INCONCLUSIVE", "NOT EVALUATED"]


class Side(Strict):
    """What stands on one side of a cell. ``file`` is the template's path in its commit."""

    kind: Literal["template", "pin"]
    digest: str
    file: str


class Claim(Strict):
    """One rule of the policy, tested on one cell.

    ``difference`` is head minus base, turned so that more is better, with the interval ``low``
    to ``high``; for a ``floor``, head minus floor. Differences of measures of calls are shares
    of the base's mean. The verdict is where the interval lies: PASS when ``low`` is above
    ``-allowed``, FAIL when ``fail_high`` is below it. ``fail_high`` is the upper end of the
    wider interval that testing many cells asks for (Holm), so it is never below ``high``.
    ``cases`` were in when the verdict fell. ``detectable`` is the smallest true drop that fails
    with a chance of .8, ``cases_needed`` how many let an unchanged prompt pass with that chance.
    """

    metric: str
    kind: Literal["drop", "floor"]
    severity: Severity
    direction: Direction
    verdict: Verdict
    reason: str
    base: float | None
    head: float | None
    allowed: float
    difference: float | None
    low: float | None
    high: float | None
    fail_high: float | None
    p: float | None
    cases: int
    wins: int
    losses: int
    ties: int
    method: str
    detectable: float | None
    cases_needed: int | None


class Break(Strict):
    """A critical case, or a whole tag of cases, that works on base and fails on head."""

    kind: Literal["case", "tag"]
    name: str
    reason: str


class CaseScore(Strict):
    """The mean score of either side over ``repeats`` answers; None where no call succeeded.

    ``flaky`` tells that answers of one side to this case scored differently.
    """

    case_id: str
    base: float | None
    head: float | None
    repeats: int
    flaky: bool


class FlipSample(Strict):
    """A case on which the sides differ, with its texts: cut, and free of known secrets.

    Recorded evidence has scores alone: the outputs are None then.
    """

    case_id: str
    input: str
    expected: str
    base_output: str | None
    head_output: str | None
    base_score: float
    head_score: float
    feedback: str


class SuiteMeans(Strict):
    """Mean scores of both sides by one suite; None where there are none."""

    cases: int
    base: float | None
    head: float | None


class Drift(Strict):
    """The suite itself changed. The old one decides; the new one is shown beside it.

    ``regraded`` has the base's outputs on cases of both suites, ``before`` by the old metrics
    and ``after`` by the new ones: what moved there is the metric, not the model. ``refused``
    says why the new suite was not run, or is empty.
    """

    changed: tuple[Literal["cases", "metrics", "splits"], ...]
    old: SuiteMeans
    new: SuiteMeans | None
    regraded_cases: int
    regraded_before: float | None
    regraded_after: float | None
    refused: str


class GateSpent(Strict):
    """What the gate took. ``reused`` answers came out of the ledger and cost nothing."""

    calls: int
    reused: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None


class GateCell(Strict):
    """One prompt on one model. ``line`` is the first changed line of the head's file."""

    prompt: str
    model: str
    verdict: Verdict
    reason: str
    changed: tuple[str, ...]
    base: Side | None
    head: Side | None
    line: int
    confidence: float
    split: str
    cases: int
    scored: int
    coverage: float
    looks: int
    looks_planned: int
    repeats: int
    claims: tuple[Claim, ...]
    breaks: tuple[Break, ...]
    drift: Drift | None
    flips: tuple[FlipSample, ...]
    scores: tuple[CaseScore, ...]
    spent: GateSpent


class GateReport(Strict):
    """A whole run. ``head`` is a commit's id, or `work tree`."""

    schema_version: Literal[1] = 1
    base: str
    head: str
    verdict: Verdict
    reason: str
    exit_code: int
    cells: tuple[GateCell, ...]
    unchanged: int
    notes: tuple[str, ...]
    spent: GateSpent
