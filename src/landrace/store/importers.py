"""Cases out of other tools' files: CSV tables and the tests of promptfoo.

An imported case's id is a hash of its inputs and answer, so that importing a file again, with
rows added, moved or removed, gives the other cases the ids that they had.
"""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from landrace.digest import json_digest
from landrace.errors import CaseError, InputTypeError, RefusedError
from landrace.schemas.case import Case
from landrace.store.cases import MAX_LINE_BYTES
from landrace.store.input_values import reader
from landrace.store.validate import problems
from landrace.store.yaml import parse_yaml
from landrace.strict_json import near_fix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from landrace.store.yaml import Document, KeyPath

MAX_CASES = 100_000

_DELIMITERS = ",;\t|"
# A field in quotes, and the first row that is not empty, which may go over several lines.
_QUOTED = re.compile(r'(?<![^,;\t|\r\n])"[^"]*(?:""[^"]*)*"(?![^,;\t|\r\n])')
_HEADER = re.compile(rf"[\r\n]*((?:{_QUOTED.pattern}|[^\r\n])*)")

# promptfoo's assertions whose value says what is right, and what of landrace asks the same.
_ANSWERS = {
    "equals": "exact_match",
    "contains": "contains",
    "contains-all": "contains",
    "contains-any": "contains with mode: any",
    "icontains": "contains with ignore_case: true",
    "icontains-all": "contains with ignore_case: true",
    "icontains-any": "contains with mode: any and ignore_case: true",
    "regex": "regex",
    "starts-with": "regex, after a change of each text to a pattern",
    "is-json": "json_schema",
    "levenshtein": "similarity",
    "rouge-n": "rouge",
    "bleu": "bleu",
}
# Those whose metric wants every part of a list; the others take any.
_ALL_OF_A_LIST = frozenset({"contains", "contains-all", "icontains", "icontains-all"})
_CARRIED_KEYS = frozenset({"vars", "assert", "description", "metadata"})


class Columns(NamedTuple):
    """Which column is what: the column of each input by the input's name, the answer's, the id's.

    Without ``inputs``, every column but the other two is an input of the same name.
    """

    inputs: Mapping[str, str] | None = None
    expected: str = "expected"
    id: str | None = None


_PLAIN = Columns()


class Imported(NamedTuple):
    """The cases, and in sentences what was changed or left out on the way."""

    cases: tuple[Case, ...]
    notes: tuple[str, ...]


class _Found(NamedTuple):
    where: str
    case: Case


def import_csv(
    data: bytes,
    name: str,
    columns: Columns = _PLAIN,
    *,
    schema: Mapping[str, Any] | None = None,
) -> Imported:
    """The rows of a CSV table whose first row names the columns.

    The delimiter is the one of comma, semicolon, tab and bar that the header has most of, but for
    what stands in quotes. With the JSON ``schema`` of the inputs, a field is read as JSON where an
    input takes no text. An empty answer is none.

    Raises:
        CaseError: it is no such table, or a column is missing.
    """
    rows = _csv_rows(data, name)
    if len(rows) < 2:
        raise CaseError("the table has no rows", where=name, fix="give it a header and rows")
    header = [field.strip() for field in rows[0][1]]
    inputs = _input_columns(header, columns, f"{name}:1")
    readers = {key: reader(schema or {}, key) for key in inputs}
    found = []
    for line, fields in rows[1:]:
        where = f"{name}:{line}"
        if len(fields) != len(header):
            raise CaseError(
                f"{len(fields)} fields under a header of {len(header)}",
                where=where,
                fix="put quotes around fields that hold the delimiter or a line end",
            )
        row = dict(zip(header, fields, strict=True))
        values = {key: _value(row[column], readers[key], where) for key, column in inputs.items()}
        case_id = row[columns.id].strip() if columns.id else None
        expected = row.get(columns.expected) or None
        found.append(_case(where, values, expected, case_id))
    return _imported(found, Counter())


