"""What is read from a proposer's answer: an instruction, which is data, of a sensible length."""

from __future__ import annotations

import re

MIN_WORDS = 3
MAX_WORDS = 300


def most_words(present: str) -> int:
    """The most words of what may replace an instruction: `MAX_WORDS`, or half as many again."""
    return max(MAX_WORDS, 3 * len(present.split()) // 2)


def is_instruction(text: str, present: str) -> bool:
    """Whether a text has a length with which it can stand in the present instruction's place."""
    return MIN_WORDS <= len(text.split()) <= most_words(present)


def untagged(answer: str) -> str:
    """The text between the tags that were asked for, or what looks like the answer without."""
    opened = answer.rfind("<instruction>")
    if opened >= 0:
        body = answer[opened + len("<instruction>") :]
        return body.split("</instruction>", 1)[0].strip()
    text = answer.split("</instruction>", 1)[0]
    text = re.sub(r"^\s*```\w*\n?|\n?```\s*$", "", text.strip())
    text = re.sub(r"(?i)^\W*(the )?(new |better |improved )?instruction\W*[:\n]", "", text)
    return text.strip().strip('"').strip()


def finished(answer: str, question: str) -> str | None:
    """What an answer had finished of what was asked for when its limit cut it off.

    Of the tags that the question names, what follows the last one that was left open is dropped.
    None if that leaves no pair of them, or not the instruction that the question wants in tags.
    """
    named = set(re.findall(r"</(\w+)>", question))
    tags = [tag for tag in re.finditer(r"<(/?)(\w+)>", answer) if tag[2] in named]
    is_open = bool(tags) and not tags[-1][1]
    closed = {tag[2] for tag in tags if tag[1]}
    if (is_open and not closed) or ("instruction" in named and "instruction" not in closed):
        return None
    return answer[: tags[-1].start()] if is_open else answer
