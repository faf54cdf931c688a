"""How examples are shown: as chat turns, or in the text by item or by kind; and how many."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.operators.formatting import in_data_format
from landrace.optimizers.operators.samples import answered, samples
from landrace.optimizers.operators.view import TASK
from landrace.optimizers.slots import demos
from landrace.optimizers.slots.data_formats import DATA_FORMATS, examples, retrieved
from landrace.optimizers.slots.formats import FORMATS
from landrace.optimizers.slots.labels import answered_cases
from landrace.program import CASES, Retrieve
from landrace.schemas.candidate import Demo
from landrace.template import literal

if TYPE_CHECKING:
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.operators.samples import Sample
    from landrace.optimizers.slots.data_formats import DataFormat
    from landrace.optimizers.slots.data_formats import Orientation as InText
    from landrace.schemas.candidate import Candidate, Orientation

DEFAULT_COUNT = 5
IN_TEXT = "question-answer"  # the data format of examples in the text where none is said


class Shots(NamedTuple):
    """``form`` is the data format, None for the prompt's own; ``number`` None for five."""

    form: DataFormat | None
    orientation: Orientation
    number: int | None


def with_shots(context: Context, shots: Shots) -> Candidate | None:
    """The context's candidate with labelled search cases as examples.

    Where the node reads what a retrieve node finds among the cases, those are shown; else the
    same cases for every way of showing them, of which the fewer are the first of the more. None
    where there are fewer than wanted, or instruction and input cannot be told apart.
    """
    retriever = _retriever(context)
    if retriever is not None:
        return _at_run_time(context, shots, retriever)
    if context.view.parts is None:
        return None
    count = DEFAULT_COUNT if shots.number is None else shots.number
    # What a node reads from others, a case's inputs do not have.
    needed = set(context.view.inputs())
    picked = [sample for sample in drawn(context) if needed <= sample.inputs.keys()][:count]
    if len(picked) < count:
        return None
    if shots.orientation == "turns":
        return _turns(context, shots.form, picked)
    return _in_text(context, shots, picked)


def drawn(context: Context) -> list[Sample]:
    """All search cases with an answer to show, in an order in which any first few are balanced."""
    by_case = {sample.case.id: sample for sample in answered(samples(context))}
    cases = [sample.case for sample in by_case.values()]
    rng = context.study.rng("sammo/shots")
    return [by_case[case.id] for case in demos.balanced(cases, len(cases), rng)]


def _turns(context: Context, form: DataFormat | None, picked: list[Sample]) -> Candidate:
    names = context.view.inputs()
    write = context.view.user_turn if form is None else form.written
    shown = tuple(
        Demo(
            case_id=sample.case.id,
            user=write({name: sample.inputs[name] for name in names}),
            assistant=sample.answer,
        )
        for sample in picked
    )
    if form is None:
        return context.child("examples", demos=shown, layout=context.view.layout)
    changed = in_data_format(context, form)
    return changed.changed("examples", node=context.node, parent=context.entry.digest, demos=shown)


def _in_text(context: Context, shots: Shots, picked: list[Sample]) -> Candidate | None:
    """Examples as a section between the instruction and the input."""
    view = context.view
    form = shots.form or DATA_FORMATS[IN_TEXT]
    if form.answer(view.node.contract) is None:
        return None
    names = context.view.inputs()
    pairs = [({name: each.inputs[name] for name in names}, each.answer) for each in picked]
    by: InText = "item" if shots.orientation == "item" else "kind"
    shown = examples(form, pairs, view.node.contract, by)
    return _with_section(context, form, shown)


def _at_run_time(context: Context, shots: Shots, retriever: str) -> Candidate | None:
    """Examples that a retrieve node finds for each run; they cannot be chat turns."""
    form = shots.form or DATA_FORMATS[IN_TEXT]
    contract = context.view.node.contract
    if shots.orientation == "turns" or form.answer(contract) is None:
        return None
    study = context.study
    labelled = demos.labelled_cases(study.search)
    # A template writes each label that is found as it is.
    if len(answered_cases(study.setting.labels, labelled)) < len(labelled):
        return None
    nodes = study.setting.program.graph.nodes
    names = [name for name in context.view.inputs() if name not in nodes]
    has_choices = any(isinstance(case.expected, list) for case in labelled)
    shown = retrieved(form, retriever, names, contract, shots.orientation, has_choices=has_choices)
    candidate = _with_section(context, form, shown)
    if shots.number is None:
        return candidate
    fields = {**candidate.settings.get(retriever, {}), "count": shots.number}
    return candidate.model_copy(update={"settings": {**candidate.settings, retriever: fields}})


def _with_section(context: Context, form: DataFormat, shown: str) -> Candidate:
    """Instruction, examples and input in a data format, one below the other."""
    view = context.view
    answer = form.answer(view.node.contract) or "base"
    task = "\n\n".join(part for part in (view.instruction(), FORMATS[answer].ask) if part)
    retriever = _retriever(context)
    names = [name for name in context.view.inputs() if name != retriever]
    return context.child(
        "examples",
        source=f"{{% section {TASK} %}}\n{literal(task)}\n{{% endsection %}}\n\n"
        f"{{% section examples %}}\n{shown}\n{{% endsection %}}\n\n{form.inputs(names)}\n",
        instruction=None,
        layout="base",
        format=answer,
        parser=None,
        demos=(),
    )


def _retriever(context: Context) -> str | None:
    """The retrieve node over labelled cases that the node reads."""
    if context.view.parts is None:
        return None
    nodes = context.study.setting.program.graph.nodes
    for name in context.view.inputs():
        node = nodes.get(name)
        if isinstance(node, Retrieve) and node.corpus == CASES:
            return name
    return None
