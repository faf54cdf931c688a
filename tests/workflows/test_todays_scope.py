from __future__ import annotations

import pytest

from landrace.errors import LandraceError
from landrace.store.project import Project
from landrace.workflows.initialise import initialise
from landrace.workflows.todays_scope import TAKEN, scope_of_all, todays_scope


def test_cases_are_known_by_prompt_and_id(tmp_path):
    initialise(tmp_path)
    project = Project(tmp_path)
    scope_of = scope_of_all(project, None, None)
    cases = project.read_prompt("route-note").eval_set().cases
    assert scope_of("route-note").known == {case.id: case for case in cases}
    assert scope_of("gone").known == {}


def test_what_is_not_asked_for_is_not_read(tmp_path):
    """The errors of another prompt in the ledger are none of this one's."""
    initialise(tmp_path)
    broken = tmp_path / "prompts" / "broken"
    broken.mkdir()
    (broken / "prompt.yaml").write_text("inputz: {}\n")
    project, about = Project(tmp_path), {"prompt": "broken", "model": "fake/pupil"}
    for scope_of in (
        lambda prompt: scope_of_all(project, prompt, None),
        lambda prompt: todays_scope(project, prompt, None, TAKEN["all"]),
    ):
        assert not scope_of("route-note")("broken").has_cell(about)
        with pytest.raises(LandraceError):
            scope_of(None)("broken")
