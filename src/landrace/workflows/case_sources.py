"""Rows of labelled examples in other tools' files: CSV tables and promptfoo configurations."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.errors import CaseError
from landrace.store.yaml import parse_yaml
from landrace.strict_json import near_fix

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from landrace.store.yaml import Document, KeyPath

MAX_FIELD = 1_000_000

# Assertions of promptfoo whose value is an answer; of the others none says what is right.
_ANSWERS = ("equals", "icontains", "contains", "similar", "starts-with", "is-json")


class Row(NamedTuple):
    """One example as it stands in a file; its values are not yet of the inputs' types."""

    where: str
    inputs: dict[str, Any]
    expected: Any
    id: str | None = None


class Columns(NamedTuple):
    """Which column is what: the name of an input by its column, the answer's, the id's."""

    inputs: Mapping[str, str]
    expected: str
    id: str | None = None


def csv_rows(data: bytes, name: str, columns: Columns) -> list[Row]:
    """The rows of a CSV table with a header; comma, semicolon or tab between the fields.

    Raises:
        CaseError: it is no such table, or lacks a column.
    """
    text = _text(data, name)
    header_line = text.splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t", key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    csv.field_size_limit(MAX_FIELD)
    try:
        lines = [(reader.line_num, fields) for fields in reader if fields]
    except csv.Error as error:
        raise CaseError(f"not CSV: {error}", where=f"{name}:{reader.line_num}") from error
    if not lines:
        raise CaseError("the table is empty", where=name, fix="Give it a header and rows.")
    header = [field.strip() for field in lines[0][1]]
    _check_header(header, columns, name)
    return [_csv_row(f"{name}:{line}", header, fields, columns) for line, fields in lines[1:]]


def promptfoo_rows(data: bytes, name: str, columns: Columns) -> list[Row]:
    """The tests of a promptfoo configuration, or of a YAML file that is a list of tests.

    A test's answer is the value of its first assertion of the types equals, contains,
    icontains, starts-with, similar or is-json; if it has none, the variable that
    ``columns.expected`` names.

    Raises:
        CaseError: there is no list of tests, or a value stands in another file.
        FormatError: it is not strict YAML.
    """
    document = parse_yaml(data, name)
    value = document.value
    tests = value.get("tests") if isinstance(value, dict) else value
    start: KeyPath = ("tests",) if isinstance(value, dict) else ()
    if not isinstance(tests, list):
        raise CaseError(
            "there is no list of `tests` here",
            where=document.where(start),
            fix="Import the file that holds the tests themselves.",
        )
    defaults = value.get("defaultTest") if isinstance(value, dict) else None
    shared = _mapping(_mapping(defaults).get("vars"))
    return [
        _promptfoo_row(document, (*start, n), test, shared, columns) for n, test in enumerate(tests)
    ]


def _check_header(header: Sequence[str], columns: Columns, name: str) -> None:
    twice = next((field for field in header if header.count(field) > 1), None)
    if twice is not None:
        raise CaseError(f"the column `{twice}` stands twice", where=f"{name}:1")
    for column in _wanted(columns):
        if column not in header:
            raise CaseError(
                f"there is no column `{column}`",
                where=f"{name}:1",
                fix=near_fix(column, header) or f"the columns are {', '.join(header)}",
            )


def _wanted(columns: Columns) -> Iterator[str]:
    yield from columns.inputs
    yield columns.expected
    if columns.id:
        yield columns.id


def _csv_row(where: str, header: list[str], fields: list[str], columns: Columns) -> Row:
    if len(fields) != len(header):
        raise CaseError(
            f"{len(fields)} fields under a header of {len(header)}",
            where=where,
            fix="Quote fields that hold the separator or a line break.",
        )
    record = dict(zip(header, fields, strict=True))
    return Row(
        where,
        {name: record[column] for column, name in columns.inputs.items()},
        record[columns.expected],
        record[columns.id].strip() if columns.id else None,
    )


def _promptfoo_row(
    document: Document, path: KeyPath, test: Any, shared: dict[str, Any], columns: Columns
) -> Row:
    where = document.where(path)
    if not isinstance(test, dict):
        raise CaseError(
            "a test is not a mapping", where=where, fix="Import the file that it names instead."
        )
    variables = {**shared, **_mapping(test.get("vars"))}
    for name, value in variables.items():
        if isinstance(value, str) and value.startswith("file://"):
            raise CaseError(
                f"`{name}` stands in another file", where=where, fix="Write the value itself."
            )
    missing = [column for column in columns.inputs if column not in variables]
    if missing:
        raise CaseError(
            f"the test has no variable `{missing[0]}`",
            where=where,
            fix=near_fix(missing[0], variables) or f"its variables are {', '.join(variables)}",
        )
    return Row(
        where,
        {name: variables[column] for column, name in columns.inputs.items()},
        _answer(test, variables, columns.expected, where),
        _id_of(test.get("description")),
    )


def _answer(test: dict[str, Any], variables: dict[str, Any], expected: str, where: str) -> Any:
    asserts = test.get("assert")
    for item in asserts if isinstance(asserts, list) else []:
        if isinstance(item, dict) and item.get("type") in _ANSWERS and "value" in item:
            return item["value"]
    if expected in variables:
        return variables[expected]
    raise CaseError(
        f"the test has neither an assertion with an answer nor a variable `{expected}`",
        where=where,
        fix=f"Give it an assertion of one of the types {', '.join(_ANSWERS)}.",
    )


def _id_of(description: Any) -> str | None:
    """A description as a case id: ``Late parcel, angry`` is ``late-parcel-angry``."""
    if not isinstance(description, str):
        return None
    return "-".join(re.findall(r"\w+", description.lower()))[:80] or None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CaseError(
            "not UTF-8 text", where=f"{name}:{line}", fix="Save the file as UTF-8."
        ) from error
