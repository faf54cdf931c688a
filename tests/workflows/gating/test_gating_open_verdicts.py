"""Only what is open is asked more, within a budget; critical cases are asked again."""

from __future__ import annotations

from collections import Counter

import pytest

from colours import CONFIG, luck
from fake_clock import Clock
from gating_world import verdicts
from landrace.errors import ConfigError, TransientCallError
from skill import PROMPT, PUPIL, TWIN, moody, pupil, skill_of, word_of, words

WARM = [{"id": PUPIL, "params": {"temperature": 1}}]
MARK = {"critical": True}


class TestLooks:
    def test_what_is_decided_costs_no_more_and_what_is_open_goes_on(self, world):
        world.prompt("shapes")
        world.cases(words(60, "shape"), "shapes")
        world.pipeline(models=[PUPIL])
        world.commit()
        world.template(10)
        world.template(88, "shapes")
        run = world.gate()
        clear, open_ = run.report.cells
        assert (clear.prompt, clear.verdict, clear.looks, clear.spent.calls) == (
            (PROMPT, "FAIL", 1, 60)
        )
        assert (open_.looks, open_.spent.calls) == (2, 120)
        assert (clear.looks_planned, open_.looks_planned) == (2, 2)

    def test_repeats_come_after_all_cases_and_only_where_the_model_varies(self, world):
        world.pipeline(models=WARM)
        world.commit()
        world.template(86)
        run = world.gate(moody)
        cell = run.report.cells[0]
        repeats = Counter(request.repeat for request in run.gateway.requests)
        assert cell.looks_planned == 4
        assert set(repeats) == set(range(cell.repeats))
        assert repeats[0] == repeats[max(repeats)] == 120
        assert cell.spent.calls == 120 * cell.repeats

    def test_a_model_at_temperature_0_is_not_asked_twice(self, world):
        world.template(86)
        run = world.gate()
        assert {request.repeat for request in run.gateway.requests} == {0}
        assert max(Counter(request.digest for request in run.gateway.requests).values()) == 1

    def test_too_few_cases_are_looked_at_once(self, world):
        world.cases(words(12))
        world.commit()
        world.template(86)
        cell = world.gate().report.cells[0]
        assert (cell.looks_planned, cell.cases) == (1, 12)

    @pytest.mark.parametrize("cases", [1, 2, 3])
    def test_so_few_cases_cannot_tell(self, world, cases):
        world.cases(words(cases))
        world.commit()
        world.template(89)
        assert world.gate().report.verdict == "INCONCLUSIVE"

    def test_an_empty_holdout_cannot_tell_and_costs_nothing(self, world):
        world.cases([{**case, "split": "search"} for case in words(20)])
        world.commit()
        world.pin(80)
        run = world.gate()
        cell = next(cell for cell in run.report.cells if cell.model == PUPIL)
        assert (cell.verdict, run.gateway.calls) == ("INCONCLUSIVE", 0)
        assert "no case is in the holdout" in cell.reason

    def test_a_policy_that_blocks_on_it_exits_with_6(self, world):
        world.cases(words(12))
        world.pipeline(gate={"inconclusive": "block"})
        world.commit()
        world.template(86)
        report = world.gate().report
        assert (report.verdict, report.exit_code) == ("INCONCLUSIVE", 6)

    def test_claims_are_held_to_more_where_more_cells_are_judged(self, world):
        """Holm: the same drop fails by itself, and not among twenty."""
        for number in range(19):
            world.prompt(f"p{number}")
        world.pipeline(models=[PUPIL], gate={"looks": [1]})
        world.commit()
        world.template(76)
        alone = world.gate().report.cells[0].claims[0]
        for number in range(19):
            world.template(89, f"p{number}")
        among = next(c for c in world.gate().report.cells if c.prompt == PROMPT).claims[0]
        assert (alone.difference, alone.low, alone.high) == (
            among.difference,
            among.low,
            among.high,
        )
        assert among.fail_high > alone.fail_high
        assert (alone.verdict, among.verdict) == ("FAIL", "INCONCLUSIVE")

    def test_cells_that_are_decided_without_a_call_do_not_count(self, world):
        for number in range(19):
            world.prompt(f"p{number}")
        world.pipeline(models=[PUPIL], gate={"looks": [1]})
        world.commit()
        world.template(76)
        for number in range(19):
            world.config(f"p{number}", inputs={**CONFIG["inputs"], "title": "Word"})
        report = world.gate().report
        assert len(report.cells) == 20
        assert next(c for c in report.cells if c.prompt == PROMPT).verdict == "FAIL"


