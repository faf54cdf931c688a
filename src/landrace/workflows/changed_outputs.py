"""What base and winner wrote on the holdout cases of a report that changed, for local viewing.

The answers come out of this machine's ledger, scored as an eval scores them: nothing is asked. What
is no longer what the report is about is left out, since it would tell another story.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import CallError, EvidenceError, LandraceError
from landrace.evaluation.evaluator import Evaluator, Job
from landrace.gate.evidence import CaseEvidence
from landrace.gateway.cached import CachedGateway
from landrace.key_order import values_in_order
from landrace.optimizers.variants import write_variant
from landrace.reports.story import SampleFlip, contender, lost, won
from landrace.schemas.candidate import Candidate
from landrace.schemas.pipeline import ModelConfig
from landrace.workflows.evaluation_setup import asked_models
from landrace.workflows.gating.flips import sample
from landrace.workflows.prompt_state import prompt_state
from landrace.workflows.recorded_variant import recorded_variant
from landrace.workflows.tasks import read_in_work_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landrace.evaluation.variant import Variant
    from landrace.gateway.base import Completion, Request
    from landrace.ledger import Ledger
    from landrace.optimizers.variants import Program
    from landrace.schemas.case import Case
    from landrace.schemas.report import Flip, Report
    from landrace.schemas.score import Outcome
    from landrace.store.project import Project, PromptSource
    from landrace.workflows.services import Services

GONE = "the eval set has them no more"
UNANSWERED = "the ledger on this machine lacks answers to them, or they were edited since"
OTHER_PARAMETERS = (
    "the ledger on this machine lacks answers of the base with the pin's parameters, and today's "
    "are others"
)
OTHERWISE = "they score otherwise than in the report; cases, metric or model have changed"
EMPTY = "(empty)"
SEARCH_ANEW = "`landrace optimize` makes a report on what there is today"


class Gap(NamedTuple):
    """How many changed cases cannot be shown, why, and what to do about it."""

    cases: int
    why: str
    fix: str


class ChangedOutputs(NamedTuple):
    """The cases that can be shown, lost ones first, the largest change first; and the others."""

    samples: tuple[SampleFlip, ...]
    gaps: tuple[Gap, ...]


def changed_outputs(project: Project, report: Report, services: Services) -> ChangedOutputs:
    """The texts of a report's changed cases, as far as this machine has them.

    What cannot be read, rendered or scored today is missing for that reason.
    """
    flips = [*lost(report), *won(report)]
    if not flips:
        return ChangedOutputs((), ())
    try:
        sides = _Sides.of(project, report, services)
    except LandraceError as error:
        return ChangedOutputs((), (_gap([error] * len(flips)),))
    samples, missing = [], defaultdict[str, list[LandraceError]](list)
    for flip in flips:
        try:
            samples.append(sides.look(flip))
        except LandraceError as error:
            # By the place: what a metric says when it fails may quote each answer.
            missing[error.where or error.problem].append(error)
    return ChangedOutputs(tuple(samples), tuple(map(_gap, missing.values())))


def _gap(errors: Sequence[LandraceError]) -> Gap:
    """Cases that are missing for one reason, in the words of the first."""
    error = errors[0]
    where = f"{error.where}: " if error.where else ""
    return Gap(len(errors), where + error.problem, (error.fix or "").removesuffix("."))


class _Sides(NamedTuple):
    """Base and winner, today's cases by their ids, and what scores recorded answers to them.

    ``unanswered`` says what to do where the ledger has none of the base, or else of the winner.
    """

    base: Variant
    winner: Variant
    cases: dict[str, Case]
    evaluator: Evaluator
    unanswered: Callable[[Outcome], EvidenceError]

    @classmethod
    def of(cls, project: Project, report: Report, services: Services) -> _Sides:
        today = prompt_state(project.read_prompt(report.prompt))
        base = write_variant(today.program, Candidate())
        before = contender(report, "base")
        if before is None or before.digest != base.digest:
            raise EvidenceError("the prompt has changed since the report", fix=SEARCH_ANEW)
        pinned = read_in_work_tree(project, report.prompt, report.model)
        if pinned is None:
            raise EvidenceError("the report has no pin beside it", fix=SEARCH_ANEW)
        if report.decision == "promoted":
            winner = pinned.variant(today.program.main.path)
        else:
            winner = _unpinned_winner(report, today.program, services.ledger)
        answers = CachedGateway(_Nobody(), services.ledger, fingerprint=services.fingerprint)
        model = ModelConfig(id=pinned.pin.model.id, params=dict(pinned.pin.model.params))
        cases = {case.id: case for case in today.eval_set.cases}
        evaluator = Evaluator(answers, model, today.metric)
        unanswered = partial(_unanswered, project, report, model, today.source)
        return cls(base, winner, cases, evaluator, unanswered)

    def look(self, flip: Flip) -> SampleFlip:
        """The texts of a case.

        Raises:
            LandraceError: there are none to show, or it cannot be rendered or scored today.
        """
        case = self.cases.get(flip.case_id)
        if case is None:
            raise EvidenceError(GONE, fix=SEARCH_ANEW)
        base, winner = (self.evaluator.run(Job(side, case)) for side in (self.base, self.winner))
        if base.score is None or winner.score is None:
            raise self.unanswered(base)
        if (round(base.score.value, 6), round(winner.score.value, 6)) != (flip.base, flip.winner):
            raise EvidenceError(OTHERWISE, fix=SEARCH_ANEW)
        shown = sample(CaseEvidence(case, (base,), (winner,)))
        return SampleFlip(
            shown.case_id,
            shown.input,
            shown.expected,
            shown.base_output or EMPTY,
            shown.head_output or EMPTY,
            shown.feedback,
        )


def _unpinned_winner(report: Report, program: Program, ledger: Ledger) -> Variant:
    """A winner that was not promoted stands in the ledger of its search alone."""
    winner = contender(report, "winner")
    for record in ledger.records():
        if record["kind"] == "candidate" and winner and record["digest"] == winner.digest:
            found = recorded_variant(program, record.get("slots"), winner.digest)
            if found is not None:
                return found
    raise EvidenceError(
        "the winner was not promoted, and the ledger on this machine is not that of its search",
        fix=f"{_search(report)} searches here",
    )


def _unanswered(
    project: Project, report: Report, model: ModelConfig, source: PromptSource, base: Outcome
) -> EvidenceError:
    """What the ledger lacks: an eval asks the base with today's parameters, and no others."""
    if base.score is None and report.decision == "promoted":
        (today,) = asked_models(project, source, [report.model])
        if values_in_order(today.params) != values_in_order(model.params):
            return EvidenceError(OTHER_PARAMETERS, fix=SEARCH_ANEW)
    return EvidenceError(UNANSWERED, fix=_how_to_pay(report))


def _how_to_pay(report: Report) -> str:
    if report.decision != "promoted":
        return f"{_search(report)} searches here"
    call = f"landrace eval {report.prompt} --model {report.model} --split holdout"
    return f"`{call}` and `{call} --variant pinned` pay for them"


def _search(report: Report) -> str:
    return f"`landrace optimize --prompt {report.prompt} --model {report.model} --force`"


class _Nobody:
    """Stands where a model would be asked."""

    def complete(self, request: Request) -> Completion:
        raise CallError("the ledger has no such answer", where=request.model)
