"""The messages of a prompt for given inputs, from its base template or a pinned variant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.errors import CaseError
from landrace.optimizers.variants import write_variant
from landrace.runtime.registry import Registry
from landrace.schemas.candidate import Candidate
from landrace.store.inputs import CaseInputs
from landrace.strict_json import near_fix
from landrace.workflows.prompt_state import base_program

if TYPE_CHECKING:
    from landrace.store.project import Project, PromptSource

Messages = list[dict[str, str]]


def render_base(source: PromptSource, inputs: dict[str, Any]) -> Messages:
    """The messages of the base template, or of the calls with which a program begins.

    Raises:
        InputError: the inputs do not fit.
        TemplateError: the template is malformed, or cannot be rendered with them.
    """
    where = source.document.where(("inputs",))
    check = CaseInputs(source.config.inputs, prompt=source.name, where=where)
    complete = check(inputs)
    return write_variant(base_program(source), Candidate()).first_messages(complete)


def render_pinned(project: Project, prompt: str, model: str, inputs: dict[str, Any]) -> Messages:
    """The messages of the variant that an application would get for this model.

    Raises:
        NotPinnedError: there is none.
        IntegrityError: it was edited.
        InputError, RenderError: like `render_base`.
    """
    pinned = Registry(project.root).get(prompt, model)
    if pinned.pin.program is None:
        return pinned.render(**inputs)
    asks = pinned.program.first_asks(pinned.checked(inputs))
    return [message for ask in asks for message in ask.messages]


def case_inputs(source: PromptSource, case_id: str) -> dict[str, Any]:
    """The inputs of a case of the prompt's eval set.

    Raises:
        CaseError: there is no such case, or the eval set is wrong.
    """
    cases = {case.id: case.inputs for case in source.eval_set().cases}
    if case_id not in cases:
        raise CaseError(
            f"there is no case `{case_id}`",
            where=f"prompts/{source.name}/cases.jsonl",
            fix=near_fix(case_id, cases) or f"there is, for one, `{next(iter(cases))}`",
        )
    return cases[case_id]
