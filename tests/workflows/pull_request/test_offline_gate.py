"""The gate on committed evidence: the same verdicts as those that were asked for, without a call."""

from __future__ import annotations

import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kinds import WHOLE

from pull_request_world import CELL, PROMPT, PUPIL, World, cell_of, moody_pupil, pupil

MODELS = [f"fake/pupil-{n}" for n in range(4)]


def of_skills(root, before: list[int], after: list[int], *, warm=False, **pipeline) -> World:
    """Pins of known skills for as many models, base's and head's; nothing is measured yet."""
    names, params = MODELS[: len(before)], {"temperature": 1} if warm else {}
    models = tuple({"id": name, "params": params} for name in names)
    world = World.make(root, models=models, **pipeline)
    with world.on_main():
        _pin_all(world, names, before, params)
    world.repo.git("reset", "--quiet", "--hard", "main")
    _pin_all(world, names, after, params, note="New.")
    world.commit()
    return world


def _pin_all(world, names, skills, params, note=""):
    for name, skill in zip(names, skills, strict=True):
        world.pin_with(name, skill, note=note)
        world.edit_pin(lambda pin: with_params(pin, **params), name)


def with_params(pin, **params):
    return pin._replace(model=pin.model._replace(params={**pin.model.params, **params}))


def verdicts(report) -> dict[str, tuple]:
    return {
        cell.model: (cell.verdict, cell.reason, cell.looks, cell.claims, cell.breaks, cell.scores)
        for cell in report.cells
    }


@settings(max_examples=12, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    skills=st.lists(
        st.tuples(st.sampled_from([40, 60, 80]), st.sampled_from([-40, -20, -6, 0, 10])),
        min_size=1,
        max_size=4,
    ),
    gate=st.fixed_dictionaries(
        {},
        optional={
            "confidence": st.sampled_from([0.8, 0.99]),
            "looks": st.sampled_from([[1.0], [0.6, 0.8, 1.0]]),
            "metrics": st.sampled_from(
                [
                    [{"allowed_drop": 0.3}],
                    [{"floor": 0.5}],
                    [{"metric": "prompt_tokens"}, {"metric": "score", "severity": "warning"}],
                ]
            ),
        },
    ),
    warm=st.booleans(),
)
def test_its_verdict_is_that_of_the_run_that_asked(tmp_path_factory, skills, gate, warm):
    """Better, same and worse pins; several looks; repeats; several cells under Holm's rule."""
    before = [skill for skill, _ in skills]
    after = [skill + change for skill, change in skills]
    root = tmp_path_factory.mktemp("verdicts") / "repo"
    world = of_skills(root, before, after, warm=warm, gate=gate)
    assert set(world.todo().values()) == {"measure: there is no evidence yet"}
    asked = world.finish(moody_pupil if warm else pupil)
    report = world.gate_offline()
    assert report.spent.calls == 0
    assert world.todo() == {}
    mine, theirs = verdicts(report), verdicts(asked.gate)
    assert {model: found[:2] for model, found in mine.items()} == {
        model: found[:2] for model, found in theirs.items()
    }
    assert {model: found[3:5] for model, found in mine.items()} == {
        model: found[3:5] for model, found in theirs.items()
    }


MILD = [{"allowed_drop": 0.15}]


@pytest.fixture
def four(tmp_path) -> World:
    """Four cells: better, the same answers, unclear, and worse, each with its evidence."""
    skills = [50, 50, 50, 90], [90, 50, 44, 20]
    world = of_skills(tmp_path / "repo", *skills, gate={"metrics": MILD})
    world.finish()
    found = {cell.model: cell.verdict for cell in world.gate_offline().cells}
    assert found == dict(zip(MODELS, ["PASS", "PASS", "INCONCLUSIVE", "FAIL"], strict=True))
    return world


def base_pipeline(world: World, **changes) -> None:
    with world.on_main():
        world.pipeline(**{**WHOLE, "models": MODELS, **changes})


def folder(number: int) -> str:
    return f"registry/{PROMPT}/{MODELS[number].replace('/', '%2F')}"


def test_exit_codes_and_which_of_them_goes_before_which(four):
    """3 before 1, 1 before 4, 4 before 6."""
    block = {"metrics": MILD, "inconclusive": "block"}
    assert four.gate_offline().exit_code == 1
    four.repo.git("rm", "--quiet", f"{folder(0)}/evidence.json")
    four.commit()
    assert four.gate_offline().exit_code == 1
    four.repo.write(f"{folder(1)}/evidence.json", "{}")
    four.commit()
    assert four.gate_offline().exit_code == 3
    four.repo.git("checkout", "HEAD~2", "--", folder(1))
    four.repo.git("rm", "-r", "--quiet", folder(3))
    four.repo.git("checkout", "main", "--", folder(3))
    four.commit()
    report = four.gate_offline()
    assert (report.verdict, report.exit_code) == ("NOT EVALUATED", 4)
    four.repo.git("checkout", "HEAD~3", "--", folder(0))
    four.commit()
    report = four.gate_offline()
    assert (report.verdict, report.exit_code) == ("INCONCLUSIVE", 0)
    base_pipeline(four, gate=block)
    assert set(four.todo().values()) == {"measure: the policy of base changed"}
    four.finish(run="run-2")
    report = four.gate_offline()
    assert (report.verdict, report.exit_code) == ("INCONCLUSIVE", 6)


