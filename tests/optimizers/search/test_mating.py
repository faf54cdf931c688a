from __future__ import annotations

import random
from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st

from landrace.errors import CallError
from landrace.optimizers.search.mating import fitness_of, mixed, roulette
from landrace.schemas.candidate import Candidate, Slots
from sammo_world import study_of


def _parent(name, **fields):
    nodes = {node: Slots(instruction=f"{name} {node}", layout="user") for node in ("a", "b", "c")}
    return SimpleNamespace(candidate=Candidate(nodes=nodes, **fields))


def test_other_nodes_come_from_either_parent_and_the_crossed_one_from_the_mother():
    mother, father = _parent("mother"), _parent("father")
    seen = set()
    for seed in range(40):
        child = mixed(mother, father, "b", random.Random(seed))
        assert child.slots("b").instruction == "mother b"
        seen.add((child.slots("a").instruction, child.slots("c").instruction))
    assert len(seen) == 4


def test_a_node_that_one_parent_left_alone_may_be_left_alone_again():
    mother, father = _parent("mother"), SimpleNamespace(candidate=Candidate())
    found = [mixed(mother, father, "b", random.Random(seed)).slots("a") for seed in range(20)]
    assert {slots.instruction for slots in found} == {None, "mother a"}
    assert {slots.layout for slots in found} == {"base", "user"}


def test_parents_with_different_graphs_do_not_mix():
    mother, father = _parent("mother"), _parent("father", graph={"nodes": {}})
    assert mixed(mother, father, "b", random.Random(0)) == mother.candidate


FITNESS = st.lists(st.sampled_from([0.0, 0.25, 1.0]), max_size=6)


@settings(max_examples=40)
@given(FITNESS, st.integers(0, 7), st.integers(0, 99))
def test_a_roulette_draws_different_members_and_those_without_fitness_last(fitness, count, seed):
    found = roulette(fitness, count, random.Random(seed))
    assert len(found) == len(set(found)) == min(count, len(fitness))
    drawn = [fitness[number] > 0 for number in found]
    assert drawn == sorted(drawn, reverse=True)


def test_a_roulette_draws_in_proportion_to_fitness():
    rng = random.Random(0)
    first = [roulette([0.1, 0.3, 0.6], 1, rng)[0] for _ in range(1000)]
    shares = [first.count(number) / 1000 for number in range(3)]
    assert all(abs(share - due) < 0.04 for share, due in zip(shares, (0.1, 0.3, 0.6), strict=True))


def test_one_whose_calls_fail_has_no_fitness_and_leaves_the_others_theirs(tmp_path):
    def model(request):
        text = request.messages[0].content
        return CallError("too long") if "broken" in text else "red" if "Red" in text else "neither"

    texts = ("Red or blue?", "Say it.", "A broken one.")
    given = [Candidate.plain(operator="given", instruction=text, layout="system") for text in texts]
    with study_of(tmp_path, model) as study:
        population = study.admit_all(given)
        study.evaluate(population, study.select)
        right, wrong, broken = fitness_of(study, population, study.select)
        assert right == study.table.mean(population[0].digest, study.select) > 0
        assert (wrong, broken) == (0.0, 0.0)
