"""Where the order of keys has a meaning: in what is sent to a model.

A model that answers by a JSON Schema writes the properties in the schema's order, and an object
among the inputs prints in its own. Such values in another order make another request, while the
names of parameters and of inputs may stand in any order, as may all the rest of a pin.

Hashes and comparisons go by sorted keys. The forms here tell orders apart in spite of that: what
is in alphabetical order stays as it is, and so keeps the hash that it has without them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# The members of a pin, or of what stands beside it, that an application sends or reads in order.
_KEPT = frozenset({"inputs", "params", "program"})


def values_in_order(values: Mapping[str, Any]) -> dict[str, Any] | str:
    """Parameters or inputs by name, in a form for a hash or a comparison.

    A text where a value is not in alphabetical order: no JSON object is equal to that.
    """
    if all(map(_is_sorted, values.values())):
        return dict(values)
    return _text({name: values[name] for name in sorted(values)})


def inputs_in_order(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of inputs, in a form for a hash or a comparison.

    Of it only defaults are sent. A property is an object or a boolean, so none is equal to the
    list that stands for one whose default is not in alphabetical order.
    """
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return dict(schema)
    found = {name: _input_in_order(item) for name, item in properties.items()}
    return {**schema, "properties": found}


def program_in_order(program: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON form of a graph, in a form for a hash or a comparison; it may be malformed."""
    nodes = program.get("nodes")
    if not isinstance(nodes, dict):
        return dict(program)
    return {**program, "nodes": {name: _node_in_order(node) for name, node in nodes.items()}}


def in_file_order(value: Any) -> Any:
    """A JSON value as a file has it: keys sorted, but for what is sent in its own order."""
    if isinstance(value, dict):
        return {
            key: value[key] if key in _KEPT else in_file_order(value[key]) for key in sorted(value)
        }
    return [in_file_order(item) for item in value] if isinstance(value, list) else value


def _input_in_order(item: Any) -> Any:
    default = item.get("default") if isinstance(item, dict) else None
    return item if _is_sorted(default) else [item, _text(default)]


def _node_in_order(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    return {kind: _body_in_order(body) for kind, body in node.items()}


def _body_in_order(body: Any) -> Any:
    params = body.get("params") if isinstance(body, dict) else None
    return {**body, "params": values_in_order(params)} if isinstance(params, dict) else body


def _is_sorted(value: Any) -> bool:
    if isinstance(value, dict):
        names = list(value)
        return names == sorted(names) and all(map(_is_sorted, value.values()))
    return not isinstance(value, list | tuple) or all(map(_is_sorted, value))


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
