"""The work of a pull request: what cannot be finished stops no other cell, and costs nothing twice."""

from __future__ import annotations

import random
from collections import Counter
from types import SimpleNamespace

import pytest
from kinds import TWIN, WHOLE

from colours import luck
from dying import Killed, dying
from landrace.commands.change import exit_code
from landrace.errors import CallError, ModelError, OutageError, TransientCallError
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import CALL, Ledger
from landrace.workflows.pull_request import evidence
from landrace.workflows.tasks import Ceilings
from pull_request_world import CELL, PROMPT, PUPIL, World, cell_of, pupil
from skill import word_of, words

BOTH = {**WHOLE, "models": [PUPIL, TWIN]}


@pytest.fixture
def two(tmp_path) -> World:
    """One prompt on two models; its template has changed."""
    world = World.make(tmp_path / "repo", models=(PUPIL, TWIN))
    world.template(51)
    world.commit()
    return world


def failing(model: str, error: Exception):
    """A script that fails for one of the models."""
    return lambda request: error if request.model == model else pupil(request)


def names(cells) -> list[tuple[str, str]]:
    return [(cell.prompt, cell.model) for cell in cells]


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (CallError("no"), 2, "would fail again, the first with: no"),
        (TransientCallError("503"), 75, "calls"),
        (OutageError("the provider is down"), 75, "the provider is down"),
        (ModelError("there is no such model"), 2, "there is no such model"),
    ],
    ids=["refused calls", "failed calls", "an outage", "an unknown model"],
)
def test_a_model_that_cannot_be_called_stops_no_other(two, error, code, reason):
    results = two.carry_out(failing(PUPIL, error))
    assert names(results.cells) == [(PROMPT, TWIN)]
    (left,) = results.unfinished
    assert (left.prompt, left.model, left.exit_code) == (PROMPT, PUPIL, code)
    assert reason in left.reason
    assert exit_code(results) == code
    two.take(results)
    assert set(two.todo()) == {(PROMPT, PUPIL)}
    assert two.gate_offline().exit_code == 4


def test_the_second_model_failing_leaves_the_first_as_it_is(two):
    results = two.carry_out(failing(TWIN, OutageError("the provider is down")))
    assert names(results.cells) == [(PROMPT, PUPIL)]
    assert names(results.unfinished) == [(PROMPT, TWIN)]


def test_the_next_run_finishes_what_an_outage_left(two):
    two.take(two.carry_out(failing(TWIN, OutageError("down"))))
    paid = Counter(two.paid())
    two.finish(run="run-2")
    assert two.todo() == {}
    assert two.gate_offline().exit_code == 0
    assert not paid - Counter(two.paid())
    assert max(Counter(two.paid()).values()) == 1


def fifth(error: Exception):
    """A script for which one question in five is never answered."""
    return lambda request: error if luck("lost", word_of(request)) < 0.2 else pupil(request)


@pytest.mark.parametrize(("error", "code"), [(TransientCallError("503"), 75), (CallError("no"), 2)])
def test_one_in_five_calls_failing_is_no_result(two, error, code):
    """Too little coverage is not a low score."""
    results = two.carry_out(fifth(error))
    assert results.cells == ()
    assert {one.exit_code for one in results.unfinished} == {code}
    assert exit_code(results) == code


def test_failures_in_the_comparison_alone_are_no_result_either(settled):
    """The pin is made by hand, so that only the comparison calls."""
    settled.pin_with(PUPIL, 95)
    settled.commit()
    script = fifth(TransientCallError("503"))
    results = settled.carry_out(script, ledger=".landrace/other.jsonl")
    assert results.cells == ()
    assert "of the questions were answered on both sides" in results.unfinished[0].reason
    assert cell_of(results.gate).verdict == "NOT EVALUATED"


