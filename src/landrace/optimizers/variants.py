"""Writes a candidate out as model-specific Jinja: every choice resolved, only inputs open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.digest import json_digest
from landrace.errors import TemplateError
from landrace.evaluation.evaluator import Variant
from landrace.optimizers.formats import FORMATS
from landrace.template import compile_template, literal, parse, split_instruction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.schemas.candidate import Candidate, Demo
    from landrace.schemas.prompt import OutputContract
    from landrace.template import Parts


class Program(NamedTuple):
    """A prompt's base template with its includes resolved, and how it can be taken apart.

    ``parts`` is None where instruction and input cannot be told apart; then only whole
    templates are candidates.
    """

    name: str
    source: str
    parts: Parts | None
    contract: OutputContract
    path: str

    @classmethod
    def of(cls, name: str, source: str, contract: OutputContract, *, path: str) -> Program:
        """The program of a template; ``path`` names its file in errors."""
        return cls(name, source, split_instruction(parse(source, name=path)), contract, path)


def user_turn(program: Program, inputs: Mapping[str, Any]) -> str:
    """The input part of the prompt as the model reads it for these inputs."""
    assert program.parts is not None
    messages = compile_template(program.parts.input, name=program.path).render(inputs)
    return messages[0]["content"]


def write_variant(program: Program, candidate: Candidate) -> Variant:
    """The candidate as a template, compiled, with its parser.

    Two candidates that come to the same template and parser get the same digest.

    Raises:
        TemplateError: the candidate needs parts that this program does not have, or the
            template does not compile.
    """
    source = _source(program, candidate)
    form = FORMATS[candidate.format]
    parser = dict(candidate.parser) if candidate.parser else form.parser(program.contract)
    digest = json_digest([source, parser])[:16]
    return Variant(digest, source, compile_template(source, name=program.path), parser)


def _source(program: Program, candidate: Candidate) -> str:
    if candidate.source is not None:
        return candidate.source
    if candidate.layout == "base":
        return program.source
    if program.parts is None:
        raise TemplateError(
            "the instruction and the input of this template cannot be told apart",
            where=program.path,
            fix="put the instruction into a {% section %} and the inputs after it",
        )
    return _compose(program.parts, candidate)


def _compose(parts: Parts, candidate: Candidate) -> str:
    form = FORMATS[candidate.format]
    task = parts.instruction if candidate.instruction is None else literal(candidate.instruction)
    text = "\n\n".join(piece for piece in (task.strip(), literal(form.ask)) if piece)
    section = f"{{% section task %}}\n{text}\n{{% endsection %}}" if text else ""
    turns: list[str] = []
    opening = section
    if candidate.layout == "system" and section:
        turns.append(_turn("system", section))
        opening = ""
    for demo in candidate.demos:
        turns.extend(_demo_turns(demo, opening, form.wrap(demo.assistant)))
        opening = ""
    turns.append(_turn("user", "\n\n".join(piece for piece in (opening, parts.input) if piece)))
    return "\n".join(turns) + "\n"


def _demo_turns(demo: Demo, opening: str, answer: str) -> list[str]:
    user = "\n\n".join(piece for piece in (opening, literal(demo.user)) if piece)
    return [_turn("user", user), _turn("assistant", literal(answer))]


def _turn(role: str, body: str) -> str:
    return f"{{% {role} %}}\n{body}\n{{% end{role} %}}"
