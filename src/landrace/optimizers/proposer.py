"""Asks a study's proposer: one question at a time, and the same again for another draw."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from landrace.errors import BudgetExhaustedError, LandraceError, OutageError
from landrace.gateway.base import Message, Request
from landrace.optimizers.lengths import answer_limit
from landrace.optimizers.meta_prompts import render_meta_prompt
from landrace.optimizers.proposing.reading import finished
from landrace.parsers.texts import sound
from landrace.program.params import overlaid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.gateway.base import Completion
    from landrace.gateway.metered import MeteredGateway
    from landrace.optimizers.study_log import StudyLog
    from landrace.schemas.pipeline import ModelConfig


class Proposer:
    """The model that a study asks for ideas; what comes to nothing is logged.

    ``words`` are those of the program's longest instruction. ``calls`` counts what was asked.
    """

    def __init__(
        self, model: ModelConfig, gateway: MeteredGateway, log: StudyLog, *, words: int
    ) -> None:
        self.calls = 0
        self._model = model
        self._gateway = gateway
        self._log = log
        self._words = words
        self._draws: Counter[str] = Counter()

    def ask(
        self,
        meta_prompt: str,
        inputs: Mapping[str, Any],
        *,
        max_tokens: int,
        temperature: float,
        whole: bool,
    ) -> str | None:
        """See `Study.ask`."""
        messages = tuple(Message(*m) for m in render_meta_prompt(meta_prompt, inputs))
        limit = answer_limit(max_tokens, self._words)
        params = overlaid({"temperature": temperature, "max_tokens": limit}, self._model.params)
        answer = self._answer(self._drawn(Request(self._model.id, messages, params)))
        if answer is None:
            return None
        text: str | None = answer.text
        if answer.is_cut:
            text = None if whole else finished(answer.text, messages[-1].content)
        if text is None:
            self._log.add("no proposal", reason="cut off", answer=answer.text[:500])
            return None
        return sound(text)

    def _drawn(self, request: Request) -> Request:
        """The question as it has not been asked before."""
        repeat = self._draws[request.digest]
        self._draws[request.digest] += 1
        return replace(request, repeat=repeat)

    def _answer(self, request: Request) -> Completion | None:
        """None when the call failed for good."""
        if self._gateway.fitting([request]) == 0:
            raise BudgetExhaustedError("the next proposal might pass a ceiling")
        self.calls += 1
        try:
            return self._gateway.complete(request)
        except LandraceError as error:
            if isinstance(error, (BudgetExhaustedError, OutageError)) or error.exit_code == 2:
                raise
            self._log.add("no proposal", reason=str(error))
            return None