@pytest.mark.parametrize("fatal", [OutageError, ModelError])
def test_a_silent_model_neither_lifts_the_budget_of_another_nor_hides_what_it_took(tmp_path, fatal):
    gate = {"budget": {"calls": 60}}
    world = World.make(tmp_path / "repo", models=(PUPIL, TWIN), gate=gate)
    with world.on_main():
        for model in (PUPIL, TWIN):
            world.pin_with(model, 80)
    world.repo.git("reset", "--quiet", "--hard", "main")
    for model in (PUPIL, TWIN):
        world.pin_with(model, 79, note="New.")
    world.commit()
    gateway = ScriptedGateway(failing(TWIN, fatal("silent")))
    results = world.carry_out(gateway=gateway)
    asked = Counter(request.model for request in gateway.requests)
    spent = cell_of(results.gate).spent
    assert (spent.calls, spent.reused) == (asked[PUPIL], 0)
    assert asked[PUPIL] == 60
    silent = cell_of(results.gate, TWIN)
    assert (silent.verdict, silent.spent.calls) == ("NOT EVALUATED", asked[TWIN])


@pytest.mark.parametrize("fatal", [CallError, TransientCallError, OutageError, ModelError])
def test_the_others_are_compared_where_one_model_falls_silent_in_its_comparison(tmp_path, fatal):
    world = World.make(tmp_path / "repo", models=(PUPIL, TWIN))
    with world.on_main():
        for model in (PUPIL, TWIN):
            world.pin_with(model, 60)
    world.repo.git("reset", "--quiet", "--hard", "main")
    for model in (PUPIL, TWIN):
        world.pin_with(model, 80)
    world.commit()
    results = world.carry_out(failing(TWIN, fatal("silent")))
    assert names(results.cells) == [(PROMPT, PUPIL)]
    assert names(results.unfinished) == [(PROMPT, TWIN)]
    goes_away = issubclass(fatal, (TransientCallError, OutageError))
    assert results.unfinished[0].exit_code == (75 if goes_away else 2)
    assert max(Counter(world.paid()).values()) == 1


def test_a_budget_of_base_that_is_too_small_is_told_and_stops_no_other(two):
    with two.on_main():
        two.prompt("paints", skill=60, count=400)
        two.pipeline(**{**WHOLE, "budget": {"calls": 310}})
    two.repo.git("merge", "--quiet", "-m", "merge", "main")
    two.template(61, "paints")
    two.commit()
    results = two.carry_out()
    assert (PROMPT, PUPIL) in names(results.cells)
    (left,) = [one for one in results.unfinished if one.prompt == "paints"]
    assert left.exit_code == 2
    assert left.reason.startswith("pipelines/all.yaml:1: 310 calls are too few for paints")


def test_too_few_cases_are_told_and_stop_no_other(two):
    two.prompt("paints", count=3)
    two.commit()
    results = two.carry_out()
    assert names(results.cells) == [(PROMPT, PUPIL), (PROMPT, TWIN)]
    assert {one.prompt for one in results.unfinished} == {"paints"}
    assert "cases" in results.unfinished[0].reason


def test_a_budget_that_ends_before_the_first_score_is_told(two):
    results = two.carry_out(ceilings=Ceilings(tokens=30))
    assert results.cells == ()
    assert {one.exit_code for one in results.unfinished} == {5}
    assert "ended before anything was scored" in results.unfinished[0].reason
    assert exit_code(results) == 5


def test_a_budget_of_the_gate_that_ends_before_its_first_look_is_told(settled):
    with settled.on_main():
        settled.pipeline(**{**WHOLE, "gate": {"budget": {"calls": 5}}})
    settled.repo.git("reset", "--quiet", "--hard", "main")
    settled.pin_with(PUPIL, 95)
    settled.commit()
    results = settled.carry_out(ledger=".landrace/other.jsonl")
    assert results.cells == ()
    assert results.unfinished[0].exit_code == 5
    assert "the budget ended before the first look" in results.unfinished[0].reason


