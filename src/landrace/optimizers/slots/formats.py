"""Answer formats: what is asked for, how a demo shows it, and the parser that reads it.

A format owns both ends (SAMMO, Schnabel and Neville 2024, §3: data formatters render and
parse), so no candidate can ask for one form and be read in another.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.errors import TemplateError
from landrace.parsers import ParseFailure, default_parser, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from landrace.schemas.prompt import OutputContract


_ANY_TEXT = {"kind": "text"}


def _always(_contract: OutputContract) -> bool:
    return True


class Format(NamedTuple):
    """``ask`` is a sentence added to the instruction; ``wrap`` writes an answer in the form, and
    ``bare`` is the answer in what it wrote, or raises LookupError, TypeError or ValueError.

    It is for those outputs whose type is one of ``outputs`` and that it ``suits``.
    """

    name: str
    outputs: frozenset[str]
    ask: str
    parser: Callable[[OutputContract], dict[str, Any]]
    wrap: Callable[[str], str]
    bare: Callable[[str, OutputContract], str]
    suits: Callable[[OutputContract], bool] = _always


def _plain(answer: str) -> str:
    return answer


def _as_it_is(shown: str, _contract: OutputContract) -> str:
    return shown


def _choices(contract: OutputContract) -> list[str]:
    """The labels of an output that is a list of labels; none for any other."""
    schema = contract.json_schema or {}
    items = schema.get("items") if schema.get("type") == "array" else None
    labels = items.get("enum") if isinstance(items, dict) else None
    if not isinstance(labels, list) or not all(isinstance(each, str) for each in labels):
        return []
    return labels


def _several(answer: str) -> str:
    """A JSON list of labels as words."""
    return ", ".join(map(str, json.loads(answer))) or "none"


def _listed(shown: str, contract: OutputContract) -> str:
    """The JSON list of the labels that words name."""
    labels = parse({"kind": "labels", "labels": _choices(contract)}, shown)
    return json.dumps(labels, ensure_ascii=False)


def _default(contract: OutputContract) -> dict[str, Any]:
    return default_parser(contract.model_dump(by_alias=True, exclude_none=True))


FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        Format(
            "base", frozenset({"text", "label", "number", "json"}), "", _default, _plain, _as_it_is
        ),
        Format(
            "label",
            frozenset({"label"}),
            "",
            lambda contract: {"kind": "label", "labels": list(contract.labels or ())},
            _plain,
            _as_it_is,
        ),
        Format(
            "first-line",
            frozenset({"label"}),
            "",
            lambda _contract: {"kind": "first_line"},
            _plain,
            _as_it_is,
        ),
        Format(
            "marker",
            frozenset({"label", "number"}),
            'End with a line that starts with "Answer:" and holds only the answer.',
            lambda _contract: {"kind": "after", "marker": "Answer:"},
            lambda answer: f"Answer: {answer}",
            lambda shown, _contract: shown.removeprefix("Answer: "),
        ),
        Format(
            "xml",
            frozenset({"label", "number", "text"}),
            "Write the answer between <answer> and </answer>.",
            lambda _contract: {"kind": "xml", "tag": "answer"},
            lambda answer: f"<answer>{answer}</answer>",
            lambda shown, _contract: shown.removeprefix("<answer>").removesuffix("</answer>"),
        ),
        Format(
            "json",
            frozenset({"label", "number"}),
            'Reply with a JSON object that has one key, "answer".',
            lambda _contract: {"kind": "json_field", "field": "answer"},
            lambda answer: json.dumps({"answer": answer}, ensure_ascii=False),
            lambda shown, _contract: json.loads(shown)["answer"],
        ),
        Format(
            "multi-label",
            frozenset({"json"}),
            'Write only the labels that apply, separated by commas, or "none".',
            lambda contract: {"kind": "labels", "labels": _choices(contract)},
            _several,
            _listed,
            lambda contract: bool(_choices(contract)),
        ),
    )
}


def formats_for(contract: OutputContract) -> tuple[Format, ...]:
    """The formats that suit an output, the base format first."""
    return tuple(
        form for form in FORMATS.values() if contract.type in form.outputs and form.suits(contract)
    )


def shown_answer(form: Format, answer: str, contract: OutputContract, *, own_words: bool) -> str:
    """An example's answer in a form. ``own_words`` are read for the answer in them first.

    Raises:
        TemplateError: they hold no answer, so they cannot be shown in this form.
    """
    if not own_words or not form.ask:
        return form.wrap(answer)
    # They may be in this form already. What takes any text for an answer comes last.
    specs = sorted((_default(contract), form.parser(contract)), key=lambda spec: spec == _ANY_TEXT)
    failures = []
    for spec in specs:
        try:
            return form.wrap(answer_text(parse(spec, answer), contract))
        except ParseFailure as failure:
            failures.append(failure)
    raise TemplateError(
        f"an example in the model's own words has no answer for {form.name}: {failures[0]}"
    ) from failures[0]


def bare_answer(form: Format, shown: str, contract: OutputContract) -> str | None:
    """The answer that an example shows in a form; None where the form did not write it."""
    try:
        bare = form.bare(shown, contract)
        return bare if isinstance(bare, str) and form.wrap(bare) == shown else None
    except (ParseFailure, LookupError, TypeError, ValueError):
        return None


def says_more(answer: str, contract: OutputContract) -> bool:
    """Whether an answer as a model would give it has more in it than the answer itself."""
    try:
        return answer_text(parse(_default(contract), answer), contract) != answer
    except ParseFailure:
        return False


def answer_text(expected: Any, contract: OutputContract) -> str:
    """A case's expected value as an assistant would write it.

    A list of texts is a choice of right answers, unless the output is JSON.
    """
    if contract.type != "json":
        if isinstance(expected, str):
            return expected
        if isinstance(expected, list) and expected and all(isinstance(e, str) for e in expected):
            return str(expected[0])
    return json.dumps(expected, ensure_ascii=False)
