"""``landrace render``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from landrace.commands.output import emit, examples, format_option, pairs
from landrace.errors import FormatError
from landrace.store.atomic import storage_error
from landrace.store.input_values import reader
from landrace.store.project import Project, find_root
from landrace.strict_json import parse
from landrace.workflows.render import case_inputs, render_base, render_pinned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.store.project import PromptSource


@click.command(
    epilog=examples(
        "landrace render review-sentiment --input review='Broke on day two.'",
        "landrace render review-sentiment --case kettle-leaks",
        "landrace render review-sentiment --inputs inputs.json --model openai/gpt-5-mini",
    )
)
@click.argument("prompt")
@click.option("--model", metavar="ID", help="Render the variant that is pinned for this model.")
@click.option(
    "--input",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="An input; JSON where the prompt takes no text. May be repeated.",
)
@click.option("--case", "case_id", metavar="ID", help="Take the inputs of a case of the eval set.")
@click.option("--inputs", "file", metavar="FILE", help="Take the inputs from a JSON file.")
@format_option()
def command(
    *,
    prompt: str,
    model: str | None,
    given: tuple[str, ...],
    case_id: str | None,
    file: str | None,
    output_format: str,
) -> None:
    """Show the messages that a model would be sent.

    Renders the base template, or with --model the variant that an application is served.
    """
    if (case_id is not None) + (file is not None) + bool(given) > 1:
        raise click.UsageError("Give the inputs by --input, by --case or by --inputs.")
    project = Project(find_root(Path.cwd()))
    source = project.read_prompt(prompt)
    inputs = _inputs(source, given, case_id, file)
    if model is None:
        messages = render_base(source, inputs)
    else:
        messages = render_pinned(project, prompt, model, inputs)
    emit(messages, "\n".join(map(_shown, messages)), output_format)


def _shown(message: Mapping[str, str]) -> str:
    """A message under its role; a line of its own that looks like a role is set in."""
    content = re.sub(r"^(?= *--- )", " ", message["content"], flags=re.MULTILINE)
    return f"--- {message['role']}\n{content}"


def _inputs(
    source: PromptSource, given: tuple[str, ...], case_id: str | None, file: str | None
) -> dict[str, Any]:
    if case_id is not None:
        return case_inputs(source, case_id)
    if file is not None:
        return _from_file(file)
    schema = source.config.inputs
    texts = pairs(given, "--input", "NAME=VALUE")
    return {name: reader(schema, name)(text) for name, text in texts.items()}


def _from_file(file: str) -> dict[str, Any]:
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise storage_error("read", Path(file), error) from error
    value = parse(data, file)
    if not isinstance(value, dict):
        raise FormatError("the inputs are no JSON object", where=file, fix='Write {"name": value}.')
    return value
