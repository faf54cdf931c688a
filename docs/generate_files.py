"""Writes docs/files.md, the reference of landrace's files, out of docs/schemas/*.json.

Run it after `landrace schema NAME > docs/schemas/NAME.json`; a test keeps both in step.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HERE = Path(__file__).resolve().parent
PAGE = HERE / "files.md"

# Schema, path in the repository, and a note. Only files that people write get a table an object.
WRITTEN = (
    ("prompt", "prompts/<name>/prompt.yaml", "More in [authoring](authoring.md)."),
    ("case", "prompts/<name>/cases.jsonl", "More in [authoring](authoring.md)."),
    ("pipeline", "pipelines/<name>.yaml", "More in [pipelines](pipelines.md)."),
)
MADE = (
    ("pin", "registry/<prompt>/<model>/pin.json", "Read by the [loader](loader.md)."),
    (
        "choices",
        "registry/<prompt>/<model>/choices.json",
        "Written by `landrace choices`; see [there](strategies/trained.md#choosing-per-query).",
    ),
    (
        "report",
        "registry/<prompt>/<model>/report.json",
        "The data of `report.md`; what the numbers mean stands in [reports](reports.md).",
    ),
    (
        "evidence",
        "registry/<prompt>/<model>/evidence.json",
        "Written on [pull requests](github.md); the signature stands in `evidence.json.sig`.",
    ),
)

INTRODUCTION = """\
# The files

`docs/generate_files.py` writes this page from the JSON Schemas in [schemas](schemas); don't edit
it. `landrace schema NAME` prints the schema of the installed version, and `landrace init` puts
those of prompts and pipelines where editors find them.

Every file is strict: a key that is not listed here is an error, which names the file, the line
and the nearest known key. `none` as a default means that the key may be left out.
"""

MADE_INTRODUCTION = """\
# What landrace writes

`landrace optimize` and `landrace train` write these files, and `landrace commit` on pull requests.
Commit them, and never edit them: a pin names the hash of everything it serves.
"""


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for name, path, note in WRITTEN:
        schema = _schema(name)
        parts.extend([f"## `{path}`\n", f"{_described(schema)} {note}\n", _table(schema)])
        for inner_name, inner in schema.get("definitions", {}).items():
            parts.extend([f"### {inner_name}\n", _described(inner) + "\n", _table(inner)])
            parts.extend(_choices(inner))
    parts.append(MADE_INTRODUCTION)
    for name, path, note in MADE:
        schema = _schema(name)
        text = f"{_described(schema)} {note}".strip()
        parts.extend([f"## `{path}`\n", f"{text}\n", _made_table(_inlined(schema))])
    return "\n".join(part for part in parts if part.strip())


def _schema(name: str) -> dict[str, Any]:
    text = (HERE / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _inlined(value: Any, definitions: Mapping[str, Any] | None = None) -> Any:
    """A schema with every reference replaced by what it points to."""
    if definitions is None:
        definitions = value.get("definitions", {})
    if isinstance(value, list):
        return [_inlined(item, definitions) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return _inlined(definitions[value["$ref"].rsplit("/", 1)[-1]], definitions)
    return {key: _inlined(item, definitions) for key, item in value.items()}


def _choices(schema: Mapping[str, Any]) -> Iterator[str]:
    """The options of each metric, which depend on its name."""
    for choice in schema.get("allOf", []):
        options = choice["then"]
        yield f"#### metric `{choice['if']['properties']['metric']['const']}`\n"
        yield f"{_described(options)}\n"
        own = {key: value for key, value in options["properties"].items() if value is not True}
        if own:
            yield _table({**options, "properties": own})


def _table(schema: Mapping[str, Any]) -> str:
    rows = [
        (f"`{key}`", _type(value), _default(key, value, schema), _described(value))
        for key, value in schema["properties"].items()
    ]
    return _markdown(("key", "type", "default", "meaning"), rows)


def _made_table(schema: Mapping[str, Any]) -> str:
    """Without defaults: what writes such a file leaves nothing out."""
    rows = [
        (f"`{key}`", _type(value), _described(value)) for key, value in schema["properties"].items()
    ]
    return _markdown(("key", "type", "meaning"), rows)


def _markdown(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _default(key: str, value: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if key in schema.get("required", []):
        return "required"
    default = value.get("default")
    if isinstance(default, dict) and default:
        return "its keys' own"
    return f"`{json.dumps(default)}`" if "default" in value else "none"


def _type(schema: Mapping[str, Any]) -> str:
    """The kinds of value that a schema allows, with their limits."""
    return " or ".join(dict.fromkeys(_kind(each) for each in _alternatives(schema)))


def _alternatives(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "anyOf" in schema:
        return list(schema["anyOf"])
    if "type" not in schema and "allOf" in schema:
        return list(schema["allOf"])
    return [schema]


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    kind = str(schema.get("type", "any value"))
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return _object(schema) if kind == "object" else f"{kind}{_limits(schema)}"


def _object(schema: Mapping[str, Any]) -> str:
    more = schema.get("additionalProperties")
    if more is False:
        return "{ " + ", ".join(schema["properties"]) + " }"
    return f"object of {_type(more)}" if isinstance(more, dict) else "object"


def _limits(schema: Mapping[str, Any]) -> str:
    words = {
        "minimum": "≥ {}",
        "exclusiveMinimum": "> {}",
        "maximum": "≤ {}",
        "exclusiveMaximum": "< {}",
        "maxLength": "≤ {} characters",
    }
    found = [text.format(f"{schema[key]:,}") for key, text in words.items() if key in schema]
    return f" {', '.join(found)}" if found else ""


def _described(schema: Mapping[str, Any]) -> str:
    """The description on one line that may stand in a cell of a table."""
    return " ".join(schema.get("description", "").split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
