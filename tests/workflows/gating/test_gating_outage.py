"""A provider that is down is never a verdict, and a later run pays for nothing twice."""

from __future__ import annotations

from collections import Counter

import pytest

from colours import luck
from dying import dying
from gating_world import verdicts
from landrace.errors import CallError, TransientCallError
from landrace.evaluation.scorer import OUTAGE_CALLS
from landrace.gateway.retrying import RetryingGateway
from skill import PROMPT, PUPIL, TWIN, moody, pupil, skill_of, word_of

WARM = [{"id": PUPIL, "params": {"temperature": 1}}]


def down(gateway):
    """As the real gateways are: patient, without a pause."""
    return RetryingGateway(gateway, attempts=2, sleep=lambda _seconds: None)


class TestOutage:
    @pytest.fixture(autouse=True)
    def _change(self, world):
        world.template(5)

    @pytest.mark.parametrize("through", [down, lambda gateway: gateway])
    def test_a_provider_that_is_down(self, world, through):
        run = world.gate(lambda _request: TransientCallError("503"), through=through)
        assert set(verdicts(run).values()) == {"NOT EVALUATED"}
        assert run.report.exit_code == 75
        assert world.paid() == []

    @pytest.mark.parametrize("share", [0.3, 1])
    def test_a_provider_that_answers_and_refuses_is_not_down(self, world, share):
        def answer(request):
            refused = luck("refused", word_of(request)) < share
            return CallError("the text is too long") if refused else pupil(request)

        run = world.gate(answer, through=down)
        assert set(verdicts(run).values()) == {"NOT EVALUATED"}
        assert run.report.exit_code == 2
        assert run.report.cells[0].reason.endswith(": the text is too long")

    @pytest.mark.parametrize("share", [0.2, 0.3])
    def test_many_failing_calls_leave_too_little_to_tell(self, world, share):
        run = world.gate(failure_rate=share)
        assert set(verdicts(run).values()) == {"NOT EVALUATED"}
        assert run.report.exit_code == 75
        assert "of the questions were answered on both sides" in run.report.cells[0].reason
        kept = len(world.paid())
        again = world.gate()
        assert set(verdicts(again).values()) == {"FAIL"}
        assert len(world.paid()) == kept + again.gateway.calls
        assert max(Counter(world.paid()).values()) == 1

    def test_a_fifth_of_failing_calls_is_enough_where_they_are_tried_again(self, world):
        run = world.gate(
            failure_rate=0.2, through=lambda g: RetryingGateway(g, sleep=lambda _s: None)
        )
        assert set(verdicts(run).values()) == {"FAIL"}

    def test_the_policy_says_how_much_is_enough(self, world):
        world.repo.git("checkout", "--quiet", ".")
        world.pipeline(gate={"min_coverage": 0.5})
        world.commit()
        world.template(5)
        run = world.gate(failure_rate=0.3)
        assert set(verdicts(run).values()) == {"FAIL"}
        assert all(cell.coverage < 1 for cell in run.report.cells)

    @pytest.mark.parametrize("at", [3, 45, 70, 130])
    def test_one_that_dies_in_the_middle_and_comes_back(self, world, at):
        world.repo.git("checkout", "--quiet", ".")
        world.template(88)
        run = world.gate(dying(pupil, at, TransientCallError("503")), through=down)
        assert "NOT EVALUATED" in verdicts(run).values()
        assert not {"PASS", "FAIL"} & {c.verdict for c in run.report.cells if c.coverage < 1}
        assert run.report.exit_code == 75
        kept = len(world.paid())
        assert kept == at - 1
        again = world.gate()
        assert again.gateway.calls == 240 - kept
        assert max(Counter(world.paid()).values()) == 1

    def test_one_that_dies_between_repeats(self, world):
        world.repo.git("checkout", "--quiet", ".")
        world.pipeline(models=WARM)
        world.commit()
        world.template(86)
        run = world.gate(dying(moody, 121, TransientCallError("503")))
        cell = run.report.cells[0]
        assert cell.looks >= 2, "all cases were answered once"
        assert (cell.verdict, run.report.exit_code) == ("NOT EVALUATED", 75)

    def test_a_small_budget_does_not_hide_it(self, world):
        failing = lambda _request: TransientCallError("503")  # noqa: E731
        run = world.gate(failing, calls=OUTAGE_CALLS + 1)
        assert run.report.exit_code == 75

    def test_one_model_of_two(self, world):
        def half(request):
            return TransientCallError("503") if request.model == TWIN else pupil(request)

        run = world.gate(half)
        assert verdicts(run) == {(PROMPT, PUPIL): "FAIL", (PROMPT, TWIN): "NOT EVALUATED"}
        assert run.report.exit_code == 1, "a shown regression outweighs what could not be seen"


def test_a_pin_of_base_that_is_refused_can_be_deleted_there(world):
    """Then the winner is compared with what applications would be served without the pin."""

    def answer(request):
        return CallError("the text is too long") if skill_of(request) == 70 else pupil(request)

    world.pin(70)
    world.commit()
    world.branch()
    world.pin(90)
    head = world.commit()
    run = world.gate(answer, head=head)
    (cell,) = run.report.cells
    assert (cell.verdict, run.report.exit_code) == ("NOT EVALUATED", 2)
    assert ": the text is too long; nothing that base's pin asks was answered" in cell.reason
    folder = "registry/colours/fake%2Fpupil"
    assert f"delete {folder} on the base branch" in cell.reason
    world.switch("main")
    world.repo.git("rm", "-r", "--quiet", folder)
    base = world.commit()
    (cell,) = world.gate(answer, base=base, head=head).report.cells
    assert (cell.base.kind, cell.head.kind) == ("template", "pin")
    assert cell.verdict != "NOT EVALUATED"


@pytest.mark.parametrize("refused", [75, 90])
def test_nobody_is_told_to_delete_a_pin_that_answers_or_is_none(world, refused):
    """75 is the skill of base's template, 90 that of head's pin."""
    world.template(75)
    world.commit()
    world.branch()
    world.pin(90)
    head = world.commit()

    def answer(request):
        return CallError("too long") if skill_of(request) == refused else pupil(request)

    (cell,) = world.gate(answer, head=head).report.cells
    assert cell.verdict == "NOT EVALUATED"
    assert "delete" not in cell.reason
