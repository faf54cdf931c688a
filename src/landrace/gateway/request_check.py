"""What every gateway refuses before it asks a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import CallError

if TYPE_CHECKING:
    from landrace.gateway.base import Request

ROLES = ("system", "user", "assistant")


def check_request(request: Request) -> None:
    """Check that there are messages, that their roles are known, and that their texts are texts.

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
        _check_text(message.content, request.model)


def _check_text(text: str, model: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        # Some clients would fail on it as if the provider were down, and be tried again.
        raise CallError(
            "a message holds half of a surrogate pair, which is no text",
            where=model,
            fix="Mend the input that it stands in.",
        ) from error
