from __future__ import annotations

import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from landrace.errors import ConfigError, FormatError
from landrace.forge import values
from landrace.strict_json import At, integer

HERE = At("event.json", "thing")


def is_branch(name: str) -> bool:
    try:
        values.branch(name, HERE)
    except FormatError:
        return False
    return True


def git_allows(name: str) -> bool:
    done = subprocess.run(["git", "check-ref-format", f"refs/heads/{name}"], check=False)
    return done.returncode == 0


ORDINARY = ["a", "main", "é", "$(id)", "`", "HEAD", "\u202e", "##"]
TELLING = [".", "..", "/", "-", "@", "@{", ".lock", *"~^:?*[\\ \t\n\x7f"]
PIECES = st.sampled_from([*ORDINARY, *TELLING])


@settings(max_examples=150)
@given(st.lists(PIECES, min_size=1, max_size=4).map("".join))
@example("feature/one")
@example("a.lock/b")
@example("a/.b")
def test_a_branch_is_what_git_calls_one(name):
    ours = not name.startswith("-") and name not in {"@", "HEAD"}
    assert is_branch(name) == (git_allows(name) and ours)


@pytest.mark.parametrize("name", ["", "-x", "@", "HEAD", "a" * 251, 7, None, ["a"]])
def test_what_git_takes_for_something_else_is_no_branch(name):
    assert not is_branch(name)


@pytest.mark.parametrize("oid", ["a" * 40, "0123456789abcdef" * 4])
def test_a_full_object_id_passes(oid):
    assert values.object_id(oid, HERE) == oid


@pytest.mark.parametrize(
    "oid", ["a" * 39, "A" * 40, "a" * 40 + "\n", "main", "--upload-pack=id", "", None, 5]
)
def test_anything_else_is_no_object_id(oid):
    with pytest.raises(FormatError, match="thing"):
        values.object_id(oid, HERE)


@pytest.mark.parametrize("name", ["ada/prompts", "a-b/c_d.e", "group/sub/project"])
def test_a_repository_has_a_full_name(name):
    assert values.repository(name, HERE) == name


@pytest.mark.parametrize(
    "name", ["prompts", "ada/..", "../ada", "ada/a b", "ada/x\n", "-a/b", "/a"]
)
def test_anything_else_is_no_repository(name):
    with pytest.raises(FormatError):
        values.repository(name, HERE)


@pytest.mark.parametrize(
    "address", ["https://api.github.com", "http://127.0.0.1:8080/api/v3", "https://h/x/"]
)
def test_a_web_address_has_no_slash_at_its_end(address):
    assert values.web_address(address, HERE) == address.rstrip("/")


@pytest.mark.parametrize(
    "address",
    [
        "http://github.internal/api",  # the token would travel in the clear
        "http://127.0.0.1.evil.example",
        "https://me:secret@host",
        "https://host?x=1",
        "https://host/#x",
        "https:///path",
        "https://host:port",
        "file:///etc/passwd",
        "https://host /x",
        "https://host\n",
        "host",
    ],
)
def test_no_token_goes_to_any_other_address(address):
    with pytest.raises(FormatError):
        values.web_address(address, HERE)


@pytest.mark.parametrize("text", ["1", "007", "123456789012345678"])
def test_digits_are_a_number(text):
    assert values.digits(text, HERE) == int(text)


@pytest.mark.parametrize("text", ["0", "-1", "1.0", "٣", "", "1" * 19, " 1", 3])
def test_anything_else_is_no_number(text):
    with pytest.raises(FormatError):
        values.digits(text, HERE)


def test_an_error_names_file_and_key():
    with pytest.raises(FormatError, match=r"event.json: `thing.head.sha` is missing"):
        values.field({"head": {}}, HERE, "head.sha", values.object_id)
    with pytest.raises(FormatError, match=r"`thing.head` is a string, not an object"):
        values.field({"head": "x"}, HERE, "head.sha", values.object_id)


def test_a_variable_that_is_empty_is_missing():
    with pytest.raises(ConfigError, match="the environment: `GITHUB_SHA` is not set"):
        values.variable({"GITHUB_SHA": ""}, "GITHUB_SHA", values.object_id)
    assert values.variable({"N": ""}, "N", values.digits, "3") == 3


def test_zeros_are_no_commit():
    assert values.is_nothing("0" * 40)
    assert not values.is_nothing("0" * 39 + "1")


def test_a_check_gets_the_value_itself():
    assert values.field({"a": {"b": 3}}, HERE, "a.b", integer) == 3
