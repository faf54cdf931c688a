"""The rules for the fields of nodes: ranges, names, and what a pattern or pointer may be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.errors import ConfigError
from landrace.naming import is_name
from landrace.parsers import ParseFailure, parse
from landrace.program.params import param_problem
from landrace.strict_json import (
    At,
    Check,
    a_list,
    an_object,
    integer,
    json_object,
    name,
    near_fix,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_NODES = 50
MAX_CALLS_EACH = 100
MAX_BATCH_SIZE = 50
MAX_BATCH_ITEMS = 1000
MAX_RETRIEVED = 100
MAX_PATTERN_CHARS = 1000
MAX_TOKENS = 100_000

NAME_PATTERN = r"^[A-Za-z][A-Za-z0-9_]*$"
TEMPLATE_PATTERN = r"^[A-Za-z0-9_][A-Za-z0-9_.-]*\.jinja$"
# In lower case, because a pin has a copy of the file, and some file systems know no other.
CORPUS_PATTERN = r"^(cases|[a-z0-9_][a-z0-9_.-]*\.jsonl)$"
TAG_PATTERN = r"^[A-Za-z_][A-Za-z0-9_.-]*$"

OUTPUT_TYPES = ("text", "label", "number", "json")

# What Jinja reads as a word of its own wherever a name could stand.
_RESERVED = frozenset(
    {
        *("and", "else", "if", "in", "is", "loop", "not", "or", "recursive", "self"),
        *("true", "false", "none", "True", "False", "None"),
    }
)
_POINTER = re.compile(r"(/([^~/]|~[01])*)*\Z")


class NameProblem(NamedTuple):
    """What is wrong with a name, and what to do about it if that does not say so."""

    text: str
    fix: str | None


def name_problem(value: str) -> NameProblem | None:
    """Why a node cannot be called this, or None; a template has to be able to read the name."""
    if not re.match(NAME_PATTERN, value) or value.endswith("\n"):
        text = "is no name: use letters, digits and `_`, and start with a letter"
        return NameProblem(text, None)
    if value in _RESERVED:
        return NameProblem("is a word of the template language", "give it another name")
    if not is_name(value.lower()):
        advice = (
            "end it with a letter or a digit" if value.endswith("_") else "give it another name"
        )
        fix = f"{advice}: variants are files"
        return NameProblem("is no name that a file may have", fix)
    return None


def check_node_name(value: str, at: At) -> None:
    problem = name_problem(value)
    if problem:
        raise at.error(problem.text, problem.fix)


def local_name(value: object, at: At) -> str:
    """The name under which a template reads an item."""
    found = text(value, at)
    check_node_name(found, at)
    return found


def between(least: int, most: int) -> Check[int]:
    """The check of an integer in a closed range."""

    def check(value: object, at: At) -> int:
        found = integer(value, at)
        if not least <= found <= most:
            raise at.error(f"is {found}, not in {least}..{most}")
        return found

    return check


def one_of(choices: Iterable[str]) -> Check[str]:
    """The check of a word out of several."""
    known = tuple(choices)

    def check(value: object, at: At) -> str:
        found = text(value, at)
        if found not in known:
            fix = near_fix(found, known) or f"use one of {', '.join(known)}"
            raise at.error(f"is {found!r:.60}", fix)
        return found

    return check


def file_name(pattern: str, what: str) -> Check[str]:
    """The check of the name of a file in the prompt's folder."""

    def check(value: object, at: At) -> str:
        found = text(value, at)
        if not re.fullmatch(pattern, found) or found.endswith("\n") or len(found) > 200:
            raise at.error(f"is not {what}")
        return found

    return check


def boolean(value: object, at: At) -> bool:
    if not isinstance(value, bool):
        raise at.error("is neither true nor false")
    return value


def names(value: object, at: At) -> tuple[str, ...]:
    """A list of names that is not empty, none of them twice."""
    found = tuple(name(item, at.key(n)) for n, item in enumerate(a_list(value, at)))
    if not found:
        raise at.error("is empty")
    for n, each in enumerate(found):
        if each in found[:n]:
            raise at.key(n).error(f"names `{each}` a second time")
    return found


def params(value: object, at: At) -> dict[str, Any]:
    """Decoding parameters; what is asked, of whom and by which address is not the node's to say."""
    found = json_object(value, at)
    for key, each in found.items():
        if problem := param_problem(key, each):
            raise at.key(key).error(problem.text, problem.fix)
    return found


def contract(value: object, at: At) -> dict[str, Any]:
    """An output contract, as prompts have it."""
    found = json_object(value, at)
    known = ("type", "labels", "schema", "max_tokens")
    for key in found:
        if key not in known:
            raise at.key(key).error("is not a known key", near_fix(key, known))
    if "type" not in found:
        raise at.key("type").error("is missing")
    kind = one_of(OUTPUT_TYPES)(found["type"], at.key("type"))
    if (kind == "label") != ("labels" in found):
        raise at.key("labels").error("belongs to an output of type label, and only there")
    if "labels" in found:
        _labels(found["labels"], at.key("labels"))
    if "schema" in found:
        if kind != "json":
            raise at.key("schema").error("belongs to an output of type json")
        an_object(found["schema"], at.key("schema"))
    if "max_tokens" in found:
        between(1, MAX_TOKENS)(found["max_tokens"], at.key("max_tokens"))
    return found


def _labels(value: object, at: At) -> None:
    labels = a_list(value, at)
    if not labels:
        raise at.error("is empty")
    for n, label in enumerate(labels):
        text(label, at.key(n))


def parser_spec(value: object, at: At) -> dict[str, Any]:
    """The spec of a parser of `landrace.parsers`."""
    spec = json_object(value, at)
    problem = parser_problem(spec)
    if problem:
        raise at.error(f"is no parser: {problem.problem}", problem.fix)
    return spec


def parser_problem(spec: dict[str, Any]) -> ConfigError | None:
    """What is wrong with a parser's spec."""
    try:
        parse(spec, "")
    except ConfigError as error:
        return error
    except ParseFailure:
        pass
    return None


def regex_problem(source: str) -> str | None:
    """Why a pattern cannot be used to extract, or None.

    Patterns are their author's, and trusted: nothing stops one that backtracks without end.
    """
    if not source or len(source) > MAX_PATTERN_CHARS:
        return f"must have 1 to {MAX_PATTERN_CHARS} characters"
    try:
        pattern = re.compile(source)
    except (re.error, OverflowError, RecursionError) as error:
        return f"is no regular expression: {error}"
    if pattern.groups > 1:
        return f"has {pattern.groups} groups, and may have one: use (?:…) for the others"
    return None


def pointer_problem(source: str) -> str | None:
    """Why a text is no JSON pointer (RFC 6901, section 3), or None."""
    if len(source) > MAX_PATTERN_CHARS:
        return f"must have at most {MAX_PATTERN_CHARS} characters"
    if not _POINTER.match(source):
        return "is no JSON pointer: write /key/0, `~0` for ~ and `~1` for / in a key"
    return None


def tag_problem(source: str) -> str | None:
    """Why a text is no XML tag, or None."""
    if not re.fullmatch(TAG_PATTERN, source) or source.endswith("\n"):
        return "is no tag: write its name without < and >"
    return None
