"""Operators that have a proposer put a passage in other words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.operators.view import with_text
from landrace.optimizers.proposing.reading import MIN_WORDS, untagged

if TYPE_CHECKING:
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.operators.view import View
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate

PARAPHRASE = "Say the same in other words."
BULLETS = "Turn it into a list of bullet points of at most ten words each."

MAX_GROWTH = 4  # times as many words, and then some, are no rewording any more
SPARE_WORDS = 40


def has_text(view: View) -> bool:
    return bool(view.passages)


def paraphrase(context: Context) -> list[Candidate]:
    """Paraphrase: temperature .9 as in SAMMO."""
    return _children(context, "paraphrase", PARAPHRASE, temperature=0.9)


def rewrite(context: Context) -> list[Candidate]:
    """Rewrite as the tuning says. SAMMO draws at temperature 0, so all of its draws are one."""
    return _children(context, "rewrite", context.tuning.rewriting, temperature=0.7)


def to_bullet_points(context: Context) -> list[Candidate]:
    return _children(context, "to bullet points", BULLETS, temperature=0.7)


def shorten(context: Context) -> list[Candidate]:
    """Shorten to a share of the words, .5 by default."""
    return _children(context, "shorten", "", temperature=0.7)


def rephrased(study: Study, text: str, *, temperature: float) -> str | None:
    """The proposer's answer that puts a whole instruction in other words; it has to be read.

    Raises:
        BudgetExhaustedError: the question could not be paid.
    """
    return study.ask("reword", text=text, how=PARAPHRASE, temperature=temperature)


def reworded(study: Study, text: str, how: str, *, temperature: float) -> str | None:
    """A part of an instruction put in another way; None if what came back is of no use.

    A remark in place of the text ("Sure.") is of none; so is what is much longer.

    Raises:
        BudgetExhaustedError: the question could not be paid.
    """
    answer = study.ask("reword", text=text, how=how, temperature=temperature)
    if answer is None:
        return None
    new = untagged(answer)
    words, before = len(new.split()), len(text.split())
    if not min(MIN_WORDS, before) <= words <= MAX_GROWTH * before + SPARE_WORDS:
        study.log("no proposal", reason=f"{words} words", answer=answer[:500])
        return None
    return new


def _children(context: Context, name: str, how: str, *, temperature: float) -> list[Candidate]:
    view = context.view
    found = []
    for _ in range(context.most):
        passage = context.rng.choice(view.passages)
        wanted = how or _shorter(passage.text, context.tuning.shorten)
        new = reworded(context.study, passage.text, wanted, temperature=temperature)
        if new is not None and new != passage.text:
            found.append(context.child(name, **with_text(view, passage, new)))
    return found


def _shorter(text: str, share: float) -> str:
    most = max(3, round(len(text.split()) * share))
    return f"Say the same in at most {most} words."
