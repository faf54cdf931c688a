"""Sets of examples that grow, shrink and mix, as CAPO breeds them (arXiv 2504.16005, §4).

An example comes from a search case. Where the model got that case right by itself, its whole
output is the answer that is shown, so that its way to the answer is shown, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.proposing.opening import SHOWN_CASES
from landrace.optimizers.proposing.telling import own_steps
from landrace.optimizers.slots.bootstrap import FULL_MARKS, bar
from landrace.optimizers.slots.demos import balanced as balanced_cases
from landrace.schemas.candidate import Demo

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from landrace.optimizers.operators.samples import Sample
    from landrace.optimizers.operators.view import View
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.study import Study


class Shot(NamedTuple):
    """What an example can be made of; ``own`` is the model's right output, if it had one.

    It has that or the sample's answer, or both.
    """

    sample: Sample
    own: str | None

    def demo(self, view: View) -> Demo | None:
        """The example as the node would read it; None where that cannot be rendered, or has no
        answer in the candidate's format.
        """
        user = view.told(self.sample.inputs)
        # Another answer format has its own way of writing an answer, which an output lacks.
        fits = view.slots.format == "base" and view.slots.parser is None
        own = self.own if fits else None
        if user is None or (own is None and not self.sample.is_shown):
            return None
        answer = self.sample.answer if own is None else own
        return Demo(
            case_id=self.sample.case.id,
            user=user,
            assistant=answer,
            bootstrapped=answer == self.own,
        )


def shots_of(study: Study, start: Start) -> dict[str, list[Shot]]:
    """The possible examples of each node; the start is run on the first search cases for them.

    Its own words stand in place of a label where they had full marks: less is no better answer
    than a label is. What a start says whose answers are read in another way than the base's is
    nobody's own words: an incumbent that answers in XML would teach XML to candidates that are
    not asked for it.

    Raises:
        BudgetExhaustedError: the runs could not be paid.
    """
    study.evaluate([start.entry], study.search[:SHOWN_CASES])
    return _shots(study, start, FULL_MARKS)


def workings_of(study: Study, start: Start) -> dict[str, list[Shot]]:
    """Those examples alone that have the start's own words, where these are right; see `bar`.

    Raises:
        BudgetExhaustedError: the runs could not be paid.
    """
    cases = study.search[:SHOWN_CASES]
    study.evaluate([start.entry], cases)
    outcomes = study.table.outcomes(start.entry.digest, cases)
    least = bar([outcome.score.value for outcome in outcomes if outcome.score is not None])
    shots = _shots(study, start, least)
    return {node: [shot for shot in found if shot.own] for node, found in shots.items()}


def drawn(view: View, shots: Sequence[Shot], count: int, rng: random.Random) -> tuple[Demo, ...]:
    """At most ``count`` examples in random order."""
    found = (shot.demo(view) for shot in rng.sample(list(shots), min(count, len(shots))))
    return tuple(demo for demo in found if demo is not None)


def balanced(view: View, shots: Sequence[Shot], count: int, rng: random.Random) -> tuple[Demo, ...]:
    """At most ``count`` examples, with the expected values as evenly represented as can be."""
    by_case = {shot.sample.case.id: shot for shot in shots}
    cases = balanced_cases([shot.sample.case for shot in by_case.values()], count, rng)
    found = (by_case[case.id].demo(view) for case in cases)
    return tuple(demo for demo in found if demo is not None)


def united(mother: Sequence[Demo], father: Sequence[Demo], rng: random.Random) -> tuple[Demo, ...]:
    """As many of both parents' examples as they have on average, in random order."""
    union: Mapping[str, Demo] = {demo.case_id: demo for demo in (*father, *mother)}
    size = (len(mother) + len(father)) // 2
    return tuple(rng.sample(list(union.values()), min(size, len(union))))


def retold(
    demos: Sequence[Demo], theirs: View, ours: View, shots: Sequence[Shot]
) -> tuple[Demo, ...]:
    """Another candidate's examples with inputs written as this one reads its own.

    One that is not what the other reads of the inputs that are known of the case stays as it is.
    """
    inputs = {shot.sample.case.id: shot.sample.inputs for shot in shots}
    found = []
    for demo in demos:
        known = inputs.get(demo.case_id)
        user = ours.told(known) if known is not None and theirs.told(known) == demo.user else None
        found.append(demo if user is None else demo.model_copy(update={"user": user}))
    return tuple(found)


def moved(
    demos: Sequence[Demo], view: View, shots: Sequence[Shot], most: int, rng: random.Random
) -> tuple[Demo, ...]:
    """The examples with one more, one less, or as they are, by a chance of a third each.

    What cannot be added to a full set, or taken from an empty one, leaves it as it is. Of a set
    that has more than ``most``, as many are drawn first.
    """
    if len(demos) > most:
        demos = rng.sample(list(demos), most)
    move = rng.choice(("add", "remove", "keep"))
    if move == "add" and len(demos) < most:
        present = {demo.case_id for demo in demos}
        fresh = [shot for shot in shots if shot.sample.case.id not in present]
        added = (*demos, *drawn(view, fresh, 1, rng))
        return tuple(rng.sample(added, len(added)))
    if move == "remove" and demos:
        return tuple(rng.sample(list(demos), len(demos) - 1))
    return tuple(demos)


def _shots(study: Study, start: Start, least: float) -> dict[str, list[Shot]]:
    shots = {
        node: [Shot(sample, _own(study, start, node, sample, least)) for sample in found]
        for node, found in start.samples.items()
    }
    return {
        node: [each for each in found if each.own or each.sample.is_shown]
        for node, found in shots.items()
    }


def _own(study: Study, start: Start, node: str, sample: Sample, least: float) -> str | None:
    """The model's output where its score was at least that, and no limit cut it off."""
    theirs = start.entry.variant.program.graph.asking().get(node)
    if theirs is None or theirs.parser != study.setting.program.graph.asking()[node].parser:
        return None
    outcome = study.table.get(start.entry.digest, sample.case.id)
    if outcome is None or outcome.score is None or outcome.score.value < least:
        return None
    own = own_steps(study.trace(start.entry, sample.case), node)
    if not own or own[0].failure is not None or own[0].is_cut:
        return None
    return (own[0].output or "").strip() or None
