"""What a forge's refusal means for the reader: which status, what to change."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from landrace.errors import ConfigError, RefusedError
from landrace.forge.base import UnseenError

if TYPE_CHECKING:
    from landrace.errors import LandraceError
    from landrace.forge.api import Call

_MOST_READ = 20_000
_MOST_DETAILS = 5

# Branch protection and rulesets say so in words; the statuses are 403, 409 and 422.
_RULE = re.compile(
    r"rule violation|protected branch|branch is protected|changes must be made through",
    re.IGNORECASE,
)


def words_of(content: bytes) -> str:
    """What the body of an answer says in words; nothing where it is a page or data."""
    try:
        found = json.loads(content[:_MOST_READ])
    except (ValueError, RecursionError):
        return ""
    if not isinstance(found, dict):
        return ""
    said = [found.get(key) for key in ("message", "error", "error_description")]
    details = found.get("errors")
    if isinstance(details, list):
        said += [_detail(detail) for detail in details[:_MOST_DETAILS]]
    return "; ".join(_words(part) for part in said if part)


def breaks_rule(words: str) -> bool:
    """Whether a refusal comes from the protection of a branch."""
    return _RULE.search(words) is not None


def refusal(forge: str, call: Call, status: int, words: str, needs: str) -> LandraceError:
    """The error for a status below 500.

    Args:
        forge: its name.
        call: what could not be done.
        status: of the answer.
        words: of the answer, cleaned.
        needs: the right that this takes.
    """
    problem = f"could not {call.doing}: {words or _phrase(status)} ({status})"
    if breaks_rule(words):
        return broken_rule(problem, call.where)
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return unseen(problem, call.where, needs)
    if status == HTTPStatus.UNAUTHORIZED:
        fix = f"{forge} does not know the token: it is wrong, expired or revoked; make a new one"
    elif status == HTTPStatus.FORBIDDEN:
        fix = missing_right(needs)
    elif HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        fix = "the repository may have a new name: give that"
    else:
        fix = f"{forge} does not take the request for the reason above"
    return ConfigError(problem, where=call.where, fix=fix)


def missing_right(needs: str) -> str:
    """What to do about a right that the token lacks."""
    return f"give the token the right that it lacks: {needs}"


def unseen(problem: str, where: str, needs: str) -> UnseenError:
    """The error where there is nothing that the token may see."""
    fix = f"it does not exist, or the token may not see it, which takes {needs}"
    return UnseenError(problem, where=where, fix=fix)


def broken_rule(problem: str, where: str) -> RefusedError:
    """The error where a branch is protected."""
    fix = "let the token's owner pass the rule, or take a branch that is not protected"
    return RefusedError(problem, where=where, fix=fix)


def _detail(detail: object) -> object:
    if not isinstance(detail, dict):
        return detail
    if detail.get("message"):
        return detail["message"]
    return " ".join(str(detail[key]) for key in ("resource", "field", "code") if detail.get(key))


def _words(part: object) -> str:
    return part if isinstance(part, str) else json.dumps(part)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "no reason given"
