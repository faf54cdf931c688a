"""The schemas of the pin and of the choices beside it, whose readers are no pydantic models."""

from __future__ import annotations

from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]

_SHA256 = "^[0-9a-f]{64}$"


def pin_schema() -> Schema:
    """What `landrace.pin` reads and writes."""
    pin = _object(
        schema={"const": 1},
        prompt=_name(),
        model=_object(id=_name(), params=_anything(), aliases=_list_of(_name())),
        files=_pinned_files(),
        inputs={
            "type": "object",
            "required": ["type", "properties"],
            "properties": {"type": {"const": "object"}, "properties": {"type": "object"}},
        },
        output=_object(contract=_anything(), parser=_anything()),
        base=_object(
            template=_sha256(), eval_set=_sha256(), split_seed=_integer(), metrics=_sha256()
        ),
        search=_search(),
        parent=_or_null(_sha256()),
        variant=_sha256(),
        scores=_scores(),
        inflation=_or_null(_number()),
        holdout_looks=_count(),
    )
    pin["properties"] |= {
        "program": {
            "description": "The graph that joins the files; without it, prompt.jinja is all.",
            **_or_null(_anything()),
        },
        "splits": {
            "description": "The shares of the eval set that its splits had.",
            **_or_null(_object(search=_share(), select=_share(), holdout=_share())),
        },
        "training": {
            "description": "What `landrace train` had trained, by which command, on which rows.",
            **_or_null(_training()),
        },
    }
    return {
        "description": "Which variant serves one prompt on one model, and the evidence for it.",
        **pin,
        "anyOf": [
            {"required": ["program"], "properties": {"program": {"type": "object"}}},
            {"properties": {"files": {"required": ["prompt.jinja"]}}},
        ],
    }


def choices_schema() -> Schema:
    """What `landrace.runtime.choices` reads and writes."""
    served = _object(
        files={"type": "object", "additionalProperties": {"type": "string"}},
        parser=_anything(),
        program=_or_null(_anything()),
    )
    query = _object(text={"type": "string"}, rewards=_by_variant(_share()))
    described = {
        "digest": "Of all but itself and `schema`.",
        "winner": "The variant that the pin names.",
        "neighbours": "How many of the nearest queries vote.",
        "variants": "The others, by the digest that a pin of each would have.",
        "queries": "Inputs of select cases as texts, with what variants scored on them.",
    }
    choices = _object(
        schema={"const": 1},
        digest=_sha256(),
        prompt=_name(),
        model=_name(),
        winner=_sha256(),
        neighbours=_count(),
        variants=_by_variant(served),
        queries=_list_of(query),
    )
    for key, text in described.items():
        choices["properties"][key] = {"description": text, **choices["properties"][key]}
    return {"description": "What `prompt.choose` of the loader chooses from.", **choices}


def _pinned_files() -> Schema:
    return {
        "description": "The SHA-256 of each file's text with LF line ends.",
        "type": "object",
        "propertyNames": {
            "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$",
            "not": {"const": "pin.json"},
        },
        "additionalProperties": _sha256(),
    }


def _search() -> Schema:
    spent = _object(
        calls=_count(),
        prompt_tokens=_count(),
        completion_tokens=_count(),
        cost_usd=_or_null(_number()),
    )
    return _object(
        strategy=_name(),
        version=_name(),
        options=_anything(),
        seed=_integer(),
        proposer=_or_null(_name()),
        spent=spent,
    )


def _scores() -> Schema:
    estimate = _object(mean=_number(), low=_number(), high=_number(), n=_count(), coverage=_share())
    contenders = _object(base=estimate, incumbent=_or_null(estimate), winner=estimate)
    comparison = _object(
        difference=_number(),
        low=_number(),
        high=_number(),
        p=_share(),
        wins=_count(),
        losses=_count(),
        ties=_count(),
        method={"type": "string"},
    )
    return _object(
        select=contenders,
        holdout=_or_null(contenders),
        comparison=_or_null(_object(base=comparison, incumbent=_or_null(comparison))),
    )


def _training() -> Schema:
    return _object(model=_name(), round=_count(), command=_list_of(_name()), rows=_sha256())


def _name() -> Schema:
    return {"type": "string", "minLength": 1}


def _sha256() -> Schema:
    return {"type": "string", "pattern": _SHA256}


def _count() -> Schema:
    return {"type": "integer", "minimum": 0}


def _integer() -> Schema:
    return {"type": "integer"}


def _number() -> Schema:
    return {"type": "number"}


def _share() -> Schema:
    return {"type": "number", "minimum": 0, "maximum": 1}


def _anything() -> Schema:
    return {"type": "object"}


def _list_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def _by_variant(schema: Schema) -> Schema:
    """An object of such values by the digests of variants."""
    keys = {"pattern": _SHA256}
    return {"type": "object", "propertyNames": keys, "additionalProperties": schema}


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
