"""The pin: which variant serves one prompt on one model, and the evidence for it.

``registry/<prompt>/<model>/pin.json`` is strict: a key that is unknown or missing is an error.
Standard library only, so that an application can read its pins without the pipeline.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.digest import json_digest, text_digest
from landrace.errors import FormatError, StorageError
from landrace.key_order import in_file_order, inputs_in_order, program_in_order, values_in_order
from landrace.strict_json import (
    At,
    a_list,
    an_object,
    count,
    integer,
    json_object,
    name,
    number,
    optional,
    parse,
    record_of,
    sha256_hex,
    share,
    text,
    version,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = 1
PIN_FILE = "pin.json"
TEMPLATE_FILE = "prompt.jinja"
MAX_PIN_BYTES = 1 << 20  # the longest pin seen is a few kB; the rest is a mistake or an attack
# Of each file beside a pin: who writes one, carries it or serves it goes by this.
MAX_VARIANT_BYTES = 4 << 20

_MAY_LACK = ("program", "splits", "training")
_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")


class PinnedModel(NamedTuple):
    """The model by its litellm id, its decoding parameters, and its other names."""

    id: str
    params: dict[str, Any]
    aliases: tuple[str, ...]


class PinnedOutput(NamedTuple):
    """The output contract that was promised, and the parser that reads an answer."""

    contract: dict[str, Any]
    parser: dict[str, Any]


class PinnedBase(NamedTuple):
    """What the search started from; a pin is stale once one of these hashes differs."""

    template: str
    eval_set: str
    split_seed: int
    metrics: str


class PinnedSplits(NamedTuple):
    """The shares of the eval set, each in 0..1, that its splits had."""

    search: float
    select: float
    holdout: float


class PinnedSpent(NamedTuple):
    """The cost of the search. ``cost_usd`` is None where no price is known."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None


class PinnedSearch(NamedTuple):
    """How the variant was found; ``proposer`` is a model id, or None for the task model."""

    strategy: str
    version: str
    options: dict[str, Any]
    seed: int
    proposer: str | None
    spent: PinnedSpent


class PinnedTraining(NamedTuple):
    """How the model came about: ``model`` was trained by ``command``, on rows with this hash.

    ``round`` counts from 1; from 2 on, ``model`` is itself a trained one.
    """

    model: str
    round: int
    command: tuple[str, ...]
    rows: str


class PinnedEstimate(NamedTuple):
    """A mean score with its interval, over ``n`` scored cases; ``coverage`` is in 0..1."""

    mean: float
    low: float
    high: float
    n: int
    coverage: float


class PinnedContenders(NamedTuple):
    """The compared variants on one split; there is no incumbent before the first pin."""

    base: PinnedEstimate
    incumbent: PinnedEstimate | None
    winner: PinnedEstimate


class PinnedComparison(NamedTuple):
    """Winner minus another variant on the same holdout cases, paired."""

    difference: float
    low: float
    high: float
    p: float
    wins: int
    losses: int
    ties: int
    method: str


class PinnedComparisons(NamedTuple):
    base: PinnedComparison
    incumbent: PinnedComparison | None


class PinnedScores(NamedTuple):
    """``holdout`` is None where nothing had to be proved, ``comparison`` where none won."""

    select: PinnedContenders
    holdout: PinnedContenders | None
    comparison: PinnedComparisons | None


class Pin(NamedTuple):
    """The record of one cell.

    ``files`` maps each variant file to the hash of its newline-normalised text; ``program`` is
    the graph that joins them (`landrace.program`), or None for one template. ``variant``
    is `variant_digest` of all that is served, and ``parent`` that of the pin it replaces.
    ``inflation`` is the winner's select score minus its holdout score. ``training`` is None for a
    model that `landrace train` has not made, and ``splits`` in pins that did not tell yet.
    """

    prompt: str
    model: PinnedModel
    files: dict[str, str]
    inputs: dict[str, Any]
    output: PinnedOutput
    base: PinnedBase
    search: PinnedSearch
    parent: str | None
    variant: str
    scores: PinnedScores
    inflation: float | None
    holdout_looks: int
    program: dict[str, Any] | None = None
    training: PinnedTraining | None = None
    splits: PinnedSplits | None = None

    @classmethod
    def from_dict(cls, value: object, where: str = PIN_FILE) -> Pin:
        """The pin in a JSON value; ``where`` names its source in errors.

        Raises:
            FormatError: a key is unknown or missing, or a value does not fit.
        """
        at = At(where)
        members = dict(an_object(value, at))
        _check_schema(members, at)
        del members["schema"]
        for key in _MAY_LACK:
            members.setdefault(key, None)
        pin = _pin(members, at)
        if pin.program is None and TEMPLATE_FILE not in pin.files:
            raise at.key("files").error(f"does not name {TEMPLATE_FILE}")
        return pin

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Pin:
        """The pin in a file.

        Raises:
            FormatError: it is no pin.
            StorageError: it cannot be read.
        """
        where = os.fspath(path)
        try:
            with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs 8 ms to import
                data = file.read(MAX_PIN_BYTES + 1)
        except OSError as error:
            raise StorageError(
                f"the pin cannot be read: {error.strerror or error}", where=where
            ) from error
        return cls.loads(data, where)

    @classmethod
    def loads(cls, data: bytes | str, where: str = PIN_FILE) -> Pin:
        """The pin in the bytes of a file. Raises `FormatError` like `from_dict`."""
        if len(data) > MAX_PIN_BYTES:
            raise FormatError(f"the file is larger than {MAX_PIN_BYTES} bytes", where=where)
        return cls.from_dict(parse(data, where), where)

    def to_dict(self) -> dict[str, Any]:
        """The JSON value in the order of the file; `from_dict` gives the same pin back."""
        members = _plain_object(self._asdict())
        for key in _MAY_LACK:  # such as the graph of a prompt that has none
            if members[key] is None:
                del members[key]
        found: dict[str, Any] = in_file_order({"schema": SCHEMA, **members})
        return found

    def dumps(self) -> str:
        """The text of ``pin.json``.

        Pins that are equal have the same bytes, but for the order of keys in what is sent.
        """
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"


