"""`trained` in worlds whose truth is known."""

from __future__ import annotations

import pytest

from colours import SOURCE
from landrace.ledger import Ledger
from landrace.optimizers.proposing.template_writing import question as asked_for
from landrace.schemas.pipeline import Budget, ModelConfig
from landrace.workflows.open_study import stage_calls
from landrace.workflows.training_rows import training_rows
from strategy_world import CHAIN, STYLES, answer, chain, chained, question, run, style, task


def writer(request):
    """Rewrites the template in view, in a style that differs from draw to draw."""
    text = request.messages[-1].content
    source = text.split("<template>\n")[1].split("\n</template>")[0]
    return source.replace(
        "{% endsection %}", f"In style {request.repeat % STYLES}.\n{{% endsection %}}"
    )


def model(request):
    word = question(request)
    return writer(request) if word is None else answer(word, 0.9 if style(request) == 2 else 0.4)


def of_chain(request):
    said = chained(request)
    return writer(request) if said is None else said


def asked(ran):
    return [
        r for r in ran.gateway.requests if "Rewrite this prompt template" in r.messages[-1].content
    ]


def kinds(ran, kind):
    return [record for record in ran.records if record["kind"] == kind]


def test_the_best_template_is_found_and_pinned(tmp_path):
    ran = run(task("trained", select=40, holdout=40), tmp_path, model)
    assert ran.result.report.decision == "promoted"
    assert "style 2" in ran.result.served.variant.files["prompt.jinja"]


def test_the_trained_model_is_asked_as_it_was_taught(tmp_path):
    ran = run(task("trained", select=40), tmp_path, model)
    with Ledger(tmp_path / "ledger.jsonl") as ledger:
        rows = list(training_rows(ledger.records, kind="sft", of="templates"))
    (taught,) = {str(row["messages"][:-1]) for row in rows}
    (said,) = {str([m._asdict() for m in request.messages]) for request in asked(ran)}
    assert said == taught == str(asked_for(SOURCE))


def test_what_an_answer_taught_reads_back_as_the_same_candidate(tmp_path):
    ran = run(task("trained", select=40, holdout=40), tmp_path, model)
    with Ledger(tmp_path / "ledger.jsonl") as ledger:
        rows = list(training_rows(ledger.records, kind="sft", of="templates"))
    assert rows[0]["messages"][-1]["content"] == ran.result.served.variant.files["prompt.jinja"]


@pytest.mark.parametrize("samples", [1, 3])
def test_each_node_is_asked_about_so_many_times(tmp_path, samples):
    cell = task("trained", options={"samples": samples}, program=chain(), budget=Budget(calls=1500))
    texts = [request.messages[-1].content for request in asked(run(cell, tmp_path, of_chain))]
    for source in CHAIN.values():
        assert texts.count(asked_for(source)[-1]["content"]) == samples


def test_the_best_of_several_nodes_are_joined(tmp_path):
    cell = task("trained", program=chain(), budget=Budget(calls=3000), select=40, holdout=40)
    ran = run(cell, tmp_path, of_chain)
    assert "style 2" in ran.result.served.variant.files["hint.jinja"]
    joined = [r for r in kinds(ran, "candidate") if r["slots"]["operator"] == "trained, joined"]
    assert all(len(record["slots"]["nodes"]) > 1 for record in joined)
    assert len(joined) == 1


def test_a_template_that_loses_the_input_costs_no_run(tmp_path):
    def forgetful(request):
        word = question(request)
        return "Say red or blue, in style 2." if word is None else answer(word, 0.5)

    ran = run(task("trained"), tmp_path, forgetful)
    assert {record["reason"] for record in kinds(ran, "dropped")} == {"it loses the input word"}
    assert len(kinds(ran, "candidate")) == 1


def test_the_pipelines_proposer_writes_with_its_own_parameters(tmp_path):
    cell = task("trained")
    proposer = ModelConfig(id="local/writer.gguf", params={"temperature": 0.3, "top_p": 0.9})
    pipeline = cell.pipeline.model_copy(update={"proposer": proposer})
    ran = run(cell._replace(pipeline=pipeline), tmp_path, model)
    for request in asked(ran):
        assert request.model == "local/writer.gguf"
        assert (request.params["temperature"], request.params["top_p"]) == (0.3, 0.9)


def test_where_nothing_can_be_gained_nothing_is_asked(tmp_path):
    ran = run(task("trained"), tmp_path, lambda request: answer(question(request), 1.1))
    assert not asked(ran)
    assert [stage.name for stage in ran.result.report.stages] == ["probe"]


def test_answers_of_no_use_leave_half_of_the_runs_to_compare(tmp_path):
    """One template of two hundred answers is of use."""

    def hardly(request):
        if question(request) is not None or not request.repeat:
            return model(request)
        return "Say red or blue."

    cell = task("trained", options={"samples": 200})
    ran = run(cell, tmp_path, hardly)
    assert len(asked(ran)) <= stage_calls(cell)["write"] / 2
    made = [r["digest"] for r in kinds(ran, "candidate") if r["slots"]["operator"] == "trained"]
    assert made
    assert {r["candidate"] for r in kinds(ran, "score")} >= set(made)


def test_few_runs_buy_few_answers(tmp_path):
    few, many = (
        len(asked(run(task("trained", budget=Budget(calls=calls)), tmp_path / str(calls), model)))
        for calls in (110, 600)
    )
    assert 2 <= few < many == 8
