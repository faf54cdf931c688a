"""``prompts/<name>/prompt.yaml``."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field, model_validator

from landrace.parsers import default_parser
from landrace.program import Graph
from landrace.schemas.base import Strict
from landrace.schemas.output import OutputContract
from landrace.schemas.program import ProgramConfig

__all__ = ["MetricConfig", "OutputContract", "PromptConfig", "SplitConfig"]


class MetricConfig(Strict):
    """A metric by its name in the metrics table; its own options stand beside the name."""

    model_config = ConfigDict(extra="allow", frozen=True)

    metric: str = Field(description="A name from `landrace schema metrics`.")
    # The bound keeps sums finite.
    weight: float = Field(
        default=1.0, gt=0, le=1_000_000, description="Its share of the combined score."
    )

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.__pydantic_extra__ or {})


class SplitConfig(Strict):
    """Shares of the eval set; a stable hash of a case's inputs decides where it falls."""

    search: float = Field(default=0.25, gt=0, lt=1)
    select: float = Field(default=0.35, gt=0, lt=1)
    holdout: float = Field(default=0.40, gt=0, lt=1)
    seed: int = 0
    min_cases: int = Field(
        default=8, ge=1, description="An optimizer refuses to run with a smaller split."
    )

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> SplitConfig:
        total = self.search + self.select + self.holdout
        if abs(total - 1) > 1e-6:
            raise ValueError(f"the shares of search, select and holdout sum to {total:g}, not 1")
        return self


class PromptConfig(Strict):
    """The metadata of a prompt."""

    description: str = Field(min_length=1)
    template: str = Field(default="prompt.jinja", pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*\.jinja$")
    inputs: dict[str, Any] = Field(description="JSON Schema of the inputs, an object.")
    output: OutputContract = OutputContract()
    program: ProgramConfig | None = Field(
        default=None, description="The graph of a prompt that takes more than one call."
    )
    metrics: tuple[MetricConfig, ...] = Field(min_length=1)
    splits: SplitConfig = SplitConfig()

    @model_validator(mode="after")
    def _inputs_is_an_object(self) -> PromptConfig:
        if self.inputs.get("type") != "object" or not isinstance(
            self.inputs.get("properties"), dict
        ):
            raise ValueError("`inputs` must be a JSON Schema with `type: object` and `properties`")
        return self

    @model_validator(mode="after")
    def _program_says_it_all(self) -> PromptConfig:
        if self.program is None:
            return self
        if "template" in self.model_fields_set:
            raise ValueError(
                "`template` belongs to a prompt without `program`, whose nodes have it"
            )
        own = self.program.own_output()
        if own is not None and own != self.output:
            raise ValueError(
                f"`output` of the node `{self.program.output}` differs from the prompt's, "
                "whose answer it gives"
            )
        return self

    @property
    def templates(self) -> tuple[str, ...]:
        """The files of all templates, each once."""
        if self.program is None:
            return (self.template,)
        return tuple(dict.fromkeys(node.template for node in self.graph().asking().values()))

    @property
    def main_template(self) -> str:
        """The file of the template that gives the answer, or of the last one."""
        if self.program is None:
            return self.template
        asking = self.graph().asking()
        return (asking.get(self.program.output) or list(asking.values())[-1]).template

    def graph(self, where: str = "prompt.yaml") -> Graph:
        """The prompt's program; one node for a prompt without."""
        if self.program is not None:
            return self.program.graph(self.output, where)
        contract = self.output.model_dump(mode="json", by_alias=True, exclude_none=True)
        return Graph.plain(contract, default_parser(contract), template=self.template)
