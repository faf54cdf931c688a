"""Turns a model's raw text into an answer.

A parser is named by its spec, a JSON object as pins store it, such as ``{"kind": "number"}``.
Evaluation and applications parse with the same code, so what was scored is what is served.
Model output is hostile input: every parser takes time about linear in its length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.errors import ConfigError, ParseFailure
from landrace.parsers.json_values import MAX_JSON_DEPTH, first_json, json_field
from landrace.parsers.labels import one_label, several_labels
from landrace.parsers.numbers import last_number
from landrace.parsers.texts import after, first_line, inside_tag, last_line, sound, stripped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["MAX_JSON_DEPTH", "ParseFailure", "default_parser", "parse"]


def parse(spec: Mapping[str, Any], text: str) -> Any:
    """The answer in a model's raw text; never None. Half of a surrogate pair becomes U+FFFD.

    Kinds: ``text`` (stripped), ``first_line``, ``last_line``, ``after`` (the line after the last
    ``marker``), ``label`` (the one of ``labels`` that is named), ``labels`` (the list of those
    that are; empty for "none"), ``number`` (the last one), ``json``, ``json_field`` (of the first
    object that has ``field``), ``xml`` (inside the last ``tag``).

    Raises:
        ParseFailure: the text holds no such answer.
        ConfigError: the spec is not one of the above, whatever the text.
    """
    name = spec.get("kind")
    kind = _KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ConfigError(
            f"there is no parser of kind {name!r}", fix=f"Use one of {', '.join(_KINDS)}."
        )
    _check_options(spec, kind)
    text = sound(text)
    return kind.read(text, spec[kind.option]) if kind.option else kind.read(text)


def default_parser(output_contract: Mapping[str, Any]) -> dict[str, Any]:
    """The spec for a prompt that has no format of its own, by the output's ``type``.

    A label is read as plain text: a base prompt is scored as an application would read it.

    Raises:
        ConfigError: an unknown output type.
    """
    output = output_contract.get("type", "text")
    if output in {"text", "label"}:
        return {"kind": "text"}
    if output in {"number", "json"}:
        return {"kind": output}
    raise ConfigError(
        f"there is no output type {output!r}", fix="Use one of text, label, number, json."
    )


class _Kind(NamedTuple):
    read: Callable[..., Any]
    option: str | None = None


_KINDS = {
    "text": _Kind(stripped),
    "first_line": _Kind(first_line),
    "last_line": _Kind(last_line),
    "after": _Kind(after, "marker"),
    "label": _Kind(one_label, "labels"),
    "labels": _Kind(several_labels, "labels"),
    "number": _Kind(last_number),
    "json": _Kind(first_json),
    "json_field": _Kind(json_field, "field"),
    "xml": _Kind(inside_tag, "tag"),
}


def _check_options(spec: Mapping[str, Any], kind: _Kind) -> None:
    name = spec["kind"]
    unknown = sorted(set(spec) - {"kind", kind.option})
    if unknown:
        raise ConfigError(
            f"a parser of kind {name} takes no {unknown[0]!r}",
            fix=f"Keep only `{kind.option}`." if kind.option else "Keep only `kind`.",
        )
    if kind.option and not _is_usable(kind.option, spec.get(kind.option)):
        wanted = "a list of texts" if kind.option == "labels" else "a text"
        raise ConfigError(
            f"a parser of kind {name} needs `{kind.option}`", fix=f"Set it to {wanted}."
        )


def _is_usable(option: str, value: Any) -> bool:
    if option != "labels":
        return isinstance(value, str) and bool(value.strip())
    return (
        isinstance(value, (list, tuple))
        and bool(value)
        and all(isinstance(label, str) and label.strip() for label in value)
    )
