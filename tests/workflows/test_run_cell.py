from __future__ import annotations

import pytest
from worlds import CONFIG, apt_pupil, cases, perfect, stubborn, task

from colours import luck
from landrace.errors import (
    BudgetExhaustedError,
    CallError,
    CallsRefusedError,
    GivenUpError,
    OutageError,
    TransientCallError,
)
from landrace.gateway.retrying import RetryingGateway
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import CALL, Ledger
from landrace.metrics.table import build
from landrace.optimizers.table import STRATEGIES
from landrace.optimizers.variants import Program
from landrace.program import Graph
from landrace.schemas.candidate import Candidate
from landrace.schemas.pipeline import Budget, ModelConfig, PipelineConfig, Policy, Strategy
from landrace.schemas.prompt import MetricConfig
from landrace.workflows.pinning import cell_files
from landrace.workflows.record import FINALISTS
from landrace.workflows.run_cell import run_cell
from landrace.workflows.services import Services
from landrace.workflows.task import Incumbent


@pytest.fixture
def ledger(tmp_path):
    with Ledger(tmp_path / "ledger.jsonl") as opened:
        yield opened


def test_it_finds_what_helps_and_proves_it(ledger):
    gateway = ScriptedGateway(apt_pupil)
    result = run_cell(task(), Services(gateway, ledger))
    report = result.report
    assert report.decision == "promoted"
    assert report.comparisons[0].low > 0
    assert result.served.candidate.slots().demos
    assert report.holdout_looks == 1
    assert report.spent.calls == gateway.calls <= 600


def test_the_report_tells_the_best_that_met_all_of_select(ledger):
    report = run_cell(task(), Services(ScriptedGateway(apt_pupil), ledger)).report
    means = [one.select.mean for one in report.finalists]
    assert means == sorted(means, reverse=True)
    assert 1 < len(means) <= FINALISTS
    assert {one.select.n for one in report.finalists} == {report.splits["select"]}
    winner = report.contenders[-1]
    (same,) = (one for one in report.finalists if one.digest == winner.digest)
    assert (same.select, same.variant) == (winner.select, winner.variant)


def test_no_headroom_ends_the_search_after_the_probe(ledger):
    gateway = ScriptedGateway(perfect)
    result = run_cell(task(), Services(gateway, ledger))
    assert gateway.calls == 30
    assert result.report.decision == "kept incumbent"
    assert "no headroom" in result.report.reason
    assert result.report.holdout_looks == 0
    assert result.served.candidate.operator == "base"


LABEL = {"kind": "label", "labels": ["red", "blue"]}
LABELLED = task().program._replace(graph=Graph.plain({"type": "text"}, LABEL))


def says_no_colour(request):
    """Without an example it chats about half of the words; with some it still does of a few."""
    text = request.messages[-1].content
    if text.endswith(("1", "2")) or (len(request.messages) == 1 and text.endswith(("3", "4"))):
        return "Hm, hard to say."
    return apt_pupil(request)


def test_answers_that_could_not_be_read_are_counted_on_the_holdout(ledger):
    cell = task(program=LABELLED)
    report = run_cell(cell, Services(ScriptedGateway(says_no_colour), ledger)).report
    base, winner = report.contenders
    assert report.holdout_looks == 1
    assert (base.holdout.n, base.unread, winner.unread) == (50, 20, 10)


def test_without_a_look_they_are_counted_on_select(ledger):
    def mute(request):
        return "Hm." if request.messages[-1].content.endswith("1") else "red"

    report = run_cell(task(program=LABELLED), Services(ScriptedGateway(mute), ledger)).report
    assert report.holdout_looks == 0
    assert {one.unread for one in report.contenders} == {3}


def test_a_model_that_no_prompt_changes_keeps_its_base(ledger):
    result = run_cell(task(), Services(ScriptedGateway(stubborn), ledger))
    assert result.report.decision == "kept incumbent"
    assert result.served.candidate.operator == "base"


def test_the_holdout_is_seen_only_after_the_shortlist(ledger):
    run_cell(task(), Services(ScriptedGateway(apt_pupil), ledger))
    frozen = False
    for record in ledger.records():
        frozen = frozen or record["kind"] == "shortlist"
        if record["kind"] == "call" and "holdout" in record["messages"][-1][1]:
            assert frozen
    assert frozen


