"""What there is to be gained in each landscape, by known good prompts that no search has to find.

python -m benchmarks.world.reach [--worlds 6]
"""

from __future__ import annotations

import argparse
from statistics import fmean
from typing import Any, NamedTuple

from benchmarks.world.landscapes import LANDSCAPES
from benchmarks.world.trial import METRIC, SEARCH, SELECT
from benchmarks.world.truth import quality
from benchmarks.world.vocabulary import CLUES, HINT, HINT_OPENINGS, OPENINGS, TEAM
from benchmarks.world.world import LABEL, World

from landrace.optimizers.slots.formats import formats_for
from landrace.optimizers.variants import user_turn, write_variant
from landrace.schemas.candidate import Candidate, Demo

SHOWN = 8  # examples


class Reach(NamedTuple):
    """True scores, 0 to 1; ``form`` is that in the best form of answers."""

    base: float
    examples: float
    rules: float
    form: float
    together: float


def reach(world: World) -> Reach:
    """The base, each way to make it better, and all of them at once."""
    rules = _with_rules(world)
    shown = {"layout": "system", "demos": _examples(world)}
    forms = [form.name for form in formats_for(LABEL)]
    return Reach(
        base=_truth(world, Candidate()),
        examples=_truth(world, _changed(world, Candidate(), **shown)),
        rules=_truth(world, rules),
        form=max(
            _truth(world, _changed(world, Candidate(), layout="user", format=form))
            for form in forms
        ),
        together=max(_truth(world, _changed(world, rules, **shown, format=form)) for form in forms),
    )


def _truth(world: World, candidate: Candidate) -> float:
    variant = write_variant(world.program, candidate)
    return quality(world, variant, METRIC, world.unseen(SEARCH + SELECT))


def _changed(world: World, candidate: Candidate, **slots: Any) -> Candidate:
    return candidate.changed("reach", node=world.program.main.name, **slots)


def _with_rules(world: World) -> Candidate:
    """All useful rules of every node."""
    text = _instruction(world, TEAM, OPENINGS[0])
    candidate = _changed(world, Candidate(), instruction=text, layout="user")
    if world.landscape.nodes == 1:
        return candidate
    text = _instruction(world, HINT, HINT_OPENINGS[0])
    return candidate.changed("reach", node=HINT, instruction=text, layout="user")


def _instruction(world: World, node: str, opening: str) -> str:
    useful = [rule.sentence(0) for rule in world.vocabulary.of(node) if rule.value > 0]
    return " ".join([opening, *useful])


def _examples(world: World) -> tuple[Demo, ...]:
    """The first search cases with their labels, and where there is a hint the right one."""
    shown = []
    for case in world.cases(0, SHOWN):
        clue = CLUES[world.items.clue[int(case.id[1:])]]
        inputs = {**case.inputs, HINT: f"{case.id} hint-{clue}"}
        user = user_turn(world.program.main, inputs)
        shown.append(Demo(case_id=case.id, user=user, assistant=case.expected))
    return tuple(shown)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.world.reach", description=__doc__)
    parser.add_argument("--worlds", type=int, default=6)
    options = parser.parse_args()
    print("| landscape | what decides | base | examples | rules | form | all |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for name, landscape in LANDSCAPES.items():
        found = [reach(World(landscape, seed)) for seed in range(options.worlds)]
        means = " | ".join(f"{100 * fmean(scores):.0f}" for scores in zip(*found, strict=True))
        print(f"| {name} | {landscape.summary} | {means} |")


if __name__ == "__main__":
    main()
