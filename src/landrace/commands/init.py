"""``landrace init``."""

from __future__ import annotations

from pathlib import Path

import click

from landrace import git
from landrace.commands.output import dry_run_option, emit, examples, format_option
from landrace.workflows.initialise import FIRST_PROMPT, Step, initialise


@click.command(
    epilog=examples(
        "landrace init",
        "landrace init --model openai/gpt-5-mini --model anthropic/claude-haiku-4-5",
        "landrace init --name sort-mail --dry-run",
    )
)
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="ID",
    help="A litellm id for the pipeline, or local/NAME; may be repeated.  "
    "[default: local/smollm2-135m-instruct]",
)
@click.option("--name", metavar="NAME", help=f"The first prompt's name.  [default: {FIRST_PROMPT}]")
@dry_run_option
@format_option()
def command(
    *, models: tuple[str, ...], name: str | None, dry_run: bool, output_format: str
) -> None:
    """Set up prompts and pipelines in a git repository.

    Writes a first prompt with sixty labelled cases, a pipeline that optimizes it, the JSON
    Schemas that editors check them with, and a line in .gitignore. A file that exists is left
    as it is, so it is safe to run again.
    """
    steps = initialise(git.toplevel(Path.cwd()), prompt=name, models=models, dry_run=dry_run)
    emit(
        {"dry_run": dry_run, "files": [step._asdict() for step in steps]},
        _text(steps, name or FIRST_PROMPT, dry_run=dry_run),
        output_format,
    )


def _text(steps: list[Step], prompt: str, *, dry_run: bool) -> str:
    lines = [_line(step, dry_run=dry_run) for step in steps]
    if not dry_run and any(f"/{prompt}/" in step.path and step.action == "write" for step in steps):
        lines += ["", _next(prompt)]
    return "\n".join(lines)


def _line(step: Step, *, dry_run: bool) -> str:
    if step.action == "keep":
        word = "kept"
    elif dry_run:
        word = f"would {step.action}"
    else:
        word = {"write": "wrote", "append to": "appended to"}[step.action]
    return f"{word} {step.path}" + (f"  ({step.note})" if step.note else "")


def _next(prompt: str) -> str:
    steps = [
        ("landrace check", "find mistakes; there should be none"),
        (f"landrace render {prompt} --case paid-twice", "see what a model is sent"),
        ("landrace models pull smollm2-135m-instruct", "fetch a small embedded model"),
        ("landrace optimize", "find the best variant and pin it"),
    ]
    width = max(len(line) for line, _ in steps)
    return "\n".join(
        [
            "Next:",
            *(f"  {line.ljust(width)}  {why}" for line, why in steps),
            "Then put prompts of your own into prompts/, and commit what you like.",
        ]
    )
