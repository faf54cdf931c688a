"""Data formats: how a record is written, inputs and answer alike, and what reads the answer.

After SAMMO's data formatters (Schnabel and Neville 2024, §4): one object owns the rendering of
the inputs, of the examples and the parser, so that a candidate cannot show one form and be read
in another. What is written for the inputs is Jinja in which they stay open.

Examples in the prompt's text follow one of two orientations: by item (each input with its
answer) or by kind (all inputs first, then all answers, both numbered).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from landrace.optimizers.slots.formats import FORMATS, formats_for
from landrace.optimizers.slots.pieces import first_message
from landrace.template import literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from landrace.schemas.prompt import OutputContract

DataFormatName: TypeAlias = Literal["question-answer", "json", "xml", "multi-label", "plain"]
Orientation: TypeAlias = Literal["item", "kind"]
ORIENTATIONS: tuple[Orientation, ...] = ("item", "kind")


class DataFormat(NamedTuple):
    """``record`` writes named Jinja expressions; ``answers`` names the answer formats that go
    with it, of which the first that suits the output is taken.
    """

    name: str
    record: Callable[[Mapping[str, str]], str]
    answers: tuple[str, ...]

    def answer(self, contract: OutputContract) -> str | None:
        """The name of the answer format for an output; None where the format does not suit it."""
        suitable = {form.name for form in formats_for(contract)}
        return next((name for name in self.answers if name in suitable), None)

    def inputs(self, names: Sequence[str]) -> str:
        """Jinja that prints the inputs of these names."""
        return self.record({name: name for name in names})

    def written(self, inputs: Mapping[str, Any]) -> str:
        """These inputs as a model reads them."""
        return first_message(self.inputs(list(inputs)), inputs)


def examples(
    form: DataFormat,
    shown: Sequence[tuple[Mapping[str, Any], str]],
    contract: OutputContract,
    orientation: Orientation,
) -> str:
    """Examples as text of a prompt, as Jinja source that prints exactly that text.

    ``shown`` are inputs with answers as an assistant would give them.
    """
    wrap = FORMATS[form.answer(contract) or "base"].wrap
    pairs = [(form.written(inputs), wrap(answer)) for inputs, answer in shown]
    return literal(in_text(pairs, orientation))


def in_text(pairs: Sequence[tuple[str, str]], orientation: Orientation) -> str:
    """Inputs with their answers, as a model reads both, in one text."""
    if orientation == "item":
        return "\n\n".join(f"{user}\n{answer}" for user, answer in pairs)
    inputs = _numbered("Input", [user for user, _ in pairs])
    return f"{inputs}\n\n{_numbered('Output', [answer for _, answer in pairs])}"


def retrieved(
    form: DataFormat,
    node: str,
    names: Sequence[str],
    contract: OutputContract,
    orientation: Orientation,
    *,
    has_choices: bool = False,
) -> str:
    """Jinja that shows the cases that a retrieve node finds when the program runs.

    ``has_choices`` says that a case may have a list of right answers, of which one is shown.
    """
    user = form.record({name: f"shot.inputs.{name}" for name in names})
    name = form.answer(contract) or "base"
    bare = "{{ EXPECTED | tojson }}" if contract.type == "json" else "{{ EXPECTED }}"
    expected = _ONE_OF if has_choices and contract.type != "json" else "shot.expected"
    answer = _ANSWERS.get(name, bare).replace("EXPECTED", expected)
    opening, closing = f"{{% for shot in {node} %}}", "{% endfor %}"
    if orientation == "item":
        return f"{opening}\n{user}\n{answer}\n\n{closing}"
    number = "{{ loop.index }}"
    return (
        f"{opening}\nInput {number}:\n{user}\n\n{closing}\n"
        f"{opening}\nOutput {number}: {answer}\n{closing}"
    )


def suitable(contract: OutputContract) -> list[DataFormat]:
    """The formats that can ask for such an output."""
    return [form for form in DATA_FORMATS.values() if form.answer(contract)]


def _numbered(word: str, texts: Sequence[str]) -> str:
    return "\n\n".join(f"{word} {number}:\n{text}" for number, text in enumerate(texts, 1))


def _lines(fields: Mapping[str, str]) -> str:
    return "\n".join(f"{_title(name)}: {{{{ {field} }}}}" for name, field in fields.items())


def _json(fields: Mapping[str, str]) -> str:
    rows = [f'  "{name}": {{{{ {field} | tojson }}}}' for name, field in fields.items()]
    return "{\n" + ",\n".join(rows) + "\n}"


def _xml(fields: Mapping[str, str]) -> str:
    return "\n".join(f"<{name}>{{{{ {field} }}}}</{name}>" for name, field in fields.items())


def _bare(fields: Mapping[str, str]) -> str:
    return "\n\n".join(f"{{{{ {field} }}}}" for field in fields.values())


def _title(name: str) -> str:
    return name.replace("_", " ").strip().capitalize()


# How a retrieved case's answer is written, by answer format, where that is not the bare value.
_ANSWERS = {
    "marker": "Answer: {{ EXPECTED }}",
    "json": '{"answer": {{ EXPECTED | tojson }} }',
    "xml": "<answer>{{ EXPECTED }}</answer>",
    "multi-label": "{{ (EXPECTED | join(', ')) or 'none' }}",
}
# Of several right answers the first, as `answer_text` has it.
_ONE_OF = (
    "(shot.expected if shot.expected is string or shot.expected is not sequence "
    "else shot.expected | first)"
)

DATA_FORMATS: dict[str, DataFormat] = {
    form.name: form
    for form in (
        DataFormat("question-answer", _lines, ("marker", "base")),
        DataFormat("json", _json, ("json", "base")),
        DataFormat("xml", _xml, ("xml", "base")),
        DataFormat("multi-label", _lines, ("multi-label",)),
        DataFormat("plain", _bare, ("label", "base")),
    )
}
