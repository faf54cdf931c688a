"""The command group: which command lives where, and what its failures look like."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.metadata import version
from typing import NamedTuple, NoReturn

import click

from landrace.commands.failures import exit_code_of, report_failure
from landrace.commands.output import colour_wanted


class Entry(NamedTuple):
    """The module whose ``command`` is run, and the command's line in the group's help.

    The line stands here so that ``landrace --help`` imports no command at all.
    """

    module: str
    summary: str


_AT = "landrace.commands."

COMMANDS: dict[str, Entry] = {
    "init": Entry(_AT + "init", "Set up prompts and pipelines in a git repository."),
    "import": Entry(_AT + "import_cases", "Turn a CSV or promptfoo file into cases."),
    "check": Entry(_AT + "check", "Find every mistake in prompts, cases and pipelines."),
    "render": Entry(_AT + "render", "Show the messages that a model would be sent."),
    "eval": Entry(_AT + "eval", "Score a prompt on its cases, for one model or several."),
    "plan": Entry(_AT + "plan", "Show which cells need work, why, and what that costs at most."),
    "optimize": Entry(
        _AT + "optimize",
        "Breed the best variant of each prompt for each model, and pin it with its evidence.",
    ),
    "commit": Entry(
        _AT + "commit", "Commit what `landrace optimize --base` found, once it has been checked."
    ),
    "gate": Entry(_AT + "gate", "Say whether a change makes prompts worse, and how sure that is."),
    "power": Entry(
        _AT + "power", "Show which drops the gate can detect, and how many cases it needs."
    ),
    "ci": Entry(_AT + "ci", "Run the steps of a pull request in GitHub Actions or GitLab CI."),
    "report": Entry(_AT + "report", "Show the score reports that stand beside the pins."),
    "verify": Entry(_AT + "verify", "Prove that pins are unedited and their evidence fresh."),
    "history": Entry(_AT + "history", "List the pinned versions of a prompt with scores."),
    "export": Entry(_AT + "export", "Write rows to train models with, as JSON lines."),
    "choices": Entry(
        _AT + "choices", "Let applications choose among variants by the query, where that has paid."
    ),
    "train": Entry(
        _AT + "train", "Train a model by a command of yours, and search prompts for it anew."
    ),
    "bundle": Entry(_AT + "bundle", "Write all pinned prompts into one file to serve."),
    "models": Entry(
        _AT + "models", "List, fetch and verify embedded models, and watch the lists of models."
    ),
    "schema": Entry(_AT + "schema", "List or print the JSON Schemas of landrace's files."),
}

EPILOG = """\
\b
Exit codes:
  0    pass, or nothing to do
  1    regression
  2    usage or configuration: something in your files or options needs a change
  3    refused by policy or security, such as a variant edited by hand
  4    evidence is stale or missing
  5    budget spent
  6    inconclusive, where the policy makes that blocking
  70   a bug in landrace; a crash log is written
  75   the model's provider is out of order
  130  interrupted
"""


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = import_module(entry.module).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> None:
        """Run the command; whatever goes wrong becomes a message and an exit code."""
        try:
            super().invoke(ctx)
            sys.stdout.flush()
        except (click.ClickException, click.exceptions.Exit):
            raise
        except (click.Abort, KeyboardInterrupt):
            click.echo("interrupted", err=True)
            ctx.exit(130)
        except BrokenPipeError:
            _leave_broken_pipe()
        except Exception as error:  # noqa: BLE001  the one place where all failures end
            report_failure(error)
            ctx.exit(exit_code_of(error))


def _leave_broken_pipe() -> NoReturn:
    """The reader of our output has gone (``| head``): leave as quietly as SIGPIPE would."""
    # Python flushes stdout once more at exit; into the closed pipe that would print a traceback.
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  open until exit
    sys.exit(141)


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(version("landrace"), prog_name="landrace")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Keep prompts in git, breed the best variant for each model, and serve what is proved."""
    ctx.color = None if colour_wanted() else False