def test_a_budget_of_the_gate_that_ends_between_looks_is_no_result_until_a_later_run(tmp_path):
    world = World.make(tmp_path / "repo", gate={"budget": {"calls": 60}})
    with world.on_main():
        world.pin_with(PUPIL, 80)
    world.repo.git("reset", "--quiet", "--hard", "main")
    world.pin_with(PUPIL, 79, note="New.")
    world.commit()
    results = world.carry_out()
    assert results.cells == ()
    assert (results.unfinished[0].exit_code, results.gate.cells[0].looks) == (5, 1)
    assert "the budget ended: " in results.unfinished[0].reason
    assert world.gate_offline().exit_code == 4
    assert set(world.todo()) == {(PROMPT, PUPIL)}
    world.finish(run="run-2")  # goes on from what was paid for
    assert world.evidence().looks == 2
    assert max(Counter(world.paid()).values()) == 1


@pytest.mark.parametrize(
    ("codes", "code"), [((), 0), ((5,), 5), ((5, 75), 75), ((75, 5), 75), ((2, 5, 3), 5)]
)
def test_the_worst_reason_is_the_exit_code(codes, code):
    left = [SimpleNamespace(exit_code=each) for each in codes]
    assert exit_code(SimpleNamespace(unfinished=left)) == code


def test_an_outage_outweighs_a_spent_budget(two):
    with two.on_main():
        two.pipeline(**{**WHOLE, "budget": {"calls": 300, "tokens": 30}})
        two.pipeline("other", **{**WHOLE, "models": [TWIN]})
    two.repo.git("merge", "--quiet", "-m", "merge", "main")
    results = two.carry_out(failing(TWIN, OutageError("down")))
    left = {one.model: one.exit_code for one in results.unfinished}
    assert left == {PUPIL: 5, TWIN: 75}
    assert exit_code(results) == 75


@pytest.mark.parametrize("kind", ["optimize", "measure"])
def test_a_pin_of_base_that_takes_a_newer_landrace_stops_no_other(two, kind):
    with two.on_main():
        two.pin_with(PUPIL, 60)
        two.repo.edit(f"{CELL}/pin.json", '"schema": 1', '"schema": 2')
    two.repo.git("merge", "--quiet", "-m", "merge", "main")
    if kind == "optimize":
        two.template(52)
    else:
        two.pin_with(PUPIL, 90)
        two.pin_with(TWIN, 90)
    two.commit()
    results = two.carry_out()
    assert names(results.cells) == [(PROMPT, TWIN)]
    (left,) = results.unfinished
    assert "written by a newer landrace" in left.reason
    assert left.reason.startswith(results.base[:12])  # whose pin it is


def test_what_other_models_have_is_tried_though_one_pin_of_base_was_edited_by_hand(two):
    with two.on_main():
        two.pin_with(PUPIL, 60)
        two.pin_with(TWIN, 60)
        two.repo.write(f"{CELL}/prompt.jinja", "{% user %}edited{% enduser %}")
    two.repo.git("merge", "--quiet", "-m", "merge", "main")
    two.template(52)
    two.commit()
    two.finish()
    assert two.pin_of().parent is None
    assert two.pin_of(TWIN).parent is not None
    assert two.gate_offline().exit_code == 0


@pytest.fixture
def drafting(tmp_path) -> World:
    """A change of the prompt that the pipeline names; base has a draft of another one, too."""
    world = World.make(tmp_path / "repo", prompts=[PROMPT])
    with world.on_main():
        world.repo.write("prompts/draft/prompt.yaml", "description: not ready\n")
    world.repo.git("reset", "--quiet", "--hard", "main")
    world.template(51)
    return world


UNREADABLE = "prompts/draft/prompt.yaml cannot be read, so draft is not evaluated"


def test_a_draft_that_no_pipeline_names_stops_nothing(drafting):
    drafting.repo.write("prompts/draft/prompt.yaml", "description: not ready yet\n")
    drafting.commit()
    results = drafting.finish()
    assert names(results.cells) == [(PROMPT, PUPIL)]
    told = f"{results.base[:12]}:{UNREADABLE}"
    assert told in results.gate.notes
    report = drafting.gate_offline()
    assert (report.exit_code, told in report.notes) == (0, True)


