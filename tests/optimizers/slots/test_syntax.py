from __future__ import annotations

import sys

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


@pytest.fixture
def installed(monkeypatch):
    """Parser and model are looked for anew, and are back for whoever comes later."""
    monkeypatch.setattr(syntax, "_parser", syntax._parser.__wrapped__)
    return monkeypatch


def test_without_the_model_the_error_names_the_extra(installed):
    installed.setattr(syntax, "MODELS", ("no_such_model",))
    with pytest.raises(ConfigError, match="spaCy's English model, which is not") as caught:
        syntax.phrase_trees(TEXT)
    assert "pip install 'landrace[syntax]'" in caught.value.fix


def test_without_spacy_it_is_that_which_is_missing(installed):
    installed.setitem(sys.modules, "spacy", None)
    with pytest.raises(ConfigError, match="needs spaCy, which is not installed"):
        syntax.phrase_trees(TEXT)
