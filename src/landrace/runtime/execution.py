"""Runs a pinned prompt with a model that the application calls in its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from landrace.program import Ask, Program, Result
    from landrace.program.ranking import Embed
    from landrace.runtime.prompt import Prompt


def run(prompt: Prompt, complete: Callable[..., Any], /, **inputs: Any) -> Result:
    """Run a prompt, and every node of one that is a program, on some inputs.

    ::

        result = landrace.run(prompt, litellm.completion, question="…")
        result.answer

    Args:
        prompt: from `Registry.get`.
        complete: called with ``model``, ``messages`` and the pinned parameters for each call,
            one after the other; gives the text, or a response as litellm's and OpenAI's are.
        inputs: the prompt's inputs.

    Returns:
        The answer, read by the pinned parser, the last raw text, and the steps of all nodes. An
        output that cannot be read gives no answer but a ``failure``, and is no error.

    Raises:
        MissingInputError, ExtraInputError, InputTypeError: the inputs do not fit.
        TemplateError, RenderError: a template cannot be rendered with them.
        ConfigError: ``complete`` gave neither a text nor a response.
        Whatever ``complete`` raises.
    """
    from landrace.program.params import overlaid  # noqa: PLC0415
    from landrace.program.run import drive  # noqa: PLC0415 - only those who run programs need it

    def answer(ask: Ask) -> str:
        params = overlaid(prompt.params, ask.params)
        return _text(complete(**{**params, "model": prompt.model, "messages": ask.messages}))

    return drive(prompt.program.run(prompt.checked(inputs)), answer)


def load_program(
    value: Mapping[str, Any],
    files: Mapping[str, str],
    *,
    inputs: Mapping[str, Any],
    where: str,
    embed: Embed | None,
) -> Program:
    """The program of a pin whose files are verified.

    Args:
        value: the pin's graph.
        files: the texts by file name.
        inputs: the JSON Schema of the inputs.
        where: the cell's folder, for errors.
        embed: gives vectors for texts, for nodes that retrieve by embeddings.

    Raises:
        FormatError: the graph, or a corpus, is malformed.
        TemplateError, ConfigError: the parts do not fit together, or a file is missing.
    """
    from landrace import program  # noqa: PLC0415 - see above
    from landrace.template import compile_template  # noqa: PLC0415 - see above

    graph = program.Graph.from_dict(value, where)
    templates = {
        name: compile_template(_file(files, node.template, where), name=f"{where}/{node.template}")
        for name, node in graph.asking().items()
    }
    corpora = {
        name: program.read_corpus(_file(files, file, where), f"{where}/{file}")._replace(name=name)
        for name in graph.corpora()
        for file in [program.file_of(name)]
    }
    library = program.Library(corpora, embed)
    return program.compile_program(graph, templates, inputs=inputs, library=library, where=where)


def _file(files: Mapping[str, str], name: str, where: str) -> str:
    if name not in files:
        raise ConfigError(
            f"the pinned program needs {name}, which its pin does not name",
            where=where,
            fix="pin the prompt anew with `landrace optimize`",
        )
    return files[name]


def _text(answer: Any) -> str:
    """The text in what a completion function gave."""
    if isinstance(answer, str):
        return answer
    try:
        content = answer.choices[0].message.content
    except (AttributeError, IndexError, TypeError):
        raise ConfigError(
            f"`complete` gave {type(answer).__name__}, and not a text or a response with choices",
            fix="return the text of the model's answer",
        ) from None
    return content if isinstance(content, str) else ""
