"""The longest call that a cell's study, or its winner, can make."""

from __future__ import annotations

from contextlib import suppress
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.digest import canonical_json
from landrace.errors import LandraceError
from landrace.gateway.metered import (
    BYTES_A_TOKEN,
    TOKENS_A_MESSAGE,
    TOKENS_A_REQUEST,
    Spend,
    most_completion,
)
from landrace.optimizers.lengths import longest_instruction
from landrace.optimizers.proposing.reading import MAX_WORDS
from landrace.optimizers.restored import restored
from landrace.optimizers.slots.demo_limit import limited
from landrace.optimizers.slots.selectors import Slot
from landrace.optimizers.table import STRATEGIES
from landrace.optimizers.variants import write_variant
from landrace.program import Retrieve, file_of
from landrace.program.nodes import Asking
from landrace.program.params import LIMITS, overlaid
from landrace.schemas.candidate import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from landrace.evaluation.variant import Variant
    from landrace.gateway.metered import Price
    from landrace.optimizers.strategy import Reach
    from landrace.program import Graph
    from landrace.schemas.candidate import Demo
    from landrace.schemas.case import Case
    from landrace.workflows.task import CellTask

# Bytes; a proposer's text is cut at 300 words, or at half as many again.
ROOM_FOR_INSTRUCTION = 4000
ROOM_AROUND_EXAMPLE = 2 * TOKENS_A_MESSAGE + 32  # its two turns, and what an answer is wrapped in
ROOM_AROUND_FIELD = 16  # of a record; beside the name, which XML has twice


class Start(NamedTuple):
    """What a search starts from: the base, what is served, or another model's winner.

    ``bare`` is its variant without examples. ``graph`` has the values with which, of all that
    the strategy's options can give it, most is said and found. ``examples`` are those of each node.
    """

    bare: Variant
    graph: Graph
    examples: tuple[Sequence[Demo], ...]


def starts_of(task: CellTask) -> list[Start]:
    """The base's first, and those of the others that can still be written out.

    Raises:
        LandraceError: the base cannot.
    """
    found = [_start(task, Candidate())]
    served = [task.incumbent.candidate] if task.incumbent else []
    for candidate in (*served, *task.others):
        with suppress(LandraceError):  # of another time; the study leaves it behind, too
            found.append(_start(task, restored(task.program, candidate, task.search)))
    return found


def longest_call(task: CellTask, price: Price | None, starts: Sequence[Start] = ()) -> Spend:
    """The most that one call of the cell's study, or of its winner, can take.

    ``starts`` are `starts_of` the task, if they are known. A candidate is as long as the longest
    start with a longer instruction, and with as many of the longest examples as the strategy's
    options or any start shows.
    """
    starts = starts or starts_of(task)
    completion = max(longest_node_answer(start.graph, task.model.params) for start in starts)
    bare = max(_longest(task, starts))
    words = longest_instruction(task.program, task.incumbent.candidate if task.incumbent else None)
    room = int(ROOM_FOR_INSTRUCTION * max(1.0, 1.5 * words / MAX_WORDS))
    prompt = TOKENS_A_REQUEST + TOKENS_A_MESSAGE + bare + room
    whole = prompt + _examples(task, starts, completion)
    return Spend(1, whole, completion, price.of(whole, completion) if price else 0.0)


def longest_node_answer(graph: Graph, params: Mapping[str, Any]) -> int:
    """The most tokens of an answer of any node; ``params`` are the model's own."""
    limits = (most_completion(overlaid(params, node.params)) for node in graph.asking().values())
    return max(limits, default=most_completion(params))


def cases_of(task: CellTask) -> tuple[Case, ...]:
    return (*task.search, *task.select, *task.holdout)


def reach_of(task: CellTask) -> Reach:
    """What the strategy's options let its candidates have."""
    return STRATEGIES[task.pipeline.strategy.name].reach(task.options)


def _start(task: CellTask, candidate: Candidate) -> Start:
    bare = write_variant(task.program, limited(candidate, 0))
    examples = tuple(slots.demos for slots in candidate.nodes.values())
    return Start(bare, _widest(task, bare.program.graph), examples)


