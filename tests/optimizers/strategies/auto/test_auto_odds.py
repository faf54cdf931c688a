from __future__ import annotations

import itertools
from types import SimpleNamespace

import pytest

from landrace.optimizers.strategies.auto.makers import MAKERS
from landrace.optimizers.strategies.auto.odds import IDLE, Odds


def odds(*, weak):
    setting = SimpleNamespace(
        proposer_is_weak=weak, program=SimpleNamespace(nodes={"a": 0, "b": 0})
    )
    return Odds.of(SimpleNamespace(study=SimpleNamespace(setting=setting)))


@pytest.mark.parametrize("weak", [True, False])
def test_while_nothing_has_gained_all_are_alike(weak):
    assert len(set(odds(weak=weak).makers.chances(list(MAKERS)))) == 1


def test_what_a_weak_proposer_is_asked_for_is_there_once_until_it_gains():
    able, weak = odds(weak=False), odds(weak=True)
    names = ["reflection", "examples"]
    assert able.tickets(names).count("reflection") == MAKERS["reflection"].tickets > 1
    assert weak.tickets(names).count("reflection") == 1
    assert weak.tickets(names).count("examples") == MAKERS["examples"].tickets

    failed = weak.learned("reflection", "a", 0.0, 100)
    assert failed.tickets(names) == weak.tickets(names)
    proven = weak.learned("reflection", "a", 0.1, 100)
    assert proven.tickets(names) == able.tickets(names)


def test_what_never_gains_rests_once_another_has_gained():
    found = odds(weak=False)
    for _ in range(IDLE):
        found = found.learned("format", "a", 0.0, 100)
    assert found.awake(["format", "edit"]) == ["format", "edit"]
    found = found.learned("edit", "a", 0.1, 100)
    assert found.awake(["format", "edit"]) == ["edit"]
    assert found.awake(["format"]) == ["format"]


def test_what_rests_is_tried_again_now_and_then_and_ever_more_rarely():
    found = odds(weak=False).learned("edit", "a", 0.1, 100)
    tried = []
    for use in range(600):
        name = "format" if "format" in found.awake(["format", "edit"]) else "edit"
        found = found.learned(name, "a", 0.0, 100)
        if name == "format":
            tried.append(use)
    assert tried[:IDLE] == list(range(IDLE))
    later = tried[IDLE:]
    rests = [after - before for before, after in itertools.pairwise(later)]
    assert len(later) > 10
    assert rests == sorted(rests)
    assert rests[0] > IDLE


def test_what_gains_after_a_rest_is_awake_for_good():
    found = odds(weak=False).learned("edit", "a", 0.1, 100)
    for _ in range(IDLE):
        found = found.learned("format", "a", 0.0, 100)
    assert found.awake(["format", "edit"]) == ["edit"]
    found = found.learned("format", "a", 0.1, 100)
    assert found.awake(["format", "edit"]) == ["format", "edit"]


def test_a_node_in_which_edits_gain_is_drawn_more():
    found = odds(weak=False).learned("edit", "a", 0.1, 100).learned("edit", "b", 0.0, 100)
    first, second = found.nodes.chances(["a", "b"])
    assert first > second
