from __future__ import annotations

import json
import shutil
import sys

import pytest
from worlds import SOURCE, apt_pupil

from landrace import Registry
from landrace.errors import ConfigError, OutageError
from landrace.gateway.base import Request
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import CALL, Ledger
from landrace.runtime.bundle import bundle_folder
from landrace.store.registry import cell_path, read_pins
from landrace.store.splits import assign_splits
from landrace.workflows.optimize import optimize
from landrace.workflows.plan import Selection, plan
from landrace.workflows.services import Services
from landrace.workflows.tasks import Ceilings, make_task, read_committed, winners_of_others
from landrace.workflows.verify import verify
from pinned import pin_prompt
from program_world import graph_json
from repositories import PIPELINE, commit, registry_bytes, repository, write_prompt

PUPIL, TWIN = "fake/pupil", "fake/twin"


def planned(project, **selection):
    return plan(project, Selection(**selection), read_pins(project.root))


def run(project, gateway=None, **selection):
    gateway = gateway or ScriptedGateway(apt_pupil)
    with Ledger(project.root / ".landrace/ledger.jsonl") as ledger:
        reports = list(optimize(project, planned(project, **selection), Services(gateway, ledger)))
    return reports, gateway


@pytest.fixture
def project(tmp_path):
    return repository(tmp_path / "repo")


def test_from_a_prompt_to_an_answer(project):
    reports, _ = run(project)
    assert [report.decision for report in reports] == ["promoted", "promoted"]
    prompt = Registry(project.root).get("colours", PUPIL)
    messages = prompt.render(word="word7")
    assert messages[-1]["role"] == "user"
    assert "word7" in messages[-1]["content"]
    assert len(messages) > 2
    assert all(cell.status == "fresh" for cell in verify(project.root))


REASONED = PIPELINE.replace(
    "[fake/pupil, fake/twin]",
    """
  - id: fake/pupil
    params:
      response_format:
        type: json_schema
        json_schema:
          schema: {type: object, properties: {reason: {type: string}, colour: {type: string}}}""",
)
STYLED = {"type": "object", "default": {"tone": "terse", "language": "English"}}


def sent(request):
    """A request as a provider gets it; the names of parameters may come in any order."""
    params = {name: request.params[name] for name in sorted(request.params)}
    return json.dumps([request.model, request.messages, params])


def served_by(registry, words):
    prompt = Registry(registry).get("colours", PUPIL)
    return {sent(Request.of(**prompt.request(word=word))) for word in words}


def held_out(project):
    source = project.read_prompt("colours")
    cases = source.eval_set().cases
    splits = assign_splits(cases, source.config.splits)
    return [case.inputs["word"] for case in cases if splits[case.id] == "holdout"]


def with_style(project):
    folder = project.root / "prompts/colours"
    config = json.loads((folder / "prompt.yaml").read_text())
    config["inputs"]["properties"]["style"] = STYLED
    (folder / "prompt.yaml").write_text(json.dumps(config))
    (folder / "prompt.jinja").write_text("Style: {{ style }}\n" + SOURCE)


def check_served_as_scored(project, bundle):
    """Search; then what folder and bundle have sent on the holdout is among what was scored."""
    _, gateway = run(project)
    scored = {sent(request) for request in gateway.requests}
    bundle.write_bytes(bundle_folder(project.root / "registry"))
    for registry in (project.root, bundle):
        assert served_by(registry, held_out(project)) <= scored


def test_applications_send_byte_for_byte_what_was_scored(tmp_path):
    project = repository(tmp_path / "repo", REASONED)
    check_served_as_scored(project, tmp_path / "prompts.json")
    assert not any(cell.reasons for cell in planned(project))


def test_properties_in_another_order_make_the_pin_stale(tmp_path):
    project = repository(tmp_path / "repo", REASONED)
    run(project)
    pipeline = project.root / "pipelines/all.yaml"
    one, other = "reason: {type: string}", "colour: {type: string}"
    pipeline.write_text(REASONED.replace(f"{one}, {other}", f"{other}, {one}"))
    (cell,) = planned(project)
    assert cell.reasons == ("the model's parameters changed",)
    assert [cell.reasons for cell in verify(project.root)] == [cell.reasons]


