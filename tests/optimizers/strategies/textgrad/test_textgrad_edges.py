from __future__ import annotations

import pytest

from landrace.optimizers.strategies.textgrad.edges import ends, sources
from landrace.program import Graph, compile_program
from landrace.program.nodes import Extract, Union
from landrace.template import compile_template
from strategy_world import CONFIG, generating

TEXT = {"type": "text"}


@pytest.fixture
def program():
    """Two notes are joined, an answer is made of them and of the word, a part of it is taken."""
    texts = {
        "first": "Note: {{ word }}",
        "second": "Other: {{ word }}",
        "said": "{{ word }} {{ notes[0] }} {{ second }}",
    }
    nodes = {name: generating(name, TEXT) for name in texts}
    nodes["notes"] = Union(("first", "second"))
    nodes["colour"] = Extract("said", "regex", "[a-z]+", every=False)
    templates = {name: compile_template(text, name=name) for name, text in texts.items()}
    return compile_program(Graph(nodes, "colour"), templates, inputs=CONFIG.inputs)


def test_a_node_reads_the_texts_behind_what_is_computed(program):
    assert set(sources(program, "said")) == {"first", "second"}
    assert sources(program, "first") == ()


def test_the_answer_comes_from_the_node_behind_what_is_computed(program):
    assert ends(program) == ("said",)
