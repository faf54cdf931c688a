"""What was written out once and is served, with its slots again, so that a search can vary them.

A pin has a template and a parser. Of those, an answer format, examples and an instruction cannot
be varied: a new instruction would take the format's sentence away from its parser. What
`landrace.optimizers.variants.written` made is recognised by this alone, that writing out what was
recognised gives the same bytes and the same parser; anything else stays as it is.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.digest import text_digest
from landrace.errors import LandraceError
from landrace.optimizers.slots.composed import taken_apart
from landrace.optimizers.slots.formats import FORMATS, bare_answer, formats_for, says_more
from landrace.optimizers.slots.pieces import first_message
from landrace.optimizers.slots.text_demos import Reading, told_apart
from landrace.optimizers.variants import NodeBase, contract_of, parser_of, write_variant, written
from landrace.program import Graph
from landrace.schemas.candidate import Demo, Slots
from landrace.template import Parts, literal, literal_text, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from landrace.optimizers.slots.composed import Composed
    from landrace.optimizers.slots.formats import Format
    from landrace.optimizers.variants import Program
    from landrace.program.nodes import Asking
    from landrace.schemas.candidate import Candidate, Orientation
    from landrace.schemas.case import Case
    from landrace.schemas.output import OutputContract

# In place of an instruction, which a template must have to be taken apart.
_NOTHING = '{{ "" }}'


class _Bare(NamedTuple):
    """A node as it is served: no more than a template and what reads the answers."""

    node: NodeBase
    source: str
    parser: dict[str, Any]

    @property
    def form(self) -> Format | None:
        """The answer format that has this parser."""
        contract = self.node.contract
        forms = formats_for(contract)
        return next((form for form in forms if form.parser(contract) == self.parser), None)

    def is_of(self, slots: Slots) -> bool:
        """Whether these slots come to just this."""
        try:
            same = written(self.node, slots) == self.source
        except LandraceError:
            return False
        return same and parser_of(self.node, slots) == self.parser


def restored(program: Program, candidate: Candidate, cases: Sequence[Case]) -> Candidate:
    """The candidate with its nodes' slots, as far as they can be told from its templates.

    It comes to the same variant. ``cases`` are those that its examples may come from.
    """
    # What is served may be of another time; whoever takes it in says so.
    with suppress(LandraceError):
        digest = write_variant(program, candidate).digest
        for found in _restored(program, candidate, cases):
            with suppress(LandraceError):
                if write_variant(program, found).digest == digest:
                    return found
    return candidate


def _restored(program: Program, candidate: Candidate, cases: Sequence[Case]) -> Iterator[Candidate]:
    """Over the program's own graph, for candidates with different graphs cannot be joined; then
    over its own, of which no parser is left that a slot does not name.
    """
    graph = Graph.from_dict(candidate.graph) if candidate.graph else program.graph
    asking = graph.asking()
    nodes = {
        name: _node(_base(program, name, each), each, candidate.slots(name), cases)
        for name, each in asking.items()
        if name in candidate.nodes
    }
    found = candidate.model_copy(update={"nodes": {**candidate.nodes, **nodes}})
    if candidate.graph is None:
        yield found
        return
    yield _over(program.graph, found, asking)
    bare = {
        name: each._replace(parser=FORMATS["base"].parser(contract_of(each.output)))
        for name, each in asking.items()
    }
    yield found.model_copy(
        update={"graph": graph._replace(nodes={**graph.nodes, **bare}).to_dict()}
    )


def _over(graph: Graph, candidate: Candidate, theirs: Mapping[str, Asking]) -> Candidate:
    """The candidate over another graph, with the parameters of its own in its slots."""
    ours = graph.asking()
    nodes = {}
    for name, asking in theirs.items():
        known = ours[name].params if name in ours else {}
        params = {key: value for key, value in asking.params.items() if known.get(key) != value}
        slots = candidate.slots(name)
        nodes[name] = slots.model_copy(update={"params": {**params, **slots.params}})
    return candidate.model_copy(update={"graph": None, "nodes": nodes})


def _base(program: Program, name: str, asking: Asking) -> NodeBase:
    """The program's node; of one that it does not have, what is known without a template."""
    known = program.nodes.get(name)
    return known or NodeBase(name, "", contract_of(asking.output), asking.template)


