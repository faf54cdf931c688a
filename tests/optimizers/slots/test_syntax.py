from __future__ import annotations

import pytest

from landrace.errors import ConfigError
from landrace.optimizers.slots import syntax
from landrace.optimizers.slots.phrases import every

TEXT = (
    "You are a helpful assistant who reads film reviews. "
    "Decide whether the review, which may be short, is positive or negative."
)


def phrases(text):
    return {text[phrase.start : phrase.end] for phrase in every(syntax.phrase_trees(text))}


def test_a_real_parser_finds_clauses_and_noun_phrases():
    found = phrases(TEXT)
    assert (
        "who reads film reviews" in found or "a helpful assistant who reads film reviews" in found
    )
    assert "the review, which may be short," in found
    assert "helpful" in found


def test_trees_nest_and_follow_the_text():
    trees = syntax.phrase_trees(TEXT)
    assert [TEXT[tree.start : tree.end] for tree in trees] == TEXT.replace(". D", ".|D").split("|")
    for phrase in every(trees):
        for child in phrase.children:
            assert phrase.start <= child.start < child.end <= phrase.end


@pytest.mark.parametrize("text", ["", "   ", "!!!", "{{ x }}\n\n- a\n- b"])
def test_odd_texts_are_no_error(text):
    for phrase in every(syntax.phrase_trees(text)):
        assert 0 <= phrase.start < phrase.end <= len(text)


def test_without_the_model_the_error_names_the_extra(monkeypatch):
    monkeypatch.setattr(syntax, "MODELS", ("no_such_model",))
    syntax._parser.cache_clear()
    with pytest.raises(ConfigError, match="landrace\\[syntax\\]"):
        syntax.phrase_trees(TEXT)
    syntax._parser.cache_clear()
