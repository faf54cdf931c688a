"""What a prompt is made of; of its cases, programs and searches are shown those of search alone."""

from __future__ import annotations

import json
import re

import pytest
from worlds import CONFIG, colour

from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import CALL, Ledger
from landrace.store.registry import read_pins
from landrace.store.splits import assign_splits
from landrace.workflows.plan import Selection, plan
from landrace.workflows.prompt_state import base_program, prompt_state
from landrace.workflows.run_cell import run_cell
from landrace.workflows.services import Services
from landrace.workflows.tasks import make_task
from repositories import commit, repository

PIPELINE = """\
prompts: ["*"]
models: [fake/pupil]
budget: {calls: 600}
"""
TEMPLATE = """\
{% section task %}
Red or blue?
{% endsection %}

{% for each in like %}{{ each.inputs.word }} is {{ each.expected }}
{% endfor %}
Word: {{ word }}
"""
NODES = {
    "like": {"retrieve": {"from": "cases", "query": "word", "count": 2}},
    "colour": {"generate": {"template": "prompt.jinja"}},
}
WORD = re.compile(r"\bw\d+\b")


def write_cases(root, count=150, unlabelled=30):
    """Words of which many are alike, so that each is answered with others beside it."""
    lines = []
    for number in range(count):
        word = f"w{number} lot{number % 5}"
        line = {"id": f"case{number}", "inputs": {"word": word}}
        if number >= unlabelled:
            line["expected"] = colour(word)
        lines.append(json.dumps(line) + "\n")
    (root / "prompts/colours/cases.jsonl").write_text("".join(lines))


@pytest.fixture
def project(tmp_path):
    made = repository(tmp_path / "repo", PIPELINE)
    config = CONFIG.model_dump(mode="json", by_alias=True, exclude_unset=True)
    config["program"] = {"nodes": NODES, "output": "colour"}
    config["metrics"] = [{"metric": "regex", "pattern": "red"}]  # asks for no label
    folder = made.root / "prompts/colours"
    (folder / "prompt.yaml").write_text(json.dumps(config))
    (folder / "prompt.jinja").write_text(TEMPLATE)
    write_cases(made.root)
    commit(made.root)
    return made


def words_of(cases):
    return {found for case in cases for found in WORD.findall(case.inputs["word"])}


def test_a_program_retrieves_from_the_labelled_cases_of_search_alone(project):
    source = project.read_prompt("colours")
    corpus = base_program(source).corpora["cases.jsonl"]
    cases = source.eval_set().cases
    splits = assign_splits(cases, source.config.splits)
    labelled = [c for c in cases if splits[c.id] == "search" and c.expected is not None]
    assert {splits[case.id] for case in cases} == {"search", "select", "holdout"}
    assert {case.expected for case in cases if splits[case.id] == "search"} > {None}
    assert [json.loads(line) for line in corpus.splitlines()] == [
        {"inputs": case.inputs, "expected": case.expected} for case in labelled
    ]


def test_the_cases_that_are_retrieved_from_make_another_eval_set_and_no_other_template(project):
    """So a pin that has aged says what it was that changed."""
    before = prompt_state(project.read_prompt("colours")).fingerprints()
    write_cases(project.root, count=151)
    after = prompt_state(project.read_prompt("colours")).fingerprints()
    assert after.eval_set != before.eval_set
    assert after._replace(eval_set=before.eval_set) == before


def test_a_question_about_one_case_shows_none_of_select_or_holdout(project):
    (cell,) = plan(project, Selection(), read_pins(project.root))
    task = make_task(project, cell)
    gateway = ScriptedGateway(lambda request: colour(request.messages[-1].content))
    with Ledger(project.root / ".landrace/ledger.jsonl") as ledger:
        run_cell(task, Services(gateway, ledger))
        records = list(ledger.records())
    frozen = next(n for n, record in enumerate(records) if record["kind"] == "shortlist")
    known, shown, asked = words_of(task.search), set(), set()
    for record in records[:frozen]:
        if record["kind"] == CALL:
            words = WORD.findall("\n".join(content for _, content in record["messages"]))
            if record["params"]["max_tokens"] == CONFIG.output.max_tokens:
                asked.add(words.pop())  # whatever the layout, what is asked about stands last
            shown.update(words)
    assert shown
    assert shown <= known
    assert asked & words_of(task.select)
    assert not asked & words_of(task.holdout)
