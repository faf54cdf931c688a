"""The whole gate on real repositories: who is asked, and that the same is said again."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace

import pytest

from colours import CONFIG, luck
from dying import Killed, dying
from gating_world import verdicts, without_spending
from landrace.errors import ModelError
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.schemas.pipeline import Budget
from landrace.store.project import Project
from landrace.workflows.evaluate import evaluate
from landrace.workflows.evaluation_setup import set_up
from landrace.workflows.services import Services
from skill import PROMPT, PUPIL, TWIN, moody, pupil, skill_of, word_of

WARM = [{"id": PUPIL, "params": {"temperature": 1}}]


class TestWhatIsAsked:
    def test_only_changed_cells(self, world):
        world.prompt("shapes", skill=70)
        world.commit()
        world.template(20)
        run = world.gate()
        assert set(verdicts(run)) == {(PROMPT, PUPIL), (PROMPT, TWIN)}
        assert {skill for _, skill in run.asked} == {"skill=90", "skill=20"}
        assert run.report.unchanged == 2

    def test_nobody_where_nothing_changed(self, world):
        run = world.gate()
        assert (run.gateway.calls, run.report.verdict, run.report.exit_code) == (0, "PASS", 0)
        assert run.report.reason == "nothing that is evaluated changed"

    def test_base_is_free_once_an_eval_has_asked(self, world):
        gateway = ScriptedGateway(pupil)
        with Ledger(world.root / ".landrace/ledger.jsonl") as ledger:
            setups = set_up(
                Project(world.root), PROMPT, models=(), variant="base", split="all", cases=None
            )
            for setup in setups:
                evaluate(
                    setup.variant,
                    setup.cases(),
                    model=setup.model,
                    metric=setup.metric,
                    budget=Budget(),
                    services=Services(gateway, ledger),
                    on_outcome=lambda _outcome, _spent: None,
                )
        assert gateway.calls == 120
        world.template(88)
        run = world.gate()
        assert {skill for _, skill in run.asked} == {"skill=88"}
        assert run.report.spent.calls == run.gateway.calls == 120
        assert run.report.spent.reused == 120

    def test_the_same_gate_again_is_free_and_another_head_pays_for_head_alone(self, world):
        world.template(88)
        first = world.gate()
        again = world.gate()
        assert again.gateway.calls == 0
        assert again.report.spent.reused == first.gateway.calls
        world.template(87)
        assert {skill for _, skill in world.gate().asked} == {"skill=87"}
        assert max(Counter(world.paid()).values()) == 1

    def test_both_sides_are_asked_the_same_words_in_the_same_order(self, world):
        world.pipeline(models=[{"id": PUPIL, "concurrency": 1}])
        world.commit()
        world.template(88)
        run = world.gate()
        asked = {90: [], 88: []}
        for request in run.gateway.requests:
            asked[skill_of(request)].append(word_of(request))
        assert asked[90] == asked[88]
        assert asked[90] == [score.case_id for score in run.report.cells[0].scores]
        assert len(set(asked[90])) == 60

    def test_an_unfit_head_fails_without_a_call(self, world):
        world.config(
            inputs={
                **CONFIG["inputs"],
                "properties": {"term": {"type": "string"}},
                "required": ["term"],
            }
        )
        world.repo.write("prompts/colours/prompt.jinja", "{{ term }}\n")
        world.cases([{"id": "a", "inputs": {"term": "a"}, "expected": "red"}])
        run = world.gate()
        assert run.report.exit_code == 1
        assert "head cannot take base's cases: case `word" in run.report.cells[0].reason
        assert {word_of(request) for request in run.gateway.requests} <= {"a"}, "the new suite"

    def test_a_model_that_cannot_be_called_ends_the_run(self, world):
        world.template(80)
        with pytest.raises(ModelError):
            world.gate(lambda _request: ModelError("no key"))


class TestSameAgain:
    def test_the_same_inputs_and_ledger_give_the_same_bytes(self, world):
        world.pipeline(models=WARM)
        world.commit()
        world.template(86)
        first = world.gate(moody, ledger=".landrace/one.jsonl").report
        second = world.gate(moody, ledger=".landrace/two.jsonl").report
        assert first.model_dump_json() == second.model_dump_json()
        shutil.copy(world.root / ".landrace/one.jsonl", world.root / ".landrace/three.jsonl")
        third = world.gate(moody, ledger=".landrace/one.jsonl").report
        fourth = world.gate(moody, ledger=".landrace/three.jsonl").report
        assert third.model_dump_json() == fourth.model_dump_json()
        assert without_spending(third) == without_spending(first)

    def test_a_commit_and_the_work_tree_say_the_same(self, world):
        world.branch()
        world.template(86)
        world.commit()
        work_tree, commit = (
            json.loads(
                world.gate(head=head, ledger=f".landrace/{head}.jsonl").report.model_dump_json()
            )
            for head in (None, "topic")
        )
        assert commit.pop("head") == world.repo.git("rev-parse", "topic")
        assert work_tree.pop("head") == "work tree"
        assert work_tree == commit

    @pytest.mark.parametrize("error", [Killed, KeyboardInterrupt])
    @pytest.mark.parametrize("at", [1, 20, 61, 100, 160, 230])
    def test_a_gate_that_died_says_the_same_when_it_is_run_again(self, world, at, error):
        world.template(88)
        whole = world.gate(ledger=".landrace/whole.jsonl")
        with pytest.raises(error):
            world.gate(dying(pupil, at, error))
        assert len(world.paid()) == at - 1, "calls that had finished are kept"
        again = world.gate()
        assert without_spending(again.report) == without_spending(whole.report)
        assert sorted(world.paid()) == sorted(world.paid(".landrace/whole.jsonl"))

    def test_latencies_out_of_the_ledger_are_those_of_the_run(self, world):
        rule = {"metric": "latency_s", "allowed_drop": 0.5}
        world.pipeline(models=[PUPIL], gate={"metrics": [rule]})
        world.commit()
        world.template(86)

        def slow(gateway):
            return Slow(gateway)

        first = world.gate(through=slow).report
        again = world.gate(through=slow).report
        assert first.cells[0].claims[0].base is not None
        assert without_spending(again) == without_spending(first)


class Slow:
    """A model that takes as long as its luck says."""

    def __init__(self, inner):
        self._inner = inner

    def complete(self, request):
        completion = self._inner.complete(request)
        return replace(completion, latency_s=luck(word_of(request), skill_of(request)))
