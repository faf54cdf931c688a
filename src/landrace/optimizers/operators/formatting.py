"""ChangeDataFormat and ChangeSectionsFormat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.errors import LandraceError
from landrace.optimizers.operators.samples import samples
from landrace.optimizers.operators.view import TASK
from landrace.optimizers.slots.data_formats import suitable
from landrace.optimizers.slots.structure import STYLES, Dress, dress, restyle, undress
from landrace.template import sections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.operators.view import View
    from landrace.optimizers.slots.data_formats import DataFormat
    from landrace.optimizers.slots.structure import Style
    from landrace.schemas.candidate import Candidate, Demo


def can_be_reformatted(view: View) -> bool:
    return view.parts is not None and view.allows("format")


def change_data_format(context: Context) -> list[Candidate]:
    """Children that write inputs and examples in another way and ask for answers to match."""
    forms = suitable(context.view.node.contract)
    drawn = context.rng.sample(forms, min(context.most, len(forms)))
    return [in_data_format(context, form) for form in drawn]


def in_data_format(context: Context, form: DataFormat) -> Candidate:
    """The parent in a data format: Jinja of the inputs, examples, answer format and parser."""
    view = context.view
    parts = view.parts
    assert parts is not None
    names = view.inputs()
    inputs = form.inputs(names)
    return context.child(
        f"data in {form.name}",
        source=f"{{% section {TASK} %}}\n{parts.instruction}\n{{% endsection %}}\n\n{inputs}\n",
        layout=view.layout,
        format=form.answer(view.node.contract),
        parser=None,
        demos=_rewritten(context, form, names),
    )


def has_sections(view: View) -> bool:
    return bool(view.passages)


def change_section_format(context: Context) -> list[Candidate]:
    """Children whose sections are set off as markdown, XML or not at all."""
    found = []
    for style in context.rng.sample(STYLES, len(STYLES)):
        slots = in_style(context.view, style)
        if slots is not None:
            found.append(context.child(f"sections in {style}", **slots))
    return found


def in_style(view: View, style: Style) -> dict[str, Any] | None:
    """The slots that change when sections are set off in a style; None where nothing does."""
    if view.slots.instruction is None and sections(view.template):
        allowed = [name for name in sections(view.template) if view.allows("sections", name)]
        source = restyle(view.template, style, allowed).source
        return None if source == view.template.source else {"source": source}
    how, text = undress(TASK, view.instruction())
    if not text or how.style == style:
        return None
    return {"instruction": dress(TASK, text, Dress(style, how.title)), "layout": view.layout}


def _rewritten(context: Context, form: DataFormat, names: list[str]) -> tuple[Demo, ...]:
    """The demos with their inputs in the format; one whose case is not at hand is left out.

    The answer needs no rewriting: it is bare in a demo, and the format wraps it.
    """
    if not context.view.slots.demos:
        return ()
    inputs: dict[str, Mapping[str, Any]] = {
        sample.case.id: sample.inputs for sample in samples(context)
    }
    found = []
    for demo in context.view.slots.demos:
        try:
            read = {name: inputs[demo.case_id][name] for name in names}
            found.append(demo.model_copy(update={"user": form.written(read)}))
        except (KeyError, LandraceError):
            continue
    return tuple(found)
