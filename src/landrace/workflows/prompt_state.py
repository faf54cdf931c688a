"""What a prompt is right now: its whole template, its metric, its cases, and their hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.digest import canonical_json
from landrace.embedding import embed
from landrace.metrics import table as metrics
from landrace.optimizers.variants import Program
from landrace.program import CASES, file_of
from landrace.store.splits import assign_splits
from landrace.template import parse, resolve_includes
from landrace.workflows.prompt_metric import metric_of
from landrace.workflows.task import Fingerprints

if TYPE_CHECKING:
    from landrace.metrics.base import Metric
    from landrace.store.cases import EvalSet
    from landrace.store.project import PromptSource


class PromptState(NamedTuple):
    """``program`` has the templates with their includes resolved."""

    source: PromptSource
    program: Program
    metric: Metric
    eval_set: EvalSet

    def fingerprints(self) -> Fingerprints:
        """The hashes of what a pin's evidence rests on.

        Raises:
            LandraceError: a file that a metric names cannot be read.
        """
        return Fingerprints(
            template=self.program.digest,
            eval_set=self.eval_set.digest,
            split_seed=self.source.config.splits.seed,
            metrics=metrics.digest(self.metric),
        )


def prompt_state(source: PromptSource) -> PromptState:
    """Read everything that belongs to a prompt.

    Metrics' files are read from the repository that holds the prompt.

    Raises:
        TemplateError: the template or a partial is malformed.
        FormatError: a metric or its options are not known.
        CaseError: a case is wrong.
    """
    metric = metric_of(source)
    eval_set = source.eval_set(metric.check_expected)
    return PromptState(source, base_program(source), metric, eval_set)


def base_program(source: PromptSource) -> Program:
    """What the prompt is made of, with includes resolved.

    Whether its nodes fit together shows once it is written out.

    Raises:
        TemplateError: a template's tags do not match, or a partial cannot be resolved.
        ConfigError: a corpus is missing.
        FormatError: a corpus cannot be read.
    """
    config = source.config
    if config.program is None:
        return Program.of(
            source.name,
            whole_template(source, config.template),
            config.output,
            path=source.template_name,
            inputs=config.inputs,
        )
    where = source.document.where(("program",))
    graph = config.graph(where)
    sources = {
        name: (whole_template(source, node.template), source.path(node.template))
        for name, node in graph.asking().items()
    }
    corpora = {file_of(name): _corpus(source, name) for name in graph.corpora()}
    return Program.of_graph(
        source.name,
        graph,
        sources,
        inputs=config.inputs,
        corpora=corpora,
        where=where,
        folder=source.path(""),
        embed=embed,
    )


def whole_template(source: PromptSource, file: str) -> str:
    """The text of a template with its includes resolved. Raises `TemplateError`."""
    template = parse(source.sources[file], name=source.path(file))
    return resolve_includes(template, source.load_partial).source


def _corpus(source: PromptSource, name: str) -> str:
    """The text of a corpus; what is shown of cases are those of the search split."""
    if name != CASES:
        return source.corpus(name)
    cases = source.eval_set().cases
    splits = assign_splits(cases, source.config.splits)
    return "".join(
        canonical_json({"inputs": case.inputs, "expected": case.expected}).decode() + "\n"
        for case in cases
        if splits[case.id] == "search" and case.expected is not None
    )