def import_promptfoo(data: bytes, name: str) -> Imported:
    """The tests of a promptfoo configuration, or of a YAML file that is a list of tests.

    Lists in ``vars`` are multiplied out, as promptfoo does. The value of a test's first
    assertion that has an answer becomes ``expected``, all values where that type stands several
    times; the notes name the metric that asks the same.

    Raises:
        CaseError: there are no tests, or one of them is no test.
        FormatError: it is not strict YAML.
        RefusedError: something stands in another file.
    """
    document = parse_yaml(data, name)
    config = document.value if isinstance(document.value, dict) else {"tests": document.value}
    start: KeyPath = ("tests",) if config is document.value else ()
    tests = config.get("tests")
    _refuse_files(tests, document, start)
    if not isinstance(tests, list) or not tests:
        fix = "import the file that holds the tests themselves"
        raise CaseError("there is no list of `tests`", where=document.where(start), fix=fix)
    notes: Counter[str] = Counter()
    default = _mapping(config.get("defaultTest", {}), document, ("defaultTest",))
    found: list[_Found] = []
    for index, test in enumerate(tests):
        path = (*start, index)
        found += _test_cases(_mapping(test, document, path), default, document, path, notes)
        if len(found) > MAX_CASES:
            raise CaseError(f"more than {MAX_CASES:,} cases", where=document.where(path))
    return _imported(found, notes)


def _imported(found: Iterable[_Found], notes: Counter[str]) -> Imported:
    cases: dict[str, _Found] = {}
    for item in found:
        where, case = item
        known = cases.setdefault(case.id, item)
        if (known.case.inputs, known.case.expected) != (case.inputs, case.expected):
            raise CaseError(
                f"the id `{case.id}` stands twice, first at {known.where}",
                where=where,
                fix="give one of them another id",
            )
        if known is not item:
            notes["left out, because the same case stands above"] += 1
    counted = (f"{count}x {text}" for text, count in sorted(notes.items()))
    return Imported(tuple(item.case for item in cases.values()), tuple(counted))


def _case(
    where: str,
    inputs: dict[str, Any],
    expected: object,
    case_id: str | None = None,
    metadata: dict[str, Any] | None = None,
) -> _Found:
    made = json_digest({"inputs": inputs, "expected": expected})[:12]
    try:
        case = Case(id=case_id or made, inputs=inputs, expected=expected, metadata=metadata or {})
    except ValidationError as error:
        raise CaseError(problems(Case, error)[0].line, where=where) from None
    return _Found(where, case)


def _csv_rows(data: bytes, name: str) -> list[tuple[int, list[str]]]:
    """The rows that are not empty, each with the number of the line where it ends."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CaseError("not UTF-8 text", where=f"{name}:{line}", fix="save it as UTF-8") from error
    table = io.StringIO(text, newline="")
    reader = csv.reader(table, delimiter=_delimiter(text), strict=True)
    try:
        with _long_fields():
            return [(reader.line_num, fields) for fields in reader if any(fields)]
    except csv.Error as error:
        raise CaseError(f"not CSV: {error}", where=f"{name}:{reader.line_num}") from error


def _delimiter(text: str) -> str:
    header = _HEADER.match(text)
    assert header is not None, "it matches nothing, too"
    return max(_DELIMITERS, key=_QUOTED.sub("", header[1]).count)


@contextmanager
def _long_fields() -> Iterator[None]:
    """Let a field be as long as a case may be; the limit is the whole process's."""
    usual = csv.field_size_limit()
    csv.field_size_limit(max(usual, MAX_LINE_BYTES))
    try:
        yield
    finally:
        csv.field_size_limit(usual)


def _input_columns(header: list[str], columns: Columns, where: str) -> Mapping[str, str]:
    """The column of each input; every column that is named is there."""
    for field, count in Counter(header).items():
        if count > 1 or not field:
            problem = f"the column `{field}` stands twice" if field else "a column has no name"
            raise CaseError(problem, where=where, fix="give each column a name of its own")
    others = {columns.expected, columns.id}
    inputs = columns.inputs or {field: field for field in header if field not in others}
    # A table without the usual column of answers has none.
    optional = {_PLAIN.expected, None}
    for column in [*inputs.values(), columns.expected, columns.id]:
        if column not in header and column not in optional:
            assert column is not None
            fix = near_fix(column, header) or f"the columns are {', '.join(header)}"
            raise CaseError(f"there is no column `{column}`", where=where, fix=fix)
    return inputs


