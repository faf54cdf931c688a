"""What the parts of the search work with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.operators.base import fault_of
from landrace.optimizers.slots.demo_limit import limited

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.slots.few_shots import Shot
    from landrace.optimizers.strategies.auto.members import Members
    from landrace.optimizers.strategies.auto.memory import Memory
    from landrace.optimizers.strategies.auto.options import Options
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case


class Bench(NamedTuple):
    """``shots`` has what examples of each node can be made of; ``order`` is that in which
    candidates are questioned on search cases; ``words`` is how many a reflection may change now.
    """

    study: Study
    options: Options
    start: Start
    shots: Mapping[str, Sequence[Shot]]
    order: Sequence[Case]
    members: Members
    memory: Memory
    words: int

    @property
    def main(self) -> str:
        """The node that gives the answer."""
        return self.study.setting.program.main.name


def admitted(study: Study, candidates: Iterable[Candidate]) -> list[Entry]:
    """`Study.admit_all`, with no more examples in a node than `max_demos`; see `limited`."""
    most = study.setting.options.max_demos
    return study.admit_all([limited(candidate, most) for candidate in candidates])


def sound(study: Study, candidate: Candidate) -> bool:
    """Whether the candidate's nodes keep every input; what is dropped is logged."""
    for node in study.setting.program.nodes.values():
        fault = fault_of(node, candidate)
        if fault:
            study.log("dropped", operator=candidate.operator, reason=fault)
            return False
    return True