def test_no_demo_comes_from_select_or_holdout(ledger):
    run_cell(task(), Services(ScriptedGateway(apt_pupil), ledger))
    shown = {
        demo["case_id"]
        for record in ledger.records()
        if record["kind"] == "candidate"
        for slots in record["slots"]["nodes"].values()
        for demo in slots["demos"]
    }
    assert shown
    assert all(case_id.startswith("search") for case_id in shown)


def test_the_same_study_gives_the_same_bytes(tmp_path):
    outputs = []
    for run in "ab":
        with Ledger(tmp_path / f"{run}.jsonl") as ledger:
            outputs.append(
                cell_files(run_cell(task(), Services(ScriptedGateway(apt_pupil), ledger)))
            )
    assert outputs[0] == outputs[1]


def test_a_fifth_of_failing_calls_does_not_change_the_winner(tmp_path):
    with Ledger(tmp_path / "calm.jsonl") as ledger:
        calm = run_cell(task(), Services(ScriptedGateway(apt_pupil), ledger))
    with Ledger(tmp_path / "rough.jsonl") as ledger:
        flaky = ScriptedGateway(apt_pupil, failure_rate=0.2, seed=3)
        gateway = RetryingGateway(flaky, sleep=lambda _s: None)
        rough = run_cell(task(), Services(gateway, ledger))
    assert rough.served.digest == calm.served.digest
    assert rough.report.spent.coverage > 0.99


def test_an_outage_is_an_outage_and_no_low_score(ledger):
    down = ScriptedGateway(apt_pupil, failure_rate=1.0)
    with pytest.raises(OutageError):
        run_cell(task(), Services(RetryingGateway(down, sleep=lambda _s: None), ledger))


@pytest.mark.parametrize("calls", [160, 200, 333])
def test_a_small_budget_is_kept_and_the_holdout_paid(ledger, calls):
    gateway = ScriptedGateway(apt_pupil)
    result = run_cell(task(budget=Budget(calls=calls)), Services(gateway, ledger))
    assert gateway.calls <= calls
    assert result.report.decision == "kept incumbent" or result.report.comparisons


@pytest.mark.parametrize(("failing", "kept"), [(1, False), (20, True)])
def test_refused_holdout_calls_leave_the_decision_to_the_policy(ledger, failing, kept):
    """The budget is for one call each, and what is refused for good wants no other."""
    lost = {f"holdout{number}" for number in range(failing)}

    def model(request):
        word = request.messages[-1].content.rsplit(" ", 1)[-1]
        return CallError("refused") if word in lost else apt_pupil(request)

    gateway = ScriptedGateway(model)
    result = run_cell(task(budget=Budget(calls=600)), Services(gateway, ledger))
    assert gateway.calls == 600
    assert (result.report.decision == "kept incumbent") == kept
    assert ("only 60% of the holdout calls were answered" in result.report.reason) == kept


def of_holdout(request):
    return "holdout" in request.messages[-1].content


def fails(share, failure):
    """The apt pupil, that fails on a share of the holdout's questions, the same each time."""

    def model(request):
        unlucky = of_holdout(request) and luck("down", request.digest) < share
        return failure if unlucky else apt_pupil(request)

    return ScriptedGateway(model)


@pytest.mark.parametrize(
    ("share", "failure", "budget"),
    [
        (1, TransientCallError("503"), Budget(calls=600)),
        (0.5, GivenUpError("503 (given up)"), Budget(calls=600)),
        (1, GivenUpError("503 (given up)"), Budget(calls=900)),
        (0.5, TransientCallError("503"), Budget(tokens=60_000)),
    ],
)
def test_an_outage_at_the_holdout_is_no_decision(tmp_path, share, failure, budget):
    with Ledger(tmp_path / "calm.jsonl") as ledger:
        calm = run_cell(task(budget=budget), Services(ScriptedGateway(apt_pupil), ledger))
    with Ledger(tmp_path / "rough.jsonl") as ledger:
        down = fails(share, failure)
        with pytest.raises(OutageError, match=r"the look at the holdout of colours .* 503"):
            run_cell(task(budget=budget), Services(down, ledger))
        assert "decision" not in {record["kind"] for record in ledger.records()}
        kept = {record["key"] for record in ledger.records() if record["kind"] == CALL}
        again = ScriptedGateway(apt_pupil)
        result = run_cell(task(budget=budget), Services(again, ledger))
    assert cell_files(result) == cell_files(calm)
    assert result.report.decision == "promoted"
    assert result.report.holdout_looks == 1
    assert all(of_holdout(request) for request in again.requests)
    assert not kept & {request.digest for request in again.requests}


