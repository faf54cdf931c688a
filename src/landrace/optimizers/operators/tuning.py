"""The numbers and values of the operators, with SAMMO's own defaults."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, Field

from landrace.optimizers.slots.selectors import ALL, Slot
from landrace.program.params import param_problem
from landrace.schemas.base import MisfitError, Strict


def _by_address(values: dict[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    for address, options in values.items():
        slot = Slot.of(address)
        if slot is None or (slot.kind == "params") != bool(slot.name):
            raise ValueError(f"`{address}` is no address: write NODE/params/NAME or NODE/FIELD")
        if slot.kind == "params":
            _check_decoding(address, slot.name, options)
    return values


def _check_decoding(address: str, name: str, values: tuple[Any, ...]) -> None:
    # Options are data of whoever wrote them: no value may send a call elsewhere.
    for value in values:
        if problem := param_problem(name, value):
            raise MisfitError(f"`{address}`: `{name}` {problem.text}", problem.fix)


ValuesByAddress: TypeAlias = Annotated[dict[str, tuple[Any, ...]], AfterValidator(_by_address)]


class Tuning(Strict):
    """What the operators go by (`sammo/mutators.py` of sammo 0.3.3 has the same numbers)."""

    targets: tuple[str, ...] = Field(
        default=ALL,
        description="Patterns of the slots that may change, such as `*/sections/*` or "
        "`answer/demos`.",
    )
    rewriting: str = Field(
        default="Make it clearer and more specific without making it longer.",
        description="What the operator `rewrite` asks for.",
    )
    shorten: float = Field(default=0.5, gt=0, lt=1, description="Share of the words that is kept.")
    keep_examples: float = Field(
        default=0.8, gt=0, lt=1, description="Share of the examples that is kept, at least one."
    )
    induce_from: int = Field(default=5, ge=1, le=32, description="Examples that are shown.")
    apo_errors: int = Field(default=4, ge=1, le=16, description="Mistakes in one critique.")
    apo_gradients: int = Field(default=4, ge=1, le=16, description="Critiques.")
    apo_steps: int = Field(default=2, ge=1, le=8, description="Edits after each critique.")
    apo_rewrites: int = Field(default=2, ge=0, le=8, description="Rewordings of each edit.")
    apo_cases: int = Field(
        default=16, ge=1, le=200, description="Search cases on which mistakes are looked for."
    )
    prune_trials: int = Field(
        default=12, ge=1, le=200, description="Phrases that one pruning tries to do without."
    )
    values: ValuesByAddress = Field(
        default_factory=dict,
        description="Values to choose from by address: `answer/params/temperature: [0, 0.7]` or "
        "`passages/count: [1, 3, 5]`.",
    )
