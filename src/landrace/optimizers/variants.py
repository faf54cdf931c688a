"""Writes a candidate out as model-specific Jinja: every choice resolved, only inputs open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.digest import json_digest, text_digest
from landrace.errors import TemplateError
from landrace.evaluation.variant import Variant
from landrace.key_order import program_in_order
from landrace.optimizers.running_order import running_order
from landrace.optimizers.slots.data_formats import in_text
from landrace.optimizers.slots.formats import FORMATS, shown_answer
from landrace.optimizers.slots.pieces import compiled, first_message, parts_of
from landrace.parsers import default_parser
from landrace.program import CASES, Generate, Graph, Library, compile_program, file_of, read_corpus
from landrace.program.params import overlaid
from landrace.schemas.candidate import MAIN, Candidate, Slots
from landrace.schemas.output import OutputContract
from landrace.template import literal, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.program.ranking import Embed
    from landrace.template import Parts


@dataclass(frozen=True)
class NodeBase:
    """A `generate` node as the prompt has it: its template with includes resolved.

    ``path`` names the file in errors.
    """

    name: str
    source: str
    contract: OutputContract
    path: str

    @cached_property
    def parts(self) -> Parts | None:
        """Instruction and input; None where they cannot be told apart.

        Then only whole templates are candidates.
        """
        return parts_of(parse(self.source, name=self.path))


class Program(NamedTuple):
    """What a prompt is made of, before any slot is filled.

    ``nodes`` are the nodes that ask, in the order in which they run; those that could run at once
    stand as they are written. ``inputs`` is the JSON Schema of the prompt's inputs; ``corpora``
    are the texts of what is searched, by file name, and ``library`` has them ready. ``where`` is
    the place of the graph, for errors.
    """

    name: str
    graph: Graph
    nodes: Mapping[str, NodeBase]
    inputs: Mapping[str, Any]
    corpora: Mapping[str, str]
    library: Library
    where: str

    @classmethod
    def of(
        cls,
        name: str,
        source: str,
        contract: OutputContract,
        *,
        path: str,
        inputs: Mapping[str, Any] | None = None,
    ) -> Program:
        """The program of a prompt without a graph; ``path`` names its template in errors."""
        output = contract.model_dump(by_alias=True, exclude_none=True)
        graph = Graph.plain(output, default_parser(output))
        node = NodeBase(MAIN, source, contract, path)
        return cls(name, graph, {MAIN: node}, inputs or {}, {}, Library({}), path)

    @classmethod
    def of_graph(
        cls,
        name: str,
        graph: Graph,
        sources: Mapping[str, tuple[str, str]],
        *,
        inputs: Mapping[str, Any],
        corpora: Mapping[str, str],
        where: str,
        folder: str = "",
        embed: Embed | None = None,
    ) -> Program:
        """The program of a graph; ``sources`` has the text and the path of each node's template.

        ``folder`` is where the corpora stand, for errors. ``embed`` gives the vectors for nodes
        that retrieve by embeddings.

        Raises:
            FormatError: a corpus cannot be read.
        """
        nodes = {}
        asking = graph.asking()
        for node in running_order(graph, sources):
            text, path = sources[node]
            nodes[node] = NodeBase(node, text, contract_of(asking[node].output), path)
        found = {
            name: read_corpus(corpora[file_of(name)], folder + file_of(name))._replace(name=name)
            for name in graph.corpora()
        }
        return cls(name, graph, nodes, inputs, corpora, Library(found, embed), where)

    @property
    def is_plain(self) -> bool:
        """Whether it is the program of a prompt without a graph."""
        return is_plain(self.graph)

    @property
    def main(self) -> NodeBase:
        """The node that gives the answer, or the last one that asks."""
        found = self.nodes.get(self.graph.output)
        return found or list(self.nodes.values())[-1]

    @property
    def digest(self) -> str:
        """The hash of everything that a search starts from, but for cases."""
        if self.is_plain:
            return text_digest(self.main.source)
        return json_digest(self.parts)

    @property
    def parts(self) -> dict[str, Any]:
        """What the hash of a program with a graph is made of, as JSON."""
        return {
            "graph": program_in_order(self.graph.to_dict()),
            "templates": {name: text_digest(node.source) for name, node in self.nodes.items()},
            "corpora": {
                file: text_digest(text)
                for file, text in self.corpora.items()
                if file != file_of(CASES)
            },
        }


def user_turn(node: NodeBase, inputs: Mapping[str, Any]) -> str:
    """The input part of a node's prompt as the model reads it for these inputs."""
    assert node.parts is not None
    return first_message(node.parts.input, inputs, node.path)


def write_variant(program: Program, candidate: Candidate) -> Variant:
    """The candidate with every choice resolved, compiled, with what reads its answers.

    Two candidates that come to the same templates and graph get the same digest.

    Raises:
        TemplateError: the candidate needs parts that this program does not have, or a
            template does not compile.
        ConfigError: its nodes do not fit together.
    """
    if program.is_plain and not candidate.settings and candidate.graph is None:
        slots = candidate.slots()
        if not slots.params:
            return _plain_variant(program, slots)
    graph = Graph.from_dict(candidate.graph) if candidate.graph else program.graph
    graph, sources = _resolved(program, candidate, graph.changed(candidate.settings))
    templates = {name: compiled(text, _path(program, name)) for name, text in sources.items()}
    digest = json_digest([program_in_order(graph.to_dict()), sources, program.digest])[:16]
    whole = compile_program(
        graph, templates, inputs=program.inputs, library=program.library, where=program.where
    )
    files = {graph.asking()[name].template: text for name, text in sources.items()}
    corpora = {file_of(corpus): program.corpora[file_of(corpus)] for corpus in graph.corpora()}
    tries_params = any(candidate.slots(name).params for name in graph.asking())
    return Variant.of(digest, whole, {**files, **corpora}, tries_params=tries_params)