def patient(gateway):
    """What stands between a cell and a real provider, without the pauses."""
    return RetryingGateway(gateway, attempts=2, sleep=lambda _s: None)


@pytest.mark.parametrize("budget", [Budget(calls=600), Budget(calls=900)])
@pytest.mark.parametrize("between", [lambda gateway: gateway, patient])
def test_what_fails_at_the_holdout_in_two_runs_is_missing_for_good(ledger, between, budget):
    """As a case does that always takes too long; else no run of the study would ever decide.

    A run that asks nothing but such cases gives up on so many in a row that it is cut short.
    """
    slow = TransientCallError("it takes too long")
    with pytest.raises(OutageError, match=r"of 100 runs of the look at the holdout"):
        run_cell(task(budget=budget), Services(between(fails(0.3, slow)), ledger))
    again = fails(0.3, slow)
    report = run_cell(task(budget=budget), Services(between(again), ledger)).report
    assert all(map(of_holdout, again.requests)), "the search is in the ledger"
    assert report.decision == "kept incumbent"
    assert "of the holdout" in report.reason
    assert report.contenders[-1].holdout.n > 20, "what was answered counts"
    assert report.holdout_looks == 1


def test_what_another_study_lost_is_no_reason_to_give_up(ledger):
    for seed in (0, 1):
        with pytest.raises(OutageError, match="of the look"):
            run_cell(task(seed=seed), Services(fails(0.3, TransientCallError("503")), ledger))


def test_a_provider_that_is_down_for_two_runs_is_no_decision(ledger):
    """Not all was asked then, which says nothing of what would fail each time."""
    for _run in range(2):
        with pytest.raises(OutageError, match="requests all failed"):
            run_cell(task(), Services(patient(fails(1, TransientCallError("503"))), ledger))


def test_a_few_lost_calls_at_the_holdout_are_not_worth_another_run(ledger):
    result = run_cell(task(), Services(fails(0.02, TransientCallError("503")), ledger))
    assert 0.95 <= result.report.contenders[-1].holdout.coverage < 1
    assert result.report.decision == "promoted"


def test_what_no_other_run_would_answer_is_no_outage(ledger):
    def model(request):
        if of_holdout(request):
            unlucky = luck("down", request.digest) < 0.5
            return CallError("refused") if unlucky else TransientCallError("503")
        return apt_pupil(request)

    result = run_cell(task(), Services(ScriptedGateway(model), ledger))
    assert result.report.decision == "kept incumbent"
    assert result.report.holdout_looks == 1


def test_an_incumbent_that_does_not_render_any_more_is_left_behind(ledger):
    old = Incumbent(Candidate.plain(source="{{ renamed }}", operator="incumbent"), "d" * 64, 2)
    result = run_cell(task(incumbent=old), Services(ScriptedGateway(apt_pupil), ledger))
    assert result.report.decision == "promoted"
    assert [side.role for side in result.report.contenders] == ["base", "winner"]


@pytest.mark.parametrize("failure", [CallError("refused"), TransientCallError("503")])
def test_a_budget_that_ends_within_the_look_is_no_outage(ledger, failure):
    """Holdout cases that are far longer than others take more than was held back for them."""
    long = tuple(
        case.model_copy(update={"inputs": {"word": "so " * 150 + case.inputs["word"]}})
        for case in cases("holdout", 50)
    )

    def model(request):
        is_lost = request.messages[-1].content.endswith(" holdout3")
        return failure if is_lost else apt_pupil(request)

    cell = task(budget=Budget(tokens=30_000), holdout=long)
    report = run_cell(cell, Services(ScriptedGateway(model), ledger)).report
    assert report.decision == "kept incumbent"
    assert report.reason.startswith("the budget ended with")
    assert report.holdout_looks == 1
    assert report.spent.failed_calls


