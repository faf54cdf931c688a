"""Which two variants of a cell are compared, on which cases.

Where a pin changed, or is up to date with a changed prompt, what applications are served is
compared, with the decoding parameters of each pin; and on the holdout alone, because the search
that made the pin has seen the other cases. Where the template changed and nothing was optimized
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
    cases or metrics changed.
    """

    cell: ChangedCell
    suite: Suite
    split: str
    base: Contestant
    head: Contestant
    line: int
    new_suite: Suite | None = None

    @property
    def policy(self) -> GatePolicy:
        return self.cell.pipeline.config.gate

    @property
    def is_same(self) -> bool:
        """Whether both sides would be asked the same: only the suite changed."""
        return _asked(self.base) == _asked(self.head)

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
        return Match(cell, suite, split, base, head, line, new_suite)

    def _suite(self, tree: Tree, prompt: str, *, holdout_only: bool) -> Suite:
        key = (tree, prompt, holdout_only)
        if key not in self._suites:
            with tree.at(prompt):
                self._suites[key] = read_suite(tree.prompt(prompt), holdout_only=holdout_only)
        return self._suites[key]


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
