"""The contract of the endpoints that landrace uses: what it may send and what it may rely on.

One file an operation, in ``contract/``, as JSON Schemas. `check_contract.py` compares them with
what the forges themselves publish.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FOLDER = Path(__file__).with_name("contract")


class ContractError(AssertionError):
    """A request or an answer that the contract does not know."""


@dataclass(frozen=True)
class Operation:
    """One method of one path, such as ``GET /repos/{owner}/{repo}/pulls/{pull_number}``."""

    name: str
    responses: dict[str, Any]
    query: dict[str, Any] = field(default_factory=lambda: {"maxProperties": 0})
    request: dict[str, Any] = field(default_factory=lambda: {"type": "null"})

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """The parts of a path that stand for the names in braces, or None for another path."""
        own_method, _, template = self.name.partition(" ")
        # Only a ref may hold slashes.
        pattern = re.sub(r"\\{(\w+)\\}", _part, re.escape(template))
        found = re.fullmatch(pattern, path)
        return found.groupdict() if found and method == own_method else None


@dataclass(frozen=True)
class GraphQLOperation:
    name: str
    document: str
    variables: dict[str, Any]
    data: dict[str, Any]


def operations(folder: str) -> list[Operation]:
    """The operations of ``rest`` or ``gitlab``."""
    return [
        Operation(**{("name" if key == "operation" else key): value for key, value in data.items()})
        for data in _files(folder)
    ]


def graphql_operations() -> dict[str, GraphQLOperation]:
    """GraphQL operations by their document, its white space made one."""
    found = [
        GraphQLOperation(data["operation"], data["document"], data["variables"], data["data"])
        for data in _files("graphql")
    ]
    return {one.document: one for one in found}


def event_schemas() -> dict[str, Any]:
    """What a payload has, as far as it is read, by the event's name."""
    return {data["event"]: data["payload"] for data in _files("events")}


def check(schema: Any, value: object, what: str) -> None:
    """Raise `ContractError` unless the value fits."""
    errors = [
        f"{error.json_path}: {error.message[:300]}"
        for error in Draft202012Validator(schema, registry=_registry()).iter_errors(value)
    ]
    if errors:
        raise ContractError(f"{what}: {'; '.join(errors)}")


def shared() -> Any:
    return json.loads((FOLDER / "shared.json").read_text())


def _files(folder: str) -> list[Any]:
    return [json.loads(path.read_text()) for path in sorted((FOLDER / folder).glob("*.json"))]


def _registry() -> Registry[Any]:
    resource = Resource.from_contents(shared(), default_specification=DRAFT202012)
    return Registry().with_resource("shared.json", resource)


def _part(match: re.Match[str]) -> str:
    return f"(?P<{match[1]}>{'.+' if match[1] == 'ref' else '[^/]+'})"
