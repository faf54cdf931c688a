from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.slots.demo_limit import limited
from landrace.schemas.candidate import Candidate, Demo, Slots

COUNTS = st.dictionaries(st.sampled_from("abc"), st.integers(0, 6))


def _with(counts):
    nodes = {
        node: Slots(
            layout="user",
            demos=tuple(Demo(case_id=str(n), user="u", assistant="a") for n in range(count)),
        )
        for node, count in counts.items()
    }
    return Candidate(nodes=nodes, operator="made", parents=("mother",))


@given(COUNTS, st.integers(0, 6))
def test_the_later_examples_of_each_node_stay(counts, most):
    found = limited(_with(counts), most)
    for node, count in counts.items():
        kept = [demo.case_id for demo in found.nodes[node].demos]
        assert kept == [str(n) for n in range(max(0, count - most), count)]
    assert (found.operator, found.parents) == ("made", ("mother",))


@given(COUNTS)
def test_what_shows_no_more_stays_itself(counts):
    candidate = _with(counts)
    assert limited(candidate, max(counts.values(), default=0)) is candidate
