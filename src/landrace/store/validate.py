"""Checking a document against a schema, with errors in the words of the file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from landrace.errors import FormatError
from landrace.strict_json import kind, near_fix

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from landrace.store.yaml import Document, KeyPath

Model = TypeVar("Model", bound=BaseModel)
Locate: TypeAlias = Callable[["KeyPath"], str]

MAX_PROBLEMS = 5

_SCALARS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
}


class Problem(NamedTuple):
    """One misfit: its path in the document, what is wrong, and what to do."""

    path: KeyPath
    text: str
    fix: str | None

    @property
    def line(self) -> str:
        return f"`{dotted(self.path)}` {self.text}" if self.path else self.text


def validate(model: type[Model], document: Document) -> Model:
    """The document as an instance of the model.

    Raises:
        FormatError: one error that lists the problems by file, line and dotted path.
    """
    return validate_value(model, document.value, document.where)


def validate_value(model: type[Model], value: object, where: Locate, *, at: KeyPath = ()) -> Model:
    """`validate` of a value that stands ``at`` a path of a file; ``where`` finds a path's place."""
    read = read_value(model, value, at=at)
    if isinstance(read, list):
        raise _one_error(read, where)
    return read


def read_value(model: type[Model], value: object, *, at: KeyPath = ()) -> Model | list[Problem]:
    """A value as an instance of the model, or all that is wrong with it, with whole paths."""
    try:
        found = model.model_validate(value)
    except ValidationError as error:
        misfits = problems(model, error)
    else:
        misfits = list(_guesses(value, found.model_dump(mode="json", by_alias=True), ()))
        if not misfits:
            return found
    return [misfit._replace(path=(*at, *misfit.path)) for misfit in misfits]


def _guesses(written: object, read: object, path: KeyPath) -> Iterator[Problem]:
    """Values that pydantic turned into another type: "8" is no number, and 1 is not true.

    Its strict mode would refuse them, but refuses every list as well once a validator has
    run before a field.
    """
    if isinstance(written, dict) and isinstance(read, dict):
        for key, value in written.items():
            yield from _guesses(value, read.get(key), (*path, key))
    elif isinstance(written, list) and isinstance(read, list):
        for index, (one, other) in enumerate(zip(written, read, strict=False)):
            yield from _guesses(one, other, (*path, index))
    elif (
        type(read) in _SCALARS
        and type(written) is not type(read)
        and not (type(written) is int and type(read) is float)
    ):
        yield Problem(path, f"must be {_SCALARS[type(read)]}, not {shown(written)}", None)


def problems(model: type[BaseModel], error: ValidationError) -> list[Problem]:
    """What is wrong, in plain words."""
    details = error.errors(include_url=False)
    paths = [detail["loc"] for detail in details]
    return [
        _problem(model, detail)
        for detail in details
        # pydantic does not count items that fail, and then calls the list too short as well.
        if not (detail["type"] == "too_short" and _holds_another(detail["loc"], paths))
    ]


def _holds_another(path: KeyPath, paths: list[KeyPath]) -> bool:
    return any(len(other) > len(path) and other[: len(path)] == path for other in paths)


def dotted(path: KeyPath) -> str:
    """A path as people write it: ``metrics[0].metric``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def _one_error(found: list[Problem], where: Locate) -> FormatError:
    if len(found) == 1:
        problem = found[0]
        return FormatError(problem.line, where=where(problem.path), fix=problem.fix)
    lines = [f"{len(found)} problems"]
    for problem in found[:MAX_PROBLEMS]:
        hint = f" ({problem.fix})" if problem.fix else ""
        lines.append(f"  {where(problem.path)}: {problem.line}{hint}")
    if len(found) > MAX_PROBLEMS:
        lines.append(f"  and {len(found) - MAX_PROBLEMS} more")
    return FormatError("\n".join(lines), where=where(()).rpartition(":")[0])


_WANTED = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "greater_than": "must be above {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be below {lt:g}",
    "less_than_equal": "must be at most {le:g}",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must match `{pattern}`",
}


def _problem(model: type[BaseModel], detail: ErrorDetails) -> Problem:
    path: KeyPath = detail["loc"]
    context = detail.get("ctx", {})
    value = detail["input"]
    text, fix = "", None
    match detail["type"]:
        case "missing":
            text = "is missing"
        case "extra_forbidden":
            known = _known_keys(model, path[:-1])
            text = "is not a known key"
            fix = near_fix(str(path[-1]), known) or f"the known keys are {', '.join(known)}"
        case "string_too_short" | "too_short":
            least = context["min_length"]
            text = "must not be empty" if least == 1 else f"must have at least {least}"
        case "value_error":
            text = str(context["error"])
            fix = getattr(context["error"], "fix", None)
        case "literal_error":
            text = f"must be {context['expected']}, not {shown(value)}"
            # pydantic names the choices in one phrase: 'a', 'b' or 'c'.
            fix = near_fix(str(value), context["expected"].split("'")[1::2])
        case other if other in _WANTED:
            text = f"{_WANTED[other].format(**context)}, not {shown(value)}"
        case _:
            text = f"does not fit: {detail['msg']}"
    return Problem(path, text, fix)


def shown(value: object) -> str:
    """A value for a message: short ones as they are, longer ones by their kind."""
    if isinstance(value, list | dict):
        return kind(value)
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _known_keys(model: type[BaseModel], path: KeyPath) -> list[str]:
    """The keys that the mapping at a path may have, as they are written in a file."""
    level: list[object] = [model]
    for part in path:
        level = [inner for outer in level for inner in _inside(outer, part)]
    models = [found for outer in level for found in _models_in(outer)]
    return [field.alias or name for found in models for name, field in found.model_fields.items()]


def _inside(annotation: object, part: int | str) -> Iterator[object]:
    """The types of what a value of this type can have at one step of a path."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            if part in {name, field.alias}:
                yield field.annotation
    elif get_origin(annotation) is dict:
        yield get_args(annotation)[1]
    elif isinstance(part, int) and get_origin(annotation) in {list, tuple}:
        yield from get_args(annotation)
    else:
        for inner in get_args(annotation):
            yield from _inside(inner, part)


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)