def hinted(name, count):
    """Cases with one input more than those of `cases`."""
    return tuple(
        case.model_copy(update={"inputs": {**case.inputs, "hint": "h"}})
        for case in cases(name, count)
    )


def heeds_hints(request):
    """Right where the prompt has the hint."""
    ours = request.messages[0].content.startswith("Hint h")
    return perfect(request) if ours else stubborn(request)


READS_HINT = Candidate.plain(source="Hint {{ hint }} for {{ word }}", operator="other")


def writes_what_reads_hints(study):
    """A strategy that knows no better."""
    study.evaluate([study.base, *study.admit_all([READS_HINT])], study.select)


def test_a_winner_that_cannot_be_rendered_for_the_holdout_is_not_served(ledger, monkeypatch):
    """It costs no look: no call of the holdout is made."""
    strategy = STRATEGIES["auto"]._replace(optimize=writes_what_reads_hints)
    monkeypatch.setitem(STRATEGIES, "auto", strategy)
    cell = task(search=hinted("search", 40), select=hinted("select", 30))
    gateway = ScriptedGateway(heeds_hints)
    result = run_cell(cell, Services(gateway, ledger))
    assert result.report.contenders[-1].operator == "other"
    said = "the winner fails on the holdout: case `holdout0`: `hint` is undefined"
    assert result.report.reason == said
    assert result.report.decision == "kept incumbent"
    assert result.report.holdout_looks == 0
    assert result.served.candidate.operator == "base"
    assert not any(map(of_holdout, gateway.requests))


@pytest.mark.parametrize("is_served", [False, True])
def test_what_cannot_be_rendered_for_the_holdout_does_not_win_as_another_models(ledger, is_served):
    """Nor does it come back where it is what is served here, and is left behind for that."""
    old = Incumbent(READS_HINT.model_copy(update={"operator": "incumbent"}), "d" * 64, 2)
    cell = task(
        search=hinted("search", 40),
        select=hinted("select", 30),
        others=(READS_HINT,),
        incumbent=old if is_served else None,
    )
    gateway = ScriptedGateway(apt_pupil)
    result = run_cell(cell, Services(gateway, ledger))
    assert result.report.decision == "promoted"
    assert not any(r.messages[0].content.startswith("Hint") for r in gateway.requests)
    dropped = {r["operator"]: r["reason"] for r in ledger.records() if r["kind"] == "dropped"}
    assert dropped["other"] == "it fails on the holdout: case `holdout0`: `hint` is undefined"


def test_an_incumbent_that_cannot_be_rendered_for_the_holdout_is_left_behind(ledger):
    """As it is with one that fails on other cases; and it is before the first call."""
    old = Incumbent(READS_HINT.model_copy(update={"operator": "incumbent"}), "d" * 64, 2)
    cell = task(search=hinted("search", 40), select=hinted("select", 30), incumbent=old)
    gateway = ScriptedGateway(apt_pupil)
    result = run_cell(cell, Services(gateway, ledger))
    assert result.report.decision == "promoted"
    assert [side.role for side in result.report.contenders] == ["base", "winner"]
    assert not any(r.messages[0].content.startswith("Hint") for r in gateway.requests)
    dropped = [r for r in ledger.records() if r["kind"] == "dropped"]
    assert dropped[0]["operator"] == "incumbent"
    said = "it fails on the holdout: case `holdout0`: `hint` is undefined"
    assert dropped[0]["reason"] == said


OLD = Incumbent(Candidate.plain(source="Colour of {{ word }}", operator="incumbent"), "d" * 64, 2)


@pytest.mark.parametrize("failure", [None, CallError("not this"), TransientCallError("503")])
def test_an_incumbent_that_is_refused_on_every_case_is_left_behind(ledger, failure):
    """Nor is it an outage where a call of the base fails, too."""

    def model(request):
        text = request.messages[-1].content
        if text.startswith("Colour of"):
            return CallError("it may not be asked so\nby anybody")
        return failure if failure and text.endswith("select3") else apt_pupil(request)

    report = run_cell(task(incumbent=OLD), Services(ScriptedGateway(model), ledger)).report
    assert report.decision == "promoted"
    assert [side.role for side in report.contenders] == ["base", "winner"]
    assert report.spent.coverage > 0.95
    dropped = [r["reason"] for r in ledger.records() if r["kind"] == "dropped"]
    assert "refused on every case: it may not be asked so" in dropped