class TestBudget:
    def test_one_that_ends_before_the_first_look(self, world):
        world.template(88)
        run = world.gate(calls=50)
        assert verdicts(run) == {(PROMPT, PUPIL): "NOT EVALUATED", (PROMPT, TWIN): "NOT EVALUATED"}
        assert run.report.exit_code == 5
        assert "the budget ended before the first look" in run.report.cells[0].reason
        assert run.gateway.calls <= 100

    def test_one_that_ends_between_looks(self, world):
        world.template(88)
        run = world.gate(calls=70)
        assert set(verdicts(run).values()) == {"INCONCLUSIVE"}
        assert run.report.exit_code == 5
        assert run.report.cells[0].looks == 1
        assert run.report.cells[0].claims

    def test_what_was_paid_for_is_kept_and_the_next_run_goes_on(self, world):
        world.template(88)
        paid = sum(world.gate(calls=50).gateway.calls for _ in range(3))
        assert paid == 240
        assert max(Counter(world.paid()).values()) == 1
        assert world.gate().gateway.calls == 0

    def test_the_policy_of_base_has_ceilings_too(self, world):
        world.pipeline(gate={"budget": {"calls": 50}})
        world.commit()
        world.pipeline(gate={"budget": {"calls": 5000}})
        world.template(88)
        assert world.gate().report.exit_code == 5

    def test_a_failed_rule_outweighs_an_ended_budget(self, world):
        world.prompt("shapes")
        world.pipeline(models=[PUPIL])
        world.commit()
        world.template(5)
        world.template(88, "shapes")
        report = world.gate(calls=70).report
        assert [cell.verdict for cell in report.cells] == ["FAIL", "INCONCLUSIVE"]
        assert report.exit_code == 1

    def test_where_only_a_warning_is_open_the_cell_has_passed(self, world):
        warn = {"metric": "completion_tokens", "allowed_drop": 0, "severity": "warning"}
        world.cases(words(300))
        world.pipeline(models=[PUPIL], gate={"metrics": [{"allowed_drop": 0.2}, warn]})
        world.commit()
        world.template(89)
        report = world.gate(calls=400).report
        assert (report.verdict, report.exit_code) == ("PASS", 0)
        assert [claim.verdict for claim in report.cells[0].claims] == ["PASS", "INCONCLUSIVE"]


class TestTimeAndMoney:
    @pytest.fixture(autouse=True)
    def _one_call_at_a_time(self, world):
        models = [{"id": each, "concurrency": 1} for each in (PUPIL, TWIN)]
        world.pipeline(models=models)
        world.commit()
        world.template(88)

    def test_time_that_ends_before_the_first_look(self, world):
        clock = Clock()
        run = world.gate(through=clock.around, clock=clock, seconds=30)
        assert set(verdicts(run).values()) == {"NOT EVALUATED"}
        assert run.report.exit_code == 5
        said = "the budget ended before the first look: the next call might pass"
        assert all(cell.reason.startswith(said) for cell in run.report.cells)
        assert 2 * 25 <= clock.now <= 2 * 30

    def test_a_cell_has_its_seconds_for_itself(self, world):
        """Cells take turns, look by look: what another one takes is no time of its own."""
        free = verdicts(world.gate(ledger=".landrace/free.jsonl"))
        clock = Clock()
        run = world.gate(through=clock.around, clock=clock, seconds=125)
        assert verdicts(run) == free
        assert clock.now == run.gateway.calls == 240

    def test_money(self, world):
        run = world.gate(price=1e-4, cost_usd=0.05)
        assert set(verdicts(run).values()) == {"NOT EVALUATED"}
        assert run.report.exit_code == 5
        assert all(0.02 < cell.spent.cost_usd <= 0.05 for cell in run.report.cells)
        assert run.report.spent.cost_usd == sum(cell.spent.cost_usd for cell in run.report.cells)

    def test_money_that_is_enough_is_told(self, world):
        run = world.gate(price=1e-4, cost_usd=2)
        spent = run.report.spent
        assert run.gateway.calls == 240
        tokens = spent.prompt_tokens + spent.completion_tokens
        assert spent.cost_usd == pytest.approx(1e-4 * tokens)

    def test_without_a_price_no_cost_is_told_and_no_ceiling_on_it_is_taken(self, world):
        run = world.gate(price=None)
        assert run.report.spent.cost_usd is None
        assert {cell.spent.cost_usd for cell in run.report.cells} == {None}
        with pytest.raises(ConfigError, match=f"no price is known for {PUPIL}"):
            world.gate(price=None, cost_usd=1, ledger=".landrace/new.jsonl")
        assert world.paid(".landrace/new.jsonl") == []


