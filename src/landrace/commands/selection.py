"""``--pipeline``, ``--prompt``, ``--model`` and ``--force``: which cells a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from landrace.workflows.plan import Selection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    Command = TypeVar("Command", bound=Callable[..., Any])


def given_cells(options: Mapping[str, Any]) -> dict[str, Any]:
    """What `cell_options` were given, by the names on the command line."""
    names = {"--pipeline": "pipelines", "--prompt": "prompts", "--model": "models"}
    return {
        **{option: options[name] for option, name in names.items()},
        "--force": options["force"],
    }


def cell_options(command: Command) -> Command:
    """The options, read by `selection`."""
    for option in (
        click.option("--force", is_flag=True, help="Work on cells whose evidence is fresh, too."),
        click.option(
            "--model", "models", multiple=True, metavar="ID", help="Only this one; may repeat."
        ),
        click.option(
            "--prompt",
            "prompts",
            multiple=True,
            metavar="NAME",
            help="Only this one; may repeat.",
        ),
        click.option(
            "--pipeline",
            "pipelines",
            multiple=True,
            metavar="NAME",
            help="Only this one; may repeat.",
        ),
    ):
        command = option(command)
    return command


def selection(options: Mapping[str, Any]) -> Selection:
    """What the options ask for; names of prompts and models may be patterns such as ``*``."""
    return Selection(
        pipelines=options["pipelines"],
        prompts=options["prompts"],
        models=options["models"],
        force=options["force"],
    )
