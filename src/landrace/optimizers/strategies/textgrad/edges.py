"""Who hands a text on to whom in a program, with nodes that only compute left out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landrace.program import Program


def sources(program: Program, name: str) -> tuple[str, ...]:
    """The nodes that ask and whose text a node reads, at once or through nodes that compute."""
    graph, reads = program.graph, program.plan.reads
    asking = graph.asking()
    found: dict[str, None] = {}
    waiting = list(reads.get(name, ()))
    while waiting:
        each = waiting.pop(0)
        if each in asking:
            found[each] = None
        else:
            waiting.extend(reads.get(each, ()))
    return tuple(found)


def ends(program: Program) -> tuple[str, ...]:
    """The nodes that ask and whose text becomes the answer."""
    output = program.graph.output
    return (output,) if output in program.graph.asking() else sources(program, output)
