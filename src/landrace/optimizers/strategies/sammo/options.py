"""The options of the strategy and of its presets; the defaults are SAMMO's own but where said."""

from __future__ import annotations

from typing import Literal, Self, TypeAlias

from pydantic import Field, model_validator

from landrace.optimizers.objective import Objective
from landrace.optimizers.operators.table import OPERATORS
from landrace.optimizers.operators.tuning import Tuning, ValuesByAddress
from landrace.optimizers.slots.data_formats import DataFormatName
from landrace.optimizers.slots.structure import STYLES, Style
from landrace.schemas.base import Strict
from landrace.schemas.candidate import Orientation

Search: TypeAlias = Literal["beam", "grid", "random", "evolution", "sequential"]
Start: TypeAlias = Literal["original", "empty", "generic", "doubled"]

# What needs the extra `syntax`.
SYNTACTIC = ("syntax", "prune syntax")
ALL_OPERATORS = tuple(OPERATORS)
WITHOUT_PARSER = tuple(name for name in OPERATORS if name not in SYNTACTIC)


class Space(Strict):
    """What an enumerative search combines; an empty list leaves that part as it is."""

    data_formats: tuple[DataFormatName, ...] = Field(
        default=(), description="question-answer, json, xml, multi-label or plain."
    )
    orientations: tuple[Orientation, ...] = Field(
        default=(),
        description="Examples as chat turns, in the text item by item, or by kind: first all "
        "inputs, then all answers.",
    )
    examples: tuple[int, ...] = Field(default=(), description="How many examples are shown.")
    section_formats: tuple[Style, ...] = Field(default=(), description=f"{', '.join(STYLES)}.")
    optional: tuple[str, ...] = Field(
        default=(), description="Patterns of sections that may be left out: `*/sections/*`."
    )
    values: ValuesByAddress = Field(
        default_factory=dict, description="Values by address, as in `tuning`."
    )


class Options(Strict):
    """Options of ``sammo``."""

    search: Search = "beam"
    allocation: Literal["halving", "full"] = Field(
        default="halving",
        description="Who is scored on how many select cases. `full`, as in SAMMO: every candidate "
        "on all. `halving`: the better half goes on, with more cases each time; several times as "
        "many candidates for the same calls.",
    )
    operators: tuple[str, ...] = Field(
        default=WITHOUT_PARSER, description="The bag that mutations are drawn from."
    )
    starts: tuple[Start, ...] = Field(
        default=("original",), min_length=1, description="What a search begins with."
    )
    width: int = Field(default=4, ge=1, le=64, description="Candidates that a beam keeps.")
    depth: int = Field(default=6, ge=1, le=100, description="Rounds of a beam; 25 if sequential.")
    mutations: int = Field(default=8, ge=1, le=64, description="Children of each in a round.")
    population: int = Field(default=12, ge=2, le=200, description="Of an evolution.")
    max_candidates: int = Field(
        default=48, ge=1, le=1000, description="Of an evolution or enumeration."
    )
    objective: Objective = Objective()
    tuning: Tuning = Tuning()
    space: Space = Space()

    @model_validator(mode="after")
    def _known_names(self) -> Self:
        unknown = [name for name in self.operators if name not in OPERATORS]
        if unknown:
            raise ValueError(
                f"there is no operator {unknown[0]!r}; the operators are {', '.join(OPERATORS)}"
            )
        if not self.operators and self.search not in {"grid", "random"}:
            raise ValueError("`operators` is empty, so there is nothing to draw from")
        return self

    @property
    def syntactic(self) -> tuple[str, ...]:
        """Those of the operators for which the extra `syntax` has to be installed."""
        return tuple(name for name in self.operators if name in SYNTACTIC)


class InstructionTuning(Options):
    """Options of ``sammo/instruction-tuning`` (paper, §5.1): better words for the task.

    Induced and mended instructions and paraphrases, from four starts, so that a bad original
    does not hold the search back.
    """

    operators: tuple[str, ...] = ("induce", "apo", "paraphrase")
    starts: tuple[Start, ...] = ("original", "empty", "generic", "doubled")
    depth: int = Field(default=4, ge=1, le=100)
    mutations: int = Field(default=2, ge=1, le=64)
    tuning: Tuning = Tuning(apo_gradients=2, apo_steps=1, apo_rewrites=0)


class RagTuning(Options):
    """Options of ``sammo/rag-tuning`` (paper, §5.2): how examples are shown, and how many.

    A grid over orientation, data format and number of examples.
    """

    search: Search = "grid"
    operators: tuple[str, ...] = ()
    max_candidates: int = Field(default=48, ge=1, le=1000)
    space: Space = Space(
        data_formats=("question-answer", "json", "xml", "plain"),
        orientations=("turns", "item", "kind"),
        examples=(10, 5),
    )


class Compression(Options):
    """Options of ``sammo/compression`` (paper, §5.3): the same answers for fewer tokens.

    All operators; the objective is input tokens plus twice the output tokens. Accuracy may fall
    by ``policy.margin`` of the pipeline where ``objective.max_drop`` is null.
    """

    operators: tuple[str, ...] = ALL_OPERATORS
    mutations: int = Field(default=2, ge=1, le=64)
    objective: Objective = Objective(accuracy=0.0, tokens=1.0, min_parsed=0.9)
