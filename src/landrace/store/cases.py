"""Reading ``cases.jsonl``: one case a line, streamed, every problem named by its line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, TypeAlias

from pydantic import ValidationError

from landrace.digest import canonical_json, sha256
from landrace.errors import CaseError, FormatError, InputError
from landrace.key_order import values_in_order
from landrace.schemas.case import Case
from landrace.store.atomic import storage_error
from landrace.store.inputs import CaseInputs
from landrace.store.validate import problems
from landrace.strict_json import At, json_value, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from landrace.schemas.prompt import PromptConfig

MAX_LINE_BYTES = 1_000_000
_BOM = b"\xef\xbb\xbf"

CheckExpected: TypeAlias = Callable[[Any], str | None]


@dataclass(frozen=True)
class EvalSet:
    """The cases of a prompt, in the order of the file, and the hash of what they ask for."""

    cases: tuple[Case, ...]
    digest: str

    @classmethod
    def of(cls, cases: Iterable[Case]) -> EvalSet:
        whole = tuple(cases)
        return cls(whole, eval_set_digest(whole))


def iter_cases(path: Path, name: str | None = None) -> Iterator[Case]:
    """The cases of a file, one after the other; ``name`` stands for the file in errors.

    Blank lines, a byte-order mark and any line ends are fine. Of what has been read, only the
    ids are kept.

    Raises:
        CaseError: a line is no case, or has the id of another.
        StorageError: the file cannot be read.
    """
    return (case for _, case in _numbered(path, name or str(path)))


def written(case: Case) -> bytes:
    """The line of a file that `iter_cases` reads as this case.

    Raises:
        CaseError: there is none, since it is too long or holds what is no JSON text.
    """
    try:
        value = json_value(case.model_dump(exclude_defaults=True), At("the case"))
    except FormatError as error:
        raise CaseError(error.problem, fix=error.fix) from error
    line = f"{json.dumps(value, ensure_ascii=False)}\n".encode()
    if len(line) > MAX_LINE_BYTES:
        raise CaseError(f"longer than {MAX_LINE_BYTES:,} bytes")
    return line


def line_of(path: Path, case_id: str) -> int | None:
    """The line on which a case stands; None if it does not. Raises like `iter_cases`."""
    return next((line for line, case in _numbered(path, str(path)) if case.id == case_id), None)


def iter_eval_set(
    path: Path,
    config: PromptConfig,
    *,
    name: str | None = None,
    inputs_where: str = "prompt.yaml",
    check_expected: CheckExpected | None = None,
) -> Iterator[Case]:
    """The cases like `iter_cases`, each checked against the prompt.

    Each case's inputs are checked against ``config.inputs`` and completed with its defaults.
    ``inputs_where`` is the place of that schema.
    ``check_expected`` is asked why a case's ``expected`` is of no use, and says None if it is.

    Raises:
        CaseError: a case is wrong, or there is none.
        FormatError: ``config.inputs`` is no JSON Schema.
        StorageError: the file cannot be read.
    """
    shown = name or str(path)
    check_inputs = CaseInputs(config.inputs, prompt=shown, where=inputs_where)
    line = 0
    for line, case in _numbered(path, shown):
        where = f"{shown}:{line}"
        problem = check_expected(case.expected) if check_expected else None
        if problem:
            _fail(case, where, f"`expected` {problem}")
        try:
            inputs = check_inputs(case.inputs)
        except InputError as error:
            _fail(case, where, error.problem, error.fix)
        yield case if inputs is case.inputs else case.model_copy(update={"inputs": inputs})
    if not line:
        raise CaseError(
            "the eval set is empty", where=shown, fix="add cases, one JSON object a line"
        )


def eval_set_digest(cases: Iterable[Case]) -> str:
    """The hash of the cases, whatever the order of lines and keys, and the line ends.

    But the keys of an object among the inputs are sent in their order. ``metadata`` is no part of
    the hash: no metric sees it, so new tags leave evidence valid.
    """
    lines = sorted(sha256(canonical_json(_content(case))) for case in cases)
    return sha256("\n".join(lines).encode())


def _content(case: Case) -> dict[str, Any]:
    content = case.model_dump(exclude={"metadata"})
    return {**content, "inputs": values_in_order(content["inputs"])}


def _fail(case: Case, where: str, problem: str, fix: str | None = None) -> NoReturn:
    raise CaseError(f"case `{case.id}`: {problem}", where=where, fix=fix)


def _numbered(path: Path, name: str) -> Iterator[tuple[int, Case]]:
    try:
        with path.open("rb") as file:
            yield from _unique(_parsed(file, name), name)
    except OSError as error:
        raise storage_error("read", path, error) from error


def _unique(cases: Iterable[tuple[int, Case]], name: str) -> Iterator[tuple[int, Case]]:
    first: dict[str, int] = {}
    for line, case in cases:
        earlier = first.setdefault(case.id, line)
        if earlier != line:
            raise CaseError(
                f"the id `{case.id}` stands twice, on lines {earlier} and {line}",
                where=f"{name}:{line}",
                fix="give one of them another id, or remove it",
            )
        yield line, case


def _parsed(file: BinaryIO, name: str) -> Iterator[tuple[int, Case]]:
    line = 0
    while data := file.readline(MAX_LINE_BYTES + 1):
        line += 1
        if len(data) > MAX_LINE_BYTES:
            raise CaseError(f"longer than {MAX_LINE_BYTES:,} bytes", where=f"{name}:{line}")
        if line == 1:
            data = data.removeprefix(_BOM)
        if data.strip():
            yield line, _case(data, f"{name}:{line}")


def _case(data: bytes, where: str) -> Case:
    try:
        value = json_value(parse(data, where), At(where))
        return Case.model_validate(value, strict=True)
    except FormatError as error:
        problem = error.problem.replace("the file", "the line", 1)
        raise CaseError(problem, where=where, fix=error.fix) from error
    except ValidationError as error:
        first = problems(Case, error)[0]
        raise CaseError(first.line, where=where, fix=first.fix) from None