def _widest(task: CellTask, graph: Graph) -> Graph:
    """The graph with those of the options' values with which most is said and found."""
    for address, values in reach_of(task).values.items():
        for slot in _slots(graph, address):
            changed = _changed(graph, slot, values)
            graph = max([graph, *changed], key=lambda one: _said_and_found(task, one))
    return graph


def _slots(graph: Graph, address: str) -> Iterator[Slot]:
    """What an address names of a graph, where that can make a call longer."""
    slot = Slot.of(address)
    if slot is None:
        return
    if slot.kind != "params":
        yield slot
    elif slot.name in LIMITS:
        names = [name for name in graph.asking() if fnmatchcase(name, slot.node)]
        yield from (slot._replace(node=name) for name in names)


def _changed(graph: Graph, slot: Slot, values: Iterable[Any]) -> Iterator[Graph]:
    """The graph with each of the values; one that does not fit makes no candidate either."""
    for value in values:
        with suppress(LandraceError):
            if slot.kind != "params":
                yield graph.changed({slot.node: {slot.kind: value}})
            elif isinstance(value, int):
                params = overlaid(graph.asking()[slot.node].params, {slot.name: value})
                yield graph.changed({slot.node: {"params": params}})


def _said_and_found(task: CellTask, graph: Graph) -> int:
    """The most bytes of all that a run's answers say, and its retrieve nodes find."""
    total = 0
    for node in graph.nodes.values():
        if isinstance(node, Retrieve):
            lines = task.program.corpora[file_of(node.corpus)].splitlines()
            total += node.limit * max(len(line.encode()) for line in lines)
        elif isinstance(node, Asking):
            said = most_completion(overlaid(task.model.params, node.params))
            total += BYTES_A_TOKEN * said * getattr(node, "most", 1)
    return total


def _longest(task: CellTask, starts: Sequence[Start]) -> Iterator[int]:
    """Of each start the bytes for its longest case; one that fails on a case is not asked it."""
    base, *others = starts
    yield max(_sizes(task, base, cases_of(task)))
    for start in others:
        for case in cases_of(task):
            with suppress(LandraceError):
                yield from _sizes(task, start, [case])


def _sizes(task: CellTask, start: Start, cases: Iterable[Case]) -> list[int]:
    """UTF-8 bytes of the start's prompt for each case."""
    if not task.program.is_plain:
        return _program_sizes(task, start, cases)
    chats = (start.bare.first_messages(case.inputs) for case in cases)
    return [sum(len(message["content"].encode()) for message in chat) for chat in chats]


def _program_sizes(task: CellTask, start: Start, cases: Iterable[Case]) -> list[int]:
    """The same of a program, of which any call may read all inputs and all that came before."""
    templates = start.bare.templates.values()
    fixed = sum(len(text.encode()) for text in templates) + _said_and_found(task, start.graph)
    return [fixed + len(templates) * len(canonical_json(case.inputs)) for case in cases]


def _examples(task: CellTask, starts: Sequence[Start], completion: int) -> int:
    """The most tokens of the examples in one prompt."""
    shown = [demos for start in starts for demos in start.examples]
    most = max([reach_of(task).examples, *map(len, shown)])
    sizes = _sizes(task, starts[0], task.search)
    rows = [
        max(size, _record(case)) + max(completion, _label(case)) + ROOM_AROUND_EXAMPLE
        for size, case in zip(sizes, task.search, strict=True)
    ]
    longest = sum(sorted(rows, reverse=True)[:most])
    return max([longest, *(sum(map(_written, demos)) for demos in shown)])


def _record(case: Case) -> int:
    """The bytes of a case's inputs in any data format."""
    around = sum(2 * len(name.encode()) + ROOM_AROUND_FIELD for name in case.inputs)
    return around + len(canonical_json(case.inputs))


def _label(case: Case) -> int:
    return 0 if case.expected is None else len(canonical_json(case.expected))


def _written(demo: Demo) -> int:
    return len(demo.user.encode()) + len(demo.assistant.encode()) + ROOM_AROUND_EXAMPLE