def as_written(graph: Graph, files: Mapping[str, str], operator: str) -> Candidate:
    """The candidate that comes to just this graph and these templates, whatever the base says."""
    sources = {name: files[node.template] for name, node in graph.asking().items()}
    if is_plain(graph):
        parser = graph.asking()[MAIN].parser
        return Candidate.plain(source=sources[MAIN], parser=parser, operator=operator)
    nodes = {name: Slots(source=text) for name, text in sources.items()}
    return Candidate(graph=graph.to_dict(), nodes=nodes, operator=operator)


def _plain_variant(program: Program, slots: Slots) -> Variant:
    """Without the checks of a graph, which cost more than all of the rest."""
    node = program.main
    source = written(node, slots)
    asking = program.graph.asking()[MAIN]
    changed = slots.parser or slots.format != "base"
    parser = parser_of(node, slots) if changed else asking.parser
    digest = json_digest([source, parser])[:16]
    graph = Graph.plain(asking.output, parser)
    return Variant.plain(digest, source, compiled(source, node.path), graph)


def _resolved(program: Program, candidate: Candidate, graph: Graph) -> tuple[Graph, dict[str, str]]:
    """The graph with each node's own file, parser and parameters, and the files' texts."""
    nodes, sources = dict(graph.nodes), {}
    for name, asking in graph.asking().items():
        slots = candidate.slots(name)
        base = program.nodes.get(name)
        if base is None:
            if slots.source is None:
                raise TemplateError("a node has no template", where=f"{program.name}: {name}")
            base = NodeBase(name, slots.source, contract_of(asking.output), asking.template)
        sources[name] = written(base, slots)
        parser = asking.parser
        if slots.parser or slots.format != "base":
            parser = parser_of(base, slots)
        nodes[name] = asking._replace(
            template=f"{name.lower()}.jinja",
            parser=parser,
            params=overlaid(asking.params, slots.params),
        )
    return graph._replace(nodes=nodes), sources


def parser_of(node: NodeBase, slots: Slots) -> dict[str, Any]:
    """What reads a node's answers, where its slots say so or nothing else does."""
    return dict(slots.parser) if slots.parser else FORMATS[slots.format].parser(node.contract)


def _path(program: Program, node: str) -> str:
    return program.nodes[node].path if node in program.nodes else f"{program.name}: {node}"


def is_plain(graph: Graph) -> bool:
    """Whether a graph says no more than that a template is asked about."""
    node = graph.nodes.get(MAIN)
    return len(graph.nodes) == 1 and isinstance(node, Generate) and not node.params


def contract_of(output: Mapping[str, Any]) -> OutputContract:
    """A node's output contract out of a graph."""
    return OutputContract.model_validate(output)


def written(node: NodeBase, slots: Slots) -> str:
    """A node's template with its slots resolved.

    Raises:
        TemplateError: the slots need parts that the template does not have.
    """
    source = node.source if slots.source is None else slots.source
    if slots.layout == "base":
        return source
    parts = node.parts
    if slots.source is not None:
        parts = parts_of(parse(source, name=node.path))
    if parts is None:
        raise TemplateError(
            "the instruction and the input of this template cannot be told apart",
            where=node.path,
            fix="put the instruction into a {% section %} and the inputs after it",
        )
    return _compose(parts, slots, node.contract)


def _compose(parts: Parts, slots: Slots, contract: OutputContract) -> str:
    form = FORMATS[slots.format]
    task = parts.instruction if slots.instruction is None else literal(slots.instruction)
    opening = _section("task", _together(task.strip(), literal(form.ask)))
    shown = [
        (
            demo.user,
            shown_answer(form, demo.assistant, contract, own_words=demo.bootstrapped),
        )
        for demo in slots.demos
    ]
    turns: list[str] = []
    if slots.layout == "system" and opening:
        turns.append(_turn("system", opening))
        opening = ""
    if shown and slots.orientation != "turns":
        text = literal(in_text(shown, slots.orientation))
        opening, shown = _together(opening, _section("examples", text)), []
    for user, answer in shown:
        asked = _turn("user", _together(opening, literal(user)))
        turns.extend((asked, _turn("assistant", literal(answer))))
        opening = ""
    turns.append(_turn("user", _together(opening, parts.input)))
    return "\n".join(turns) + "\n"


def _together(*pieces: str) -> str:
    return "\n\n".join(piece for piece in pieces if piece)


def _section(name: str, body: str) -> str:
    return f"{{% section {name} %}}\n{body}\n{{% endsection %}}" if body else ""


def _turn(role: str, body: str) -> str:
    return f"{{% {role} %}}\n{body}\n{{% end{role} %}}"
