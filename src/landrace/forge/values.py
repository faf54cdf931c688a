"""Checks of what a forge says. It is data, and the names in it are chosen by strangers.

Each takes a value and where it stands, as those of `strict_json` do, and raises `FormatError`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from landrace.strict_json import At, an_object, integer, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landrace.strict_json import Check

T = TypeVar("T")

_OID = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}(?:/[A-Za-z0-9_.-]{1,100}){1,20}\Z")
# What git check-ref-format refuses, and a name that git would take for an option.
_NO_BRANCH = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|\Z)|\A[-./]|[./]\Z")
_LONGEST_BRANCH = 250
_MOST_DIGITS = 18


def field(value: object, at: At, path: str, check: Check[T]) -> T:
    """The checked member that a dotted path leads to, which must be there."""
    for name in path.split("."):
        members = an_object(value, at)
        at = at.key(name)
        if name not in members:
            raise at.error("is missing")
        value = members[name]
    return check(value, at)


def variable(environ: Mapping[str, str], name: str, check: Check[T], default: str = "") -> T:
    """A variable of the environment, checked; one that is empty counts as missing."""
    at = At("the environment", name)
    value = environ.get(name) or default
    if not value:
        raise at.error("is not set", "run this in a CI job of the forge")
    return check(value, at)


def first_of(environ: Mapping[str, str], names: Sequence[str], check: Check[T]) -> T:
    """The first of the variables that is set; the error for none names the last."""
    found = next((name for name in names if environ.get(name)), names[-1])
    return variable(environ, found, check)


def object_id(value: object, at: At) -> str:
    """A full git object id, SHA-1 or SHA-256."""
    found = text(value, at)
    if not _OID.match(found):
        raise at.error("is not a full git object id")
    return found


def is_nothing(oid: str) -> bool:
    """Whether it is the id of all zeros, which stands for no commit."""
    return not oid.strip("0")


def branch(value: object, at: At) -> str:
    """A branch's name, without ``refs/heads/``, as git itself would allow it."""
    found = text(value, at)
    bad = not found or len(found) > _LONGEST_BRANCH or found in {"@", "HEAD"}
    if bad or _NO_BRANCH.search(found):
        raise at.error("is not a branch's name")
    return found


def branch_of_ref(value: object, at: At) -> str:
    """The branch of a full ref, such as ``refs/heads/main``."""
    found = text(value, at)
    if not found.startswith("refs/heads/"):
        raise at.error("is not a branch's full ref")
    return branch(found.removeprefix("refs/heads/"), at)


def repository(value: object, at: At) -> str:
    """``owner/name``; on GitLab there may be groups within groups."""
    found = text(value, at)
    parts = found.split("/")
    if not _REPOSITORY.match(found) or any(part.strip(".") == "" for part in parts):
        raise at.error("is not the full name of a repository")
    return found


def number(value: object, at: At) -> int:
    """A positive integer."""
    found = integer(value, at)
    if found < 1:
        raise at.error("is not above 0")
    return found


def digits(value: object, at: At) -> int:
    """A positive integer written out, as variables and inputs are."""
    found = text(value, at)
    if not (found.isascii() and found.isdigit() and len(found) <= _MOST_DIGITS):
        raise at.error("is not a whole number")
    return number(int(found), at)


def web_address(value: object, at: At) -> str:
    """An address to which a token may be sent: https, or http on this machine. No slash at its end.

    User names and passwords in it are refused, for they would reach messages.
    """
    found = text(value, at)
    try:
        parts = urlsplit(found)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise at.error("is not a web address") from error
    plain = found.isascii() and found.isprintable() and " " not in found
    if not plain or not host or parts.username is not None or parts.query or parts.fragment:
        raise at.error("is not a plain web address")
    on_this_machine = host in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme != "https" and not (parts.scheme == "http" and on_this_machine):
        raise at.error("is not an https address, so a token would travel in the clear")
    return found.rstrip("/")
