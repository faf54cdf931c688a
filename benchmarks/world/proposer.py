"""The proposer: answers any meta-prompt with an instruction made of what it is shown.

It adds rules, more often useful ones when the mistakes it is shown are of their skill; it loses
some; it takes hints from critiques, and learns from scores which rules are worth keeping.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

from benchmarks.world.told import Text, told
from benchmarks.world.vocabulary import (
    HINT,
    HINT_OPENINGS,
    OPENINGS,
    SKILLS,
    TEAM,
    sentences,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from benchmarks.world.landscapes import Proposer as Ability
    from benchmarks.world.told import Kind, Told
    from benchmarks.world.vocabulary import Rule, Vocabulary

MUTATION = "Say more of what to mind for one kind of request."
FRESH = 0.3  # the chance that all is put in other words
HEEDED = 0.9  # the chance that a hint is taken
WORDS_A_RULE = 7
MOST_HINTS = 3
EXAMPLES, NOTHING = 0.5, 0.2  # of the insight that mistakes give
PRUNED = 0.6  # the same, for seeing which rule does harm
_TEMPLATE = re.compile(r"<template>\n(.*)\n</template>", re.DOTALL)
_SECTION = re.compile(r"\{% section \w+ %\}\n(.*?)\n\{% endsection %\}", re.DOTALL)
_COPIED = re.compile(r"never an order to you\):\n(.*?)\n+Copy the instruction", re.DOTALL)


class Proposer:
    """Answers meta-prompts; the same one always gets the same answer."""

    def __init__(self, ability: Ability, vocabulary: Vocabulary) -> None:
        self._ability = ability
        self._vocabulary = vocabulary

    def answer(self, meta: str, digest: str) -> str:
        """The answer to a meta-prompt whose request has this digest."""
        rng = random.Random(digest)
        if rng.random() < self._ability.babble:
            return "Sorry?"
        asked = told(meta, self._vocabulary)
        if asked.kind == "write":
            return "\n".join(
                _between(tag, self._written(_for_node(asked, tag), rng))
                for tag in asked.tags
                for _ in range(asked.copies)
            )
        if asked.kind == "template":
            return self._template(meta, asked, rng)
        if asked.kind == "copy":
            found = _COPIED.search(meta)
            return _between("instruction", found[1].strip() if found else "")
        if asked.kind == "mutation":
            return _between("instruction", MUTATION)
        answers: dict[Kind, Callable[[Told, random.Random], str]] = {
            "cut": self._cut,
            "reword": self._reworded,
            "role": self._expert,
            "advise": self._advice,
            "analyse": self._analysis,
        }
        return answers[asked.kind](asked, rng)

    def _written(self, asked: Told, rng: random.Random) -> str:
        """An instruction made of what is shown, with something more or less in it."""
        kept = self._inherited(asked.node, asked.texts, rng)
        kept = [each for each in kept if not self._dropped(asked, each, rng)]
        room = MOST_HINTS if asked.changes is None else max(1, asked.changes // WORDS_A_RULE)
        added = self._added(asked, "\n".join(kept), rng)[:room]
        fresh = asked.changes is None and (not asked.texts or rng.random() < FRESH)
        if fresh:
            kept = self._put_otherwise(asked.node, kept, rng)
        return _fitting([*kept, *(rule.sentence(rng.randrange(3)) for rule in added)], asked.length)

    def _inherited(self, node: str, texts: Sequence[Text], rng: random.Random) -> list[str]:
        """The sentences that are taken over: all of one text, the better ones of several."""
        if not texts:
            return [rng.choice(_openings(node))]
        best = max(reversed(texts), key=lambda text: text.score or 0.0)
        if len(texts) == 1:
            return sentences(best.body)
        kept = [each for each in sentences(best.body) if not self._vocabulary.within(each)]
        within = [self._vocabulary.within(text.body) for text in texts]
        for word in dict.fromkeys(word for words in within for word in words):
            pairs = list(zip(texts, within, strict=True))
            holders = [text for text, words in pairs if word in words]
            others = [text for text, words in pairs if word not in words]
            if rng.random() < self._trust(holders, others):
                own = next((text for text in holders if text is best), holders[0])
                kept += [e for e in sentences(own.body) if word in e.lower() and e not in kept]
        return kept

    def _trust(self, holders: Sequence[Text], others: Sequence[Text]) -> float:
        """How sure it is that what some texts have, and others lack, is worth keeping."""
        if not others:
            return 0.95
        with_it, without = _mean_score(holders), _mean_score(others)
        if with_it is None or without is None:
            return 0.7
        lean = 0.5 + 0.4 * self._ability.insight
        return lean if with_it > without else 1 - lean

    def _dropped(self, asked: Told, sentence: str, rng: random.Random) -> bool:
        rules = self._vocabulary.within(sentence).values()
        if not rules:
            return False
        if any(rule.word in asked.blamed for rule in rules):
            return rng.random() < HEEDED
        if any(rule.value < 0 and _concerns(rule, asked) for rule in rules):
            return rng.random() < PRUNED * self._ability.insight
        return rng.random() < self._ability.slips

    def _added(self, asked: Told, text: str, rng: random.Random) -> list[Rule]:
        """Rules that the text lacks: those hinted at, or else what it makes of the examples."""
        taken = set(self._vocabulary.within(text))
        rules = self._vocabulary.rules
        hinted = [rules[word] for word in asked.hinted if rules[word].node == asked.node]
        if hinted:
            fresh = [rule for rule in hinted if rule.word not in taken]
            return [rule for rule in fresh if rng.random() < HEEDED]
        added = []
        for chance in (1.0, 0.4, 0.15):
            rule = self._idea(asked, taken, rng) if rng.random() < chance else None
            if rule is not None:
                added.append(rule)
                taken.add(rule.word)
        return added

    def _idea(self, asked: Told, taken: Collection[str], rng: random.Random) -> Rule | None:
        """A rule that comes to its mind; a useful one the likelier, the more mistakes it sees."""
        pool = [rule for rule in self._vocabulary.of(asked.node) if rule.word not in taken]
        skills = asked.missed or asked.seen
        share = 1.0 if asked.missed else EXAMPLES if asked.seen else NOTHING
        if rng.random() < share * self._ability.insight:
            useful = [rule for rule in pool if rule.value > 0 and _concerns(rule, asked)]
            weights = [
                skills[rule.skill] if skills and rule.skill is not None else 1 for rule in useful
            ]
            if useful:
                return rng.choices(useful, weights)[0]
        is_harmful = rng.random() < self._ability.harm
        others = [rule for rule in pool if (rule.value < 0) == is_harmful and rule.value <= 0]
        return rng.choice(others) if others else None

    def _put_otherwise(self, node: str, kept: Sequence[str], rng: random.Random) -> list[str]:
        """The same rules in other sentences, after another opening; what else is said stays."""
        rest = [each for each in kept if not self._vocabulary.within(each)][1:]
        rules = self._vocabulary.within("\n".join(kept)).values()
        told_anew = [rule.sentence(rng.randrange(3)) for rule in rules]
        return [rng.choice(_openings(node)), *told_anew, *rest]

    def _cut(self, asked: Told, _rng: random.Random) -> str:
        """The proposal within its limit: of changes to the present text, or of words in all."""
        present = sentences(asked.texts[0].body) if asked.texts else []
        limit = asked.changes or 0
        if not present:
            return _between("instruction", _fitting(sentences(asked.proposal), limit))
        kept, left = list(present), limit
        for each in sentences(asked.proposal):
            cost = len(each.split())
            if each not in present and cost <= left:
                kept.append(each)
                left -= cost
        return _between("instruction", " ".join(kept))

    def _reworded(self, asked: Told, rng: random.Random) -> str:
        body = asked.texts[0].body if asked.texts else ""
        kept = [each for each in sentences(body) if rng.random() >= self._ability.slips]
        if asked.length is None:
            kept = self._put_otherwise(asked.node, kept or sentences(body), rng)
        return _between("instruction", _fitting(kept, asked.length))

    def _template(self, meta: str, asked: Told, rng: random.Random) -> str:
        """The template that is shown, with an instruction in place of its sections."""
        (source,) = _TEMPLATE.findall(meta)
        shown = Text("present", None, " ".join(_SECTION.findall(source)))
        node = HINT if any(opening in source for opening in HINT_OPENINGS) else TEAM
        text = self._written(asked._replace(node=node, texts=(shown,), hinted=()), rng)
        rest = _SECTION.sub("", source).strip()
        return f"{{% section task %}}\n{text}\n{{% endsection %}}\n\n{rest}"

    def _advice(self, asked: Told, rng: random.Random) -> str:
        """A rule alone, which somebody else will put after the instruction."""
        lines = []
        for tag in asked.tags:
            mine = _for_node(asked, tag)
            rules = self._added(mine, "\n".join(text.body for text in mine.texts), rng)[:1]
            lines += [_between(tag, rule.sentence(rng.randrange(3))) for rule in rules]
        return "\n".join(lines)

    def _expert(self, asked: Told, rng: random.Random) -> str:
        rule = self._idea(asked, (), rng)
        return (
            f"You know all about the {rule.word} of a request." if rule else "You route requests."
        )

    def _analysis(self, asked: Told, rng: random.Random) -> str:
        """What is to be said of a node's instruction, and of what came of it."""
        present = "\n".join(text.body for text in asked.texts)
        said = [f"Leave out the {word}." for word in self._faults(asked, present, rng)]
        for rule in self._added(asked, present, rng)[:2]:
            topic = "any request" if rule.skill is None else SKILLS[rule.skill]
            said.append(f"Nothing is said of the {rule.word} for {topic}.")
        return " ".join(said) or "NOTHING"

    def _faults(self, asked: Told, present: str, rng: random.Random) -> list[str]:
        """The words of rules in the instructions that seem to do harm."""
        suspects = [
            rule.word
            for rule in self._vocabulary.within(present).values()
            if rule.value < 0 and _concerns(rule, asked)
        ]
        return [word for word in suspects if rng.random() < PRUNED * self._ability.insight]


def _for_node(asked: Told, tag: str) -> Told:
    """What concerns one node of those that are asked about together."""
    if tag == "instruction":
        return asked
    texts = tuple(text for text in asked.texts if text.tag == tag)
    return asked._replace(node=HINT if tag == HINT else TEAM, texts=texts)


def _concerns(rule: Rule, asked: Told) -> bool:
    skills = asked.missed or asked.seen
    return not skills or rule.skill is None or rule.skill in skills


def _openings(node: str) -> Sequence[str]:
    return HINT_OPENINGS if node == HINT else OPENINGS


def _fitting(parts: Sequence[str], limit: int | None) -> str:
    """The first parts that a limit of words allows, at least one."""
    kept: list[str] = []
    for each in parts:
        if limit is not None and kept and len(" ".join([*kept, each]).split()) > limit:
            break
        kept.append(each)
    return " ".join(kept)


def _mean_score(texts: Sequence[Text]) -> float | None:
    scores = [text.score for text in texts if text.score is not None]
    return sum(scores) / len(scores) if scores else None


def _between(tag: str, text: str) -> str:
    return f"<{tag}>{text}</{tag}>"
