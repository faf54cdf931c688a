"""A candidate written out: what is asked, and what reads the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.program import Graph, Program, most_calls
from landrace.program.nodes import MAIN_TEMPLATE, Asking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.template import Compiled


class Variant(NamedTuple):
    """A program that runs, and the texts of its files by their names in a cell's folder.

    ``calls`` is the most that one run can make. ``tries_params`` where a node has decoding
    parameters that were chosen for this variant, so that its model may refuse it alone.
    """

    digest: str
    program: Program
    files: Mapping[str, str]
    calls: int
    tries_params: bool = False

    @classmethod
    def of(
        cls,
        digest: str,
        program: Program,
        files: Mapping[str, str],
        *,
        tries_params: bool = False,
    ) -> Variant:
        return cls(digest, program, files, most_calls(program.graph), tries_params)

    @classmethod
    def plain(cls, digest: str, source: str, template: Compiled, graph: Graph) -> Variant:
        """The variant of a prompt without a graph."""
        return cls(digest, Program.plain(graph, template), {MAIN_TEMPLATE: source}, 1)

    @property
    def is_plain(self) -> bool:
        return list(self.files) == [MAIN_TEMPLATE]

    @property
    def templates(self) -> dict[str, str]:
        """The texts of the templates by node."""
        asking = self.program.graph.asking()
        return {name: self.files[node.template] for name, node in asking.items()}

    @property
    def parser(self) -> Mapping[str, Any]:
        """The spec of what reads the answer; plain text where the last node asks nobody."""
        node = self.program.graph.nodes[self.program.graph.output]
        return node.parser if isinstance(node, Asking) else {"kind": "text"}

    @property
    def length(self) -> int:
        """The characters of all files: a measure of how simple it is."""
        return sum(map(len, self.files.values()))

    def first_messages(self, inputs: Mapping[str, Any]) -> list[dict[str, str]]:
        """The messages of the calls that a run begins with, one call after the other.

        Raises:
            TemplateError: a template does not render with the inputs alone.
        """
        return [message for ask in self.program.first_asks(inputs) for message in ask.messages]
