# ruff: noqa: T201 - a program for a terminal
"""Hold our contract against what GitHub itself publishes. On demand; nothing of it is kept here.

Give it the folders of three npm packages, unpacked, and have ``graphql-core`` installed::

    python tests/forge/check_contract.py @octokit/openapi @octokit/webhooks-examples \\
        @octokit/graphql-schema

- Each operation of ``contract/rest`` exists, takes all that we may send, and promises all that
  we rely on. So do the payloads of ``contract/events`` that GitHub describes.
- A run of our client against the fake: every request fits GitHub's own schema, every answer fits
  it as far as it goes.
- GitHub's example payloads fit our contract, and `read_event` reads them; our own payloads have
  no key that its examples lack.
- The two GraphQL operations are valid in GitHub's schema, with the variables that were sent.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from forge import contract
from forge.comparison import relies_on, sends
from forge.fake_github import FakeGitHub
from forge.hosted import HostedRepository
from forge.runs import Runs
from forge.scenario import everything, payloads
from landrace.errors import LandraceError
from landrace.forge.events import read_event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forge.contract import Operation
    from forge.fake_github import Exchange

# Our event: the schemas of GitHub's description for its activity types.
DESCRIBED_EVENTS = {
    "pull_request": ["opened", "synchronize", "reopened", "edited", "closed"],
    "merge_group": ["checks-requested"],
    "push": [""],
    "workflow_dispatch": [""],
}

_DOCUMENT = "urn:github"


class Report:
    def __init__(self) -> None:
        self.checks = 0
        self.gaps: list[str] = []

    def check(self, what: str, gaps: list[str]) -> None:
        self.checks += 1
        self.gaps += [f"{what}: {gap}" for gap in gaps]
        print(f"{'ok ' if not gaps else 'GAP'} {what}")
        for gap in gaps:
            print(f"    {gap}")


class OpenApi:
    """GitHub's description."""

    def __init__(self, folder: Path) -> None:
        self.document = json.loads((folder / "generated" / "api.github.com.json").read_text())
        self.version = self.document["info"]["version"]

    def find(self, ref: str) -> Any:
        found = self.document
        for name in ref.removeprefix("#/").split("/"):
            found = found[name.replace("~1", "/")]
        return found

    def operation(self, ours: Operation) -> dict[str, Any] | None:
        method, _, path = ours.name.partition(" ")
        operation: dict[str, Any] | None = self.document["paths"].get(path, {}).get(method.lower())
        return operation

    def request_schema(self, operation: dict[str, Any]) -> Any:
        body = operation.get("requestBody")
        return body["content"]["application/json"]["schema"] if body else {"type": "null"}

    def response_schema(self, operation: dict[str, Any], status: str) -> Any:
        response = operation["responses"].get(status)
        if response is None:
            return None
        response = self.find(response["$ref"]) if "$ref" in response else response
        content = response.get("content", {}).get("application/json")
        return content["schema"] if content else {"type": "null"}

    def parameters(self, operation: dict[str, Any]) -> dict[str, Any]:
        listed = [
            self.find(one["$ref"]) if "$ref" in one else one for one in operation["parameters"]
        ]
        return {one["name"]: one for one in listed if one["in"] == "query"}


def find_ours(ref: str) -> Any:
    return contract.shared()["$defs"][ref.rpartition("/")[2]]


def check_operations(openapi: OpenApi, report: Report) -> None:
    for ours in contract.operations("rest"):
        theirs = openapi.operation(ours)
        if theirs is None:
            report.check(ours.name, ["GitHub has no such operation"])
            continue
        report.check(f"{ours.name}, query", _query_gaps(openapi, ours, theirs))
        request = openapi.request_schema(theirs)
        report.check(
            f"{ours.name}, request", list(sends(ours.request, request, find_ours, openapi.find))
        )
        for status, schema in ours.responses.items():
            answer = openapi.response_schema(theirs, status)
            gaps = (
                [f"GitHub describes no {status}"]
                if answer is None
                else list(relies_on(schema, answer, find_ours, openapi.find))
            )
            report.check(f"{ours.name}, {status}", gaps)


def _query_gaps(openapi: OpenApi, ours: Operation, theirs: dict[str, Any]) -> list[str]:
    known = openapi.parameters(theirs)
    gaps = [f"{name} must be there" for name, one in known.items() if one.get("required")]
    for name, schema in ours.query.get("properties", {}).items():
        if name not in known:
            gaps.append(f"{name} is unknown")
        taken = set(known.get(name, {}).get("schema", {}).get("enum", []))
        if taken and set(schema.get("enum", [])) - taken:
            gaps.append(f"{name} must be one of {sorted(taken)}")
    return gaps


def check_traffic(openapi: OpenApi, exchanges: list[Exchange], report: Report) -> None:
    """What our client really sends, and what the fake really answers."""
    strict = _validator_of(openapi.document, required=True)
    loose = _validator_of(openapi.document, required=False)
    operations = {one.name: openapi.operation(one) for one in contract.operations("rest")}
    seen = set()
    for exchange in exchanges:
        theirs = operations.get(exchange.operation)
        if theirs is None:
            continue
        gaps = []
        if exchange.request is not None:
            gaps += strict(openapi.request_schema(theirs), exchange.request)
        answer = openapi.response_schema(theirs, str(exchange.status))
        if answer is not None and exchange.response is not None:
            gaps += loose(answer, exchange.response)
        seen.add(exchange.operation)
        if gaps:
            report.check(f"{exchange.operation} as sent and answered", gaps)
    missing = sorted(set(operations) - seen)
    report.check(f"{len(exchanges)} requests and answers of our client and fake", missing)


