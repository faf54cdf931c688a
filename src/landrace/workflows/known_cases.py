"""The cases that the prompts of a repository have today, by prompt and id."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from landrace.schemas.case import Case
    from landrace.store.project import Project


def known_cases(project: Project) -> Callable[[str], Mapping[str, Case]]:
    """The cases of a prompt, read once when they are first asked for; none if it is gone.

    What it gives raises `LandraceError` where a prompt or its cases cannot be read.
    """
    names = project.prompts()

    @cache
    def cases_of(prompt: str) -> Mapping[str, Case]:
        if prompt not in names:
            return {}
        return {case.id: case for case in project.read_prompt(prompt).eval_set().cases}

    return cases_of
