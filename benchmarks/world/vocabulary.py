"""What instructions of the world are made of: rules, each known by one word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

    from benchmarks.world.landscapes import Landscape

TEAM, HINT = "team", "hint"  # the nodes; a prompt without a program is all team
LABELS = ("amber", "birch", "cedar", "dune")
CLUES = ("fern", "gorse", "heath", "iris", "juniper", "kelp")
SKILLS = ("invoices", "parcels", "passwords", "refunds", "contracts")
WEIGHTS = (0.3, 0.25, 0.2, 0.15, 0.1)  # how often a case is about each

OPENINGS = (
    "Decide which team takes the request.",
    "Say who should take care of the request.",
    "Read the request and name the team that it goes to.",
    "Route the request to the right team.",
    "Choose the team that can settle the request.",
    "You route requests. Find the team that fits best.",
)
HINT_OPENINGS = (
    "Write a hint for the colleague who decides.",
    "Note what the request comes down to.",
    "Sum the request up in one word.",
    "Say in a word what the request is about.",
)
_SENTENCES = (
    "For {topic}, mind the {word}.",
    "If it is about {topic}, look at the {word} first.",
    "With {topic}, the {word} decides.",
)
# Words read better in lines than one below the other.
_NOUNS = """
    tariff ledger postmark surcharge clause consignment token signature docket voucher annex
    waybill mandate excerpt rebate hallmark quota seal registry stub proviso manifest lapse
    rider cutoff domicile lien pallet deposit custody payee tranche depot accrual notary
    holder warrant escrow bonus levy
""".split()  # noqa: SIM905
_KINDS = {"useful": 3, "idle": 3, "harmful": 1}  # rules of each kind a skill has
_WORD = re.compile(r"[a-z]+")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")


class Rule(NamedTuple):
    """A rule known by its ``word``. ``value`` are logits on the cases of its ``skill``.

    ``skill`` is a place in `SKILLS`, or None for all cases. It does something in one node alone.
    """

    word: str
    skill: int | None
    node: str
    value: float

    def sentence(self, wording: int) -> str:
        topic = "any request" if self.skill is None else SKILLS[self.skill]
        return _SENTENCES[wording % len(_SENTENCES)].format(topic=topic, word=self.word)


class Vocabulary:
    """The rules of a world by their words, and what pairs of them do to each other."""

    def __init__(self, landscape: Landscape, rng: random.Random) -> None:
        words = iter(rng.sample(_NOUNS, len(_NOUNS)))
        groups: list[tuple[str, int | None]] = [(TEAM, skill) for skill in range(len(SKILLS))]
        if landscape.nodes == 2:
            groups = [(TEAM, skill) for skill in range(3)] + [(HINT, None), (HINT, None)]
        self.rules: dict[str, Rule] = {}
        for node, skill in groups:
            for kind, count in _KINDS.items():
                for _ in range(count):
                    value = _value(kind, landscape, rng)
                    word = next(words)
                    self.rules[word] = Rule(word, skill, node, value)
        pairs = [(a, b) for a in self.rules for b in self.rules if a < b]
        self.clashes = {
            pair: rng.gauss(0.0, landscape.clash)
            for pair in (pairs if landscape.clash else [])
            if rng.random() < 0.3
        }

    def within(self, text: str) -> dict[str, Rule]:
        """The rules that a text holds, in its order."""
        found = _WORD.findall(text.lower())
        return {word: self.rules[word] for word in found if word in self.rules}

    def of(self, node: str) -> list[Rule]:
        return [rule for rule in self.rules.values() if rule.node == node]

    def clash(self, words: Iterable[str]) -> float:
        """What rules do to each other when all of these stand together."""
        if not self.clashes:
            return 0.0
        held = sorted(words)
        pairs = ((a, b) for place, a in enumerate(held) for b in held[place + 1 :])
        return sum(self.clashes.get(pair, 0.0) for pair in pairs)


def sentences(text: str) -> list[str]:
    return [found.strip() for found in _SENTENCE.findall(text) if found.strip()]


def _value(kind: str, landscape: Landscape, rng: random.Random) -> float:
    if kind == "idle":
        return 0.0
    if kind == "harmful":
        return -landscape.harm * rng.uniform(0.5, 1.5)
    return landscape.rule * rng.uniform(0.4, 1.6)