def _validator_of(document: dict[str, Any], *, required: bool) -> Any:
    """Checks a value against a schema of the document; without ``required``, what is there."""
    plain = _plain(document["components"], required=required)
    resource = Resource.from_contents({"components": plain}, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource(_DOCUMENT, resource)

    def check(schema: Any, value: object) -> list[str]:
        validator = Draft202012Validator(_plain(schema, required=required), registry=registry)
        return [f"{one.json_path}: {one.message[:200]}" for one in validator.iter_errors(value)]

    return check


def _plain(schema: Any, *, required: bool) -> Any:
    """An OpenAPI 3.0 schema as JSON Schema."""
    if isinstance(schema, list):
        return [_plain(one, required=required) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("$ref"), str):
        return {"$ref": _DOCUMENT + schema["$ref"]}
    made = {
        key: _plain(value, required=required)
        for key, value in schema.items()
        if key not in {"nullable", "example", "examples"}
        and (required or not (key == "required" and isinstance(value, list)))
    }
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") is True else made


def check_events(openapi: OpenApi, folder: Path, own: dict[str, list[Any]], report: Report) -> None:
    listed = json.loads((folder / "api.github.com" / "index.json").read_text())
    examples = {one["name"]: one["examples"] for one in listed}
    for name, schema in contract.event_schemas().items():
        for action in DESCRIBED_EVENTS.get(name, []):
            described = f"webhook-{name.replace('_', '-')}{action and '-'}{action}"
            theirs = openapi.find(f"#/components/schemas/{described}")
            gaps = list(relies_on(schema, theirs, find_ours, openapi.find))
            report.check(f"{name} against {described}", gaps)
        theirs = examples.get(name, [])
        gaps = [gap for example in theirs for gap in _example_gaps(name, schema, example)]
        report.check(f"{name}: {len(theirs)} examples of GitHub", gaps)
        if theirs:
            known = {path for example in theirs for path in _paths(example)}
            extra = {path for payload in own[name] for path in _paths(payload)} - known
            report.check(f"{name}: our payloads' keys", [f"{path} is ours alone" for path in extra])


def _example_gaps(name: str, schema: Any, example: Any) -> Iterator[str]:
    try:
        contract.check(schema, example, example.get("action", "it"))
    except contract.ContractError as error:
        yield str(error)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "event.json"
        path.write_text(json.dumps(example))
        try:
            read_event(
                {
                    "GITHUB_EVENT_NAME": name,
                    "GITHUB_EVENT_PATH": str(path),
                    "GITHUB_REPOSITORY": example["repository"]["full_name"],
                    "GITHUB_RUN_ID": "1",
                    "GITHUB_SHA": "a" * 40,
                }
            )
        except LandraceError as error:
            if "branch was deleted" not in error.problem and "nothing to do" not in error.problem:
                yield f"{example.get('action', 'it')} is not read: {error.problem}"


def _paths(value: Any, path: str = "") -> Iterator[str]:
    """The dotted paths of a payload's keys; what a dispatch was given is the user's own."""
    if isinstance(value, dict) and path != ".inputs":
        for key, inner in value.items():
            yield f"{path}.{key}"
            yield from _paths(inner, f"{path}.{key}")


def check_graphql(folder: Path, exchanges: list[Exchange], report: Report) -> None:
    from graphql import build_client_schema, parse, validate
    from graphql.execution.values import get_variable_values

    # GitHub's schema breaks a rule on deprecation, which is no matter of ours.
    found = json.loads((folder / "schema.json").read_text())
    schema = build_client_schema(found, assume_valid=True)
    for document, ours in contract.graphql_operations().items():
        parsed = parse(document)
        report.check(f"{ours.name}, document", [str(one) for one in validate(schema, parsed)])
        sent = [one.request["variables"] for one in exchanges if one.operation == ours.name]
        gaps = [] if sent else ["nothing was sent"]
        for variables in sent:
            definitions = parsed.definitions[0].variable_definitions or []
            found = get_variable_values(schema, definitions, variables)
            gaps += [str(one) for one in found] if isinstance(found, list) else []
        report.check(f"{ours.name}, {len(sent)} sets of variables", gaps)


def main(openapi: str, webhooks: str, graphql: str) -> int:
    described = OpenApi(Path(openapi))
    print(f"GitHub's description {described.version}")
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        hosted = HostedRepository(Path(folder) / "forge")
        hosted.commit("main", {"README.md": b"prompts\n"}, "start")
        with FakeGitHub(hosted) as github:
            runs = Runs(github, Path(folder) / "runs")
            everything(github, runs)
            own = payloads(github, runs)
        report.check("our client and fake keep our contract", github.violations)
    check_operations(described, report)
    check_traffic(described, github.exchanges, report)
    check_events(described, Path(webhooks), own, report)
    check_graphql(Path(graphql), github.exchanges, report)
    print(f"{report.checks} checks, {len(report.gaps)} gaps")
    return 1 if report.gaps else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
