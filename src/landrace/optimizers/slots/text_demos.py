"""Examples in a prompt's text, told apart again: the way back from `data_formats.in_text`."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.slots.formats import bare_answer
from landrace.parsers import ParseFailure, default_parser
from landrace.parsers import parse as read
from landrace.template import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from landrace.optimizers.slots.data_formats import Orientation
    from landrace.optimizers.slots.formats import Format
    from landrace.schemas.output import OutputContract

_GAP = "\n\n"


class Reading(NamedTuple):
    """By what examples are known: the input part, as Jinja, and the form of their answers.

    ``known`` are inputs as a model reads them, some of which may be shown.
    """

    input: str
    form: Format
    contract: OutputContract
    known: Collection[str] = ()


def told_apart(text: str, by: Reading) -> tuple[Orientation, list[tuple[str, str]]] | None:
    """The orientation and the inputs with their answers, as a model reads both.

    None where it cannot be told where the one ends and the other begins.
    """
    numbered = _by_kind(text)
    if numbered is not None:
        return "kind", numbered
    items = _by_item(text, by)
    return None if items is None else ("item", items)


def _by_kind(text: str) -> list[tuple[str, str]] | None:
    inputs, mark, answers = text.rpartition(f"{_GAP}Output 1:\n")
    if not mark or not inputs.startswith("Input 1:\n"):
        return None
    users = list(_numbered("Input", inputs.removeprefix("Input 1:\n")))
    shown = list(_numbered("Output", answers))
    return list(zip(users, shown, strict=True)) if len(users) == len(shown) else None


def _numbered(word: str, text: str) -> Iterator[str]:
    """The texts that stand below the word with a number, of which the first is left out."""
    number, mark = 2, _GAP
    while mark:
        body, mark, text = text.partition(f"{_GAP}{word} {number}:\n")
        yield body
        number += 1


def _by_item(text: str, by: Reading) -> list[tuple[str, str]] | None:
    """Each item is the shortest that is one and has the beginning of another behind it."""
    fixed = _fixed_texts(by.input)
    found, item = [], ""
    for passage, following in pairwise((*text.split(_GAP), fixed[0])):
        item = f"{item}{_GAP}{passage}" if item else passage
        pairs = list(_pairs(item, fixed, by)) if following.startswith(fixed[0]) else []
        pairs = [pair for pair in pairs if pair[0] in by.known] or pairs
        if len(pairs) > 1:
            return None
        if pairs:
            found += pairs
            item = ""
    return None if item or not found else found


def _pairs(item: str, fixed: list[str], by: Reading) -> Iterator[tuple[str, str]]:
    """The ways to take an item for an input and its answer, one below the other."""
    place = item.rfind("\n")
    while place > 0:
        user, answer = item[:place], item[place + 1 :]
        if _fits(user, fixed) and _is_answer(answer, by):
            yield user, answer
        if by.contract.type != "text":
            return  # any other answer is a single line
        place = item.rfind("\n", 0, place)


def _fixed_texts(source: str) -> list[str]:
    """What a source prints for any input: the texts between which something stands.

    Of one with logic or comments in it nothing is known.
    """
    texts, is_open = [""], False
    for piece in parse(source).pieces:
        if piece.kind == "text":
            texts[-1] += source[piece.start : piece.end]
            is_open = False
        elif piece.kind == "output":
            texts += [] if is_open else [""]
            is_open = True
        else:
            return ["", ""]
    return texts


def _fits(text: str, fixed: list[str]) -> bool:
    """Whether the fixed texts stand in a text, in order, at its ends the first and the last."""
    first, *between, last = fixed if len(fixed) > 1 else (*fixed, "")
    if not text.startswith(first):
        return False
    place = len(first)
    for each in between:
        found = text.find(each, place)
        if found < 0:
            return False
        place = found + len(each)
    return text.endswith(last) and place + len(last) <= len(text)


def _is_answer(shown: str, by: Reading) -> bool:
    answer = bare_answer(by.form, shown, by.contract)
    if answer is None or by.contract.labels:
        return answer in (by.contract.labels or ())
    spec = default_parser(by.contract.model_dump(by_alias=True, exclude_none=True))
    try:
        read(spec, answer)
    except ParseFailure:
        return False
    return True
