"""A corpus: a ``.jsonl`` file of objects that retrieve nodes search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.digest import canonical_json, normalize_newlines, sha256, text_digest
from landrace.errors import FormatError, IntegrityError
from landrace.pin import MAX_VARIANT_BYTES
from landrace.program.nodes import CASES
from landrace.strict_json import At, json_object, kind, parse, utf8

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_CORPUS_BYTES = MAX_VARIANT_BYTES  # it is pinned as a file of the variant
MAX_LINE_CHARS = 1_000_000
MAX_ITEMS = 100_000


class Corpus(NamedTuple):
    """The items in the order of the file, the line of each, and the hash of the whole.

    The hash is that of the text with LF line ends, like those of a pin's other files. ``path``
    names the file in errors.
    """

    name: str
    items: tuple[dict[str, Any], ...]
    lines: tuple[int, ...]
    digest: str
    path: str

    def texts(self, field: str) -> list[str]:
        """The text of each item that is searched.

        Raises:
            FormatError: an item has no such field, or it is no text.
        """
        found = []
        for item, line in zip(self.items, self.lines, strict=True):
            value = item.get(field)
            if not isinstance(value, str):
                what = f"is {kind(value)}, not a text" if field in item else "is missing"
                raise FormatError(
                    f"`{field}` {what}",
                    where=f"{self.path}:{line}",
                    fix="give every line of the corpus the field that the node searches (`text`)",
                )
            found.append(value)
        return found


def read_corpus(data: bytes | str, name: str, digest: str | None = None) -> Corpus:
    """The corpus in the content of a file; ``name`` stands for the file in errors.

    Blank lines, a byte-order mark and any line ends are fine. ``digest`` is what a pin says of
    the file.

    Raises:
        FormatError: a line is no object, there is none at all, or there is too much.
        IntegrityError: the file is not the one that the pin names.
    """
    if _size(data) > MAX_CORPUS_BYTES:
        raise FormatError(f"the corpus is larger than {MAX_CORPUS_BYTES:,} bytes", where=name)
    text = data if isinstance(data, str) else utf8(data, name)
    found = text_digest(text)
    if digest is not None and found != digest:
        raise IntegrityError(
            "the corpus is not the one that its pin names",
            where=name,
            fix="restore it from git, or pin the prompt anew with `landrace optimize`",
        )
    items, lines = [], []
    for number, line in enumerate(_lines(text), start=1):
        if line.strip():
            items.append(_item(line, f"{name}:{number}"))
            lines.append(number)
        if len(items) > MAX_ITEMS:
            raise FormatError(f"the corpus has more than {MAX_ITEMS:,} items", where=name)
    if not items:
        raise FormatError(
            "the corpus is empty", where=name, fix="add items, one JSON object a line"
        )
    return Corpus(name, tuple(items), tuple(lines), found, name)


def file_of(corpus: str) -> str:
    """The file of a corpus in the folder of a pin; the cases that are shown get one, too."""
    return f"{CASES}.jsonl" if corpus == CASES else corpus


def corpus_of_cases(cases: Iterable[tuple[Mapping[str, Any], Any]]) -> Corpus:
    """Labelled cases as a corpus: an item has ``inputs`` and ``expected``, and nothing else."""
    items = tuple({"inputs": dict(inputs), "expected": expected} for inputs, expected in cases)
    digest = sha256(b"\n".join(canonical_json(item) for item in items))
    return Corpus(CASES, items, tuple(range(1, len(items) + 1)), digest, CASES)


def _size(data: bytes | str) -> int:
    return len(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)


def _lines(text: str) -> list[str]:
    # Not splitlines(): JSON may hold U+2028, which ends no line of a file.
    return normalize_newlines(text.removeprefix("\ufeff")).split("\n")


def _item(line: str, where: str) -> dict[str, Any]:
    if len(line) > MAX_LINE_CHARS:
        raise FormatError(f"the line is longer than {MAX_LINE_CHARS:,} characters", where=where)
    try:
        value = parse(line, where)
    except FormatError as error:
        raise FormatError(
            error.problem.replace("the file", "the line", 1), where=where, fix=error.fix
        ) from error
    if not isinstance(value, dict):
        raise FormatError(f"the line is {kind(value)}, not an object", where=where)
    return json_object(value, At(where))
