"""The fake holds what it hears and says against the contract, and the contract can fail."""

from __future__ import annotations

import httpx
import pytest
from jsonschema import Draft202012Validator

from forge import contract
from forge.fake_github import FakeGitHub
from landrace.forge import github as github_client
from landrace.forge import github_branch

HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


@pytest.fixture
def strict(hosted):
    """A fake whose violations are expected."""
    with FakeGitHub(hosted) as made:
        yield made


def ask(fake, method, path, headers=HEADERS, **options):
    token = fake.tokens.make(contents="write", pull_requests="write", statuses="write")
    address = fake.graphql_url if path == "graphql" else f"{fake.url}/repos/ada/prompts/{path}"
    auth = {"Authorization": f"Bearer {token}"}
    return httpx.request(method, address, headers={**headers, **auth}, trust_env=False, **options)


@pytest.mark.parametrize(
    ("method", "path", "options"),
    [
        ("GET", "releases", {}),
        ("PUT", "pulls/1", {}),
        ("GET", "pulls/1", {"params": {"page": 1}}),
        ("POST", "issues/1/comments", {"json": {"body": "x" * 65_537}}),
        ("POST", "issues/1/comments", {"json": {"body": ""}}),
        ("POST", "issues/1/comments", {"json": {"body": "x", "more": 1}}),
        ("POST", "issues/1/comments", {}),
        ("GET", "issues/1/comments", {"params": {"per_page": 101, "page": 1}}),
        ("POST", "statuses/x", {"json": {"state": "failed", "context": "c", "description": ""}}),
        ("POST", "git/refs", {"json": {"ref": "main", "sha": "a" * 40}}),
        ("POST", "graphql", {"json": {"query": "query { viewer { email } }", "variables": {}}}),
        (
            "POST",
            "graphql",
            {"json": {"query": "query { viewer { login } }", "variables": {"a": 1}}},
        ),
    ],
)
def test_a_request_outside_of_the_contract_is_a_violation(strict, method, path, options):
    ask(strict, method, path, **options)
    assert len(strict.violations) == 1


@pytest.mark.parametrize("missing", sorted(HEADERS))
def test_headers_are_part_of_it(strict, missing):
    headers = {name: value for name, value in HEADERS.items() if name != missing}
    ask(strict, "GET", "pulls/1", headers)
    assert len(strict.violations) == 1


def test_an_answer_outside_of_the_contract_is_a_violation_too(strict, monkeypatch):
    monkeypatch.setattr(strict, "describe", lambda pull: {"number": pull.number})
    strict.repository.commit("feature", {"a": b"a"}, start="main")
    strict.open_pull("feature")
    ask(strict, "GET", "pulls/1")
    assert "'state' is a required property" in strict.violations[0]


def test_what_is_in_the_contract_is_none(strict):
    assert ask(strict, "GET", "pulls/1").status_code == 404
    assert strict.violations == []


def schemas():
    for folder in ("rest", "gitlab"):
        for operation in contract.operations(folder):
            yield from (operation.query, operation.request, *operation.responses.values())
    for graphql in contract.graphql_operations().values():
        yield from (graphql.variables, graphql.data)
    yield from contract.event_schemas().values()
    yield contract.shared()


def test_every_schema_is_one():
    found = list(schemas())
    for schema in found:
        Draft202012Validator.check_schema(schema)
    assert len(found) > 60


def test_every_operation_is_served_and_no_other(strict):
    assert {operation.name for operation in contract.operations("rest")} == set(strict.routes())


def test_the_documents_are_those_that_are_sent():
    sent = {github_client._VIEWER, github_branch._CREATE}
    assert {" ".join(document.split()) for document in sent} == set(contract.graphql_operations())
