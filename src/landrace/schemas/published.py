"""The published JSON Schemas of landrace's files, in draft-07, which editors understand.

The pydantic models are the truth about every file but the pin and the choices beside it, whose own
readers need the standard library alone; their schemas are written out here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

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
from landrace.strict_json import near_fix

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel

Schema: TypeAlias = dict[str, Any]

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


def _pin() -> Schema:
    name = {"type": "string", "minLength": 1}
    sha256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    count = {"type": "integer", "minimum": 0}
    share = {"type": "number", "minimum": 0, "maximum": 1}
    number = {"type": "number"}
    anything = {"type": "object"}
    estimate = _object(mean=number, low=number, high=number, n=count, coverage=share)
    contenders = _object(base=estimate, incumbent=_or_null(estimate), winner=estimate)
    comparison = _object(
        difference=number,
        low=number,
        high=number,
        p=share,
        wins=count,
        losses=count,
        ties=count,
        method={"type": "string"},
    )
    spent = _object(
        calls=count, prompt_tokens=count, completion_tokens=count, cost_usd=_or_null(number)
    )
    pin = _object(
        schema={"const": 1},
        prompt=name,
        model=_object(id=name, params=anything, aliases={"type": "array", "items": name}),
        files={
            "description": "The SHA-256 of each file's text with LF line ends.",
            "type": "object",
            "propertyNames": {
                "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$",
                "not": {"const": "pin.json"},
            },
            "additionalProperties": sha256,
        },
        inputs={
            "type": "object",
            "required": ["type", "properties"],
            "properties": {"type": {"const": "object"}, "properties": {"type": "object"}},
        },
        output=_object(contract=anything, parser=anything),
        base=_object(
            template=sha256, eval_set=sha256, split_seed={"type": "integer"}, metrics=sha256
        ),
        search=_object(
            strategy=name,
            version=name,
            options=anything,
            seed={"type": "integer"},
            proposer=_or_null(name),
            spent=spent,
        ),
        parent=_or_null(sha256),
        variant=sha256,
        scores=_object(
            select=contenders,
            holdout=_or_null(contenders),
            comparison=_or_null(_object(base=comparison, incumbent=_or_null(comparison))),
        ),
        inflation=_or_null(number),
        holdout_looks=count,
    )
    pin["properties"]["program"] = {
        "description": "The graph that joins the files; without it, prompt.jinja is all.",
        **_or_null(anything),
    }
    pin["properties"]["training"] = {
        "description": "What `landrace train` had trained, by which command, on which rows.",
        **_or_null(
            _object(model=name, round=count, command={"type": "array", "items": name}, rows=sha256)
        ),
    }
    return {
        "description": "Which variant serves one prompt on one model, and the evidence for it.",
        **pin,
        "anyOf": [
            {"required": ["program"], "properties": {"program": {"type": "object"}}},
            {"properties": {"files": {"required": ["prompt.jinja"]}}},
        ],
    }


def _choices() -> Schema:
    name = {"type": "string", "minLength": 1}
    sha256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    served = _object(
        files={"type": "object", "additionalProperties": {"type": "string"}},
        parser={"type": "object"},
        program=_or_null({"type": "object"}),
    )
    rewards = _by_variant({"type": "number", "minimum": 0, "maximum": 1})
    query = _object(text={"type": "string"}, rewards=rewards)
    described = {
        "digest": "Of all but itself and `schema`.",
        "winner": "The variant that the pin names.",
        "neighbours": "How many of the nearest queries vote.",
        "variants": "The others, by the digest that a pin of each would have.",
        "queries": "Inputs of select cases as texts, with what variants scored on them.",
    }
    choices = _object(
        schema={"const": 1},
        digest=sha256,
        prompt=name,
        model=name,
        winner=sha256,
        neighbours={"type": "integer", "minimum": 0},
        variants=_by_variant(served),
        queries={"type": "array", "items": query},
    )
    for key, text in described.items():
        choices["properties"][key] = {"description": text, **choices["properties"][key]}
    return {"description": "What `prompt.choose` of the loader chooses from.", **choices}


def _by_variant(schema: Schema) -> Schema:
    """An object of such values by the digests of variants."""
    keys = {"pattern": "^[0-9a-f]{64}$"}
    return {"type": "object", "propertyNames": keys, "additionalProperties": schema}


SCHEMAS: Mapping[str, Callable[[], Schema]] = {
    "prompt": _prompt,
    "pipeline": _pipeline,
    "case": _case,
    "pin": _pin,
    "choices": _choices,
    "report": _report,
    "gate": _gate,
    "evidence": _evidence,
    "results": _results,
    "plan": _plan,
    "pull-request": _pull_request,
    "baseline": _baseline,
}


def _object(**properties: Schema) -> Schema:
    """An object with exactly these keys."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _of_model(model: type[BaseModel]) -> Schema:
    return _draft07(model.model_json_schema(by_alias=True))


def _draft07(schema: Schema) -> Schema:
    """A schema as pydantic makes it, in draft-07 and without the titles that repeat names."""
    found: Schema = {}
    for key, value in schema.items():
        if key in _TABLES:
            found[key] = {name: _draft07(item) for name, item in value.items()}
        elif key in _LISTS:
            found[key] = [_draft07(item) for item in value]
        elif key in _SINGLE and isinstance(value, dict):
            found[key] = _draft07(value)
        elif key == "description":
            found[key] = value.replace("``", "`")
        elif key != "title":
            found[key] = value
    if "$defs" in found:
        found["definitions"] = found.pop("$defs")
    if "$ref" in found:
        reference = {"$ref": found.pop("$ref").replace("#/$defs/", "#/definitions/")}
        # Draft-07 ignores whatever stands beside a reference.
        return {"allOf": [reference], **found} if found else reference
    return found


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