def test_applications_send_a_default_as_it_was_scored(tmp_path):
    project = repository(tmp_path / "repo", REASONED)
    with_style(project)
    check_served_as_scored(project, tmp_path / "prompts.json")
    # The second time by what is remembered of the prompt's files.
    assert [cell.reasons for _ in range(2) for cell in planned(project)] == [(), ()]


def test_a_default_in_another_order_makes_the_pin_stale(tmp_path):
    project = repository(tmp_path / "repo", REASONED)
    with_style(project)
    run(project)
    path = project.root / "prompts/colours/prompt.yaml"
    one, other = '"tone": "terse"', '"language": "English"'
    path.write_text(path.read_text().replace(f"{one}, {other}", f"{other}, {one}"))
    reasons = ("the eval set changed", "the inputs changed")
    assert [cell.reasons for cell in planned(project)] == [reasons]
    assert [cell.reasons for cell in verify(project.root)] == [reasons]


def test_what_was_found_needs_no_more_work(project):
    run(project)
    assert all(not cell.reasons for cell in planned(project))
    reports, gateway = run(project)
    assert not reports
    assert gateway.calls == 0


def test_a_changed_template_makes_its_cells_stale(project):
    run(project)
    template = project.root / "prompts/colours/prompt.jinja"
    template.write_text(template.read_text().replace("Word:", "The word:"))
    assert {cell.reasons for cell in planned(project)} == {("the template changed",)}
    assert {cell.status for cell in verify(project.root)} == {"stale"}


def test_the_committed_winner_is_the_next_incumbent(project):
    run(project, models=(PUPIL,))
    commit(project.root, "pin")
    reports, _ = run(project, models=(PUPIL,), force=True)
    roles = [contender.role for contender in reports[0].contenders]
    assert roles == ["base", "incumbent", "winner"]
    pin = read_pins(project.root)["colours", PUPIL]
    before = read_committed(project, "colours", PUPIL).pin
    assert pin.parent == before.variant
    assert pin.holdout_looks >= before.holdout_looks


def test_a_report_names_what_is_pinned_as_the_pin_does(project):
    (report,), _ = run(project, models=(PUPIL,))
    pin = read_pins(project.root)["colours", PUPIL]
    (winner,) = (one for one in report.contenders if one.role == "winner")
    assert (report.decision, winner.variant) == ("promoted", pin.variant)
    page = (project.root / cell_path("colours", PUPIL) / "report.md").read_text()
    assert f"`{pin.variant[:12]}`" in page
    assert winner.digest not in page
    old = winner.model_copy(update={"variant": None})
    assert (old.version, "variant" in old.model_dump()) == (winner.digest, False)


@pytest.mark.parametrize("change", ["seed", "cases", "template"])
def test_looks_at_the_holdout_of_another_seed_do_not_count(project, change):
    run(project, models=(PUPIL,))
    commit(project.root, "pin")
    before = read_committed(project, "colours", PUPIL).pin.holdout_looks
    folder = project.root / "prompts/colours"
    if change == "seed":
        config = json.loads((folder / "prompt.yaml").read_text())
        config["splits"]["seed"] = 1
        (folder / "prompt.yaml").write_text(json.dumps(config))
    elif change == "cases":
        lines = (folder / "cases.jsonl").read_text().splitlines(keepends=True)
        (folder / "cases.jsonl").write_text("".join(lines[1:]))
    else:
        (folder / "prompt.jinja").write_text("Red or blue? {{ word }}")
    (cell,) = planned(project, models=(PUPIL,))
    looks = make_task(project, cell).incumbent.holdout_looks
    assert looks == (0 if change == "seed" else before)
    assert before > 0