class TestCriticalCases:
    @pytest.fixture
    def marked(self, world):
        """One critical case, which base solves."""
        lines = words(60)
        solved = next(line for line in lines if luck(line["id"]) < 0.5)
        solved["metadata"] = MARK
        world.cases(lines)
        world.commit()
        return solved["id"]

    @staticmethod
    def losing(case, share=1.0):
        def answer(request):
            lost = luck(request.repeat, "lost") < share
            if word_of(request) == case and skill_of(request) == 89 and lost:
                return "blue"
            return pupil(request)

        return answer

    def test_a_lost_one_fails_although_the_mean_holds(self, world, marked):
        world.template(89)
        run = world.gate(self.losing(marked))
        cell = run.report.cells[0]
        assert (cell.verdict, [found.name for found in cell.breaks]) == ("FAIL", [marked])
        assert cell.reason == f"the case {marked} broke"

    def test_head_cannot_unmark_it(self, world, marked):
        world.template(89)
        world.cases(words(60))
        assert world.gate(self.losing(marked)).report.verdict == "FAIL"

    def test_one_that_seems_lost_is_asked_again_where_the_model_varies(self, world, marked):
        world.pipeline(models=WARM, gate={"repeats": 5})
        world.commit()
        world.template(89)

        def once(request):
            lost = word_of(request) == marked and skill_of(request) == 89 and not request.repeat
            return "blue" if lost else "red"

        run = world.gate(once)
        cell = run.report.cells[0]
        again = [r for r in run.gateway.requests if word_of(r) == marked]
        assert {request.repeat for request in again} == set(range(5))
        assert cell.breaks == ()
        assert cell.verdict != "FAIL"
        assert [score.case_id for score in cell.scores if score.flaky] == [marked]

    def test_and_is_lost_where_it_stays_lost(self, world, marked):
        world.pipeline(models=WARM)
        world.commit()
        world.template(89)
        run = world.gate(self.losing(marked))
        assert "over 3 answers" in run.report.cells[0].breaks[0].reason

    def test_without_an_answer_to_that_it_is_not_believed(self, world, marked):
        world.pipeline(models=WARM)
        world.commit()
        world.template(89)
        lost = self.losing(marked)

        def silent(request):
            return TransientCallError("503") if request.repeat else lost(request)

        report = world.gate(silent).report
        assert (report.verdict, report.exit_code) == ("NOT EVALUATED", 75)
        assert f"the critical case {marked} seems broken" in report.cells[0].reason

    def test_a_whole_tag_fails_as_well(self, world):
        lines = words(60)
        tagged = [line for line in lines if luck(line["id"]) < 0.5][:12]
        for line in tagged:
            line["metadata"] = {"tags": ["hard"]}
        world.cases(lines)
        world.pipeline(gate={"metrics": [{"allowed_drop": 0.9}]})
        world.commit()
        world.template(89)
        lost = {line["id"] for line in tagged}

        def answer(request):
            return (
                "blue" if skill_of(request) == 89 and word_of(request) in lost else pupil(request)
            )

        cell = world.gate(answer).report.cells[0]
        assert cell.verdict == "FAIL"
        assert [(found.kind, found.name) for found in cell.breaks] == [("tag", "hard")]