def test_a_draft_may_be_mended_and_be_broken_again(drafting):
    drafting.prompt("draft")
    drafting.commit()
    drafting.finish()
    assert drafting.gate_offline().exit_code == 0
    with drafting.on_main():
        drafting.prompt("draft")
    drafting.repo.git("merge", "--quiet", "-m", "merge", "main")
    drafting.repo.write("prompts/draft/prompt.yaml", "description: not ready\n")
    head = drafting.commit()
    report = drafting.gate_offline()
    assert (report.exit_code, report.notes) == (0, (f"{head[:12]}:{UNREADABLE}",))


def test_a_broken_pin_of_a_model_that_no_pipeline_names_stops_nothing(settled):
    settled.template(52)
    settled.pin_with(TWIN, 60)
    settled.repo.write(f"registry/{PROMPT}/fake%2Ftwin/prompt.jinja", "edited")
    settled.commit()
    settled.finish()
    report = settled.gate_offline()
    assert report.exit_code == 4
    assert cell_of(report, TWIN).reason.endswith("no pipeline that base allows asks for this pin")


@pytest.mark.parametrize(
    ("limit", "prompt", "reason"),
    [
        (("MOST_EVIDENCE_BYTES", 4_000), PROMPT, "than 4,000 are committed; it has 82 answers"),
        (("MAX_VARIANT_BYTES", 300), "paints", "the file is larger than 300 bytes"),
    ],
)
def test_a_cell_whose_files_are_too_large_to_be_committed_stops_no_other(
    settled, monkeypatch, limit, prompt, reason
):
    """One is new, and searched; the other has many answers, and evidence alone."""
    settled.prompt("paints", skill=40, count=100)
    settled.pin_with(PUPIL, 95)
    settled.commit()
    with monkeypatch.context() as patched:
        patched.setattr(evidence, *limit)
        results = settled.carry_out()
        (left,) = results.unfinished
        assert (left.prompt, left.exit_code, reason in left.reason) == (prompt, 2, True)
        assert [cell.prompt for cell in results.cells] == list({PROMPT, "paints"} - {prompt})
    settled.take(results)
    assert set(settled.todo()) == {(prompt, PUPIL)}


