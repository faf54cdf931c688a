"""The comparison by which `check_contract.py` judges can fail."""

from __future__ import annotations

import pytest

from forge.comparison import relies_on, sends

TEXT = {"type": "string"}
NAMED = {"a": {"type": "object", "required": ["x"], "properties": {"x": TEXT}}}


def an_object(required=(), **properties):
    return {"type": "object", "required": list(required), "properties": properties}


def find(name):
    return NAMED[name]


def gaps(compare, ours, theirs):
    return list(compare(ours, theirs, find, find))


@pytest.mark.parametrize(
    ("ours", "theirs", "gap"),
    [
        (an_object(["x"], x=TEXT), an_object(x=TEXT), [".x is not promised"]),
        (an_object(x=TEXT), an_object(y=TEXT), [".x is unknown"]),
        (an_object(x=TEXT), an_object(x={"type": "string", "nullable": True}), [".x may be null"]),
        (an_object(x=TEXT), an_object(x={"type": ["string", "null"]}), [".x may be null"]),
        (an_object(x=TEXT), an_object(x={"anyOf": [TEXT, {"type": "null"}]}), [".x may be null"]),
        (an_object(x={"enum": ["a"]}), an_object(x={"enum": ["a", "b"]}), [".x may be b"]),
        (an_object(x={"enum": ["a"]}), an_object(x=TEXT), [".x may be anything"]),
        ({"type": "array", "items": TEXT}, {"type": "array", "items": {"type": "integer"}}, ["[] may be integer"]),
        ({"$ref": "a"}, an_object(x=TEXT), [".x is not promised"]),
        (
            an_object(["x"], x=TEXT),
            {"oneOf": [an_object(["x"], x=TEXT), an_object(x=TEXT)]},
            [".x is not promised"],
        ),
        (an_object(["x"], x=TEXT), {"allOf": [an_object(["x"], x=TEXT), an_object()]}, []),
        (an_object(["x"], x={"type": "number"}), an_object(["x"], x={"type": "integer"}), []),
        (an_object(["x"], x=TEXT), {"$ref": "a"}, []),
    ],
)  # fmt: skip
def test_what_is_relied_on_and_not_promised(ours, theirs, gap):
    assert gaps(relies_on, ours, theirs) == gap


@pytest.mark.parametrize(
    ("ours", "theirs", "gap"),
    [
        (an_object(x=TEXT), an_object(["x"], x=TEXT), [".x must be there"]),
        (an_object(y=TEXT), an_object(x=TEXT), [".y is unknown"]),
        (an_object(x=TEXT), an_object(x={"type": "integer"}), [".x must not be string"]),
        (an_object(x=TEXT), an_object(x={"enum": ["a"]}), [".x must not be anything"]),
        (an_object(x={"enum": ["a", "c"]}), an_object(x={"enum": ["a"]}), [".x must not be c"]),
        (an_object(x=TEXT), an_object(x={"maxLength": 3}), [".x must not be longer than 3"]),
        (an_object(x={"maxLength": 3}), an_object(x={"maxLength": 3}), []),
        (an_object(["x"], x=TEXT), an_object(["x"], x={"type": "string", "nullable": True}), []),
    ],
)
def test_what_is_sent_and_not_taken(ours, theirs, gap):
    assert gaps(sends, ours, theirs) == gap
