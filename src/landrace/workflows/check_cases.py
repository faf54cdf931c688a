"""Every bad line of an eval set, where its reader stops at the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import FormatError, InputError, LandraceError
from landrace.schemas.case import Case
from landrace.store.atomic import storage_error
from landrace.store.cases import MAX_LINE_BYTES
from landrace.store.inputs import CaseInputs
from landrace.store.project import CASES_FILE, PROMPTS
from landrace.store.splits import split_cases
from landrace.store.validate import validate_value
from landrace.strict_json import parse
from landrace.workflows.expected_answers import ExpectedAnswers
from landrace.workflows.findings import Finding, error, mistake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landrace.store.cases import CheckExpected
    from landrace.store.project import PromptSource

MAX_FINDINGS = 100


def read_cases(
    source: PromptSource, check_expected: CheckExpected | None
) -> tuple[tuple[Case, ...], list[Finding]]:
    """The cases, or none and what is wrong with them, line by line, or else as a whole."""
    file = f"{PROMPTS}/{source.name}/{CASES_FILE}"
    try:
        findings = list(_Lines(source, check_expected).findings())
        if not findings:
            # The reader that everything else uses has the last word.
            cases = source.eval_set(check_expected).cases
            split_cases(cases, source.config.splits, file)
            return cases, []
    except LandraceError as found:
        return (), [error(found, file)]
    except OSError as found:
        return (), [error(storage_error("read", source.folder / CASES_FILE, found), file)]
    rest = len(findings) - MAX_FINDINGS
    more = [mistake(file, f"and {rest} more problems in this file")] if rest > 0 else []
    return (), findings[:MAX_FINDINGS] + more


class _Lines:
    """One pass over the file."""

    def __init__(self, source: PromptSource, check_expected: CheckExpected | None) -> None:
        self._source = source
        self._expected = ExpectedAnswers.of(source, check_expected)
        self._first: dict[str, int] = {}
        where = source.document.where(("inputs",))
        self._check_inputs = CaseInputs(source.config.inputs, prompt=source.name, where=where)

    def findings(self) -> Iterator[Finding]:
        file = f"{PROMPTS}/{self._source.name}/{CASES_FILE}"
        number = 0
        with (self._source.folder / CASES_FILE).open("rb") as lines:
            while data := lines.readline(MAX_LINE_BYTES + 1):
                number += 1
                where = f"{file}:{number}"
                if len(data) > MAX_LINE_BYTES:
                    yield mistake(where, f"longer than {MAX_LINE_BYTES:,} bytes")
                    return
                if data.strip():
                    yield from self._line(data, where, number)

    def _line(self, data: bytes, where: str, number: int) -> Iterator[Finding]:
        try:
            text = data.removeprefix(b"\xef\xbb\xbf") if number == 1 else data
            # The line's own place: JSON's readers would call each line the first.
            case = validate_value(Case, parse(text, where), lambda _path: where)
        except FormatError as found:
            yield error(found, where)._replace(where=where)
            return
        earlier = self._first.setdefault(case.id, number)
        if earlier != number:
            problem = f"the id `{case.id}` stands on line {earlier} already"
            yield mistake(where, problem, "give one of them another id, or remove it")
        for misfit in self._expected.misfits(case.expected):
            yield mistake(where, f"case `{case.id}`: {misfit.problem}", misfit.fix)
        try:
            self._check_inputs(case.inputs)
        except InputError as found:
            yield mistake(where, f"case `{case.id}`: {found.problem}", found.fix)