def variant_digest(pin: Pin) -> str:
    """The version of a variant: a hash of everything that the loader serves.

    That is the files, the model with its parameters, the inputs and the output. Evidence and
    aliases are no part of it, so a new report of the same variant is no new version. The order of
    keys counts where it is sent: inside of parameters and of the defaults of inputs.
    """
    return served_digest(
        files=pin.files,
        model=pin.model,
        inputs=pin.inputs,
        output=pin.output,
        program=pin.program,
    )


def served_digest(
    *,
    files: Mapping[str, str],
    model: PinnedModel,
    inputs: Mapping[str, Any],
    output: PinnedOutput,
    program: Mapping[str, Any] | None,
) -> str:
    """`variant_digest` of what is no pin yet; the arguments are the members of one."""
    served: dict[str, Any] = {
        "files": dict(files),
        "model": {"id": model.id, "params": values_in_order(model.params)},
        "inputs": inputs_in_order(inputs),
        "output": _plain_object(output._asdict()),
    }
    if program is not None:
        served["program"] = program_in_order(program)
    return json_digest(served)


def file_digests(files: Mapping[str, str]) -> dict[str, str]:
    """What ``Pin.files`` says of these texts."""
    return {path: text_digest(content) for path, content in files.items()}


def _plain_object(members: dict[str, Any]) -> dict[str, Any]:
    return {key: _plain(item) for key, item in members.items()}


def _plain(value: object) -> object:
    """Named tuples as objects, tuples as lists, fresh containers all the way down."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _plain_object(value._asdict())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return _plain_object(value) if isinstance(value, dict) else value


def _check_schema(members: dict[str, Any], at: At) -> None:
    if "schema" not in members:
        raise at.key("schema").error("is missing")
    version(members["schema"], at.key("schema"), known=SCHEMA)


def _files(value: object, at: At) -> dict[str, str]:
    return {
        _file_name(file, at): sha256_hex(digest, at.key(file))
        for file, digest in an_object(value, at).items()
    }


def _file_name(value: str, at: At) -> str:
    safe = _SAFE.issuperset(value) and value[:1] not in {"", ".", "-"} and len(value) <= 200
    if not safe or value == PIN_FILE:
        raise at.key(value).error("is not the name of a variant file")
    return value


def _texts(value: object, at: At) -> tuple[str, ...]:
    return tuple(name(item, at.key(n)) for n, item in enumerate(a_list(value, at)))


def _inputs(value: object, at: At) -> dict[str, Any]:
    schema = json_object(value, at)
    if schema.get("type") != "object":
        raise at.key("type").error('is not "object"')
    an_object(schema.get("properties"), at.key("properties"))
    return schema


_estimate = record_of(PinnedEstimate, mean=number, low=number, high=number, n=count, coverage=share)
_contenders = record_of(
    PinnedContenders, base=_estimate, incumbent=optional(_estimate), winner=_estimate
)
_comparison = record_of(
    PinnedComparison,
    difference=number,
    low=number,
    high=number,
    p=share,
    wins=count,
    losses=count,
    ties=count,
    method=text,
)
_pin = record_of(
    Pin,
    prompt=name,
    model=record_of(PinnedModel, id=name, params=json_object, aliases=_texts),
    files=_files,
    inputs=_inputs,
    output=record_of(PinnedOutput, contract=json_object, parser=json_object),
    base=record_of(
        PinnedBase,
        template=sha256_hex,
        eval_set=sha256_hex,
        split_seed=integer,
        metrics=sha256_hex,
    ),
    search=record_of(
        PinnedSearch,
        strategy=name,
        version=name,
        options=json_object,
        seed=integer,
        proposer=optional(name),
        spent=record_of(
            PinnedSpent,
            calls=count,
            prompt_tokens=count,
            completion_tokens=count,
            cost_usd=optional(number),
        ),
    ),
    parent=optional(sha256_hex),
    variant=sha256_hex,
    scores=record_of(
        PinnedScores,
        select=_contenders,
        holdout=optional(_contenders),
        comparison=optional(
            record_of(PinnedComparisons, base=_comparison, incumbent=optional(_comparison))
        ),
    ),
    inflation=optional(number),
    holdout_looks=count,
    program=optional(json_object),
    training=optional(
        record_of(PinnedTraining, model=name, round=count, command=_texts, rows=sha256_hex)
    ),
    splits=optional(record_of(PinnedSplits, search=share, select=share, holdout=share)),
)
