"""The mutation operators (§3.2): what becomes of one task prompt of a unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.optimizers.proposing.opening import context_of
from landrace.optimizers.proposing.reading import most_words, untagged
from landrace.optimizers.proposing.reflection import deeds
from landrace.optimizers.proposing.telling import answer_rule
from landrace.optimizers.search.mating import roulette
from landrace.optimizers.slots.bootstrap import bar
from landrace.optimizers.strategies.promptbreeder.thoughts import STYLES
from landrace.optimizers.strategies.promptbreeder.unit import told_apart

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, Sequence

    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.strategies.promptbreeder.options import Options
    from landrace.optimizers.strategies.promptbreeder.unit import Place, Unit
    from landrace.optimizers.study import Study

ALIKE = 0.05  # share of words; the paper filters by embeddings with a cosine above .95
QUESTIONS = 2  # the most that one operator asks


class Scene(NamedTuple):
    """A mutation to be made. ``population`` is ranked, the best first, ``fitness`` beside it;
    ``elites`` are the best units of past generations, the latest last.
    """

    study: Study
    options: Options
    unit: Unit
    place: Place
    population: Sequence[Unit]
    fitness: Sequence[float]
    elites: Sequence[Unit]
    rng: random.Random

    @property
    def text(self) -> str:
        return self.unit.text(self.place)

    @property
    def context(self) -> Context:
        return context_of(self.study, self.unit.entry, self.place.node, self.rng)


class Mutant(NamedTuple):
    """The new task prompt, and the mutation prompt that goes with it from now on."""

    text: str
    mutation: str


def zero_order(scene: Scene) -> Mutant | None:
    """A prompt out of the problem description alone (§3.2.1)."""
    return _invented(scene, scene.unit.mutation)


def first_order(scene: Scene) -> Mutant | None:
    """The prompt as its mutation prompt would have it (§3.2.1)."""
    return _mutated(scene, scene.unit.mutation)


def estimated(scene: Scene) -> Mutant | None:
    """The next of a list of the population's prompts, in no order (§3.2.2)."""
    units = scene.rng.sample(list(scene.population), len(scene.population))
    return _continued(scene, "plain", _texts(scene, units)[: scene.options.shown])


def estimated_by_rank(scene: Scene) -> Mutant | None:
    """The next of such a list in the order of fitness, the best last, by the mutation prompt
    (§3.2.2).
    """
    found = _texts(scene, scene.population)[: scene.options.shown]
    return _continued(scene, "ranked", found[::-1], scene.unit.mutation)


def by_lineage(scene: Scene) -> Mutant | None:
    """The next of the best prompts of all generations so far (§3.2.2)."""
    return _continued(scene, "lineage", _texts(scene, scene.elites)[-scene.options.shown :])


def zero_order_hyper(scene: Scene) -> Mutant | None:
    """A new mutation prompt out of the problem description, applied at once (§3.2.3)."""
    return _mutated(scene, _new_mutation(scene, ""))


def first_order_hyper(scene: Scene) -> Mutant | None:
    """The mutation prompt improved, and applied at once (§3.2.3)."""
    return _mutated(scene, _new_mutation(scene, scene.unit.mutation))


def lamarckian(scene: Scene) -> Mutant | None:
    """A prompt guessed backwards from what the unit got right (§3.2.4).

    The paper takes right workings of the fitness evaluation; here the unit is run on a few
    search cases for them, because no proposal may know select cases. Which are right under a
    graded metric is said by `bar`.
    """
    study, entry, node = scene.study, scene.unit.entry, scene.place.node
    cases = scene.rng.sample(study.search, min(scene.options.workings, len(study.search)))
    study.evaluate([entry], cases)
    done = deeds(study, entry, node, cases)
    least = bar([deed.score for deed in done])
    right = [deed for deed in done if deed.score >= least]
    if not right:
        return None
    examples = [{"input": deed.input, "output": deed.output} for deed in right]
    text = read(scene.context, study.ask("induce", examples=examples))
    return None if text is None else Mutant(text, scene.unit.mutation)


OPERATORS: Mapping[str, Callable[[Scene], Mutant | None]] = {
    "zero-order": zero_order,
    "first-order": first_order,
    "estimation": estimated,
    "ranked estimation": estimated_by_rank,
    "lineage": by_lineage,
    "zero-order hyper": zero_order_hyper,
    "first-order hyper": first_order_hyper,
    "lamarckian": lamarckian,
}


def crossed(scene: Scene) -> str | None:
    """The same place's prompt of another unit, drawn by fitness (§3.2.5); None without any."""
    own = scene.unit.entry.digest
    ranks = [n for n, unit in enumerate(scene.population) if unit.entry.digest != own]
    if not ranks:
        return None
    (drawn,) = roulette([scene.fitness[rank] for rank in ranks], 1, scene.rng)
    return scene.population[ranks[drawn]].text(scene.place)


def invented(context: Context, other: str) -> str | None:
    """A task prompt that a thought has led to, to stand beside ``other``."""
    study = context.study
    answer = study.ask(
        "invent",
        description=study.setting.description,
        node=context.node if len(study.setting.program.nodes) > 1 else "",
        rule=answer_rule(context.view),
        other=other,
        style=context.rng.choice(STYLES),
        temperature=1.0,
    )
    return read(context, answer)


def read(context: Context, answer: str | None) -> str | None:
    """The text in a proposer's answer; None, and logged, if there is none."""
    if answer is None:
        return None
    text = untagged(answer)
    if not 0 < len(text.split()) <= most_words(context.view.instruction()):
        context.study.log("no proposal", node=context.node, answer=answer[:500])
        return None
    return text


def _invented(scene: Scene, mutation: str) -> Mutant | None:
    text = invented(scene.context, scene.unit.other(scene.place))
    return None if text is None else Mutant(text, mutation)


def _mutated(scene: Scene, mutation: str | None) -> Mutant | None:
    if mutation is None:
        return None
    if not scene.text:
        return _invented(scene, mutation)
    text = read(scene.context, _ask(scene, "mutate", text=scene.text, mutation=mutation))
    return None if text is None else Mutant(text, mutation)


def _new_mutation(scene: Scene, mutation: str) -> str | None:
    style = scene.rng.choice(STYLES)
    answer = _ask(scene, "mutate_mutation", mutation=mutation, style=style)
    return read(scene.context, answer)


def _continued(scene: Scene, kind: str, texts: Sequence[str], mutation: str = "") -> Mutant | None:
    if not texts:
        return zero_order(scene)
    text = read(scene.context, _ask(scene, "extend", kind=kind, texts=texts, mutation=mutation))
    return None if text is None else Mutant(text, scene.unit.mutation)


def _texts(scene: Scene, units: Sequence[Unit]) -> list[str]:
    return told_apart([unit.text(scene.place) for unit in units], ALIKE)


def _ask(scene: Scene, question: str, **told: Any) -> str | None:
    return scene.study.ask(
        question,
        description=scene.study.setting.description,
        rule=answer_rule(scene.context.view),
        temperature=1.0,
        **told,
    )
