"""An evaluator runs programs: several calls a case, one outcome with its trace."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landrace.errors import CallError, ConfigError
from landrace.evaluation.evaluator import Evaluator, Job
from landrace.evaluation.variant import Variant
from landrace.gateway.base import Completion
from landrace.gateway.scripted import ScriptedGateway
from landrace.metrics.base import MetricOptions
from landrace.metrics.table import build
from landrace.program import Graph, compile_program
from landrace.schemas.case import Case
from landrace.schemas.pipeline import ModelConfig
from landrace.schemas.prompt import MetricConfig
from landrace.schemas.score import Score, Usage
from landrace.template import compile_template

GRAPH = Graph.from_dict(
    {
        "nodes": {
            name: {
                "generate": {
                    "template": f"{name}.jinja",
                    "output": {"type": kind},
                    "params": params,
                    "parser": {"kind": kind},
                }
            }
            for name, kind, params in (("first", "number", {"max_tokens": 4}), ("last", "text", {}))
        },
        "output": "last",
    }
)
INPUTS = {"type": "object", "properties": {"n": {"type": "string"}}}
CASE = Case(id="one", inputs={"n": "7"}, expected="done 8")


@pytest.fixture
def variant() -> Variant:
    texts = {"first": "Count {{ n }}", "last": "Say {{ first }}"}
    templates = {name: compile_template(text, name=name) for name, text in texts.items()}
    program = compile_program(GRAPH, templates, inputs=INPUTS)
    return Variant.of("v", program, {f"{name}.jinja": text for name, text in texts.items()})


def run(variant, script, **params):
    gateway = ScriptedGateway(script)
    metric = build([MetricConfig(metric="exact_match")])
    model = ModelConfig(id="fake/model", params={"temperature": 0, **params})
    return Evaluator(gateway, model, metric).run(Job(variant, CASE)), gateway


def counting(request):
    text = request.messages[-1].content
    usage = Usage(10, 1, 0.5)
    return Completion(
        "It is 8." if text == "Count 7" else f"done {text[-1]}", usage=usage, latency_s=2.0
    )


def test_an_outcome_adds_up_what_its_calls_took(variant):
    outcome, gateway = run(variant, counting)
    assert outcome.score.value == 1
    assert outcome.usage == Usage(20, 2, 1.0)
    assert outcome.latency_s == 4
    assert [step.node for step in outcome.trace] == ["first", "last"]
    assert [request.params for request in gateway.requests] == [
        {"temperature": 0, "max_tokens": 4},
        {"temperature": 0},
    ]


def test_an_outcome_says_which_of_its_outputs_a_limit_cut_off(variant):
    def first_cut(request):
        told = counting(request)
        is_first = request.messages[-1].content == "Count 7"
        return replace(told, finish_reason="length") if is_first else told

    outcome, _ = run(variant, first_cut)
    assert [(step.node, step.is_cut) for step in outcome.trace] == [
        ("first", True),
        ("last", False),
    ]
    assert not outcome.is_cut
    cut, _ = run(variant, lambda request: replace(counting(request), finish_reason="length"))
    assert cut.is_cut


def test_a_node_never_says_where_a_call_goes(variant):
    """Whatever made the graph: those that are read from files are refused before."""
    node = variant.program.graph.nodes["last"]
    sent_away = node._replace(params={"api_base": "https://elsewhere.example"})
    graph = Graph({**variant.program.graph.nodes, "last": sent_away}, "last")
    templates = {
        name: compile_template(text, name=name)
        for name, text in (("first", "Count {{ n }}"), ("last", "Say {{ first }}"))
    }
    evil = Variant.of("evil", compile_program(graph, templates, inputs=INPUTS), variant.files)
    asked = []
    with pytest.raises(ConfigError, match="`api_base` of the node `last` is no decoding parameter"):
        run(evil, lambda request: asked.append(request) or counting(request))
    assert len(asked) == 1


def test_a_nodes_limit_replaces_that_of_the_model_by_whatever_name(variant):
    _outcome, gateway = run(variant, counting, max_completion_tokens=900)
    assert [request.params for request in gateway.requests] == [
        {"temperature": 0, "max_completion_tokens": 4},
        {"temperature": 0, "max_completion_tokens": 900},
    ]


def test_an_output_that_cannot_be_read_is_wrong_and_its_node_is_named(variant):
    outcome, gateway = run(variant, lambda _request: "no number")
    assert outcome.score.value == 0
    assert outcome.answer is None
    assert outcome.score.feedback.startswith("node `first`: it holds no number.")
    assert len(gateway.requests) == 1


def test_a_call_that_fails_for_good_leaves_the_case_without_a_score(variant):
    def failing(request):
        if request.messages[-1].content.startswith("Say"):
            raise CallError("refused")
        return counting(request)

    outcome, _ = run(variant, failing)
    assert outcome.score is None
    assert outcome.usage == Usage(10, 1, 0.5)
    assert "refused" in outcome.error


class Percent(MetricOptions):
    """Reckons on another scale than all others."""

    def score(self, sample):
        del sample
        return Score(66.7)


def test_a_score_that_leaves_the_scale_is_refused_with_the_metrics_name(variant):
    model = ModelConfig(id="fake/model")
    evaluator = Evaluator(ScriptedGateway(counting), model, Percent())
    with pytest.raises(ConfigError, match=r"the metric Percent gave a score of 66\.7"):
        evaluator.run(Job(variant, CASE))


def test_what_a_run_can_cost_is_foreseen_from_its_first_calls(variant):
    metric = build([MetricConfig(metric="exact_match")])
    evaluator = Evaluator(ScriptedGateway(counting), ModelConfig(id="fake/model"), metric)
    foreseen = evaluator.foreseen(Job(variant, CASE))
    assert [request.messages[-1].content for request in foreseen.requests] == ["Count 7"]
    assert (foreseen.further, foreseen.judging) == (1, ())
