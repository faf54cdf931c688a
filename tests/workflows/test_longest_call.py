from __future__ import annotations

import pytest

import strategy_world as world
from landrace.gateway.base import Completion
from landrace.gateway.metered import Price, most_prompt
from landrace.metrics.table import build
from landrace.optimizers.slots.demo_limit import limited
from landrace.schemas.candidate import Candidate
from landrace.schemas.pipeline import Budget, ModelConfig
from landrace.schemas.prompt import MetricConfig
from landrace.schemas.score import Usage
from landrace.workflows.estimate import estimate
from landrace.workflows.longest_call import longest_call
from landrace.workflows.task import Incumbent

PRICE = Price(1e-6, 1e-5)
LONG = "lorem" * 300
MANY = {
    "auto": {"max_demos": 16},
    "capo": {"max_shots": 16},
    "mipro": {"max_labelled": 16},
    "promptbreeder": {"max_shots": 16},
    "promptwizard": {"examples": 16, "iterations": 1},
    "sammo": {"search": "grid", "space": {"orientations": ["turns", "item"]}},
    "sammo/rag-tuning": {"space": {"examples": [16], "data_formats": ["json", "xml"]}},
    "simba": {"max_demos": 16},
}


def lengthened(cell):
    splits = ("search", "select", "holdout")
    return cell._replace(**{name: world.lengthened(getattr(cell, name), LONG) for name in splits})


def served(candidate, **changes):
    return world.task("auto", incumbent=Incumbent(candidate, "d", 0), **changes)


@pytest.mark.parametrize("name", MANY)
def test_as_many_examples_as_the_options_allow(name, tmp_path):
    cell = lengthened(world.task(name, options=MANY[name], budget=Budget(calls=400)))
    ran = world.run(cell, tmp_path)
    asked = [request for request in ran.gateway.requests if world.question(request)]
    assert max(map(most_prompt, asked)) <= longest_call(cell, None).prompt_tokens


def test_an_answer_is_as_long_as_the_longest_that_the_options_allow(tmp_path):
    values = {"prompt/params/max_tokens": [2000, 3000]}
    options = {"search": "grid", "space": {"values": values}}
    cell = world.task("sammo", options=options, budget=Budget(calls=200))

    def reasons(request):
        said = request.params["max_tokens"] - 10
        cost = 40 * PRICE.prompt + said * PRICE.completion
        return Completion(world.pupil(request), usage=Usage(40, said, cost))

    spent = world.run(cell, tmp_path, reasons).result.report.spent
    found = estimate(cell, lambda _model: PRICE)
    assert longest_call(cell, None).completion_tokens == 3000
    assert spent.prompt_tokens + spent.completion_tokens <= found.tokens
    assert 0 < spent.cost_usd <= found.cost_usd


@pytest.mark.parametrize("place", ["space", "tuning"])
def test_a_value_for_one_node_or_another_counts_at_each(place):
    values = {"*/params/max_completion_tokens": [500, 20]}
    options = {place: {"values": values}}
    plain, wide = (
        longest_call(world.task("sammo", options=given, program=world.chain()), None)
        for given in ({}, options)
    )
    assert (plain.completion_tokens, wide.completion_tokens) == (8, 500)
    assert wide.prompt_tokens >= plain.prompt_tokens + 3 * 8 * 490


def test_what_more_is_retrieved_is_in_the_prompt():
    corpus = "".join(f'{{"text": "{LONG}{number}"}}\n' for number in range(30))
    program = world.retrieving(corpus)
    options = {"tuning": {"values": {"notes/limit": [1, 20], "notes/count": [1, 20]}}}
    plain, wide = (
        longest_call(world.task("sammo", options=given, program=program), None)
        for given in ({}, options)
    )
    assert wide.prompt_tokens >= plain.prompt_tokens + 18 * len(LONG)


def test_a_nodes_own_limit_goes_over_the_models():
    program = world.chain()
    graph = program.graph.changed({"hint": {"params": {"max_tokens": 700}}})
    cell = world.task("auto", program=program._replace(graph=graph))
    assert longest_call(cell, None).completion_tokens == 700


def test_what_is_served_may_be_longer_than_the_base():
    shown = world.served_with(world.lengthened(world.cases("search", 12), LONG)).candidate
    bare = limited(shown, 0)
    few, many = (
        longest_call(lengthened(served(each, options={"max_demos": 2})), None).prompt_tokens
        for each in (bare, shown)
    )
    assert 10 * len(LONG) <= many - few <= 12 * (len(LONG) + 500)
    whole = Candidate.plain(source=f"{LONG * 9}\n\nWord: {{{{ word }}}}\n", operator="incumbent")
    base = longest_call(world.task("auto"), None)
    others = longest_call(world.task("auto", others=(whole,)), None)
    assert longest_call(served(whole), None).prompt_tokens >= others.prompt_tokens
    assert others.prompt_tokens >= base.prompt_tokens + 8 * len(LONG)


def test_what_is_served_may_answer_at_more_length():
    wordy = Candidate.plain(params={"max_tokens": 900}, operator="incumbent")
    assert longest_call(served(wordy), None).completion_tokens == 900


@pytest.mark.parametrize("source", ["{% if %}", "{{ gone }}\n"])
def test_what_cannot_be_used_any_more_makes_no_call_longer(source):
    old = Candidate.plain(source=source, operator="incumbent")
    assert longest_call(served(old), None) == longest_call(world.task("auto"), None)


def test_a_label_may_be_longer_than_any_answer():
    told = tuple(case.model_copy(update={"expected": LONG}) for case in world.cases("search", 24))
    cell = world.task("auto")
    short, long = (longest_call(each, None) for each in (cell, cell._replace(search=told)))
    assert long.prompt_tokens >= short.prompt_tokens + 8 * (len(LONG) - 8)


def with_proposer(cell, **params):
    proposer = ModelConfig(id="fake/sage", params=params)
    return cell._replace(pipeline=cell.pipeline.model_copy(update={"proposer": proposer}))


def test_a_proposer_that_reasons_is_in_the_tokens_of_the_search():
    cell = world.task("auto", budget=Budget(calls=300))
    usual, wordy = (
        estimate(with_proposer(cell, **params), lambda _model: PRICE)
        for params in ({}, {"max_tokens": 20_000})
    )
    searched = usual.calls - usual.stages["holdout"]
    assert wordy.tokens - usual.tokens == searched * (20_000 - 512)


def test_a_teacher_answers_as_long_as_the_model():
    wordy = ModelConfig(id="fake/pupil", params={"max_tokens": 2000})
    prices = {"fake/pupil": Price(0.0, 0.0), "fake/sage": PRICE}
    alone, taught = (
        estimate(
            with_proposer(world.task("mipro", options={"teacher": teacher}, model=wordy)),
            prices.get,
        )
        for teacher in (False, True)
    )
    searched = taught.calls - taught.stages["holdout"]
    assert taught.cost_usd - alone.cost_usd == pytest.approx(searched * (2000 - 512) * 1e-5)


def test_a_judge_reads_the_longest_answer():
    judge = {"metric": "llm_judge", "model": "fake/judge", "rubric": "Is it the right colour?"}
    metric = build([MetricConfig.model_validate(judge)])
    values = {"prompt/params/max_tokens": [3000]}
    short, long = (
        estimate(world.task("sammo", metric=metric, options=options), {"fake/judge": PRICE}.get)
        for options in ({}, {"tuning": {"values": values}})
    )
    assert long.tokens >= long.calls * 8 * 2000 > short.tokens
