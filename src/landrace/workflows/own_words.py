"""What a base template says by itself: `Say red or blue` shows no case whose input is `blue`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from landrace.optimizers.shown_cases import stands_in, texts_of, whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landrace.schemas.case import Case

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_IN_A_SENTENCE = re.compile(r"\w[,;]? \Z")
_SENTENCE_END = re.compile(r"[.?!](?=\s)")


class OwnWords:
    """The text of a base's templates between what is filled in.

    A case whose input is a word of an instruction stands in every prompt that keeps it, and is
    shown by none of them. A piece of text excuses such words as a whole only, and if it has more
    than them. In doubt a case counts as shown: an input of several words stands nowhere by chance.
    """

    def __init__(self, sources: Iterable[str] = ()) -> None:
        self._texts = [_TAG.split(source) for source in sources]

    def taken_out(self, case: Case, prompt: str) -> str:
        """The prompt without what the base says by itself of the case's inputs."""
        words = texts_of(case)
        if any(len(word.split()) > 1 for word in words):
            return prompt
        if any(_may_be_example(case, words, "\n".join(pieces)) for pieces in self._texts):
            return prompt
        for piece in (piece.strip() for pieces in self._texts for piece in pieces):
            # One that is itself an input would take out an example of the case, too.
            is_longer = not any(piece in word for word in words)
            if is_longer and any(stands_in(piece, word) for word in words):
                prompt = prompt.replace(piece, "\n")
        return prompt


def _may_be_example(case: Case, words: Iterable[str], source: str) -> bool:
    """Whether the source has the expected answer after an input, as an author's example does.

    An instruction may name all answers further on, so within a sentence its end is the limit.
    What is no plain value may be written in many ways, any of which may be the answer.
    """
    said = case.expected if isinstance(case.expected, str) else json.dumps(case.expected)
    is_plain = isinstance(case.expected, str | int | float)
    answer = re.compile(whole(said.strip()), re.IGNORECASE)
    for word in words:
        for found in re.finditer(whole(word), source):
            after = source[found.end() :]
            if _IN_A_SENTENCE.search(source[: found.start()]):
                after = _SENTENCE_END.split(after, maxsplit=1)[0]
            if not is_plain or answer.search(after):
                return True
    return False
