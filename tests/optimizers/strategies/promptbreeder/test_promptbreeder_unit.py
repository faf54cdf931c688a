from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from landrace.optimizers.strategies.promptbreeder.unit import Place, replaced, told_apart

TEXTS = st.lists(st.sampled_from(["", "a b", "a  b", "a b c", "d e f", "d e f g h"]), max_size=8)


@settings(max_examples=40)
@given(TEXTS, st.sampled_from([0.05, 0.3, 0.6]))
def test_texts_that_are_told_apart_differ_and_the_first_of_their_like_stays(texts, least):
    found = told_apart(texts, least)
    assert found == told_apart(found, least)
    assert set(found) <= set(texts) - {""}
    assert [text for text in texts if text][:1] == found[:1]


def test_texts_are_alike_by_the_share_of_words_that_changes():
    texts = ["one two three four", "one two three five", "one two six five"]
    assert told_apart(texts, 0.3) == ["one two three four", "one two six five"]
    assert told_apart(texts, 0.2) == texts


def test_one_prompt_of_one_node_is_replaced():
    prompts = {"a": ("first", "second"), "b": ("third", "")}
    assert replaced(prompts, Place("b", 1), "new") == {**prompts, "b": ("third", "new")}
    assert replaced(prompts, Place("a", 0), "new") == {**prompts, "a": ("new", "second")}
    assert prompts["a"] == ("first", "second")
