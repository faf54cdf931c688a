"""Whether a value fits a JSON Schema; nothing is fetched for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.errors import ConfigError
from landrace.metrics.schema_references import why_no_references
from landrace.metrics.text import quote, quote_name

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator


def validator_of(schema: dict[str, Any]) -> Validator:
    """What checks values against a schema that `why_no_schema` has nothing against."""
    # Imported late because it is slow. The empty registry keeps it from fetching references.
    from jsonschema.validators import Draft7Validator, validator_for  # noqa: PLC0415
    from referencing import Registry  # noqa: PLC0415

    return validator_for(schema, default=Draft7Validator)(schema, registry=Registry())


def why_no_schema(schema: Any) -> str | None:
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415 - slow to import

    if not isinstance(schema, dict):
        return f"it must be a JSON Schema, not {quote(schema)}"
    if not isinstance(schema.get("$schema", ""), str):
        return f"it is no JSON Schema: $schema: {quote(schema['$schema'])} is no text"
    validator = validator_of(schema)
    try:
        validator.check_schema(schema)
    except SchemaError as error:
        return f"it is no JSON Schema: {_place(error.path)}: {error.message}"
    return why_no_references(validator)


def misfits(validator: Validator, value: Any) -> list[ValidationError]:
    """Every place where a value does not fit, by its path.

    Raises:
        ConfigError: the schema refers to what is not in it, or to itself for ever.
    """
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415 - slow to import
    from referencing.exceptions import Unresolvable  # noqa: PLC0415 - slow to import

    try:
        return sorted(validator.iter_errors(value), key=lambda error: list(map(str, error.path)))
    except Unresolvable as error:
        raise ConfigError(
            f"a JSON Schema refers to {quote(error.ref)}, which is not in it",
            fix="Copy what it refers to into the schema.",
        ) from error
    except RecursionError as error:
        raise ConfigError(
            "a JSON Schema refers to itself for ever",
            fix="Let it refer to itself for a part of the value only.",
        ) from error
    except OverflowError:  # of `multipleOf` with a fraction and a whole number without bound
        return [ValidationError("it holds too large a number")]


def told(misfit: ValidationError) -> str:
    return f"{_place(misfit.path)}: {quote_name(misfit.message)}"


def _place(path: Any) -> str:
    return ".".join(quote_name(str(step)) for step in path) or "the whole answer"
