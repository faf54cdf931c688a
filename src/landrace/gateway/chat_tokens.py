"""Messages to tokens, such that no message can speak for another role.

A chat template gives one text, in which ``<|im_start|>`` typed by a user looks like the
template's own. So the template is applied to placeholders, the text is cut at these, and
the contents are tokenized apart from it, as text without control tokens.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.gateway.base import Message
    from landrace.gateway.engine import Engine

_PLACEHOLDER = re.compile(r"landrace-content-(\d+)-end")


class _Frame(NamedTuple):
    """The template's own tokens before the first content, and after each one."""

    head: tuple[int, ...]
    parts: tuple[tuple[int, tuple[int, ...]], ...]


class ChatTokens:
    """Tokenizes chats for one model; thread-safe.

    The templates' parts and the contents are remembered, since demonstrations and
    instructions come again with every case.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._frame = lru_cache(maxsize=256)(self._make_frame)
        self._content = lru_cache(maxsize=4096)(self._tokenize_content)

    def tokens(self, messages: Sequence[Message]) -> list[int]:
        """The prompt's tokens, up to where the model is to go on.

        Raises:
            CallError: the model's template has no place for such messages.
        """
        frame = self._frame(tuple(message.role for message in messages))
        tokens = list(frame.head)
        for index, following in frame.parts:
            tokens += self._content(messages[index].content)
            tokens += following
        return tokens

    def _tokenize_content(self, text: str) -> tuple[int, ...]:
        return tuple(self._engine.tokenize(text, special=False)) if text else ()

    def _make_frame(self, roles: tuple[str, ...]) -> _Frame:
        prompt = self._engine.apply_template(
            [
                {"role": role, "content": f"landrace-content-{index}-end"}
                for index, role in enumerate(roles)
            ]
        )
        head, *rest = _PLACEHOLDER.split(prompt)
        indices = [int(index) for index in rest[::2]]
        if sorted(set(indices)) != list(range(len(roles))):
            raise CallError(
                f"the model's chat template drops a message of {', '.join(roles)}",
                fix="Use roles that the model knows: most know system, user and assistant.",
            )
        followings = [
            tuple(self._engine.tokenize(t, special=True)) if t else () for t in rest[1::2]
        ]
        return _Frame(
            head=tuple(self._engine.tokenize(head, special=True, start=True)),
            parts=tuple(zip(indices, followings, strict=True)),
        )
