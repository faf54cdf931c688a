"""A prompt that is a program goes the whole way: searched, compared, committed, judged, served."""

from __future__ import annotations

import json

import pytest

import landrace
from colours import CONFIG
from landrace.errors import ConfigError, FormatError, IntegrityError, RefusedError
from landrace.gateway.base import Request
from landrace.gateway.metered import Price
from landrace.pin import MAX_VARIANT_BYTES
from landrace.runtime.bundle import bundle_folder
from landrace.store.project import Project
from landrace.store.registry import read_pins
from landrace.workflows.check_pins import check_pins
from landrace.workflows.check_prompt import check_prompt
from landrace.workflows.gating.changes import find_changes
from landrace.workflows.gating.gate import matches, most_answers
from landrace.workflows.plan import Selection, plan
from landrace.workflows.pull_request.planned import planned
from landrace.workflows.verify import verify
from pull_request_world import CELL, World, pupil, with_file
from skill import PUPIL, words

PROGRAM = {
    "nodes": {
        "hint": {"generate": {"template": "hint.jinja"}},
        "notes": {"retrieve": {"from": "notes.jsonl", "query": "hint", "count": 2}},
        "answer": {"generate": {"template": "answer.jinja"}},
    },
    "output": "answer",
}
HINT = "{% section task %}\nName a colour. skill=0\n{% endsection %}\n\nFor {{ word }}\n"
ANSWER = """\
{% section task %}
Say red or blue. skill=50
{% endsection %}

{% for note in notes %}
Note: {{ note.text }}
{% endfor %}
Hint: {{ hint }}
Word: {{ word }}
"""
NOTES = '{"text": "blue is the colour of words"}\n{"text": "red is rare"}\n'


def program_world(root) -> World:
    world = World(root)
    world.repo.write("prompts/colours/prompt.yaml", json.dumps({**CONFIG, "program": PROGRAM}))
    world.repo.write("prompts/colours/hint.jinja", HINT)
    world.repo.write("prompts/colours/answer.jinja", ANSWER)
    world.repo.write("prompts/colours/notes.jsonl", NOTES)
    world.cases(words(100))
    world.pipeline(models=[PUPIL], budget={"calls": 600})
    world.commit()
    world.branch("change")
    world.repo.edit("prompts/colours/answer.jinja", "Say red or blue.", "Say either red or blue.")
    world.commit()
    return world


def complete(*, model, messages, **params) -> str:
    return pupil(Request.of(model, messages, **params))


@pytest.fixture(scope="module")
def landed(tmp_path_factory) -> World:
    world = program_world(tmp_path_factory.mktemp("program") / "repo")
    world.finish()
    return world


@pytest.fixture
def world(landed, tmp_path) -> World:
    return landed.copy(tmp_path / "repo")


def test_the_winner_is_a_file_for_each_node_and_the_graph_in_its_pin(world):
    names = sorted(path.name for path in (world.root / CELL).iterdir())
    assert names == sorted(
        [
            "answer.jinja",
            "hint.jinja",
            "notes.jsonl",
            "evidence.json",
            "pin.json",
            "report.json",
            "report.md",
        ]
    )
    assert world.pin_of().program["nodes"]["notes"]["retrieve"]["from"] == "notes.jsonl"
    for node, reads in (("hint", "{{ word }}"), ("answer", "{{ hint }}")):
        assert reads in world.read(f"{CELL}/{node}.jinja")


def test_its_gate_needs_no_call_and_nothing_is_left_to_be_done(world):
    assert world.gate_offline().verdict == "PASS"
    assert not world.todo()
    assert [cell.status for cell in verify(world.root)] == ["fresh"]


def test_its_comparison_is_planned_with_all_of_its_calls(tmp_path):
    world = program_world(tmp_path / "repo")
    with world.opened() as change:
        (work,) = planned(change, lambda _model: Price(0.0, 0.0)).work
    assert (work.kind, work.calls) == ("optimize", 600 + 2 * 2 * 41)


def test_an_application_runs_it_with_its_own_call(world):
    prompt = landrace.Registry(world.root).get("colours", PUPIL)
    results = [landrace.run(prompt, complete, word=f"word{n}") for n in range(100)]
    share = sum(result.answer == "red" for result in results) / 100
    assert share > 0.6  # the base, without examples, is right in half of the cases
    steps = [step.node for step in results[0].steps]
    assert steps == ["hint", "notes", "answer"]


def test_a_program_is_not_rendered_as_if_it_were_one_template(world):
    prompt = landrace.Registry(world.root).get("colours", PUPIL)
    with pytest.raises(ConfigError, match=r"landrace\.run"):
        prompt.render(word="word1")


def test_a_node_can_be_rendered_alone(world):
    prompt = landrace.Registry(world.root).get("colours", PUPIL)
    messages = prompt.render_node("hint", word="sky")
    assert messages[-1]["content"].endswith("For sky")
    with pytest.raises(ConfigError, match="no node `hnt`") as caught:
        prompt.render_node("hnt", word="sky")
    assert caught.value.fix == "did you mean `hint`?"


