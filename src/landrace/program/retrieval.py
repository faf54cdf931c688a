"""What a program searches: its corpora, indexed once for all candidates and runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.digest import canonical_json
from landrace.errors import ConfigError
from landrace.program.check import NodeError
from landrace.program.nodes import CASES, EMBEDDINGS, MAX, Retrieve
from landrace.program.ranking import Bm25, Vectors, by_maximum, round_robin
from landrace.strict_json import near_fix

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from landrace.program.compute import Search
    from landrace.program.corpus import Corpus
    from landrace.program.graph import Graph
    from landrace.program.ranking import Embed, Index


class _Searched:
    """The items of one corpus, indexed by one of their texts."""

    __slots__ = ("_by_inputs", "_by_text", "index", "items")

    def __init__(self, corpus: Corpus, texts: list[str], index: Index) -> None:
        self.items = corpus.items
        self.index = index
        self._by_text = _positions(text.strip() for text in texts)
        inputs = (canonical_json(item["inputs"]) for item in corpus.items)
        self._by_inputs = _positions(inputs) if corpus.name == CASES else {}

    def exact(self, queries: Sequence[str]) -> list[int]:
        """The positions of the items whose text is a query."""
        return [n for query in queries for n in self._by_text.get(query.strip(), ())]

    def own(self, inputs: Mapping[str, Any]) -> Sequence[int]:
        """The positions of the cases that have the very inputs of the run."""
        return self._by_inputs.get(canonical_json(inputs), ()) if self._by_inputs else ()


class Library:
    """Corpora by name, and the indexes that were made of them.

    Args:
        corpora: by file name, or ``cases`` for those of the search split.
        embed: gives the vectors for nodes that retrieve by embeddings; it is called while a
            program is made and while it runs, from any thread.
    """

    __slots__ = ("_corpora", "_embed", "_searched")

    def __init__(self, corpora: Mapping[str, Corpus], embed: Embed | None = None) -> None:
        self._corpora = corpora
        self._embed = embed
        self._searched: dict[tuple[str, str, str | None], _Searched] = {}

    def searches(self, graph: Graph, where: str = "program") -> dict[str, Search]:
        """What finds the items of each retrieve node of a graph; ``where`` is its file, for errors.

        Raises:
            ConfigError: a corpus is missing, or nothing embeds.
            FormatError: an item of a corpus lacks the text that is searched.
        """
        return {
            name: self._search(name, node, where)
            for name, node in graph.nodes.items()
            if isinstance(node, Retrieve)
        }

    def _search(self, name: str, node: Retrieve, where: str) -> Search:
        corpus = self._corpora.get(node.corpus)
        if corpus is None:
            raise ConfigError(
                f"the corpus of the node `{name}` is missing",
                where=node.corpus,
                fix="put the file into the prompt's folder, or correct `from`",
            )
        key = (node.corpus, node.by, node.text)
        if key not in self._searched:
            _check_input(name, node, corpus, where)
            texts = _texts(corpus, node.text)
            self._searched[key] = _Searched(corpus, texts, self._index(name, node, texts))
        return _searcher(node, self._searched[key])

    def _index(self, name: str, node: Retrieve, texts: list[str]) -> Index:
        if node.by != EMBEDDINGS:
            return Bm25(texts)
        if self._embed is None:
            raise ConfigError(
                f"the node `{name}` retrieves by embeddings, and nothing makes any",
                fix="hand in a function that embeds texts, or use `by: bm25`",
            )
        return Vectors(texts, self._embed)


def _check_input(name: str, node: Retrieve, corpus: Corpus, where: str) -> None:
    """Of cases the text that is searched is an input, which all of them must have."""
    if corpus.name != CASES or node.text is None:
        return
    for item in corpus.items:
        if node.text not in item["inputs"]:
            raise NodeError(
                f"the node `{name}` searches `{node.text}`, which is no input of the cases",
                name,
                where,
                near_fix(node.text, item["inputs"]) or "name an input of all cases, or none",
            )


def _texts(corpus: Corpus, field: str | None) -> list[str]:
    if corpus.name != CASES:
        assert field is not None  # a graph allows null for cases alone
        return corpus.texts(field)
    return [_field_text(item["inputs"], field) for item in corpus.items]


def inputs_text(inputs: Mapping[str, Any]) -> str:
    """All of some inputs as one text, in the order of their names."""
    return "\n".join(_as_text(inputs[key]) for key in sorted(inputs))


def _field_text(inputs: Mapping[str, Any], field: str | None) -> str:
    return inputs_text(inputs) if field is None else _as_text(inputs[field])


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else canonical_json(value).decode()


def _positions(keys: Iterable[Any]) -> dict[Any, list[int]]:
    found: dict[Any, list[int]] = {}
    for position, key in enumerate(keys):
        found.setdefault(key, []).append(position)
    return found


def _searcher(node: Retrieve, searched: _Searched) -> Search:
    merge = by_maximum if node.aggregate == MAX else round_robin

    def search(queries: Sequence[str], inputs: Mapping[str, Any]) -> list[Any]:
        scores = searched.index.scores(queries)
        exact = searched.exact(queries) if node.exclude_exact else ()
        # A case that is shown itself has its label to read off, and its score says nothing.
        for position in (*exact, *searched.own(inputs)):
            for each in scores:
                each.pop(position, None)
        return [searched.items[position] for position in merge(scores, node.limit)]

    return search
