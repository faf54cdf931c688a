"""Prompt programs: graphs of nodes that generate, retrieve, and take values apart.

Part of the loader: nothing of the pipeline, and no jinja2 before the first template compiles.
An application without programs never imports it.
"""

from __future__ import annotations

from landrace.program.check import Plan, check
from landrace.program.compile import compile_program
from landrace.program.corpus import Corpus, corpus_of_cases, file_of, read_corpus
from landrace.program.graph import Graph, graph_from, most_calls
from landrace.program.nodes import (
    CASES,
    MAIN,
    Asking,
    Batch,
    Extract,
    ForEach,
    Generate,
    Node,
    Retrieve,
    Union,
    kind_of,
)
from landrace.program.retrieval import Library
from landrace.program.run import Program, Run
from landrace.program.trace import Ask, Failure, Result, Step

__all__ = [
    "CASES",
    "MAIN",
    "Ask",
    "Asking",
    "Batch",
    "Corpus",
    "Extract",
    "Failure",
    "ForEach",
    "Generate",
    "Graph",
    "Library",
    "Node",
    "Plan",
    "Program",
    "Result",
    "Retrieve",
    "Run",
    "Step",
    "Union",
    "check",
    "compile_program",
    "corpus_of_cases",
    "file_of",
    "graph_from",
    "kind_of",
    "most_calls",
    "read_corpus",
]