def _node(node: NodeBase, asking: Asking, slots: Slots, cases: Sequence[Case]) -> Slots:
    """A node's slots, recognised, or at least with the answer format that has their parser."""
    if slots.source is None or slots != Slots(source=slots.source, parser=slots.parser):
        return slots
    bare = _Bare(node, slots.source, slots.parser or asking.parser)
    reads = {"format": bare.form.name} if bare.form else {"parser": bare.parser}
    found = _recognised(bare, cases)
    if found:
        found = found.model_copy(update=reads)
        if bare.is_of(found):
            return found
    return Slots(source=bare.source, **reads)


def _recognised(bare: _Bare, cases: Sequence[Case]) -> Slots | None:
    """Slots of which the template may have been composed."""
    node, form = bare.node, bare.form or FORMATS["base"]
    composed = taken_apart(parse(bare.source, name=node.path))
    if composed is None:
        return None
    task = _without(composed.task, literal(form.ask))
    ids = _ids(composed, cases, node.path)
    examples = _examples(composed, Reading(composed.input, form, node.contract, ids.keys()))
    if task is None or examples is None:
        return None
    orientation, pairs = examples
    return Slots(
        layout=composed.layout,
        orientation=orientation,
        demos=tuple(_demo(form, node.contract, ids, *pair) for pair in pairs),
        **_text(node, task, composed.input),
    )


def _without(task: str, ask: str) -> str | None:
    """An instruction without the sentence of an answer format; None where it does not end so."""
    if not ask:
        return task
    if task == ask:
        return ""
    ending = f"\n\n{ask}"
    return task.removesuffix(ending) if task.endswith(ending) else None


def _text(node: NodeBase, task: str, given: str) -> dict[str, Any]:
    """The slots of instruction and input, of which those that are the node's own stay empty."""
    own = node.parts
    if own == Parts(task, given):
        return {}
    instruction = literal_text(task)
    if own is not None and own.input == given and instruction is not None:
        return {"instruction": instruction}
    opening = f"{{% section task %}}\n{task or _NOTHING}\n{{% endsection %}}"
    return {"source": f"{opening}\n\n{given}\n", "instruction": instruction}


def _examples(composed: Composed, by: Reading) -> tuple[Orientation, list[tuple[str, str]]] | None:
    """How examples are shown, and what a model reads of them; None where that is not known."""
    if composed.shown:
        text = literal_text(composed.shown)
        return None if text is None else told_apart(text, by)
    found = []
    for turns in composed.turns:
        user, shown = map(literal_text, turns)
        if user is None or shown is None:
            return None
        found.append((user, shown))
    return "turns", found


def _ids(composed: Composed, cases: Sequence[Case], path: str) -> dict[str, str]:
    """The ids of the cases by what a model reads of them; none where nothing is shown."""
    ids: dict[str, str] = {}
    for case in cases if composed.shown or composed.turns else ():
        with suppress(LandraceError):  # it may read what only other nodes make
            ids.setdefault(first_message(composed.input, case.inputs, path), case.id)
    return ids


def _demo(
    form: Format, contract: OutputContract, ids: Mapping[str, str], user: str, shown: str
) -> Demo:
    """An example of these texts; one that is of no case gets its text's hash for an id."""
    answer = bare_answer(form, shown, contract)
    answer = shown if answer is None else answer
    return Demo(
        case_id=ids.get(user) or text_digest(user)[:16],
        user=user,
        assistant=answer,
        bootstrapped=not form.ask and says_more(answer, contract),
    )
