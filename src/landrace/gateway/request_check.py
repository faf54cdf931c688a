"""What every gateway refuses before it asks a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import CallError

if TYPE_CHECKING:
    from landrace.gateway.base import Request

ROLES = ("system", "user", "assistant")


def check_request(request: Request) -> None:
    """Check that there are messages, and that their roles are known.

    Raises:
        CallError: the request cannot be answered by any model.
    """
    if not request.messages:
        raise CallError(
            "the request has no messages",
            where=request.model,
            fix="Mend the template: it renders to nothing.",
        )
    for message in request.messages:
        if message.role not in ROLES:
            raise CallError(
                f"a message has the unknown role {message.role!r}",
                where=request.model,
                fix=f"Use one of {', '.join(ROLES)}.",
            )
