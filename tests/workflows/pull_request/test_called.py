"""Whom the work of a pull request asks, and that it is checked before the first call."""

from __future__ import annotations

import pytest
from kinds import TWIN, WHOLE

from colours import CONFIG
from landrace.errors import ModelError
from landrace.gateway.scripted import ScriptedGateway
from landrace.workflows.pull_request.called import called, model_ids
from pull_request_world import PROMPT, PUPIL, World, pupil

JUDGE, WRITER, OTHER = "fake/judge", "fake/writer", "fake/other-judge"


def judge(model: str = JUDGE) -> dict[str, str]:
    return {"metric": "llm_judge", "model": model, "rubric": "Is it red?"}


def judged(request):
    return '{"score": 5, "reason": "x"}' if request.model == JUDGE else pupil(request)


def called_in(world: World) -> dict[str, set[str]]:
    """The ids of all that each model's cell asks."""
    with world.opened() as change:
        return {
            work.cell.model.id: model_ids([called(change.check, work)])
            for work in change.scope.work
        }


def without(missing: str):
    """A check that fails for one model, and keeps whom it was asked about."""

    def check(model, _params):
        check.asked.append(model)
        if model == missing:
            raise ModelError("there is no key", where=model)

    check.asked = []
    return check


def pin(world: World, model: str, skill: int) -> None:
    """One that a search with the pipeline's proposer has found."""
    world.pin_with(model, skill)
    world.edit_pin(
        lambda found: found._replace(search=found.search._replace(proposer=WRITER)), model
    )


@pytest.fixture
def asking(tmp_path) -> World:
    """Two models, of which each gets the other's winner, a proposer and a judge."""
    world = World.make(
        tmp_path / "repo", models=(PUPIL, TWIN), proposer={"id": WRITER}, transfer=True
    )
    with world.on_main():
        world.config(metrics=[judge()])
        pin(world, PUPIL, 60)
        pin(world, TWIN, 60)
    world.repo.git("reset", "--quiet", "--hard", "main")
    return world


def test_a_search_asks_proposer_and_judge_and_its_winner_is_tried(asking):
    asking.template(52)
    asking.commit()
    assert called_in(asking) == {name: {PUPIL, TWIN, WRITER, JUDGE} for name in (PUPIL, TWIN)}


def test_a_comparison_alone_asks_no_proposer(asking):
    pin(asking, PUPIL, 95)
    asking.commit()
    assert called_in(asking) == {PUPIL: {PUPIL, TWIN, JUDGE}}


def test_what_base_lacks_is_compared_and_tried_nowhere(world):
    world.prompt("paints", count=100)
    world.commit()
    assert called_in(world) == {PUPIL: {PUPIL}}


def test_the_judge_of_base_is_asked_though_head_has_done_without(asking):
    asking.config(metrics=CONFIG["metrics"])
    pin(asking, PUPIL, 95)
    asking.commit()
    assert JUDGE in called_in(asking)[PUPIL]


def test_a_judge_that_base_does_not_ask_is_neither_listed_nor_checked(asking):
    asking.config(metrics=[judge(OTHER)])
    asking.commit()
    check = without(OTHER)
    assert called_in(asking) == {}
    assert asking.carry_out(judged, check_model=check).unfinished == ()
    assert check.asked == []


@pytest.mark.parametrize("pinned", [True, False], ids=["measured", "searched"])
def test_a_judge_that_cannot_be_called_is_told_before_the_first_call(asking, pinned):
    if pinned:
        pin(asking, PUPIL, 95)
    else:
        asking.template(52)
    asking.commit()
    gateway = ScriptedGateway(judged)
    results = asking.carry_out(gateway=gateway, check_model=without(JUDGE))
    assert (results.cells, gateway.calls) == ((), 0)
    assert {one.exit_code for one in results.unfinished} == {2}
    assert {one.reason for one in results.unfinished} == {f"{JUDGE}: there is no key"}


def test_it_stops_no_prompt_that_does_without(asking):
    with asking.on_main():
        asking.prompt("paints", count=100)
        asking.pipeline(**WHOLE)
    asking.repo.git("merge", "--quiet", "-m", "merge", "main")
    asking.template(52)
    asking.template(52, "paints")
    asking.commit()
    results = asking.carry_out(judged, check_model=without(JUDGE))
    assert [cell.prompt for cell in results.cells] == ["paints"]
    assert [left.prompt for left in results.unfinished] == [PROMPT]


def test_a_model_on_which_a_winner_is_only_tried_stops_nothing(asking):
    pin(asking, PUPIL, 95)
    asking.commit()
    results = asking.carry_out(judged, check_model=without(TWIN))
    assert (len(results.cells), results.unfinished) == (1, ())
