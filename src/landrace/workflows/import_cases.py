"""Adding examples from another tool's file to an eval set."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.digest import canonical_json, json_digest
from landrace.errors import CaseError, InputError, LandraceError
from landrace.metrics import table as metrics
from landrace.schemas.case import Case
from landrace.store.atomic import storage_error, write_bytes
from landrace.store.cases import iter_cases
from landrace.store.inputs import CaseInputs
from landrace.store.project import CASES_FILE, PROMPTS
from landrace.store.validate import validate_value
from landrace.strict_json import parse
from landrace.workflows.input_values import input_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from landrace.store.cases import CheckExpected
    from landrace.store.project import PromptSource
    from landrace.workflows.case_sources import Row

MAX_PROBLEMS = 20


class Duplicate(NamedTuple):
    """A row whose inputs the eval set has already, in the case ``id``."""

    where: str
    id: str


class Imported(NamedTuple):
    path: str
    added: tuple[Case, ...]
    duplicates: tuple[Duplicate, ...]


def import_cases(source: PromptSource, rows: Sequence[Row], *, dry_run: bool = False) -> Imported:
    """Append the rows to the prompt's cases; a row whose inputs are there already is left out.

    Nothing is written unless every row makes a case that the prompt can use. A row without an
    id gets the hash of its inputs.

    Raises:
        CaseError: rows make no usable case, or the eval set is wrong itself.
        StorageError: the disk refuses; nothing has changed then.
    """
    path = source.folder / CASES_FILE
    shown = f"{PROMPTS}/{source.name}/{CASES_FILE}"
    present = list(iter_cases(path, shown))
    added, duplicates = _sort_out(present, _cases(source, rows))
    if added and not dry_run:
        _append(path, added)
    return Imported(shown, tuple(added), tuple(duplicates))


def _cases(source: PromptSource, rows: Iterable[Row]) -> list[tuple[str, Case]]:
    """The row's places and cases; all bad rows in one error."""
    metric = metrics.build(source.config.metrics, root=source.root)
    where = source.document.where(("inputs",))
    check_inputs = CaseInputs(source.config.inputs, prompt=source.name, where=where)
    found, problems = [], []
    for row in rows:
        try:
            case = _case(source, row)
            check_inputs(case.inputs)
            _check_expected(metric.check_expected, case)
        except LandraceError as error:
            problems.append(f"{row.where}: {error.problem}")
        else:
            found.append((row.where, case))
    if len(problems) == 1:
        place, _, problem = problems[0].partition(": ")
        raise CaseError(problem, where=place)
    if problems:
        more = [f"and {len(problems) - MAX_PROBLEMS} more"] if len(problems) > MAX_PROBLEMS else []
        listed = "\n".join([*problems[:MAX_PROBLEMS], *more])
        raise CaseError(f"{len(problems)} rows make no case, so nothing was imported\n{listed}")
    return found


def _case(source: PromptSource, row: Row) -> Case:
    schema = source.config.inputs
    inputs = {
        name: input_value(value, schema, name) if isinstance(value, str) else value
        for name, value in row.inputs.items()
    }
    value = {
        "id": row.id or json_digest(inputs)[:12],
        "inputs": inputs,
        "expected": _expected(row.expected, source.config.output.type),
    }
    return validate_value(Case, value, lambda _path: row.where)


def _expected(value: Any, output: str) -> Any:
    """A cell of a table as the answer that the output contract promises."""
    if not isinstance(value, str) or output not in {"json", "number"}:
        return value
    try:
        return parse(value, "expected")
    except LandraceError as error:
        raise CaseError(f"`expected` is {value!r}, which is no {output}") from error


def _check_expected(check: CheckExpected, case: Case) -> None:
    why = check(case.expected)
    if why:
        raise InputError(f"`expected`: {why}")


def _sort_out(
    present: Iterable[Case], rows: Iterable[tuple[str, Case]]
) -> tuple[list[Case], list[Duplicate]]:
    by_inputs = {canonical_json(case.inputs): case.id for case in present}
    ids = set(by_inputs.values())
    added, duplicates = [], []
    for where, case in rows:
        same = by_inputs.setdefault(canonical_json(case.inputs), case.id)
        if same in ids:
            duplicates.append(Duplicate(where, same))
        elif case.id in ids:
            raise CaseError(
                f"the id `{case.id}` belongs to another case already",
                where=where,
                fix="Give the row another id, or leave ids out: a hash takes their place.",
            )
        else:
            added.append(case)
        ids.add(same)
    return added, duplicates


def _append(path: Path, cases: Iterable[Case]) -> None:
    try:
        present = path.read_bytes()
    except OSError as error:
        raise storage_error("read", path, error) from error
    gap = b"" if not present or present.endswith(b"\n") else b"\n"
    lines = [json.dumps(_data(case), ensure_ascii=False) + "\n" for case in cases]
    write_bytes(path, present + gap + "".join(lines).encode("utf-8", "surrogatepass"))


def _data(case: Case) -> dict[str, Any]:
    return {"id": case.id, "inputs": case.inputs, "expected": case.expected}
