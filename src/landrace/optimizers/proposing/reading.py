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


def is_cut_off(answer: str, question: str) -> bool:
    """Whether an answer that reached its limit ended within the text that was asked for.

    That is so if it never came to the instruction that the question wants between tags, or left
    the last tag open of those that the question names.
    """
    named = set(re.findall(r"</(\w+)>", question))
    if "instruction" in named and "</instruction>" not in answer:
        return True
    tags = [tag for tag in re.findall(r"<(/?\w+)>", answer) if tag.removeprefix("/") in named]
    return bool(tags) and not tags[-1].startswith("/")
