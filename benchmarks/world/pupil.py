"""The task model: how able a prompt makes it, and what it answers."""

from __future__ import annotations

import hashlib
import json
import math
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.world.reading import Question, Reading, read, split
from benchmarks.world.vocabulary import CLUES, HINT, LABELS, SKILLS, TEAM

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator, Sequence

    from benchmarks.world.items import Floats, Ints, Items
    from benchmarks.world.landscapes import Landscape
    from benchmarks.world.reading import Turn
    from benchmarks.world.vocabulary import Vocabulary

SHARED = 0.5  # how much of luck is the item's, and the same for any prompt
MISLED = 2.5  # logits that a wrong hint takes away
LONG, TIRING = 80, 0.005  # words from which on, and logits that each of them takes away
CROWDED, DISTRACTING = 8, 0.03  # the same for examples
OTHER_SKILL, OWN_WORDS, IN_TEXT = 0.35, 1.3, 0.85  # what such an example is worth
ENOUGH = 2.0  # examples that give two thirds of what examples can
MANNERS = {"in form": 0.0, "chat": 0.6, "ramble": 0.4}  # shares of answers out of form
_NORMAL = NormalDist()


class Sight(NamedTuple):
    """A prompt's effect: ``abilities`` by skill in logits, ``form`` the chance to keep the form."""

    reading: Reading
    abilities: tuple[float, ...]
    form: float


class Branch(NamedTuple):
    """A text that may come, and how likely for each of some items."""

    text: str
    chances: Floats