def test_a_bundle_serves_it_as_the_folder_does(world, tmp_path):
    bundle = tmp_path / "prompts.json"
    bundle.write_bytes(bundle_folder(world.root / "registry"))
    found = [
        landrace.run(landrace.Registry(path).get("colours", PUPIL), complete, word="word5")
        for path in (world.root, bundle)
    ]
    assert found[0] == found[1]


def test_files_of_parts_that_are_gone_go_with_the_pin_that_named_them(world):
    """The corpus is dropped and a node renamed: what is left is what the new pin names."""
    world.switch("main")
    world.repo.git("merge", "--quiet", "change")
    world.branch("smaller")
    nodes = {name: node for name, node in PROGRAM["nodes"].items() if name == "answer"}
    nodes["clue"] = PROGRAM["nodes"]["hint"]
    program = {"nodes": nodes, "output": "answer"}
    world.repo.write("prompts/colours/prompt.yaml", json.dumps({**CONFIG, "program": program}))
    world.repo.git("rm", "--quiet", "prompts/colours/notes.jsonl")
    answer = world.read("prompts/colours/answer.jinja").replace("{{ hint }}", "{{ clue }}")
    loop = answer[answer.index("{% for") : answer.index("Hint:")]
    world.repo.write("prompts/colours/answer.jinja", answer.replace(loop, ""))
    world.commit()
    world.finish(run="run-2")
    names = {path.name for path in (world.root / CELL).iterdir()}
    assert {name for name in names if name.endswith((".jinja", ".jsonl"))} == set(
        world.pin_of().files
    )
    assert check_pins(world.root, known=["colours"]) == (1, [])
    assert world.gate_offline().exit_code == 0


def corpus_of(size: int) -> str:
    """The notes, and lines of one long word each: they cost a search nothing."""
    line = json.dumps({"text": "x" * 800_000}) + "\n"
    text = NOTES + line * (size // len(line))
    return text + json.dumps({"text": "y" * (size - len(text) - 13)}) + "\n"


def test_the_largest_corpus_that_may_be_pinned_goes_the_whole_way(tmp_path):
    world = program_world(tmp_path / "repo")
    world.repo.write("prompts/colours/notes.jsonl", corpus_of(MAX_VARIANT_BYTES))
    world.commit()
    world.finish()
    assert world.gate_offline().verdict == "PASS"
    assert landrace.Registry(world.root).get("colours", PUPIL).program
    assert bundle_folder(world.root / "registry")
    assert [cell.status for cell in verify(world.root)] == ["fresh"]


def test_a_larger_one_is_refused_before_anything_is_asked(tmp_path):
    world = program_world(tmp_path / "repo")
    world.repo.write("prompts/colours/notes.jsonl", corpus_of(MAX_VARIANT_BYTES + 1))
    world.commit()
    with pytest.raises(FormatError, match="larger than"), world.opened():
        pass
    (found,) = check_prompt(Project(world.root).read_prompt("colours"))
    assert (found.severity, found.where) == ("error", "prompts/colours/notes.jsonl")


def test_inputs_are_checked_before_anything_is_asked(world):
    prompt = landrace.Registry(world.root).get("colours", PUPIL)
    with pytest.raises(landrace.errors.MissingInputError):
        landrace.run(prompt, complete)


def test_another_corpus_in_the_prompt_makes_the_pin_stale_and_is_named(world):
    world.repo.write("prompts/colours/notes.jsonl", NOTES + '{"text": "green"}\n')
    reasons = ("the corpus `notes.jsonl` changed",)
    [cell] = verify(world.root)
    assert (cell.status, cell.reasons) == ("stale", reasons)
    for _ in range(2):  # the second time out of the memory of hashes
        [planned] = plan(Project(world.root), Selection(), read_pins(world.root))
        assert planned.reasons == reasons
    world.repo.edit("prompts/colours/hint.jinja", "Name a colour", "Name the colour")
    [cell] = verify(world.root)
    assert cell.reasons == ("the template changed", *reasons)


def test_another_corpus_beside_the_pin_is_not_served(world):
    world.repo.write(f"{CELL}/notes.jsonl", NOTES.replace("rare", "common"))
    with pytest.raises(IntegrityError, match="not the one that its pin names"):
        landrace.Registry(world.root).get("colours", PUPIL)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("notes.jsonl", NOTES.replace("rare", "common")),
        ("hint.jinja", "{{ word }} and {{ nobody }}"),
        ("hint.jinja", None),
        ("extra.jinja", "{{ word }}"),
        ("other.txt", "x"),
    ],
)
def test_results_that_are_not_this_program_are_refused(tmp_path, name, text):
    world = program_world(tmp_path / "repo")
    results = world.carry_out()
    with pytest.raises(RefusedError):
        world.take(with_file(results, name, text))


def test_a_changed_template_is_gated_as_a_whole_program(tmp_path):
    world = program_world(tmp_path / "repo")
    world.repo.edit("prompts/colours/answer.jinja", "skill=50", "skill=10")
    with find_changes(world.root, "main", None) as changes:
        (one,) = matches(changes)
    assert most_answers(one) == 2 * 2 * 100
    run = world.gate()
    (cell,) = run.report.cells
    assert cell.verdict == "FAIL"
    # Each case takes two calls a side, and both sides share the call for the hint.
    assert len(run.gateway.requests) <= 3 * 100