def paid_for(world: World, ledger: str) -> Counter[str]:
    with Ledger(world.root / ledger) as opened:
        return Counter(record["key"] for record in opened.records() if record["kind"] == CALL)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A world with searches and a comparison to be done, and what an undisturbed run finds."""
    world = World.make(tmp_path_factory.mktemp("whole") / "repo", models=(PUPIL, TWIN))
    with world.on_main():
        world.pin_with(TWIN, 70)
    world.repo.git("reset", "--quiet", "--hard", "main")
    world.template(51)
    world.pin_with(TWIN, 75)
    world.commit()
    assert [kind.split(":")[0] for kind in world.todo().values()] == ["optimize", "measure"]
    return world, world.carry_out(ledger=".landrace/whole.jsonl")


@pytest.mark.parametrize("share", sorted(random.Random(5).random() for _ in range(8)))
def test_a_run_that_died_goes_on_to_the_same_bytes_and_pays_nothing_twice(whole, tmp_path, share):
    world, undisturbed = whole
    calls = sum(paid_for(world, ".landrace/whole.jsonl").values())
    world = world.copy(tmp_path / "repo")
    with pytest.raises(Killed):
        world.carry_out(dying(pupil, 1 + int(share * calls)), ledger=".landrace/broken.jsonl")
    again = world.carry_out(ledger=".landrace/broken.jsonl", run="run-2")
    assert again.cells == undisturbed.cells
    paid = paid_for(world, ".landrace/broken.jsonl")
    assert max(paid.values()) == 1
    assert paid.keys() == paid_for(world, ".landrace/whole.jsonl").keys()
    assert again.model_copy(update={"run": "", "gate": None}) == undisturbed.model_copy(
        update={"run": "", "gate": None}
    )


def test_a_new_prompt_gets_evidence_without_answers(settled):
    settled.prompt("paints", skill=40, count=100)
    settled.commit()
    settled.finish()
    found = settled.evidence("registry/paints/fake%2Fpupil")
    assert (found.answers, found.looks, found.drift) == ((), 0, None)
    assert settled.gate_offline().exit_code == 0
    assert settled.pin_of(prompt="paints").parent is None


def test_changed_cases_are_told_as_drift_and_bases_decide(settled):
    settled.cases([*words(80), *words(20, "more")])
    settled.commit()
    settled.finish()
    drift = settled.evidence().drift
    assert drift is not None
    assert drift.changed == ("cases",)
    assert settled.gate_offline().cells[0].drift == drift


def test_winners_are_tried_on_the_other_models_where_base_asks_for_it(tmp_path):
    world = World.make(tmp_path / "repo", models=(PUPIL, TWIN, "fake/third"), transfer=True)
    world.template(51)
    world.commit()
    world.take(world.carry_out(failing("fake/third", CallError("silent"))))
    found = world.evidence()
    assert [row.model for row in found.transfer] == [TWIN]  # the third one is silent
    assert 0 < found.transfer[0].score <= 1
    assert found.transfer[0].cases > 20


@pytest.mark.parametrize("calls", [60, 200])
def test_transfers_stay_within_the_gates_budget(tmp_path, calls):
    """They are paid out of what the comparison leaves, on a model that was asked nothing before."""
    models, gate = (PUPIL, TWIN), {"budget": {"calls": calls}}
    world = World.make(tmp_path / "repo", models=models, transfer=True, gate=gate)
    with world.on_main():
        world.pin_with(PUPIL, 60)
        world.pin_with(TWIN, 60)
    world.repo.git("reset", "--quiet", "--hard", "main")
    world.pin_with(PUPIL, 80)
    world.commit()
    gateway = ScriptedGateway(pupil)
    results = world.carry_out(gateway=gateway)
    asked = Counter(request.model for request in gateway.requests)
    (cell,) = results.gate.cells
    assert cell.spent.calls == asked[PUPIL] + asked[TWIN]
    holdout = 41
    assert asked[TWIN] == min(calls - asked[PUPIL], holdout) > 0
    world.take(results)
    assert [row.cases for row in world.evidence().transfer] == [holdout] * (calls == 200)


def test_what_calls_took_is_recorded_only_where_a_rule_is_about_it(tmp_path):
    kinds = {}
    for name, gate in {"score": {}, "tokens": {"metrics": [{"metric": "prompt_tokens"}]}}.items():
        world = World.make(tmp_path / name, gate=gate)
        world.pin_with(PUPIL, 60)
        world.commit()
        world.finish()
        kinds[name] = {answer.prompt_tokens > 0 for answer in world.evidence().answers}
        assert world.gate_offline().exit_code in {0, 1}
    assert kinds == {"score": {False}, "tokens": {True}}


def test_no_text_of_a_case_is_in_the_evidence(reworded):
    """Cases and outputs can be private; ids and scores are not."""
    text = reworded.results.cells[0].files["evidence.json"]
    world = World.make(reworded.world.root.parent / "private")
    with world.on_main():
        world.cases([{**line, "id": f"c{n}"} for n, line in enumerate(words(100, "secret"))])
    world.repo.git("reset", "--quiet", "--hard", "main")
    world.pin_with(PUPIL, 60)
    world.commit()
    world.finish()
    assert '"case": "word' in text
    assert "secret" not in world.read(f"{CELL}/evidence.json")
    assert '"case": "c' in world.read(f"{CELL}/evidence.json")


def test_a_winner_with_a_key_out_of_its_cases_does_not_leave_the_job(world):
    key = "sk-proj-4Gd8hfKq0LmNpRsTuVwXyZ2a"
    cases = words(100)
    for case in cases:
        case["inputs"]["word"] = f"{key} {case['inputs']['word']}"
    world.cases(cases)
    world.commit()
    results = world.carry_out()
    assert (results.cells, exit_code(results)) == ((), 3)
    [left] = results.unfinished
    assert "of the winner's prompt.jinja looks like a secret (a key of OpenAI)" in left.reason
    assert key not in results.model_dump_json()
