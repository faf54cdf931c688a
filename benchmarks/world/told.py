"""What a meta-prompt tells a proposer, and what it asks for."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from benchmarks.world.items import TOPIC
from benchmarks.world.vocabulary import HINT, HINT_OPENINGS, LABELS, SKILLS, TEAM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from benchmarks.world.vocabulary import Vocabulary

Kind: TypeAlias = Literal[
    "write", "advise", "reword", "cut", "copy", "mutation", "role", "template", "analyse"
]

# What is asked for, by words of our meta-prompts, the first that fits.
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("Copy the instruction that it contains", "copy"),
    ("<proposal>", "cut"),
    ("<template>", "template"),
    ("The rule will be added", "advise"),
    ("Write one hint that helps", "advise"),
    ("Keep every name, number and allowed answer", "reword"),
    ("what is to be done to any instruction", "mutation"),
    ("Speak to them in one or two sentences", "role"),
    ("<instruction>", "write"),
    ("in the form above", "write"),
)
NODES = ("prompt", HINT, TEAM)
_TAGS = ("present", "tried", "first", "second", "best", "basic", "item", "version", "step", *NODES)
_BLOCK = re.compile(rf'<({"|".join(_TAGS)})(?: score="(-?[\d.]+)")?>\n?(.*?)\n?</\1>', re.DOTALL)
_PROPOSAL = re.compile(r"<(proposal)>\n?(.*?)\n?</\1>", re.DOTALL)
# Texts that tell nothing new: code with the base's templates, and what was tried in vain.
_STALE = re.compile(
    r'"""\n.*?\n"""|were tried and did not help:.*?Find the reason|The instruction then:.*?$',
    re.DOTALL | re.MULTILINE,
)
_BLAMED = re.compile(r"[Ll]eave out the (\w+)")
_NAMED = re.compile(rf'"({HINT}|{TEAM})"')
_HINTED = re.compile(r"(?:[Oo]utput|answer): q\d{5} hint-|one that leads to the answer")
_CHANGES = re.compile(r"at most (\d+) (?:changed|words?, counting)|Only (\d+) (?:is|are) allowed")
_LENGTH = re.compile(r"at most (\d+) words\b(?!, counting)")
_THOUGHT = re.compile(r"^\d+\. ", re.MULTILINE)
_RULE = "The form of"
_REACH = 500  # characters after an item's code that are about it


class Text(NamedTuple):
    """An instruction that is shown; ``score`` is out of 100, None where none is told."""

    tag: str
    score: float | None
    body: str


class Told(NamedTuple):
    """A meta-prompt taken apart.

    ``missed`` counts the skills of the mistakes shown, ``seen`` those of other examples.
    ``hinted`` are words of rules that somebody named outside of the instructions, ``blamed``
    those that somebody wants to be left out. ``changes`` and ``length`` are limits in words.
    """

    kind: Kind
    node: str
    tags: tuple[str, ...]
    texts: tuple[Text, ...]
    missed: Counter[int]
    seen: Counter[int]
    hinted: tuple[str, ...]
    blamed: tuple[str, ...]
    changes: int | None
    length: int | None
    copies: int
    proposal: str


def told(meta: str, vocabulary: Vocabulary) -> Told:
    """What the meta-prompt says, as far as the world has a use for it."""
    stripped = _STALE.sub("", meta)
    texts = tuple(
        Text(tag, None if score == "" else float(score), body)
        for tag, score, body in _BLOCK.findall(stripped)
    )
    rest = _BLOCK.sub("", stripped)
    missed, seen = _examples(rest)
    blamed = tuple(_BLAMED.findall(rest))
    proposal = _PROPOSAL.search(rest)
    changes, length = _CHANGES.search(rest), _LENGTH.search(rest)
    joint = "in the form above" in rest
    return Told(
        kind=_kind(meta),
        node=_node(rest, texts, vocabulary),
        tags=tuple(tag for tag in NODES if joint and f"<{tag}>" in meta) or ("instruction",),
        texts=texts,
        missed=missed,
        seen=seen,
        hinted=tuple(word for word in vocabulary.within(rest) if word not in blamed),
        blamed=blamed,
        changes=int(changes[1] or changes[2]) if changes else None,
        length=int(length[1]) if length else None,
        copies=len(_THOUGHT.findall(rest)) if "ways of thinking:" in rest else 1,
        proposal=proposal[2] if proposal else "",
    )


def _kind(meta: str) -> Kind:
    for sign, kind in _KINDS:
        if sign in meta:
            return kind
    return "analyse"


def _node(rest: str, texts: Iterable[Text], vocabulary: Vocabulary) -> str:
    """The node that is spoken of last; else what is shown of it gives the first node away."""
    named = _NAMED.findall(rest)
    if named:
        return str(named[-1])
    said = "\n".join(text.body for text in texts)
    is_hint = (
        _HINTED.search(rest)
        or any(opening in said for opening in HINT_OPENINGS)
        or any(rule.node == HINT for rule in vocabulary.within(said).values())
    )
    return HINT if is_hint else TEAM


def _examples(rest: str) -> tuple[Counter[int], Counter[int]]:
    missed: Counter[int] = Counter()
    seen: Counter[int] = Counter()
    for topic, about in _abouts(rest):
        labels = sum(label in about for label in LABELS)
        is_missed = labels > 1 or "leads to the answer" in about or "0 to 1: 0.0" in about
        (missed if is_missed else seen)[SKILLS.index(topic)] += 1
    return missed, seen


def _abouts(rest: str) -> Iterator[tuple[str, str]]:
    """Each item's topic with what is said of it, up to the next item or the rule of the output."""
    found = [match for match in TOPIC.finditer(rest) if match[1] in SKILLS]
    ends = [match.start() for match in found[1:]] + [len(rest)]
    for match, end in zip(found, ends, strict=False):  # without any there is one end too many
        about = rest[match.end() : min(end, match.end() + _REACH)]
        yield match[1], about.split(_RULE)[0]
