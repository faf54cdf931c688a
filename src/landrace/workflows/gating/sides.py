"""Which two variants of a cell are compared, on which cases.

Where a pin changed, or is up to date with a changed prompt, what applications are served is
compared, with the decoding parameters of each pin; and on the holdout alone, because the search
that made the pin has seen the other cases; without those of it that head's splits gave to a
search. Where the template changed and nothing was optimized
for it yet, the templates are, on all cases: nothing was chosen on any of them.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import ConfigError, TemplateError
from landrace.key_order import program_in_order, values_in_order
from landrace.optimizers.variants import write_variant
from landrace.parsers import ParseFailure, parse
from landrace.pin import TEMPLATE_FILE
from landrace.schemas.candidate import Candidate
from landrace.schemas.gate_report import Side
from landrace.store.registry import cell_path
from landrace.workflows.decoding import decoding, routing
from landrace.workflows.gating.given_away import given_away, why_not_compared
from landrace.workflows.gating.suite import Suite, UnfitError, adapted, read_suite
from landrace.workflows.plan import resolved
from landrace.workflows.prompt_state import base_program

if TYPE_CHECKING:
    from landrace.evaluation.variant import Variant
    from landrace.schemas.case import Case
    from landrace.schemas.gate_policy import GatePolicy
    from landrace.schemas.pipeline import ModelConfig
    from landrace.store.project import PromptSource
    from landrace.workflows.gating.changes import Changes
    from landrace.workflows.gating.comparison import ChangedCell
    from landrace.workflows.gating.tree import Tree
    from landrace.workflows.tasks import Pinned

BASE, HEAD = "base", "head"


class Contestant(NamedTuple):
    """One side. ``text`` is its file as it stands; ``cases`` are the suite's as it takes them.

    ``unfit`` says why it cannot be asked the suite's cases, or its answers not be read, or is
    empty.
    """

    side: Side
    source: PromptSource
    variant: Variant
    model: ModelConfig
    text: str
    cases: tuple[Case, ...]
    unfit: str


class Match(NamedTuple):
    """A cell ready to be evaluated.

    ``line`` is the first changed line of the head's file. ``new_suite`` is head's where its
    cases or metrics changed. ``left_out`` counts the cases of base's holdout that head's search
    can have seen. ``not_compared`` says why the others are too few to judge by, or is empty.
    """

    cell: ChangedCell
    suite: Suite
    split: str
    base: Contestant
    head: Contestant
    line: int
    new_suite: Suite | None = None
    left_out: int = 0
    not_compared: str = ""

    @property
    def policy(self) -> GatePolicy:
        return self.cell.pipeline.config.gate

    @property
    def is_same(self) -> bool:
        """Whether both sides would be asked the same: only the suite changed."""
        return _asked(self.base) == _asked(self.head)

    def without(self, gone: frozenset[str]) -> Match:
        """The same on the suite's other cases."""
        suite, base, head = self.suite, self.base, self.head
        cases = _others(suite.cases, gone)
        return self._replace(
            suite=suite._replace(cases=cases, written=_others(suite.written, gone)),
            base=base._replace(cases=_others(base.cases, gone)),
            head=head._replace(cases=_others(head.cases, gone)),
            left_out=len(suite.cases) - len(cases),
            not_compared=why_not_compared(base.source, suite.cases, gone),
        )

    def calls_a_case(self, suite: Suite) -> int:
        """The most calls that both sides together can take for a case, scored by a suite."""
        return self.base.variant.calls + self.head.variant.calls + 2 * len(suite.metric.judges)


def match(changes: Changes, cell: ChangedCell) -> Match:
    """One cell by itself. Raises like `Matcher.match`."""
    return Matcher(changes).match(cell)


