"""Evidence files as text: the one form in which landrace writes them, and takes them back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from landrace.digest import json_digest
from landrace.errors import IntegrityError
from landrace.pin import MAX_VARIANT_BYTES, PIN_FILE
from landrace.schemas.evidence import Evidence
from landrace.store.atomic import json_text
from landrace.strict_json import parse

if TYPE_CHECKING:
    from landrace.schemas.evidence import RecordedAnswer

EVIDENCE = "evidence.json"
SIGNATURE = "evidence.json.sig"
MOST_EVIDENCE_BYTES = 16 << 20  # 60,000 answers with what their calls took, or 200,000 scores


def most_bytes(name: str) -> int:
    """How large a file of a cell may be that is committed."""
    return MOST_EVIDENCE_BYTES if name == EVIDENCE else MAX_VARIANT_BYTES


def evidence_text(evidence: Evidence) -> str:
    """The file's text: the same bytes for equal evidence, an answer a line."""
    data = evidence.model_dump(mode="json", exclude={"answers"})
    answers = ",\n".join(f"    {_line(answer)}" for answer in evidence.answers)
    whole = json_text({**data, "answers": []})
    # The first key; nothing of the data can stand before it.
    return whole.replace("[]", f"[\n{answers}\n  ]", 1) if answers else whole


def _line(answer: RecordedAnswer) -> str:
    data = answer.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(data, sort_keys=True, ensure_ascii=False, allow_nan=False)


def parse_evidence(text: str, where: str) -> Evidence:
    """The evidence in a file's text.

    Raises:
        FormatError: it is no JSON.
        IntegrityError: it is no evidence, or was edited: its digest is not its own, or it is not
            written as `evidence_text` writes it.
    """
    try:
        found = Evidence.model_validate(parse(text, where))
    except ValidationError as error:
        raise IntegrityError(f"it is no evidence: {first_problem(error)}", where=where) from error
    if found.digest != json_digest(found.inputs) or PIN_FILE not in found.files:
        raise IntegrityError("the evidence was edited: its digest is not its own", where=where)
    if not _is_written_by_us(found, text):
        raise IntegrityError(
            "the evidence was edited: it is not as landrace writes it", where=where
        )
    return found


def _is_written_by_us(found: Evidence, text: str) -> bool:
    try:
        return evidence_text(found) == text.replace("\r\n", "\n")
    except ValueError:  # 1e999 is a number to JSON, and none to us
        return False


def first_problem(error: ValidationError) -> str:
    """The first misfit with its place; values are left out."""
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
