"""Search cases as examples of one node: what it reads, what it should say, what it got wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.optimizers.proposing.telling import clip, own_steps, telling_step
from landrace.optimizers.slots import demos
from landrace.optimizers.slots.bootstrap import bar
from landrace.optimizers.slots.labels import right_text, wanted_text
from landrace.optimizers.slots.pieces import names_read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.operators.view import View
    from landrace.program import Step
    from landrace.schemas.case import Case
    from landrace.schemas.score import Outcome


class Sample(NamedTuple):
    """``answer`` is written as an assistant would.

    Where the case's label is no answer (``is_shown`` is false), it says what one has to be: that is
    for a proposer and never for an example.
    """

    case: Case
    inputs: Mapping[str, Any]
    answer: str
    is_shown: bool = True


def samples(context: Context) -> list[Sample]:
    """Examples of what the node should say, from search cases.

    Of the node that gives the answer, cases with their labels; what it reads of other nodes is
    taken from the parent's runs. Of any other node nobody has said what it should say: then what
    it said where the parent's whole answer was right, as MIPRO bootstraps it; see `bar`.

    Raises:
        BudgetExhaustedError: the parent's answers could not be paid.
    """
    program = context.study.setting.program
    if program.main.name != context.node:
        return _bootstrapped(context)
    template = context.view.template
    if names_read(template.source, template.name) & set(program.graph.nodes):
        return _labelled_runs(context)
    return [
        _labelled(context, case, case.inputs) for case in demos.labelled_cases(context.study.search)
    ]


def answered(found: Sequence[Sample]) -> list[Sample]:
    """The samples that have an answer to show."""
    return [sample for sample in found if sample.is_shown]


def shown(view: View, found: Sequence[Sample]) -> list[dict[str, str]]:
    """The samples as a proposer reads them, with their answers or what those have to be.

    Those that the node cannot render are left out.
    """
    rows = []
    for sample in found:
        user = view.told(sample.inputs)
        if user is not None:
            rows.append({"input": clip(user), "output": clip(sample.answer)})
    return rows


def mistakes(context: Context, cases: Sequence[Case] | None = None) -> list[dict[str, str]]:
    """What the parent gets wrong on some search cases, as a proposer reads it, worst first.

    Without ``cases`` on the first ones, as many as the tuning says. Of a node inside a program:
    what it read and wrote where the whole answer was wrong; of several items, for the first that
    failed. A case on which the node was never asked, because another failed before it, is not its
    mistake and is left out. ``wanted`` is empty where the case has no label.

    Raises:
        BudgetExhaustedError: the parent's answers could not be paid.
    """
    wrong = context.study.errors(context.entry, _asked(context, cases))
    return _told(context, wrong)


def answers(context: Context, cases: Sequence[Case]) -> list[dict[str, str]]:
    """What the parent makes of search cases, right or wrong, as `mistakes` tells it.

    There is ``feedback`` on what is wrong alone.

    Raises:
        BudgetExhaustedError: the parent's answers could not be paid.
    """
    table, digest = context.study.table, context.entry.digest
    scored = table.shared([digest], _asked(context, cases))
    found = zip(scored, table.outcomes(digest, scored), strict=True)
    return _told(context, list(found))


def _told(context: Context, found: Sequence[tuple[Case, Outcome]]) -> list[dict[str, str]]:
    """Those of the outcomes in which the node was asked."""
    rows = []
    for case, outcome in found:
        step = telling_step(context.study.trace(context.entry, case), context.node)
        if step is None:
            continue
        score = outcome.score
        rows.append(
            {
                "input": clip(_read(context, step)),
                "answer": clip(step.output or ""),
                "wanted": clip(_wanted(context, case)),
                "feedback": clip(score.feedback if score and score.value < 1 else ""),
            }
        )
    return rows


def _read(context: Context, step: Step) -> str:
    """What the node read, as its template says it, if it still can."""
    told = context.view.told(step.inputs)
    return str(step.inputs) if told is None else told


def _wanted(context: Context, case: Case) -> str:
    """What the node should have said, as far as the label of the whole answer tells it."""
    main, labels = context.study.setting.program.main, context.study.setting.labels
    wanted = wanted_text(labels, case, main.contract)
    if main.name == context.node or not wanted:
        return wanted
    is_answer = right_text(labels, case, main.contract) is not None
    return f"one that leads to {'the answer ' if is_answer else ''}{wanted}"


def _labelled(context: Context, case: Case, inputs: Mapping[str, Any]) -> Sample:
    """A sample of the node that gives the answer."""
    labels, contract = context.study.setting.labels, context.view.node.contract
    is_shown = right_text(labels, case, contract) is not None
    return Sample(case, inputs, wanted_text(labels, case, contract), is_shown)


def _labelled_runs(context: Context) -> list[Sample]:
    return [
        _labelled(context, case, step.inputs)
        for case in demos.labelled_cases(_asked(context))
        if (step := _step(context, case)) is not None
    ]


def _bootstrapped(context: Context) -> list[Sample]:
    table, digest = context.study.table, context.entry.digest
    cases = table.shared([digest], _asked(context))
    scores = table.scores(digest, cases)
    least = bar(scores)
    right = [case for case, score in zip(cases, scores, strict=True) if score >= least]
    return [
        Sample(case, step.inputs, step.output.strip())
        for case in right
        if (step := _step(context, case)) is not None and step.output and not step.is_cut
    ]


def _asked(context: Context, cases: Sequence[Case] | None = None) -> Sequence[Case]:
    """These cases, or else the first search cases, answered by the parent."""
    if cases is None:
        cases = context.study.search[: context.tuning.apo_cases]
    context.study.evaluate([context.entry], cases)
    return cases


def _step(context: Context, case: Case) -> Step | None:
    """What the node did in the parent's run on a case where it was asked; the first, if often."""
    own = own_steps(context.study.trace(context.entry, case), context.node)
    return own[0] if own else None
