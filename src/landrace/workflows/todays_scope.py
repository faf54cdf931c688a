"""Which rows of a ledger the cases of a repository's prompts are worth today."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from landrace.schemas.case import SPLITS
from landrace.store.splits import assign_splits
from landrace.workflows.training_scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from landrace.schemas.case import Split
    from landrace.store.project import Project

# What is asked for, as the splits that it takes in. No search scores a holdout.
TAKEN: dict[str, tuple[Split, ...]] = {
    "search": ("search",),
    "select": ("select",),
    "all": ("search", "select"),
}


def todays_scope(
    project: Project, prompt: str | None, model: str | None, taken: Container[Split]
) -> Callable[[str], Scope]:
    """By prompt, what counts of it: answers to cases that are in the taken splits today.

    They were scored on today's eval set, whole, since the ledger has no more of a case than its
    id, and in no prompt that shows a case of a split that is neither `search` nor taken. Each
    prompt that counts is read once, when it is first asked for; of one that is gone nothing counts.
    What it gives raises `LandraceError` where a prompt or its cases cannot be read.
    """
    names = project.prompts()
    hidden = [split for split in SPLITS if split != "search" and split not in taken]

    @cache
    def scope_of(name: str) -> Scope:
        if prompt not in {None, name}:
            return Scope(prompt, model)
        if name not in names:
            return Scope(prompt, model, cases={}, eval_set="")
        source = project.read_prompt(name)
        today, config = source.eval_set(), source.config.splits
        split = assign_splits(today.cases, config)
        return Scope(
            prompt,
            model,
            {case.id: case for case in today.cases if split[case.id] in taken},
            today.digest,
            config.seed,
            [case for case in today.cases if split[case.id] in hidden],
        )

    return scope_of


def scope_of_all(project: Project, prompt: str | None, model: str | None) -> Callable[[str], Scope]:
    """By prompt, what counts of it: every score; today's cases tell what a template shows.

    Raises like `todays_scope`.
    """
    names = project.prompts()

    @cache
    def scope_of(name: str) -> Scope:
        if prompt not in {None, name} or name not in names:
            return Scope(prompt, model)
        today = project.read_prompt(name).eval_set()
        return Scope(prompt, model, known={case.id: case for case in today.cases})

    return scope_of
