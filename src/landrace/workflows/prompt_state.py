"""What a prompt is right now: its whole template, its metric, its cases, and their hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.digest import text_digest
from landrace.metrics import table as metrics
from landrace.template import parse, resolve_includes
from landrace.workflows.task import Fingerprints

if TYPE_CHECKING:
    from landrace.metrics.base import Metric
    from landrace.store.cases import EvalSet
    from landrace.store.project import PromptSource
    from landrace.template import Template


class PromptState(NamedTuple):
    """``template`` has its includes resolved."""

    source: PromptSource
    template: Template
    metric: Metric
    eval_set: EvalSet

    def fingerprints(self) -> Fingerprints:
        """The hashes of what a pin's evidence rests on.

        Raises:
            LandraceError: a file that a metric names cannot be read.
        """
        return Fingerprints(
            template=text_digest(self.template.source),
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
    metric = metrics.build(source.config.metrics, root=source.root)
    eval_set = source.eval_set(metric.check_expected)
    return PromptState(source, whole_template(source), metric, eval_set)


def whole_template(source: PromptSource) -> Template:
    """The base template with its includes resolved. Raises `TemplateError`."""
    template = parse(source.template_source, name=source.template_name)
    return resolve_includes(template, source.load_partial)
