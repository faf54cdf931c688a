"""The kinds of nodes that a prompt program is made of, as plain values."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

MAIN = "prompt"
MAIN_TEMPLATE = "prompt.jinja"
CASES = "cases"

BM25 = "bm25"
EMBEDDINGS = "embeddings"
ROUND_ROBIN = "round_robin"
MAX = "max"


class Generate(NamedTuple):
    """One call of the model.

    The names that ``template`` reads are the node's edges. ``output`` is the contract of the
    answer (``type``, ``labels``, ``schema``, ``max_tokens``), ``params`` are decoding parameters
    over the model's own, and ``parser`` is the spec of what reads the raw text
    (`landrace.parsers`).
    """

    template: str
    output: dict[str, Any]
    params: dict[str, Any]
    parser: dict[str, Any]


class ForEach(NamedTuple):
    """One call for each of the first ``most`` (1..100) items of the list ``over``.

    The template reads an item under the name ``item``. The value is the list of answers; an
    item whose answer cannot be read is left out of it.
    """

    over: str
    item: str
    template: str
    most: int
    output: dict[str, Any]
    params: dict[str, Any]
    parser: dict[str, Any]


class Batch(NamedTuple):
    """One call for every ``size`` (1..50) items of the first ``most`` (1..1000) of ``over``.

    The template reads the call's items under the name ``items``, each an object of its ``id``
    and the ``item`` itself. `landrace.program.batch` says what the model may answer. The value
    is the list of answers in the order of the items; those without one are left out.
    """

    over: str
    items: str
    template: str
    size: int
    most: int
    output: dict[str, Any]
    params: dict[str, Any]
    parser: dict[str, Any]


class Retrieve(NamedTuple):
    """The ``limit`` (1..100) items nearest to a query, best first.

    ``corpus`` is a ``.jsonl`` file of the prompt's folder, or ``cases``: the labelled cases of
    the search split, each an object of ``inputs`` and ``expected``. ``query`` names a text or a
    list of texts; ``aggregate`` says how the rankings of several queries become one. ``text`` is
    the field of an item that is searched; for cases it is an input, or None for all of them.
    ``exclude_exact`` leaves out the items whose text is a query. Cases with the very inputs of the
    run are always left out: none may serve as its own example.
    """

    corpus: str
    query: str
    by: str
    limit: int
    aggregate: str
    exclude_exact: bool
    text: str | None


class Union(NamedTuple):
    """Lists, or single values, one after the other; a value that was there before is left out."""

    of: tuple[str, ...]


class Extract(NamedTuple):
    """A part of one value: the first one found, or with ``every`` the list of all.

    ``by`` is one of:

    * ``regex``: ``what`` is a pattern, and the part its one group or else the whole match;
    * ``json``: ``what`` is a JSON pointer (RFC 6901); with ``every`` it has to lead to a list;
    * ``xml``: ``what`` is a tag; the part is what stands in it. Without ``every`` it is the last
      one, because a model that thinks aloud answers at the end;
    * ``lines``: the lines that are not blank, stripped; ``what`` is empty.
    """

    source: str
    by: str
    what: str
    every: bool


Asking: TypeAlias = Generate | ForEach | Batch
Node: TypeAlias = Asking | Retrieve | Union | Extract

KINDS: tuple[tuple[str, type[Any]], ...] = (
    ("generate", Generate),
    ("retrieve", Retrieve),
    ("for_each", ForEach),
    ("union", Union),
    ("extract", Extract),
    ("batch", Batch),
)


def kind_of(node: Node) -> str:
    """The word for a node's kind, as files have it."""
    return next(word for word, kind in KINDS if isinstance(node, kind))


def links(node: Node) -> tuple[str, ...]:
    """The names that a node itself reads; those that its template reads come on top."""
    if isinstance(node, Retrieve):
        return (node.query,)
    if isinstance(node, ForEach | Batch):
        return (node.over,)
    if isinstance(node, Union):
        return node.of
    return (node.source,) if isinstance(node, Extract) else ()


def own_name(node: Node) -> str | None:
    """The name that a node makes for its own template alone."""
    if isinstance(node, ForEach):
        return node.item
    return node.items if isinstance(node, Batch) else None
