"""Which studies and answers of a ledger are worth a row to train models with."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.optimizers.shown_cases import is_shown, is_written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landrace.schemas.case import Case
    from landrace.workflows.own_words import OwnWords

# Why an answer that was paid for is no row.
OTHER_SET = (
    "its search was on other cases, expected answers or splits than the prompt has today, "
    "or the prompt is gone"
)
OTHER_SPLIT = "its case is in another split today"
SHOWN = "its prompt shows the case, or one that is not to be seen, as an example"


class Scope(NamedTuple):
    """Which studies and scores count: of one prompt, of one model, of these cases by their ids.

    None is for all. Cases say what stands as an example in a template, of the author or written
    out once: those of the scope, or else the ``known``, by ids. An example that is neither known
    so nor in a slot is not found. Ids keep out what was no holdout when it was scored, and is now;
    they say so only together with ``eval_set``, the digest of the set in which they name these
    cases. With another ``split_seed``, prompts showed as examples what is select or holdout now;
    what is pinned since then still does, so no prompt counts that shows one of the ``hidden``
    cases, but for what the base says by itself.
    """

    prompt: str | None = None
    model: str | None = None
    cases: Mapping[str, Case] | None = None
    eval_set: str | None = None
    split_seed: int | None = None
    hidden: Sequence[Case] = ()
    known: Mapping[str, Case] = MappingProxyType({})

    def has_study(self, record: Mapping[str, Any]) -> bool:
        return self.has_cell(record) and self.has_set(record)

    def has_cell(self, record: Mapping[str, Any]) -> bool:
        return self.prompt in {None, record["prompt"]} and self.model in {None, record["model"]}

    def has_set(self, record: Mapping[str, Any]) -> bool:
        return self.eval_set in {None, record.get("eval_set")} and (
            self.split_seed is None or self.split_seed == record.get("split_seed")
        )

    def without(self, case: str, written: Written) -> str | None:
        """Why an answer does not count: by its case, or by the candidate's own examples."""
        known = (self.known if self.cases is None else self.cases).get(case)
        if known is None and self.cases is not None:
            return OTHER_SPLIT
        if known is None:
            return SHOWN if case in written.demos else None
        return SHOWN if is_shown(known, written.demos, written.text) else None

    def has_prompt(self, text: str, own: OwnWords) -> bool:
        return not any(
            is_written(case, text) and is_written(case, own.taken_out(case, text))
            for case in self.hidden
        )


class Written(NamedTuple):
    """What the ledger says of a candidate.

    ``templates`` are by node; ``manner`` is the same for candidates whose answers are got and read
    alike: of one graph, with the same parsers and parameters. ``demos`` are the ids of the cases
    that its slots show.
    """

    templates: Mapping[str, str]
    manner: str
    demos: frozenset[str]

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Written:
        slots = record.get("slots", {})
        nodes = slots.get("nodes", {})
        demos = frozenset(demo["case_id"] for each in nodes.values() for demo in each["demos"])
        manner = record.get("graph") or _manner(slots)  # ledgers of old do not say it
        return cls(record["templates"], manner, demos)

    @property
    def text(self) -> str:
        return "\n".join(self.templates.values())


def _manner(slots: Mapping[str, Any]) -> str:
    """What makes a candidate's templates be asked or read otherwise than the base's, as a text."""
    nodes = {
        node: [each["format"], each["parser"], each["params"]]
        for node, each in slots.get("nodes", {}).items()
        if each["format"] != "base" or each["parser"] or each["params"]
    }
    return json.dumps([nodes, slots.get("settings") or {}, slots.get("graph")], sort_keys=True)
