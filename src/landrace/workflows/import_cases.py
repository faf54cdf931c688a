"""Adding cases from another tool's file to an eval set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.digest import canonical_json
from landrace.errors import CaseError, LandraceError
from landrace.store.atomic import storage_error, write_bytes
from landrace.store.cases import iter_cases, written
from landrace.store.inputs import CaseInputs
from landrace.store.project import CASES_FILE, PROMPTS
from landrace.strict_json import near_fix, parse
from landrace.workflows.expected_answers import ExpectedAnswers
from landrace.workflows.prompt_metric import metric_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from landrace.schemas.case import Case
    from landrace.store.project import PromptSource

MAX_PROBLEMS = 20


class Added(NamedTuple):
    """What became of the cases.

    ``duplicates`` has, by the id of each case that was left out, the id of the one with the
    same inputs.
    """

    path: str
    cases: tuple[Case, ...]
    duplicates: dict[str, str]


def add_cases(
    source: PromptSource, cases: Sequence[Case], *, where: str, dry_run: bool = False
) -> Added:
    """Append cases to the prompt's; one whose inputs are there already is left out.

    A prompt that has no file of them yet gets one. Nothing is written unless the prompt can
    use every case. ``where`` names their source.

    Raises:
        CaseError: the prompt cannot use a case, or the eval set is wrong itself.
        StorageError: the disk refuses; nothing has changed then.
    """
    path = source.folder / CASES_FILE
    shown = f"{PROMPTS}/{source.name}/{CASES_FILE}"
    fitting = _fitting(source, cases, where)
    present = list(iter_cases(path, shown)) if path.exists() else []
    new, duplicates = _sort_out(present, fitting, where)
    if new and not dry_run:
        _append(path, new)
    return Added(shown, tuple(new), duplicates)


def renamed(cases: Iterable[Case], inputs: Mapping[str, str], where: str) -> tuple[Case, ...]:
    """The cases with these inputs alone, each given with the name that it has had so far.

    Raises:
        CaseError: a case has no such input.
    """
    return tuple(
        case.model_copy(
            update={"inputs": {new: _input(case, old, where) for new, old in inputs.items()}}
        )
        for case in cases
    )


def _input(case: Case, name: str, where: str) -> Any:
    if name not in case.inputs:
        raise CaseError(
            f"case `{case.id}` has no `{name}`",
            where=where,
            fix=near_fix(name, case.inputs) or f"it has {', '.join(case.inputs) or 'nothing'}",
        )
    return case.inputs[name]


def _fitting(source: PromptSource, cases: Iterable[Case], where: str) -> list[Case]:
    """The cases with answers of the promised type; all that do not fit in one error.

    They fit if the readers of the eval set, and `landrace check`, have nothing against them.
    """
    inputs_where = source.document.where(("inputs",))
    check_inputs = CaseInputs(source.config.inputs, prompt=source.name, where=inputs_where)
    answers = ExpectedAnswers.of(source, metric_of(source).check_expected)
    found, problems = [], []
    for case in cases:
        try:
            check_inputs(case.inputs)
            expected = _answer(case.expected, source.config.output.type)
            fitting = case.model_copy(update={"expected": expected})
            written(fitting)
            misfits = ["; ".join(filter(None, misfit)) for misfit in answers.misfits(expected)]
        except LandraceError as error:
            misfits = [error.problem]
        if misfits:
            problems += [f"case `{case.id}`: {misfit}" for misfit in misfits]
        else:
            found.append(fitting)
    if problems:
        rest = len(problems) - MAX_PROBLEMS
        more = [f"and {rest} more"] if rest > 0 else []
        raise CaseError("\n".join([*problems[:MAX_PROBLEMS], *more]), where=where)
    return found


def _answer(value: Any, output: str) -> Any:
    """The text of a table's cell as the answer that the output contract promises."""
    if not isinstance(value, str) or output not in {"json", "number"}:
        return value
    try:
        return parse(value, "expected")
    except LandraceError as error:
        raise CaseError(f"`expected` is {value!r}, which is no {output}") from error


def _sort_out(
    present: Iterable[Case], cases: Iterable[Case], where: str
) -> tuple[list[Case], dict[str, str]]:
    """The new cases, and those whose inputs are there already."""
    by_inputs: dict[bytes, str] = {}
    ids: set[str] = set()
    for case in present:
        by_inputs.setdefault(canonical_json(case.inputs), case.id)
        ids.add(case.id)
    new, duplicates = [], {}
    for case in cases:
        key = canonical_json(case.inputs)
        if key in by_inputs:
            duplicates[case.id] = by_inputs[key]
            continue
        if case.id in ids:
            raise CaseError(
                f"the id `{case.id}` belongs to another case already",
                where=where,
                fix="give the case another id, or import without ids: a hash takes their place",
            )
        by_inputs[key] = case.id
        ids.add(case.id)
        new.append(case)
    return new, duplicates


def _append(path: Path, cases: Iterable[Case]) -> None:
    try:
        present = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise storage_error("read", path, error) from error
    gap = b"" if not present or present.endswith(b"\n") else b"\n"
    write_bytes(path, present + gap + b"".join(map(written, cases)))