class Matcher:
    """Reads both sides of changed cells; what the models of a prompt share is read once."""

    def __init__(self, changes: Changes) -> None:
        self._base = changes.base_tree
        self._head = changes.head_tree
        self._suites: dict[tuple[Tree, str, bool], Suite] = {}
        self._given_away: dict[str, frozenset[str]] = {}

    def match(self, cell: ChangedCell) -> Match:
        """Read both sides of a cell, and render every case, before the first call.

        Raises:
            IntegrityError: a pinned variant of head is not the one that its pin names.
            ConfigError: base itself cannot take its own cases.
            LandraceError: a file of either side cannot be read.
        """
        pinned = cell.by_pin
        suite = self._suite(self._base, cell.prompt, holdout_only=pinned)
        base = _contestant(self._base, cell, BASE, suite, pinned=pinned)
        if base.unfit:
            with self._base.at():
                raise ConfigError(
                    f"base fails on its own cases: {base.unfit}", where=base.side.file
                )
        head = _contestant(self._head, cell, HEAD, suite, pinned=pinned)
        new_suite = None
        if {"cases", "metrics"} & set(cell.changed):
            new_suite = self._suite(self._head, cell.prompt, holdout_only=pinned)
        line = _first_changed_line(base.text, head.text)
        split = "holdout" if pinned else "all"
        found = Match(cell, suite, split, base, head, line, new_suite)
        # A template, or what base serves, too, is no winner of a search on head.
        if head.side.kind == "template" or found.is_same:
            return found
        return found.without(self._seen(cell.prompt))

    def _seen(self, prompt: str) -> frozenset[str]:
        """The cases of base's holdout that a search on head can have seen."""
        if prompt not in self._given_away:
            base, head = (tree.prompt(prompt) for tree in (self._base, self._head))
            with self._head.at(prompt):
                self._given_away[prompt] = given_away(base, head)
        return self._given_away[prompt]

    def _suite(self, tree: Tree, prompt: str, *, holdout_only: bool) -> Suite:
        key = (tree, prompt, holdout_only)
        if key not in self._suites:
            with tree.at(prompt):
                self._suites[key] = read_suite(tree.prompt(prompt), holdout_only=holdout_only)
        return self._suites[key]


def _others(cases: tuple[Case, ...], gone: frozenset[str]) -> tuple[Case, ...]:
    return tuple(case for case in cases if case.id not in gone)


def _contestant(
    tree: Tree, cell: ChangedCell, name: str, suite: Suite, *, pinned: bool
) -> Contestant:
    source = tree.prompt(cell.prompt)
    read = tree.incumbent if name == BASE else tree.pinned
    pin = read(cell.prompt, cell.model.id) if pinned else None
    with tree.at(cell.prompt):
        written = _written(source, pin)
        # The score table keeps the sides apart by name: their variants may be the same.
        variant = written._replace(digest=name)
        cases, unfit = _fitting(suite, source, variant)
    unfit = unfit or (_unusable(pin) if pin else "")
    file = f"{cell_path(cell.prompt, cell.model.id)}/{TEMPLATE_FILE}"
    side = Side(
        kind="pin" if pin else "template",
        digest=written.digest,
        file=file if pin else source.template_name,
    )
    text = pin.source if pin else source.template_source
    return Contestant(side, source, variant, _called(cell, source, pin), text, cases, unfit)


def _unusable(pin: Pinned) -> str:
    """Why an application cannot read an answer with a pin's own parser, or nothing."""
    try:
        parse(pin.pin.output.parser, "")
    except ParseFailure:
        return ""
    except ConfigError as error:
        return f"its pin's parser cannot be used: {error.problem}"
    return ""


def _called(cell: ChangedCell, source: PromptSource, pin: Pinned | None) -> ModelConfig:
    """How a side's model is asked.

    Of a pin only what decodes counts: one of head must not send base's credentials elsewhere.
    """
    model = resolved(_configured(cell), source.config)
    if pin is None:
        return model
    params = {**routing(model.params), **decoding(pin.pin.model.params)}
    return model.model_copy(update={"params": params})


def _written(source: PromptSource, pin: Pinned | None) -> Variant:
    if pin:
        return pin.variant(source.template_name)
    return write_variant(base_program(source), Candidate())


def _configured(cell: ChangedCell) -> ModelConfig:
    """The model as base's pipeline has it, without what a prompt's output adds."""
    return next(model for model in cell.pipeline.config.models if model.id == cell.model.id)


def _fitting(suite: Suite, source: PromptSource, variant: Variant) -> tuple[tuple[Case, ...], str]:
    """The suite's cases for one side, all rendered once, or why it cannot take them."""
    try:
        cases = adapted(suite.written, source)
    except UnfitError as error:
        return (), error.problem
    for case in cases:
        try:
            variant.first_messages(case.inputs)
        except TemplateError as error:
            return (), f"case `{case.id}` does not render: {error.problem}"
    return cases, ""


def _asked(side: Contestant) -> tuple[object, ...]:
    """Everything that decides what a side's model is asked, and how its answers are read."""
    graph, model = side.variant.program.graph, side.model
    orders = (
        program_in_order(graph.to_dict()),
        values_in_order(model.params),
        [values_in_order(case.inputs) for case in side.cases],
    )
    return side.variant.files, graph, model, side.cases, orders


def _first_changed_line(before: str, after: str) -> int:
    """The number of the first line of ``after`` that differs; its last, where lines are gone."""
    old, new = before.splitlines(), after.splitlines()
    shared = sum(
        1 for _ in takewhile(lambda lines: lines[0] == lines[1], zip(old, new, strict=False))
    )
    return max(1, min(shared + 1, len(new)))