def test_a_pin_that_is_not_committed_is_no_incumbent(project):
    run(project, models=(PUPIL,))
    reports, _ = run(project, models=(PUPIL,), force=True)
    assert [contender.role for contender in reports[0].contenders] == ["base", "winner"]


def test_looks_of_searches_that_are_not_committed_count_and_a_repeated_one_once(project):
    pipeline = project.root / "pipelines/all.yaml"
    looks = []
    for seed in (0, 1, 2, 2):
        pipeline.write_text(f"{PIPELINE}seed: {seed}\n")
        (report,), _ = run(project, models=(PUPIL,), force=True)
        assert report.comparisons
        looks.append(report.holdout_looks)
    assert looks == [1, 2, 3, 3]
    assert read_pins(project.root)["colours", PUPIL].holdout_looks == 3


def test_a_broken_pin_in_the_work_tree_is_searched_anew(project):
    run(project, models=(PUPIL,))
    before = registry_bytes(project.root)
    (project.root / cell_path("colours", PUPIL) / "pin.json").write_text("{]")
    (cell,) = (one for one in plan(project, Selection(), {}) if one.model.id == PUPIL)
    with Ledger(project.root / ".landrace/ledger.jsonl") as ledger:
        list(optimize(project, [cell], Services(ScriptedGateway(apt_pupil), ledger)))
    assert registry_bytes(project.root) == before


def unknown_graph(pin):
    return pin._replace(program={"nodes": {}, "output": "answer"})


def graph_without_its_file(pin):
    return pin._replace(program=graph_json({"hint": {"generate": {}}}, "hint"))


BROKEN = {
    "a pin that is no JSON": ("pin.json", b"{]"),
    "a pin that is no text": ("pin.json", b"\xff\xfe"),
    "a pin of an unknown graph": ("pin.json", unknown_graph),
    "a graph that needs a file which its pin does not name": ("pin.json", graph_without_its_file),
    "a variant that is missing": ("prompt.jinja", None),
    "a variant that is no text": ("prompt.jinja", b"\xff{{ word }}"),
}


def commit_broken(project, broken):
    """Commit a pin, and then what is left of it; gives its folder back."""
    pin = pin_prompt(project.root, "colours", PUPIL, variant=SOURCE)
    folder = project.root / cell_path("colours", PUPIL)
    commit(project.root, "pin")
    assert read_committed(project, "colours", PUPIL).pin == pin
    name, content = BROKEN[broken]
    if content is None:
        (folder / name).unlink()
    else:
        data = content if isinstance(content, bytes) else content(pin).dumps().encode()
        (folder / name).write_bytes(data)
    commit(project.root, "break it")
    return folder


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_pin_of_the_last_commit_is_no_incumbent(project, broken):
    shutil.rmtree(commit_broken(project, broken))
    assert read_committed(project, "colours", PUPIL) is None
    pupil = planned(project)[0]
    assert not winners_of_others(project, [pupil], {})
    assert make_task(project, pupil).incumbent is None


@pytest.mark.parametrize("broken", ["a variant that is missing", "a variant that is no text"])
def test_a_broken_variant_in_the_work_tree_is_as_good_as_edited(project, broken):
    commit_broken(project, broken)
    (cell,) = planned(project, models=(PUPIL,))
    assert "the pinned variant was edited by hand" in cell.reasons


def test_a_broken_pin_does_not_stop_the_search_for_a_new_one(project):
    commit_broken(project, "a variant that is no text")
    (report,), _ = run(project, models=(PUPIL,))
    assert report.decision == "promoted"
    assert [contender.role for contender in report.contenders] == ["base", "winner"]
    assert Registry(project.root).get("colours", PUPIL).render(word="word7")


def test_the_second_model_starts_from_the_first_ones_winner(project):
    run(project)
    with Ledger(project.root / ".landrace/ledger.jsonl") as ledger:
        operators = [r["slots"]["operator"] for r in ledger.records() if r["kind"] == "candidate"]
    assert f"winner of {PUPIL}" in operators


