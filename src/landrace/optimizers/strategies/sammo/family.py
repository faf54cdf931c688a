"""The paper's use cases as strategies of their own names."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.strategies.sammo.options import Compression, InstructionTuning, RagTuning

if TYPE_CHECKING:
    from landrace.optimizers.strategies.sammo.options import Options


class Member(NamedTuple):
    """A preset: other defaults of the same options."""

    summary: str
    options: type[Options]


FAMILY: dict[str, Member] = {
    "instruction-tuning": Member(
        "induced, mended and paraphrased instructions from four starts (SAMMO, §5.1)",
        InstructionTuning,
    ),
    "rag-tuning": Member(
        "a grid over data formats, orientations and numbers of examples (SAMMO, §5.2)", RagTuning
    ),
    "compression": Member(
        "fewer tokens for the same accuracy, by all operators (SAMMO, §5.3)", Compression
    ),
}