def test_what_was_left_behind_does_not_come_back_as_another_models_winner(ledger):
    def model(request):
        if request.messages[-1].content.startswith("Colour of"):
            return CallError("it may not be asked so")
        return apt_pupil(request)

    same = OLD.candidate.model_copy(update={"operator": "other"})
    gateway = ScriptedGateway(model)
    cell = task(incumbent=OLD, others=(same,), budget=Budget(calls=900))
    report = run_cell(cell, Services(gateway, ledger)).report
    assert report.decision == "promoted"
    asked = [r for r in gateway.requests if r.messages[-1].content.startswith("Colour of")]
    assert len(asked) == 16, "those of the probe"
    dropped = {r["operator"]: r["reason"] for r in ledger.records() if r["kind"] == "dropped"}
    assert dropped["other"] == "it was served until now, and left behind"


def test_an_incumbent_that_is_refused_on_some_cases_stays_to_be_beaten(ledger):
    def model(request):
        text = request.messages[-1].content
        is_refused = text.startswith("Colour of") and text.endswith(("1", "2", "3"))
        return CallError("it may not be asked so") if is_refused else apt_pupil(request)

    report = run_cell(task(incumbent=OLD), Services(ScriptedGateway(model), ledger)).report
    assert "incumbent" in [side.role for side in report.contenders]


@pytest.mark.parametrize(("shown", "left"), [(10, 40), (50, None)])
def test_holdout_cases_that_a_compared_prompt_shows_prove_nothing(ledger, shown, left):
    """They were search cases when it was written, before the splits were drawn anew."""
    examples = "".join(f"{c.inputs['word']} -> {c.expected}\n" for c in cases("holdout", shown))
    old = Incumbent(
        Candidate.plain(source=f"{examples}{{{{ word }}}}", operator="incumbent"), "d" * 64, 0
    )
    report = run_cell(task(incumbent=old), Services(ScriptedGateway(apt_pupil), ledger)).report
    assert report.holdout_looks == (left is not None)
    assert {c.holdout.n if c.holdout else None for c in report.contenders} == {left}
    assert {c.holdout.coverage for c in report.contenders if c.holdout} <= {1.0}
    said = f"without {shown} holdout cases that one" if left else "shows every holdout case"
    assert said in report.reason


@pytest.mark.parametrize("tokens", [300, 900])
def test_a_ceiling_that_ends_the_probe_before_the_base_is_the_end_of_the_budget(ledger, tokens):
    cell = task(budget=Budget(calls=600, tokens=tokens), incumbent=OLD)
    said = rf"before the pinned variant was scored .*: the ceiling of {tokens} tokens cut short"
    with pytest.raises(BudgetExhaustedError, match=said):
        run_cell(cell, Services(ScriptedGateway(apt_pupil), ledger))


def test_a_base_that_is_refused_on_every_case_is_no_end_of_the_budget(ledger):
    def refuses_the_base(request):
        alone = len(request.messages) == 1
        if alone and request.messages[0].content.startswith("Which colour"):
            return CallError("it wants an example\nsomewhere")
        return apt_pupil(request)

    with pytest.raises(CallsRefusedError, match=r"base prompt of .* an example\n"):
        run_cell(task(incumbent=OLD), Services(ScriptedGateway(refuses_the_base), ledger))


@pytest.mark.parametrize(
    ("opening", "side"), [("Which colour", "base prompt"), ("Colour of", "pinned variant")]
)
def test_one_side_without_an_answer_that_may_come_another_time_is_an_outage(ledger, opening, side):
    """The other half of the probe's calls is answered, too much for an outage of all calls."""

    def model(request):
        alone = len(request.messages) == 1
        is_down = alone and request.messages[0].content.startswith(opening)
        return TransientCallError("503\nsomewhere") if is_down else apt_pupil(request)

    said = rf"^no call of the {side} of colours on fake/pupil was answered, .* with: 503\n  run the"
    with pytest.raises(OutageError, match=said):
        run_cell(task(incumbent=OLD), Services(ScriptedGateway(model), ledger))


