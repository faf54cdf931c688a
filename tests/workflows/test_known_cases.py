from __future__ import annotations

from landrace.store.project import Project
from landrace.workflows.initialise import initialise
from landrace.workflows.known_cases import known_cases


def test_cases_are_known_by_prompt_and_id(tmp_path):
    initialise(tmp_path)
    project = Project(tmp_path)
    cases_of = known_cases(project)
    cases = project.read_prompt("route-note").eval_set().cases
    assert cases_of("route-note") == {case.id: case for case in cases}
    assert cases_of("gone") == {}
