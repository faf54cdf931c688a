"""The JSON form of a node: ``{KIND: {…}}``, strict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.program import rules
from landrace.program.nodes import (
    BM25,
    CASES,
    EMBEDDINGS,
    MAX,
    ROUND_ROBIN,
    Batch,
    Extract,
    ForEach,
    Generate,
    Node,
    Retrieve,
    Union,
    kind_of,
)
from landrace.strict_json import (
    At,
    Check,
    an_object,
    fresh,
    name,
    near_fix,
    optional,
    record_of,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# JSON's words for fields that Python cannot call so, or that would say less there.
_WORDS: Mapping[type[Any], Mapping[str, str]] = {
    Retrieve: {"corpus": "from", "limit": "count"},
    ForEach: {"item": "as"},
    Batch: {"items": "as"},
}
_EXTRACT_BY: Mapping[str, Callable[[str], str | None]] = {
    "regex": rules.regex_problem,
    "json": rules.pointer_problem,
    "xml": rules.tag_problem,
}
EXTRACT_WAYS = (*_EXTRACT_BY, "lines")


def node_from_json(value: object, at: At) -> Node:
    """The node in a JSON value.

    Raises:
        FormatError: it is not an object with one known kind, or a field does not fit.
    """
    members = an_object(value, at)
    if len(members) != 1:
        raise at.error(
            f"has {len(members)} keys, and needs exactly one: its kind",
            f"the kinds are {', '.join(_CHECKS)}",
        )
    ((kind, body),) = members.items()
    if kind not in _CHECKS:
        fix = near_fix(kind, _CHECKS) or f"the kinds are {', '.join(_CHECKS)}"
        raise at.key(kind).error("is not a known kind of node", fix)
    return _CHECKS[kind](body, at.key(kind))


def node_to_json(node: Node) -> dict[str, Any]:
    """The JSON value of a node; `node_from_json` gives the same node back."""
    if isinstance(node, Extract):
        found = True if node.by == "lines" else node.what
        return {"extract": {"from": node.source, node.by: found, "all": node.every}}
    words = _WORDS.get(type(node), {})
    return {
        kind_of(node): {
            words.get(field, field): list(value) if isinstance(value, tuple) else fresh(value)
            for field, value in node._asdict().items()
        }
    }


def _record(make: type[Any], **checks: Check[Any]) -> Check[Node]:
    """The check of a node's body, whose keys are the JSON words of its fields."""
    words = _WORDS.get(make, {})

    def build(**members: Any) -> Node:
        node: Node = make(**{f: members[words.get(f, f)] for f in make._fields})
        return node

    return record_of(build, **{words.get(f, f): check for f, check in checks.items()})


def _extract(value: object, at: At) -> Extract:
    members = an_object(value, at)
    known = ("from", "all", *EXTRACT_WAYS)
    for key in members:
        if key not in known:
            raise at.key(key).error("is not a known key", near_fix(key, known))
    for key in ("from", "all"):
        if key not in members:
            raise at.key(key).error("is missing")
    ways = [way for way in EXTRACT_WAYS if way in members]
    if len(ways) != 1:
        raise at.error(f"needs exactly one of {', '.join(EXTRACT_WAYS)}")
    what = _what(ways[0], members[ways[0]], at.key(ways[0]))
    return Extract(
        name(members["from"], at.key("from")),
        ways[0],
        what,
        rules.boolean(members["all"], at.key("all")),
    )


def _what(way: str, value: object, at: At) -> str:
    if way == "lines":
        if value is not True:
            raise at.error("is not true")
        return ""
    found = text(value, at)
    problem = _EXTRACT_BY[way](found)
    if problem:
        raise at.error(problem)
    return found


def _retrieve(value: object, at: At) -> Retrieve:
    node = _any_retrieve(value, at)
    assert isinstance(node, Retrieve)
    if node.text is None and node.corpus != CASES:
        raise at.key("text").error("is null, which only cases allow", "name the field to search")
    return node


_template = rules.file_name(rules.TEMPLATE_PATTERN, "the name of a .jinja file")
_asking: Mapping[str, Check[Any]] = {
    "template": _template,
    "output": rules.contract,
    "params": rules.params,
    "parser": rules.parser_spec,
}
_any_retrieve = _record(
    Retrieve,
    corpus=rules.file_name(rules.CORPUS_PATTERN, "`cases` or the name of a .jsonl file"),
    query=name,
    by=rules.one_of((BM25, EMBEDDINGS)),
    limit=rules.between(1, rules.MAX_RETRIEVED),
    aggregate=rules.one_of((ROUND_ROBIN, MAX)),
    exclude_exact=rules.boolean,
    text=optional(name),
)
_CHECKS: Mapping[str, Check[Node]] = {
    "generate": _record(Generate, **_asking),
    "retrieve": _retrieve,
    "for_each": _record(
        ForEach,
        over=name,
        item=rules.local_name,
        most=rules.between(1, rules.MAX_CALLS_EACH),
        **_asking,
    ),
    "union": record_of(Union, of=rules.names),
    "extract": _extract,
    "batch": _record(
        Batch,
        over=name,
        items=rules.local_name,
        size=rules.between(1, rules.MAX_BATCH_SIZE),
        most=rules.between(1, rules.MAX_BATCH_ITEMS),
        **_asking,
    ),
}
