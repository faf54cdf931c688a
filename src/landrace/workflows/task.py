"""A cell as a pure task: everything that its study depends on, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.digest import json_digest, text_digest
from landrace.key_order import inputs_in_order, values_in_order
from landrace.optimizers.strategy import Sizes
from landrace.optimizers.table import STRATEGIES
from landrace.program import most_calls
from landrace.program.params import LIMITS, overlaid
from landrace.workflows.decoding import decoding

if TYPE_CHECKING:
    from landrace.metrics.base import Metric
    from landrace.optimizers.variants import Program
    from landrace.pin import PinnedTraining
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case
    from landrace.schemas.pipeline import Budget, ModelConfig, PipelineConfig, Policy
    from landrace.schemas.prompt import PromptConfig


_OF_ANSWERS = frozenset({*LIMITS, "stop"})


class Fingerprints(NamedTuple):
    """Hashes of what a pin's evidence rests on."""

    template: str
    eval_set: str
    split_seed: int
    metrics: str


class Incumbent(NamedTuple):
    """What the base commit pins: the candidate, its pin's digest, and how often today's holdout
    was looked at so far.
    """

    candidate: Candidate
    variant: str
    holdout_looks: int


class CellTask(NamedTuple):
    """One (prompt, model) pair with all that its study needs."""

    program: Program
    config: PromptConfig
    search: tuple[Case, ...]
    select: tuple[Case, ...]
    holdout: tuple[Case, ...]
    metric: Metric
    fingerprints: Fingerprints
    pipeline: PipelineConfig
    model: ModelConfig
    options: Any
    budget: Budget
    incumbent: Incumbent | None
    others: tuple[Candidate, ...]
    training: PinnedTraining | None = None  # of a model that `landrace train` had made
    earlier_looks: int = 0  # at the holdout, by searches that are not committed, too

    @property
    def prompt(self) -> str:
        return self.program.name

    @property
    def cell(self) -> str:
        """Which one it is, for people."""
        return f"{self.prompt} on {self.model.id}"

    @property
    def holdout_looks(self) -> int:
        """How often today's holdout was looked at before this study, as far as is known."""
        return max(self.earlier_looks, self.incumbent.holdout_looks if self.incumbent else 0)

    @property
    def policy(self) -> Policy:
        return self.pipeline.policy

    @property
    def proposer(self) -> ModelConfig:
        """The pipeline's proposer; or the task model, without what bounds an answer's length.

        An instruction is longer than a label, and at temperature 0 every draw is the same.
        """
        if self.pipeline.proposer:
            return self.pipeline.proposer
        params = {
            name: value
            for name, value in self.model.params.items()
            if name not in _OF_ANSWERS and not (name == "temperature" and value == 0)
        }
        return self.model.model_copy(update={"params": params})

    @property
    def teacher(self) -> ModelConfig | None:
        """The proposer as it runs the program, for a strategy that has it teach by example.

        It is asked like the task model, but goes the proposer's own way. No option names another
        model: a pull request may change options, and not who is called.
        """
        if not getattr(self.options, "teacher", False):
            return None
        params = overlaid(self.proposer.params, decoding(self.model.params))
        return self.proposer.model_copy(update={"params": params})

    @property
    def proposer_is_weak(self) -> bool:
        """An embedded model, or the task model itself, rewrites instructions badly."""
        return self.proposer.id.startswith("local/") or self.proposer.id == self.model.id

    @property
    def study(self) -> str:
        """The name of this study: the same inputs resume the same study."""
        return json_digest(
            {
                "prompt": self.prompt,
                "source": {name: text_digest(n.source) for name, n in self.program.nodes.items()},
                "config": {
                    **self.config.model_dump(mode="json", by_alias=True),
                    "inputs": inputs_in_order(self.config.inputs),
                },
                "fingerprints": self.fingerprints._asdict(),
                "model": _called(self.model),
                "proposer": _called(self.proposer),
                "strategy": self.pipeline.strategy.name,
                "version": STRATEGIES[self.pipeline.strategy.name].version,
                "options": self.options.model_dump(mode="json"),
                "seed": self.pipeline.seed,
                "policy": self.policy.model_dump(mode="json"),
                "budget": self.budget.model_dump(mode="json"),
                "incumbent": self.incumbent.candidate.digest if self.incumbent else None,
                "others": [candidate.digest for candidate in self.others],
                "search_is_known": self.training is not None,
                "calls_a_case": self.calls_a_case,  # the stages' shares of the budget go by it
            }
        )[:16]

    def sizes(self) -> Sizes:
        rivals = 2 if self.incumbent else 1
        return Sizes(
            len(self.search),
            len(self.select),
            len(self.holdout),
            rivals,
            len(self.program.nodes),
            self.program.is_plain,
        )

    @property
    def calls_a_case(self) -> int:
        """The most calls that one run of the program can make, and those of its judges."""
        return most_calls(self.program.graph) + len(self.metric.judges)

    def least_calls(self) -> int:
        """The fewest calls with which a search makes sense, the holdout's excluded."""
        strategy = STRATEGIES[self.pipeline.strategy.name]
        return strategy.least(self.options, self.sizes()) * self.calls_a_case

    def holdout_calls(self) -> int:
        """The most calls that the one look at the holdout can take."""
        return len(self.holdout) * (self.sizes().rivals + 1) * self.calls_a_case


def _called(model: ModelConfig) -> dict[str, Any]:
    """What of a model decides its answers."""
    called = model.model_dump(mode="json", exclude={"concurrency", "aliases"})
    return {**called, "params": values_in_order(called["params"])}
