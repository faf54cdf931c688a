"""The options of the strategy and of its presets; defaults as in the paper (§3.3, §4.1).

But for two: there is no warm-up, as in the released code, where the paper has 5 % of the steps, and
it found that with a cosine it does harm; and `allocation`. The paper's three instructions have the
present one among them, which here stands beside them.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from pydantic import Field

from landrace.optimizers.search.recall import Momentum
from landrace.schemas.base import Strict

StepSize: TypeAlias = Literal["none", "fixed", "linear", "cosine"]
Refinement: TypeAlias = Literal["generate", "edit"]


class Options(Strict):
    """Options of ``gpo``."""

    momentum: Momentum = Field(
        default="relevance",
        description="What the proposer sees of earlier steps (§3.1.2): nothing, a summary, or "
        "the winners of `remembered` steps: the last, the best, or those nearest to the present "
        "instruction by embeddings (needs the extra `embeddings`).",
    )
    remembered: int = Field(
        default=3, ge=1, le=20, description="Instructions that are shown beside the present one."
    )
    step_size: StepSize = Field(
        default="cosine",
        description="How many words a step may change (§3.2.1): any number, always `words`, or "
        "from `words` down to `last_words`.",
    )
    words: int = Field(default=50, ge=1, le=1000, description="Words of the first step.")
    last_words: int = Field(
        default=10, ge=1, le=1000, description="Words of the last step, or `words` if fewer."
    )
    warm_up: float = Field(
        default=0.0,
        ge=0,
        le=0.5,
        description="Share of the steps that rise to `words`: one at least, but not the last two. "
        "The paper has 0.05.",
    )
    refinement: Refinement = Field(
        default="generate", description="Write the instruction anew, or edit it (§3.2.2)."
    )
    reflection: bool = Field(
        default=False, description="Also tell the proposer what is wrong at present (§3.1.1)."
    )
    epochs: int = Field(default=3, ge=1, le=50, description="Times through the search cases.")
    batch: int = Field(default=8, ge=1, le=64, description="Search cases of a step.")
    candidates: int = Field(default=8, ge=1, le=64, description="Proposals of a step.")
    examples: int = Field(default=3, ge=0, le=16, description="Examples that a proposal shows.")
    allocation: Literal["halving", "full"] = Field(
        default="halving",
        description="Who is scored on how many select cases. `full`, as in the paper: every "
        "candidate on all. `halving`: the better half goes on, with more cases each time.",
    )


class Ape(Options):
    """Options of ``gpo/ape``: the present instruction and its score, nothing else (table 4)."""

    momentum: Momentum = "none"
    step_size: StepSize = "none"


class Apo(Options):
    """Options of ``gpo/apo``: edits after reflection (table 4)."""

    momentum: Momentum = "none"
    step_size: StepSize = "none"
    refinement: Refinement = "edit"
    reflection: bool = True


class Opro(Options):
    """Options of ``gpo/opro``: the last steps, no limit (table 4)."""

    momentum: Momentum = "recency"
    step_size: StepSize = "none"


class Pe2(Options):
    """Options of ``gpo/pe2``: the last steps, reflection, always the same limit (table 4)."""

    momentum: Momentum = "recency"
    step_size: StepSize = "fixed"
    reflection: bool = True


class Sgdm(Options):
    """Options of ``gpo/sgdm``: edits with a summary of what was tried."""

    momentum: Momentum = "summary"
    step_size: StepSize = "none"
    refinement: Refinement = "edit"


class Member(NamedTuple):
    """A preset: other defaults of the same options."""

    summary: str
    options: type[Options]


FAMILY: dict[str, Member] = {
    "ape": Member("APE in GPO's terms: rewrite the present instruction (GPO, table 4)", Ape),
    "apo": Member("APO in GPO's terms: edit after reflection (GPO, table 4)", Apo),
    "opro": Member("OPRO in GPO's terms: rewrite with the last steps (GPO, table 4)", Opro),
    "pe2": Member("PE2 in GPO's terms: reflection, last steps, a fixed limit (GPO, table 4)", Pe2),
    "sgdm": Member("edits with a summary of the steps so far (GPO, §4.1)", Sgdm),
}
