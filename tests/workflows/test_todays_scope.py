from __future__ import annotations

from landrace.store.project import Project
from landrace.workflows.initialise import initialise
from landrace.workflows.todays_scope import scope_of_all


def test_cases_are_known_by_prompt_and_id(tmp_path):
    initialise(tmp_path)
    project = Project(tmp_path)
    scope_of = scope_of_all(project, None, None)
    cases = project.read_prompt("route-note").eval_set().cases
    assert scope_of("route-note").known == {case.id: case for case in cases}
    assert scope_of("gone").known == {}
