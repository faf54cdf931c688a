"""``choices.json``: variants beside a pinned one, and what each was worth on which queries.

::

    {"schema": 1, "digest": "…", "prompt": "…", "model": "…", "winner": "<digest>",
     "neighbours": 16,
     "variants": {"<digest>": {"files": {name: text}, "parser": {…}, "program": null}},
     "queries": [{"text": "…", "rewards": {"<digest>": 0.5}}]}

A variant's digest is the one that a pin of it would have, so each is verified as a pinned one is;
``digest`` covers all else. Standard library alone.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.digest import json_digest, normalize_newlines
from landrace.errors import IntegrityError
from landrace.key_order import in_file_order
from landrace.pin import TEMPLATE_FILE, file_digests, variant_digest
from landrace.runtime.cell import Cell
from landrace.strict_json import (
    At,
    a_list,
    an_object,
    count,
    json_object,
    name,
    optional,
    parse,
    record_of,
    sha256_hex,
    share,
    text,
    version,
)

if TYPE_CHECKING:
    from landrace.pin import Pin
    from landrace.runtime.cell import Source

SCHEMA = 1
CHOICES_FILE = "choices.json"
FIX = "make it anew with `landrace choices`, or remove the file"


class Served(NamedTuple):
    """All of a variant that is its own: texts by file name, the parser, and the graph or None."""

    files: dict[str, str]
    parser: dict[str, Any]
    program: dict[str, Any] | None

    def cell(self, pin: Pin) -> Cell:
        """The variant as a cell of its own, with the evidence and all else of ``pin``."""
        own = pin._replace(
            files=file_digests(self.files),
            output=pin.output._replace(parser=self.parser),
            program=self.program,
        )
        files = {file: normalize_newlines(content) for file, content in self.files.items()}
        return Cell(own._replace(variant=variant_digest(own)), files)


class Query(NamedTuple):
    """The text of some inputs, and the reward of variants on them, by digest, each in 0..1."""

    text: str
    rewards: dict[str, float]


class Choices(NamedTuple):
    """What may be served for a cell; ``winner`` is the pinned variant, ``variants`` the others.

    ``neighbours`` is how many queries vote.
    """

    prompt: str
    model: str
    winner: str
    neighbours: int
    variants: dict[str, Served]
    queries: tuple[Query, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON value, with its digest."""
        content = {
            "prompt": self.prompt,
            "model": self.model,
            "winner": self.winner,
            "neighbours": self.neighbours,
            "variants": {digest: each._asdict() for digest, each in self.variants.items()},
            "queries": [query._asdict() for query in self.queries],
        }
        return {"schema": SCHEMA, "digest": json_digest(content), **content}

    def dumps(self) -> str:
        """The text of ``choices.json``."""
        return json.dumps(in_file_order(self.to_dict()), indent=2, ensure_ascii=False) + "\n"


def load_choices(source: Source, pin: Pin) -> Choices | None:
    """The choices beside a verified pin; None if there are none, or they are another pin's.

    Raises:
        FormatError: the file is malformed.
        IntegrityError: the file was changed.
        RefusedError, StorageError: like `Source.text`.
    """
    content = source.text(pin.prompt, pin.model.id, CHOICES_FILE)
    if content is None:
        return None
    where = source.where(pin.prompt, pin.model.id, CHOICES_FILE)
    found = read_choices(content, where)
    if (found.prompt, found.model, found.winner) != (pin.prompt, pin.model.id, pin.variant):
        return None
    for digest, served in found.variants.items():
        if served.cell(pin).pin.variant != digest:
            raise IntegrityError(f"the variant {digest[:12]} was edited", where=where, fix=FIX)
    return found


def read_choices(content: str, where: str) -> Choices:
    """The choices in the text of a file. Raises like `load_choices`."""
    members = dict(an_object(parse(content, where), At(where)))
    # First: what follows may make no sense to a reader that is too old.
    version(members.pop("schema", None), At(where, "schema"), known=SCHEMA)
    digest = members.pop("digest", None)
    found: Choices = _choices(members, At(where))
    if digest != json_digest(members):
        raise IntegrityError("the file is not what its digest says", where=where, fix=FIX)
    return found


def _table(check: Any, value: object, at: At) -> dict[str, Any]:
    """An object of one kind of value, with digests for keys."""
    return {
        sha256_hex(key, at): check(item, at.key(key)) for key, item in an_object(value, at).items()
    }


def _files(value: object, at: At) -> dict[str, str]:
    return {file: text(item, at.key(file)) for file, item in an_object(value, at).items()}


def _served(value: object, at: At) -> Served:
    served: Served = _members(value, at)
    if served.program is None and TEMPLATE_FILE not in served.files:
        raise at.key("files").error(f"does not name {TEMPLATE_FILE}", FIX)
    return served


def _queries(value: object, at: At) -> tuple[Query, ...]:
    return tuple(_query(item, at.key(n)) for n, item in enumerate(a_list(value, at)))


_query = record_of(Query, text=text, rewards=partial(_table, share))
_members = record_of(Served, files=_files, parser=json_object, program=optional(json_object))
_choices = record_of(
    Choices,
    prompt=name,
    model=name,
    winner=sha256_hex,
    neighbours=count,
    variants=partial(_table, _served),
    queries=_queries,
)