def test_a_base_that_cannot_be_taken_apart_ends_the_search_with_its_probe(ledger):
    """Not for want of headroom."""
    source = "{% for one in [1] %}{{ word }}: red or blue? {{ word }}{% endfor %}"
    program = Program.of("colours", source, CONFIG.output, path="prompt.jinja")
    ape = PipelineConfig(
        prompts=("colours",), models=(ModelConfig(id="fake/pupil"),), strategy=Strategy(name="ape")
    )
    cell = task(program=program, pipeline=ape, options=STRATEGIES["ape"].options())
    report = run_cell(cell, Services(ScriptedGateway(stubborn), ledger)).report
    assert report.decision == "kept incumbent"
    mean = 100 * report.contenders[0].select.mean
    assert report.reason == (
        f"the search ended with its probe: the base prompt scores {mean:.1f} % on select"
    )


@pytest.mark.parametrize(
    ("max_growth", "within"), [(None, ""), (1.5, " within the policy's `max_growth`")]
)
def test_a_search_in_vain_says_what_may_have_held_it_up(ledger, max_growth, within):
    pipeline = task().pipeline.model_copy(update={"policy": Policy(max_growth=max_growth)})
    report = run_cell(task(pipeline=pipeline), Services(ScriptedGateway(stubborn), ledger)).report
    said = "proved better than the base prompt; the holdout was not looked at"
    assert report.reason == f"no candidate{within} {said}"


def test_a_search_without_a_candidate_does_not_claim_to_have_compared_any(ledger):
    source = "{% for one in [1] %}{{ word }}: red or blue? {{ word }}{% endfor %}"
    program = Program.of("colours", source, CONFIG.output, path="prompt.jinja")
    report = run_cell(task(program=program), Services(ScriptedGateway(stubborn), ledger)).report
    assert report.decision == "kept incumbent"
    assert report.reason == (
        "there was no candidate: nothing of the template can be varied, or all was dropped; "
        "the holdout was not looked at"
    )


def test_candidates_whose_calls_fail_do_not_blind_the_others(ledger):
    def short_memory(request):
        demos = sum(message.role == "assistant" for message in request.messages)
        return CallError("too long") if demos > 4 else apt_pupil(request)

    result = run_cell(task(), Services(ScriptedGateway(short_memory), ledger))
    assert 0 < len(result.served.candidate.slots().demos) <= 4


def test_cases_without_a_label_are_no_demos(ledger):
    """A metric that needs no label scores them all the same."""
    bare = tuple(case.model_copy(update={"expected": None}) for case in cases("bare", 20))
    metric = build((MetricConfig.model_validate({"metric": "regex", "pattern": "red"}),))
    cell = task(search=(*cases("search", 20), *bare), metric=metric)
    run_cell(cell, Services(ScriptedGateway(apt_pupil), ledger))
    answers = {
        demo["assistant"]
        for record in ledger.records()
        if record["kind"] == "candidate"
        for slots in record["slots"]["nodes"].values()
        for demo in slots["demos"]
    }
    assert answers == {"red", "blue"}


def test_without_a_proposer_the_task_model_writes_at_length_and_differently_each_time(ledger):
    bound = ModelConfig(id="fake/pupil", params={"temperature": 0, "max_tokens": 8, "top_p": 0.9})
    run_cell(task(model=bound), Services(ScriptedGateway(apt_pupil), ledger))
    asked = [
        record["params"]
        for record in ledger.records()
        if record["kind"] == "call"
        and "Work out what that instruction says" in record["messages"][-1][1]
    ]
    assert asked
    assert all(p["max_tokens"] > 100 and p["temperature"] > 0 and p["top_p"] == 0.9 for p in asked)


@pytest.mark.parametrize(
    ("proposer", "note"),
    [
        ("fake/pupil", "the task model, which rewrites its own prompt (weak)"),
        ("local/small", "a small embedded model (weak)"),
        ("fake/sage", ""),
    ],
)
def test_the_report_says_how_good_a_configured_proposer_is(ledger, proposer, note):
    pipeline = task().pipeline.model_copy(update={"proposer": ModelConfig(id=proposer)})
    report = run_cell(task(pipeline=pipeline), Services(ScriptedGateway(perfect), ledger)).report
    assert (report.proposer, report.proposer_note) == (proposer, note)