def test_a_cell_that_differs_in_nothing_needs_no_answers(landed):
    """The incumbent is kept, so the model is asked the same on both sides."""
    world = landed.world
    world.switch("main")
    world.repo.git("merge", "--quiet", "--ff-only", "change")
    world.repo.git("checkout", "--quiet", "-B", "change")
    world.template(59)
    world.commit()
    world.finish(lambda _request: "red", ledger=".landrace/perfect.jsonl")
    assert (world.evidence().looks, world.evidence().answers) == (0, ())
    report = world.gate_offline()
    assert (report.cells[0].verdict, report.cells[0].claims, report.exit_code) == ("PASS", (), 0)
    assert report.cells[0].reason == "the model is asked the same on both sides"


def test_a_failure_among_few_is_judged_anew_among_many(tmp_path):
    """The cells of later runs count, too: no verdict of an earlier one stands by itself.

    The first run fails its cell at the first look, sure enough for one claim. Among four it is
    not, and the second look decides: it is recorded, although the run had no need of it.
    """
    world = of_skills(tmp_path / "repo", [90, 50, 50, 50], [55, 50, 50, 50])
    world.repo.git("checkout", "main", "--", *(folder(number) for number in (1, 2, 3)))
    world.commit()
    alone = world.finish()
    (cell,) = alone.gate.cells
    assert (cell.verdict, cell.looks, cell.looks_planned) == ("FAIL", 1, 2)
    for number in (1, 2, 3):
        world.pin_with(MODELS[number], 50, note="New.")
    world.commit()
    world.finish(run="run-2")
    cell = cell_of(world.gate_offline(), MODELS[0])
    assert (cell.verdict, cell.looks) == ("FAIL", 2)


def test_evidence_that_ends_before_it_decides_is_no_evidence(tmp_path):
    """A comparison whose budget ended may have been committed, by an older version or by hand."""
    world = of_skills(tmp_path / "repo", [80], [79])
    world.finish()
    assert (world.evidence(folder(0)).looks, world.gate_offline().exit_code) == (2, 0)
    world.edit_evidence(lambda old: old.model_copy(update={"looks": 1}), folder(0))
    world.commit()
    report = world.gate_offline()
    assert (report.verdict, report.exit_code) == ("NOT EVALUATED", 4)
    assert f"remove {folder(0)}/evidence.json, and it is compared again" in report.cells[0].reason
    world.repo.git("rm", "--quiet", f"{folder(0)}/evidence.json")
    world.commit()
    assert world.todo() == {(PROMPT, MODELS[0]): "measure: there is no evidence yet"}


def edit_by_hand(world: World) -> None:
    path = f"{CELL}/prompt.jinja"
    world.repo.write(path, world.read(path) + "\nBe kind.\n")


def garble(world: World) -> None:
    world.repo.write(f"{CELL}/pin.json", "<<<<<<< ours\n")


@pytest.fixture(params=[edit_by_hand, garble])
def broken(settled, request) -> World:
    """Base has a pin that nobody can load, and so has head."""
    with settled.on_main():
        request.param(settled)
    settled.repo.git("reset", "--quiet", "--hard", "main")
    return settled


MENDED = [
    lambda w: w.template(57),
    lambda w: w.repo.git("checkout", "main~1", "--", CELL),
    lambda w: w.repo.git("rm", "-r", "--quiet", CELL),
]


@pytest.mark.parametrize("mend", MENDED, ids=["search again", "restore", "delete"])
def test_a_pin_of_base_that_nobody_can_load_is_mended_by_a_pull_request(broken, mend):
    mend(broken)
    broken.commit()
    assert broken.gate_offline().exit_code == 4
    broken.finish()
    report = broken.gate_offline()
    assert (report.exit_code, cell_of(report).base.kind) == (0, "template")
    assert (
        "the pin that base has of colours on fake/pupil cannot be loaded: "
        "base's template is compared instead" in report.notes
    )
    assert broken.todo() == {}


def test_what_is_worse_than_the_template_of_such_a_base_fails(broken):
    broken.pin_with(PUPIL, 5)
    broken.commit()
    broken.finish()
    report = broken.gate_offline()
    assert (report.exit_code, cell_of(report).verdict) == (1, "FAIL")


def test_evidence_against_such_a_base_rests_on_its_template(broken):
    broken.pin_with(PUPIL, 95)
    broken.commit()
    broken.finish()
    with broken.on_main():
        broken.template(90)
    report = broken.gate_offline()
    assert (report.exit_code, cell_of(report).verdict) == (4, "NOT EVALUATED")
    assert "what base serves changed" in cell_of(report).reason


def test_a_broken_pin_of_head_is_no_way_round_what_base_serves(settled):
    edit_by_hand(settled)
    settled.commit()
    report = settled.gate_offline()
    assert (report.exit_code, cell_of(report).verdict) == (4, "NOT EVALUATED")


def test_no_socket_is_opened(four, monkeypatch):
    def refuse(*_arguments, **_options):
        raise AssertionError("a call")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert four.gate_offline().spent.calls == 0