def _value(text: str, read: Callable[[str], Any], where: str) -> Any:
    try:
        return read(text)
    except InputTypeError as error:
        raise CaseError(error.problem, where=where, fix="write the value as JSON") from error


def _test_cases(
    test: dict[str, Any],
    default: dict[str, Any],
    document: Document,
    path: KeyPath,
    notes: Counter[str],
) -> Iterator[_Found]:
    for key in sorted((test.keys() | default.keys()) - _CARRIED_KEYS):
        notes[f"`{key}` was left out"] += 1
    variables = {
        **_mapping(default.get("vars", {}), document, ("defaultTest", "vars")),
        **_mapping(test.get("vars", {}), document, (*path, "vars")),
    }
    expected = _expected(
        [*_assertions(test, document, path), *_assertions(default, document, ("defaultTest",))],
        notes,
    )
    metadata = dict(_mapping(test.get("metadata", {}), document, (*path, "metadata")))
    if isinstance(test.get("description"), str):
        metadata["description"] = test["description"]
    _refuse_files([variables, expected], document, path)
    if "{{" in repr(variables):
        notes["a variable holds `{{`, which promptfoo would fill and landrace does not"] += 1
    choices = [value if isinstance(value, list) else [value] for value in variables.values()]
    if math.prod(map(len, choices)) > MAX_CASES:
        problem = f"the lists in `vars` make more than {MAX_CASES:,} cases"
        raise CaseError(problem, where=document.where((*path, "vars")))
    for values in itertools.product(*choices):
        inputs = dict(zip(variables, values, strict=True))
        yield _case(document.where(path), inputs, expected, metadata=metadata)


def _expected(assertions: list[dict[str, Any]], notes: Counter[str]) -> object:
    """The answer in the assertions; what has none, or another type, is noted."""
    carried: str = next((item["type"] for item in assertions if _has_answer(item)), "")
    values = []
    for item in assertions:
        if _has_answer(item) and item["type"] == carried:
            values.append(item["value"])
            metric = _ANSWERS[carried]
            notes[f"`{carried}` became `expected`: score with the metric {metric}"] += 1
        else:
            notes[f"an assertion of type `{item.get('type')}` was left out"] += 1
    parts = [part for value in values for part in (value if isinstance(value, list) else [value])]
    if len(values) < 2 or all(part == parts[0] for part in parts):
        return values[0] if values else None
    if carried not in _ALL_OF_A_LIST:
        notes[
            f"a test has several `{carried}`, which promptfoo wants all to hold: any will do"
        ] += 1
    return parts


def _has_answer(assertion: dict[str, Any]) -> bool:
    return assertion.get("type") in _ANSWERS and assertion.get("value") is not None


def _assertions(test: dict[str, Any], document: Document, path: KeyPath) -> list[dict[str, Any]]:
    found = test.get("assert", [])
    path = (*path, "assert")
    if not isinstance(found, list):
        raise CaseError("`assert` is not a list", where=document.where(path))
    return [_mapping(item, document, (*path, index)) for index, item in enumerate(found)]


def _mapping(value: object, document: Document, path: KeyPath) -> dict[str, Any]:
    _refuse_files(value, document, path)
    if not isinstance(value, dict):
        raise CaseError("this must be a mapping", where=document.where(path))
    return value


def _refuse_files(value: object, document: Document, path: KeyPath) -> None:
    """Refuse what promptfoo would read from another file, or run."""
    if isinstance(value, str) and value.startswith("file://"):
        raise RefusedError(
            f"`{value}` stands in another file",
            where=document.where(path),
            fix="write the value itself, or import that file",
        )
    if isinstance(value, dict):
        for key, item in value.items():
            _refuse_files(item, document, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_files(item, document, (*path, index))
