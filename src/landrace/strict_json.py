"""Reading JSON that has to have one shape: every misfit is named by file and dotted path.

Standard library only, because the loader reads its pins with it.
"""

from __future__ import annotations

import json
import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeAlias, TypeVar

from landrace.errors import FormatError, NewerFormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")

MAX_DEPTH = 64
_HEX_DIGITS = frozenset("0123456789abcdef")


class At(NamedTuple):
    """Where a value stands: the file, and the dotted path to it."""

    where: str
    path: str = ""

    def key(self, name: object) -> At:
        return At(self.where, f"{self.path}.{name}" if self.path else str(name))

    def error(self, problem: str, fix: str | None = None) -> FormatError:
        subject = f"`{self.path}`" if self.path else "the file"
        return FormatError(f"{subject} {problem}", where=self.where, fix=fix)


# Checks give the value back in the type that they have proved.
Check: TypeAlias = "Callable[[object, At], T]"


def parse(data: bytes | str, where: str) -> object:
    """The JSON value of a file's bytes.

    Raises:
        FormatError: not UTF-8, not JSON, nested too deeply, or a key stands twice.
    """
    text = data if isinstance(data, str) else utf8(data, where)
    # Editors of Windows put this mark at a file's start.
    text = text.removeprefix("\ufeff")
    with json_errors(where):
        value: object = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
        return value


def utf8(data: bytes, where: str) -> str:
    """The text of a file's bytes, or a `FormatError`."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise FormatError("the file is not UTF-8 text", where=where) from error


@contextmanager
def json_errors(where: str) -> Iterator[None]:
    """Turns what the json module raises into a `FormatError`."""
    try:
        yield
    except json.JSONDecodeError as error:
        raise FormatError(
            f"the file is not JSON: {error.msg}", where=f"{where}:{error.lineno}"
        ) from error
    except RecursionError as error:
        raise FormatError("the file is nested too deeply", where=where) from error
    except ValueError as error:
        raise FormatError(f"the file is not usable JSON: {error}", where=where) from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def record_of(make: Callable[..., T], **checks: Check[Any]) -> Check[T]:
    """The check of an object that has exactly these keys: ``make`` of its checked members."""

    def check_record(value: object, at: At) -> T:
        members = an_object(value, at)
        for key in members:
            if key not in checks:
                raise at.key(key).error("is not a known key", near_fix(key, checks))
        for key in checks:
            if key not in members:
                raise at.key(key).error("is missing")
        return make(**{key: check(members[key], at.key(key)) for key, check in checks.items()})

    return check_record


def near_fix(name: str, known: Iterable[str]) -> str | None:
    """A hint at the nearest of the known names, or None."""
    # Only on the way to an error: difflib costs more than the whole loader.
    from difflib import get_close_matches  # noqa: PLC0415 - see above

    near = get_close_matches(name, list(known), n=1)
    return f"did you mean `{near[0]}`?" if near else None


def an_object(value: object, at: At) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise at.error(f"is {kind(value)}, not an object")
    for name in value:
        text(name, at)
    return value


def text(value: object, at: At) -> str:
    if not isinstance(value, str):
        raise at.error(f"is {kind(value)}, not a string")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise at.error("holds half of a surrogate pair, which is no text") from error
    return value


def name(value: object, at: At) -> str:
    found = text(value, at)
    if not found:
        raise at.error("is empty")
    return found


def sha256_hex(value: object, at: At) -> str:
    found = text(value, at)
    if len(found) != 64 or not _HEX_DIGITS.issuperset(found):
        raise at.error("is not a SHA-256 in lower-case hexadecimal")
    return found


def integer(value: object, at: At) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise at.error(f"is {kind(value)}, not an integer")
    return value


def count(value: object, at: At) -> int:
    found = integer(value, at)
    if found < 0:
        raise at.error("is below 0")
    return found


def number(value: object, at: At) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise at.error(f"is {kind(value)}, not a number")
    try:
        is_finite = math.isfinite(value)
    except OverflowError as error:  # a whole number beyond what a float can hold
        raise at.error("is too large a number") from error
    if not is_finite:
        raise at.error("is not a finite number")
    return value


def share(value: object, at: At) -> float:
    found = number(value, at)
    if not 0 <= found <= 1:
        raise at.error("is not between 0 and 1")
    return found


def version(value: object, at: At, known: int) -> int:
    """The version of a file's layout, which must be the known one.

    Raises:
        NewerFormatError: it is a later one.
        FormatError: it is none, or an earlier one.
    """
    found = integer(value, at)
    if found > known:
        raise NewerFormatError(
            f"`{at.path}` is {found}: the file was written by a newer landrace",
            where=at.where,
            fix="upgrade with `pip install --upgrade landrace`",
        )
    if found != known:
        raise at.error(f"is {found}, not {known}")
    return found


def a_list(value: object, at: At) -> list[Any]:
    # A tuple is what a list becomes in frozen data, and json writes both alike.
    if not isinstance(value, list | tuple):
        raise at.error(f"is {kind(value)}, not a list")
    return list(value)


def optional(check: Check[T]) -> Check[T | None]:
    """The check, or null."""

    def check_or_null(value: object, at: At) -> T | None:
        return None if value is None else check(value, at)

    return check_or_null


def json_value(value: object, at: At, depth: int = MAX_DEPTH) -> object:
    """Any JSON value that is not nested too deeply, in containers of its own."""
    if depth == 0:
        raise at.error("is nested too deeply")
    if isinstance(value, dict):
        return {
            key: json_value(item, at.key(key), depth - 1)
            for key, item in an_object(value, at).items()
        }
    if isinstance(value, list | tuple):
        return [json_value(item, at.key(n), depth - 1) for n, item in enumerate(value)]
    if value is None or isinstance(value, bool):
        return value
    return text(value, at) if isinstance(value, str) else number(value, at)


def json_object(value: object, at: At) -> dict[str, Any]:
    """An object of any JSON values."""
    return {key: json_value(item, at.key(key)) for key, item in an_object(value, at).items()}


def fresh(value: Any) -> Any:
    """A copy that shares no container with the JSON value."""
    if isinstance(value, dict):
        return {key: fresh(item) for key, item in value.items()}
    return [fresh(item) for item in value] if isinstance(value, list) else value


_KINDS = (
    (type(None), "null"),
    (bool, "a boolean"),  # before its base class, int
    (int | float, "a number"),
    (str, "a string"),
    (list | tuple, "a list"),
    (dict, "an object"),
)


def kind(value: object) -> str:
    """A value's JSON type, in words for a message."""
    for types, words in _KINDS:
        if isinstance(value, types):
            return words
    return f"a Python {type(value).__name__}"