def test_dying_between_two_cells_changes_nothing(tmp_path):
    whole = repository(tmp_path / "whole")
    run(whole)
    died = repository(tmp_path / "died")
    with Ledger(died.root / ".landrace/ledger.jsonl") as ledger:
        services = Services(ScriptedGateway(apt_pupil), ledger)
        next(optimize(died, planned(died), services))
    run(died)
    assert registry_bytes(died.root) == registry_bytes(whole.root)


def test_no_call_is_paid_for_twice_over_both_cells(project):
    run(project)
    with Ledger(project.root / ".landrace/ledger.jsonl") as ledger:
        keys = [record["key"] for record in ledger.records() if record["kind"] == CALL]
    assert len(keys) == len(set(keys))


def test_an_outage_leaves_the_repository_untouched(project):
    with pytest.raises(OutageError):
        run(project, ScriptedGateway(apt_pupil, failure_rate=1.0))
    assert not (project.root / "registry").exists()


def test_a_thousand_unchanged_cells_make_no_call(tmp_path):
    models = ", ".join(f"fake/{number}" for number in range(50))
    project = repository(
        tmp_path / "repo", f'prompts: ["*"]\nmodels: [{models}]\nbudget: {{calls: 600}}\n'
    )
    for number in range(19):
        write_prompt(project.root, f"colours{number}")
    cells = planned(project)
    assert len(cells) == 1000
    assert all(cell.reasons == ("there is no pin yet",) for cell in cells)


@pytest.mark.parametrize(
    ("pipeline", "words"),
    [
        (PIPELINE.replace("600", "90"), "90 calls are too few"),
        (PIPELINE + "strategy: {name: atuo}\n", "no strategy `atuo`"),
        (PIPELINE + "strategy: {name: auto, options: {pol: 3}}\n", "pol"),
    ],
)
def test_a_pipeline_that_cannot_work_is_refused_before_any_call(tmp_path, pipeline, words):
    project = repository(tmp_path / "repo", pipeline)
    with pytest.raises(ConfigError) as caught:
        make_task(project, planned(project)[0])
    assert words in str(caught.value)
    assert "pipelines/all.yaml:" in str(caught.value)


def test_a_cell_in_two_pipelines_is_refused(project):
    (project.root / "pipelines" / "more.yaml").write_text(PIPELINE)
    with pytest.raises(ConfigError, match="two pipelines"):
        planned(project)
    assert planned(project, pipelines=("more",))


def test_ceilings_of_the_command_line_replace_the_pipelines(project):
    task = make_task(project, planned(project)[0], ceilings=Ceilings(calls=500, tokens=7))
    assert (task.budget.calls, task.budget.tokens) == (500, 7)


def test_the_report_is_data_and_text(project):
    run(project, models=(PUPIL,))
    folder = project.root / "registry/colours/fake%2Fpupil"
    assert json.loads((folder / "report.json").read_text())["decision"] == "promoted"
    assert (folder / "report.md").read_text().startswith("#")


SAMMO = """\
strategy:
  name: sammo
  options:
    tuning:
      targets: ["*/sections/hnits"]
"""


def test_options_that_do_not_suit_the_prompt_are_refused_before_any_call(tmp_path):
    project = repository(tmp_path / "repo", PIPELINE + SAMMO)
    with pytest.raises(ConfigError) as caught:
        make_task(project, planned(project)[0])
    assert str(caught.value).startswith(
        "pipelines/all.yaml:8: `*/sections/hnits` matches nothing of colours\n  "
    )


def test_a_missing_parser_is_told_with_the_line_that_needs_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "spacy", None)
    options = "strategy: {name: sammo, options: {operators: [syntax]}}\n"
    project = repository(tmp_path / "repo", PIPELINE + options)
    with pytest.raises(ConfigError) as caught:
        make_task(project, planned(project)[0])
    assert str(caught.value) == (
        "pipelines/all.yaml:4: `syntax` needs spaCy, which is not installed\n"
        "  run `pip install 'landrace[syntax]'`, or list `operators` without `syntax`"
    )
