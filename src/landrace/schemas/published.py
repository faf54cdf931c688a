"""The published JSON Schemas of landrace's files, in draft-07, which editors understand.

The pydantic models are the truth about every file but the pin and the choices beside it, whose
schemas are written out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.errors import ConfigError
from landrace.schemas.baseline import Baseline
from landrace.schemas.case import Case
from landrace.schemas.evidence import Evidence
from landrace.schemas.gate_report import GateReport
from landrace.schemas.pipeline import PipelineConfig
from landrace.schemas.prompt import PromptConfig
from landrace.schemas.pull_request import Plan, PullRequestReport
from landrace.schemas.report import Report
from landrace.schemas.results import Results
from landrace.schemas.written_out import choices_schema, pin_schema
from landrace.strict_json import near_fix

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel

    from landrace.schemas.written_out import Schema

DRAFT = "http://json-schema.org/draft-07/schema#"

_LISTS = frozenset({"allOf", "anyOf", "oneOf"})
_TABLES = frozenset({"properties", "patternProperties", "$defs"})
_SINGLE = frozenset({"items", "additionalProperties", "propertyNames", "not"})


def json_schema(name: str, *, metrics: Mapping[str, type[BaseModel]] | None = None) -> Schema:
    """The schema of one kind of file, by its name in `SCHEMAS`.

    With the table of ``metrics``, that of a prompt knows the options of each of them.

    Raises:
        ConfigError: there is no such schema.
    """
    if name not in SCHEMAS:
        fix = near_fix(name, SCHEMAS) or f"there are {', '.join(SCHEMAS)}"
        raise ConfigError(f"there is no schema `{name}`", fix=fix)
    schema = SCHEMAS[name]()
    if metrics is not None and name == "prompt":
        _add_metrics(schema["definitions"], metrics)
    return {"$schema": DRAFT, "$id": f"urn:landrace:schema:{name}:1", **schema}


def _prompt() -> Schema:
    schema = _of_model(PromptConfig)
    any_schema = {"$ref": DRAFT}
    schema["properties"]["inputs"]["allOf"] = [
        any_schema,
        {
            "required": ["type", "properties"],
            "properties": {"type": {"const": "object"}, "properties": {"type": "object"}},
        },
    ]
    output = schema["definitions"]["OutputContract"]["properties"]
    output["schema"]["anyOf"][0]["allOf"] = [any_schema]
    return schema


def _pipeline() -> Schema:
    schema = _of_model(PipelineConfig)
    bare_id = {"type": "string", "minLength": 1, "maxLength": 200}
    models = schema["properties"]["models"]
    models["items"] = {"anyOf": [bare_id, models["items"]]}
    schema["properties"]["proposer"]["anyOf"].insert(0, bare_id)
    return schema


def _case() -> Schema:
    return _of_model(Case)


def _report() -> Schema:
    return _of_model(Report)


def _gate() -> Schema:
    return _of_model(GateReport)


def _evidence() -> Schema:
    return _of_model(Evidence)


def _results() -> Schema:
    return _of_model(Results)


def _plan() -> Schema:
    return _of_model(Plan)


def _pull_request() -> Schema:
    return _of_model(PullRequestReport)


def _baseline() -> Schema:
    return _of_model(Baseline)


SCHEMAS: Mapping[str, Callable[[], Schema]] = {
    "prompt": _prompt,
    "pipeline": _pipeline,
    "case": _case,
    "pin": pin_schema,
    "choices": choices_schema,
    "report": _report,
    "gate": _gate,
    "evidence": _evidence,
    "results": _results,
    "plan": _plan,
    "pull-request": _pull_request,
    "baseline": _baseline,
}


def _of_model(model: type[BaseModel]) -> Schema:
    return _draft07(model.model_json_schema(by_alias=True))


def _draft07(schema: Schema) -> Schema:
    """A schema as pydantic makes it, in draft-07 and without the titles that repeat names."""
    found = {key: _keyword(key, value) for key, value in schema.items() if key != "title"}
    if "$defs" in found:
        found["definitions"] = found.pop("$defs")
    if "$ref" in found:
        reference = {"$ref": found.pop("$ref").replace("#/$defs/", "#/definitions/")}
        # Draft-07 ignores whatever stands beside a reference.
        return {"allOf": [reference], **found} if found else reference
    return found


def _keyword(key: str, value: Any) -> Any:
    if key in _TABLES:
        return {name: _draft07(item) for name, item in value.items()}
    if key in _LISTS:
        return [_draft07(item) for item in value]
    if key in _SINGLE and isinstance(value, dict):
        return _draft07(value)
    return value.replace("``", "`") if key == "description" else value


def _add_metrics(definitions: Schema, metrics: Mapping[str, type[BaseModel]]) -> None:
    """Make the options that a metric may have depend on its name."""
    config = definitions["MetricConfig"]
    shared = config["properties"]
    shared["metric"] = {"enum": list(metrics), "description": "The metric's name."}
    config["allOf"] = []
    for name, model in metrics.items():
        options = _of_model(model)
        definitions.update(options.pop("definitions", {}))
        options["properties"] = dict.fromkeys(shared, True) | options.get("properties", {})
        config["allOf"].append({"if": {"properties": {"metric": {"const": name}}}, "then": options})