class Pupil:
    """Answers task requests; the same request always gets the same answer."""

    def __init__(
        self, landscape: Landscape, vocabulary: Vocabulary, items: Items, rng: random.Random
    ) -> None:
        self._landscape = landscape
        self._vocabulary = vocabulary
        self._items = items
        self._salt = f"{rng.random()}"
        spread = landscape.formats
        self._places = {"user": 0.0, **_drawn(rng, ("system", "after"), spread * 0.6)}
        self._written = {"lines": 0.0, **_drawn(rng, ("json", "xml", "bare"), spread)}
        self._asked = {"bare": 0.0, **_drawn(rng, ("marker", "xml", "json"), spread * 0.5)}
        self._kept = {"bare": 0.0, **_drawn(rng, ("marker", "xml", "json"), spread * 2, spread)}
        self._sights: dict[tuple[str, tuple[Turn, ...]], Sight] = {}

    def answer(self, turns: Sequence[Turn], digest: str) -> str:
        """The answer to a request of this digest."""
        parted = split(turns)
        if parted is None:
            return "Which request?"
        sight = self._seen(parted.question, parted.frame)
        item = parted.question.item
        ability = self._ability(sight, parted.question)
        exponent = self._items.discrimination[item] * (ability - self._items.difficulty[item])
        chance = 1 / (1 + math.exp(-exponent))
        luck = self._luck(item, sight.reading.node)
        drawn = _NORMAL.inv_cdf(_fraction(digest[:13]))
        right = _NORMAL.cdf(math.sqrt(SHARED) * luck + math.sqrt(1 - SHARED) * drawn) < chance
        return self._text(sight, item, right=right, manner=_manner(sight, digest[13:26]))

    def branches(self, turns: Sequence[Turn], items: Ints) -> Iterator[Branch]:
        """All that may be answered, with the chance for each of ``items``, which are of the
        question's skill. The text is that for the question's own item.
        """
        parted = split(turns)
        assert parted is not None
        question, frame = parted
        sight = self._seen(question, frame)
        chances = self._items.chances(self._ability(sight, question), items)
        for manner, share in MANNERS.items():
            likely = sight.form if manner == "in form" else (1 - sight.form) * share
            if not likely:
                continue
            for right, which in ((True, chances), (False, 1 - chances)):
                yield Branch(
                    self._text(sight, question.item, right=right, manner=manner), likely * which
                )

    def _seen(self, question: Question, frame: tuple[Turn, ...]) -> Sight:
        key = ("hint" if question.clue is None else "team", frame)
        sight = self._sights.get(key)
        if sight is None:
            reading = read(question, frame, self._landscape.nodes)
            abilities = tuple(self._of_skill(reading, skill) for skill in range(len(SKILLS)))
            sight = self._sights[key] = Sight(reading, abilities, self._form(reading))
        return sight

    def _ability(self, sight: Sight, question: Question) -> float:
        ability = sight.abilities[int(self._items.skill[question.item])]
        if question.clue is None or question.clue == CLUES[self._items.clue[question.item]]:
            return ability
        return ability - MISLED

    def _of_skill(self, reading: Reading, skill: int) -> float:
        landscape = self._landscape
        held = [
            rule
            for rule in self._vocabulary.within(reading.text).values()
            if rule.node == reading.node
        ]
        values = [rule.value for rule in held if rule.skill in {None, skill}]
        own = landscape.first if reading.node == HINT else landscape.ability
        return (
            own
            + self.gained(value for value in values if value > 0)
            + math.fsum(value for value in values if value < 0)
            + self._vocabulary.clash(rule.word for rule in held)
            + self._taught(reading, skill)
            + self._places[reading.place]
            + self._written[reading.written]
            + self._asked[reading.asked]
            + landscape.wording * self._normal(reading.text)
            - TIRING * max(0, reading.words - LONG)
        )

    def gained(self, values: Iterable[float]) -> float:
        """What useful rules add together: less and less, and never more than the ceiling."""
        ceiling = self._landscape.ceiling
        return ceiling * -math.expm1(-math.fsum(values) / ceiling)

    def _taught(self, reading: Reading, skill: int) -> float:
        worth = 0.0
        for shown in reading.shown:
            each = float(self._items.worth[shown.item])
            each *= 1.0 if self._items.skill[shown.item] == skill else OTHER_SKILL
            each *= OWN_WORDS if shown.is_own else 1.0
            worth += each * (1.0 if shown.is_turn else IN_TEXT)
        crowd = DISTRACTING * max(0, len(reading.shown) - CROWDED)
        return self._landscape.demos * -math.expm1(-worth / ENOUGH) - crowd

    def _form(self, reading: Reading) -> float:
        chatty = sum(shown.is_own for shown in reading.shown)
        neat = len(reading.shown) - chatty
        logits = (
            self._landscape.form
            + (1.0 if reading.names_labels else 0.0)
            + self._kept[reading.asked]
            + 0.6 * min(neat, 4)
            - 0.6 * min(chatty, 4)
        )
        return 1.0 if reading.node == HINT else 1 / (1 + math.exp(-logits))

    def _luck(self, item: int, node: str) -> float:
        luck = self._items.luck
        return float(luck[item] if node == TEAM else luck[(item + 1) % len(luck)])

    def _normal(self, text: str) -> float:
        """A standard normal draw that a text decides."""
        digest = hashlib.sha256(f"{self._salt}/{' '.join(text.split())}".encode()).hexdigest()
        return _NORMAL.inv_cdf(_fraction(digest[:13]))

    def _text(self, sight: Sight, item: int, *, right: bool, manner: str) -> str:
        items, reading = self._items, sight.reading
        if reading.node == HINT:
            clue = int(items.clue[item])
            word = CLUES[clue if right else (clue + 1 + item % 4) % len(CLUES)]
            return _dressed(f"q{item:05} hint-{word}", reading.asked)
        wanted, tempting = LABELS[items.label[item]], LABELS[items.tempting[item]]
        label, other = (wanted, tempting) if right else (tempting, wanted)
        if manner == "in form":
            return _dressed(label, reading.asked)
        if manner == "chat":
            return f"I would say {label}."
        return f"I would say {label}, though it may well be {other}."


def _drawn(
    rng: random.Random, names: Sequence[str], spread: float, mean: float = 0.0
) -> dict[str, float]:
    return {name: rng.gauss(mean, spread) for name in names}


def _manner(sight: Sight, digits: str) -> str:
    drawn = _fraction(digits)
    if drawn < sight.form:
        return "in form"
    return "chat" if drawn < sight.form + (1 - sight.form) * MANNERS["chat"] else "ramble"


def _fraction(digits: str) -> float:
    """A number above 0 and below 1 out of thirteen hexadecimal digits."""
    return (int(digits, 16) + 0.5) / 16**13


def _dressed(answer: str, form: str) -> str:
    if form == "marker":
        return f"Answer: {answer}"
    if form == "xml":
        return f"<answer>{answer}</answer>"
    return json.dumps({"answer": answer}) if form == "json" else answer
