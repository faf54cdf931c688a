"""What is looked at before a cell's first call."""

from __future__ import annotations

import json

import pytest
from worlds import CONFIG, apt_pupil

from landrace.errors import CaseError
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.schemas.pipeline import ModelConfig
from landrace.store.registry import read_pins
from landrace.workflows.optimize import optimize
from landrace.workflows.plan import Selection, plan, resolved
from landrace.workflows.services import Services
from repositories import repository

HINTED = "{% section task %}\nRed or blue?\n{% endsection %}\n\n{{ hint }}\nWord: {{ word }}\n"


def hint_all_but(folder, number, split):
    """Give each case a hint but for one, whose split is as said."""
    lines = [json.loads(line) for line in (folder / "cases.jsonl").read_text().splitlines()]
    for each in lines:
        each["inputs"]["hint"] = "none"
    del lines[number]["inputs"]["hint"]
    lines[number]["split"] = split
    (folder / "cases.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.fixture
def project(tmp_path):
    made = repository(tmp_path / "repo")
    folder = made.root / "prompts/colours"
    config = CONFIG.model_dump(mode="json", by_alias=True, exclude_none=True)
    config["inputs"]["additionalProperties"] = True
    (folder / "prompt.yaml").write_text(json.dumps(config))
    return made


def optimized(project, gateway):
    cells = plan(project, Selection(models=("fake/pupil",)), read_pins(project.root))
    with Ledger(project.root / ".landrace/ledger.jsonl") as ledger:
        return list(optimize(project, cells, Services(gateway, ledger)))


@pytest.mark.parametrize("split", ["search", "select", "holdout"])
def test_a_base_that_does_not_render_with_a_case_is_found_before_the_first_call(project, split):
    folder = project.root / "prompts/colours"
    (folder / "prompt.jinja").write_text(HINTED)
    hint_all_but(folder, 41, split)
    gateway = ScriptedGateway(apt_pupil)
    with pytest.raises(CaseError) as caught:
        optimized(project, gateway)
    assert gateway.calls == 0
    assert str(caught.value) == (
        "prompts/colours/cases.jsonl:42: colours does not render with case `word41`: "
        "`hint` is undefined in prompts/colours/prompt.jinja:5\n"
        "  Pass it as an input, or say `| default(…)` where it may be missing."
    )


def test_a_limit_by_its_newer_name_takes_the_place_of_the_prompts():
    """OpenAI refuses a request with both."""
    own = ModelConfig(id="openai/m", params={"max_completion_tokens": 900})
    assert resolved(own, CONFIG).params == {"temperature": 0, "max_completion_tokens": 900}
    limit = CONFIG.output.max_tokens
    assert resolved(ModelConfig(id="m"), CONFIG).params == {"temperature": 0, "max_tokens": limit}
