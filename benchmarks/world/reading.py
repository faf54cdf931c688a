"""What the task model makes of the messages: the features that a prompt's quality is made of."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.world.items import CODE
from benchmarks.world.vocabulary import HINT, LABELS, TEAM

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ASKED = {
    "marker": 'starts with "Answer:"',
    "xml": "<answer>",
    "json": 'one key, "answer"',
}
WRITTEN = {  # how the input stands before the question, by what is right in front of it
    "json": re.compile(r'": "$'),
    "xml": re.compile(r"<\w+>$"),
    "lines": re.compile(r": $"),
}
CLUE = re.compile(r"^ hint-(\w+)")
_ABOUT = re.compile(r"^ (?:about \w+|hint-\w+)")
HERE = "\N{WHITE SQUARE}"  # stands for the question in a frame
_SPOKEN = 4  # words after the input from which on they are an instruction

Turn = tuple[str, str]  # role and content


class Shown(NamedTuple):
    """An example: its item, whether the answer is in the model's own words, and where it is."""

    item: int
    is_own: bool
    is_turn: bool


class Reading(NamedTuple):
    """A prompt as the task model sees it, whatever the question. ``text`` is the instruction."""

    node: str
    text: str
    words: int
    place: str
    written: str
    asked: str
    names_labels: bool
    shown: tuple[Shown, ...]


class Question(NamedTuple):
    """What is asked now; ``clue`` is what the hint says, if there is one."""

    item: int
    clue: str | None


class Split(NamedTuple):
    """Messages taken apart: the question, and all that is the same whatever the question."""

    question: Question
    frame: tuple[Turn, ...]


def split(turns: Sequence[Turn]) -> Split | None:
    """The question is the last item of the last message; None where that has none."""
    role, content = turns[-1]
    found = CODE.findall(content)
    if not found:
        return None
    code = f"q{found[-1]}"
    head, *parts = content.split(code)
    clues = [clue[1] for part in parts if (clue := CLUE.match(part))]
    frame = HERE.join([head, *(_ABOUT.sub("", part) for part in parts)])
    question = Question(int(found[-1]), clues[-1] if clues else None)
    return Split(question, (*turns[:-1], (role, frame)))


def read(question: Question, frame: Sequence[Turn], nodes: int) -> Reading:
    """The features of a prompt, of which the question tells the node alone."""
    last = frame[-1][1]
    before, _, after = last.rpartition(HERE)
    spoken = [content for role, content in frame if role != "assistant"]
    lines = [
        line
        for content in spoken
        for line in content.splitlines()
        if line.strip() and not CODE.search(line) and HERE not in line
    ]
    text = "\n".join(lines)
    place = "system" if frame[0][0] == "system" else "user"
    return Reading(
        node=HINT if nodes == 2 and question.clue is None else TEAM,
        text=text,
        words=len(text.split()),
        place="after" if len(after.split()) > _SPOKEN else place,
        written=next((name for name, form in WRITTEN.items() if form.search(before)), "bare"),
        asked=next((name for name, sign in ASKED.items() if sign in text), "bare"),
        names_labels=all(label in text for label in LABELS),
        shown=tuple(_shown(frame)),
    )


def _shown(frame: Sequence[Turn]) -> Iterator[Shown]:
    for (_, said), (role, answer) in pairwise(frame):
        codes = CODE.findall(said)
        if role == "assistant" and codes:
            yield Shown(int(codes[-1]), "would" in answer, is_turn=True)
    for code in dict.fromkeys(CODE.findall(frame[-1][1])):
        yield Shown(int(code), is_own=False, is_turn=False)
