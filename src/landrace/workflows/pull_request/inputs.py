"""What goes into the digest of a cell's evidence.

Evidence is content-addressed: its inputs hash everything that went into a pin and its comparison
with base. As long as today's inputs have the same hashes, nothing would come out differently, so
nothing has to be asked again; where one differs, the reason has its name.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from landrace.digest import json_digest
from landrace.errors import NewerFormatError
from landrace.key_order import inputs_in_order, values_in_order
from landrace.optimizers.table import STRATEGIES
from landrace.workflows.decoding import decoding, routing
from landrace.workflows.freshness import contract_of
from landrace.workflows.plan import resolved

if TYPE_CHECKING:
    from landrace.schemas.pipeline import ModelConfig, PipelineConfig
    from landrace.workflows.plan import PlannedCell
    from landrace.workflows.prompt_state import PromptState
    from landrace.workflows.pull_request.states import States

NAMES = {
    "template": "the template",
    "contract": "the inputs or the output",
    "eval_set": "the eval set",
    "metrics": "the metrics",
    "splits": "the splits",
    "model": "the model's parameters",
    "search": "the strategy, its options, seed or proposer",
    "policy": "the policy of base",
    "suite": "the eval set or the metrics of base",
    "incumbent": "what base serves",
    "routing": "where base has the model's calls sent",
}


class Inputs:
    """Hashes the inputs of cells of one head against one base."""

    def __init__(self, base: States, head: States) -> None:
        self._base = base
        self._head = head
        self._suites: dict[str, str] = {}

    def of(self, cell: PlannedCell) -> dict[str, str]:
        """The hash of each input, by the keys of `NAMES`.

        Raises:
            LandraceError: a file of the prompt cannot be read.
        """
        state = self._head.prompt(cell.prompt)
        assert state is not None, "a cell is one of head's prompts"
        config = state.source.config
        prints = state.fingerprints()
        claim = self.claim(cell)
        values: dict[str, Any] = {
            "template": prints.template,
            "contract": [inputs_in_order(config.inputs), contract_of(config)],
            "eval_set": prints.eval_set,
            "metrics": prints.metrics,
            "splits": config.splits.model_dump(mode="json"),
            "model": [cell.model.id, values_in_order(cell.model.params)],
            "search": _search(cell.pipeline.config),
            "policy": _policy(cell.pipeline.config, claim[0] if claim else None),
            "incumbent": self._incumbent(cell, claim[1] if claim else None),
            # Both sides of the comparison are asked there, whatever is pinned.
            "routing": routing(claim[1].params) if claim else {},
        }
        hashes = {name: json_digest(value) for name, value in values.items()}
        return {**hashes, "suite": self._suite(cell.prompt)}

    def is_compared(self, cell: PlannedCell) -> bool:
        """Whether base has the cell, so that there is something to compare it with."""
        return self.claim(cell) is not None

    def claim(self, cell: PlannedCell) -> tuple[PipelineConfig, ModelConfig] | None:
        """Base's pipeline and model of a cell, which its comparison goes by, if it has one."""
        return self._claims.get((cell.prompt, cell.model.id))

    @cached_property
    def _claims(self) -> dict[tuple[str, str], tuple[PipelineConfig, ModelConfig]]:
        """Base's first claim of each cell, as in the comparison, which goes by it."""
        found: dict[tuple[str, str], tuple[PipelineConfig, ModelConfig]] = {}
        project = self._base.project
        for name in project.pipelines():
            source = project.read_pipeline(name)
            for prompt in source.prompts:
                for model in source.config.models:
                    found.setdefault((prompt, model.id), (source.config, model))
        return found

    def _suite(self, prompt: str) -> str:
        if prompt not in self._suites:
            self._suites[prompt] = json_digest(_suite(self._base.prompt(prompt)))
        return self._suites[prompt]

    def _incumbent(self, cell: PlannedCell, called: ModelConfig | None) -> list[Any]:
        """What base serves; without a pin its template, with base's decoding parameters."""
        try:
            pinned = self._base.incumbent(cell.prompt, cell.model.id)
        except NewerFormatError:  # so no evidence stands; what compares says why
            return ["newer"]
        if pinned is not None:
            return ["pin", pinned.pin.variant]
        state = self._base.prompt(cell.prompt)
        if state is None:
            return []
        config = state.source.config
        asked = values_in_order(decoding(resolved(called, config).params)) if called else {}
        contract = [inputs_in_order(config.inputs), contract_of(config)]
        return ["template", state.fingerprints().template, contract, asked]


def _search(pipeline: PipelineConfig) -> list[Any]:
    strategy, proposer = pipeline.strategy, pipeline.proposer
    return [
        strategy.name,
        STRATEGIES[strategy.name].version if strategy.name in STRATEGIES else None,
        strategy.options,
        pipeline.seed,
        [proposer.id, values_in_order(proposer.params)] if proposer else None,
    ]


def _policy(pipeline: PipelineConfig, claim: PipelineConfig | None) -> list[Any]:
    """By which a winner is promoted, and by which it is judged."""
    gate = (claim or pipeline).gate
    return [pipeline.policy.model_dump(mode="json"), gate.model_dump(mode="json")]


def _suite(base: PromptState | None) -> list[Any]:
    if base is None:
        return []
    splits = base.source.config.splits.model_dump(mode="json")
    # No metric sees the metadata of a case, but the gate does: critical cases, and tags.
    marks = sorted([case.id, case.metadata] for case in base.eval_set.cases if case.metadata)
    return [base.eval_set.digest, base.fingerprints().metrics, splits, marks]
