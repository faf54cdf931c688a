"""What is told of how a candidate was made."""

from types import SimpleNamespace

from landrace.optimizers.lineage import lineage
from landrace.schemas.candidate import Candidate


def entry(digest, operator, *parents):
    return SimpleNamespace(digest=digest, candidate=Candidate(operator=operator, parents=parents))


def told(*entries):
    return lineage({each.digest: each for each in entries}, entries[-1])


def test_what_has_no_parent_is_told_by_its_operator():
    assert told(entry("a", "base")) == "base"
    assert told(entry("a", "8 examples")) == "8 examples"


def test_the_edits_come_in_the_order_in_which_they_were_made():
    base, first = entry("a", "base"), entry("b", "8 examples", "a")
    assert told(base, first, entry("c", "no instruction", "b")) == "8 examples → no instruction"


def test_what_was_pinned_stands_at_the_beginning():
    assert told(entry("a", "incumbent"), entry("b", "reworded", "a")) == "incumbent → reworded"


def test_of_many_edits_the_last_few_are_told():
    chain = [entry("0", "base"), *(entry(str(n), f"edit {n}", str(n - 1)) for n in range(1, 8))]
    assert told(*chain) == "… → edit 4 → edit 5 → edit 6 → edit 7"


def test_a_parent_of_an_earlier_search_that_is_a_child_now_ends_it():
    assert told(entry("a", "reworded", "b"), entry("b", "incumbent", "a")) == "reworded → incumbent"
