"""SyntaxTreeMutator: edits of a passage by phrase, after GrIPS (Prasad et al. 2023, §3).

The phrases come from a parser. What GrIPS keeps in a list of deleted phrases is read here off
the parents' texts, so a resumed search needs no state: a phrase that an ancestor had and the
present text lacks can be put back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.operators.rewording import PARAPHRASE, reworded
from landrace.optimizers.operators.view import view_of, with_text
from landrace.optimizers.slots.phrases import (
    Phrase,
    delete,
    every,
    insert,
    replace,
    some_pair,
    swap,
)
from landrace.optimizers.slots.syntax import phrase_trees

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.operators.view import Passage
    from landrace.schemas.candidate import Candidate

MIN_CHARS = 3  # what is shorter is no phrase worth a call
MAX_ANCESTORS = 8


def edit_syntax(context: Context) -> list[Candidate]:
    """Children with one phrase deleted, swapped, paraphrased or put back.

    Raises:
        ConfigError: the parser is not installed.
    """
    view = context.view
    found = []
    for _ in range(context.most):
        passage = context.rng.choice(view.passages)
        phrases = _phrases(passage.text)
        for name in context.rng.sample(sorted(EDITS), len(EDITS)):
            text = EDITS[name](context, passage, phrases)
            if text and text != passage.text:
                found.append(context.child(name, **with_text(view, passage, text)))
                break
    return found


def _delete(context: Context, passage: Passage, phrases: list[Phrase]) -> str | None:
    return delete(passage.text, context.rng.choice(phrases)) if phrases else None


def _swap(context: Context, passage: Passage, phrases: list[Phrase]) -> str | None:
    pair = some_pair(phrases, context.rng)
    return swap(passage.text, *pair) if pair else None


def _paraphrase(context: Context, passage: Passage, phrases: list[Phrase]) -> str | None:
    if not phrases:
        return None
    phrase = context.rng.choice(phrases)
    words = passage.text[phrase.start : phrase.end]
    new = reworded(context.study, words, PARAPHRASE, temperature=0.9)
    return replace(passage.text, phrase, new) if new else None


def _put_back(context: Context, passage: Passage, phrases: list[Phrase]) -> str | None:
    lost = _lost(context, passage)
    if not lost:
        return None
    places = sorted({0, len(passage.text), *(phrase.start for phrase in phrases)})
    return insert(passage.text, context.rng.choice(places), context.rng.choice(lost))


EDITS: dict[str, Callable[[Context, Passage, list[Phrase]], str | None]] = {
    "delete phrase": _delete,
    "swap phrases": _swap,
    "paraphrase phrase": _paraphrase,
    "put phrase back": _put_back,
}


def _phrases(text: str) -> list[Phrase]:
    return [each for each in every(phrase_trees(text)) if each.end - each.start >= MIN_CHARS]


def _lost(context: Context, passage: Passage) -> list[str]:
    """Phrases of the ancestors' passages of the same name that the text has no more."""
    found: dict[str, None] = {}
    for text in _ancestors(context, passage.name):
        for phrase in _phrases(text):
            words = text[phrase.start : phrase.end]
            if words not in passage.text:
                found.setdefault(words)
    return list(found)


def _ancestors(context: Context, name: str) -> Iterator[str]:
    """The passage of that name in the parent, its parent, and so on."""
    base, entry = context.view.node, context.entry
    for _ in range(MAX_ANCESTORS):
        known = [e for p in entry.candidate.parents if (e := context.study.entries.get(p))]
        if not known:
            return
        entry = known[0]
        view = view_of(base, entry.candidate, context.tuning)
        yield from (passage.text for passage in view.passages if passage.name == name)
