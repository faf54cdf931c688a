"""How commands print: data to stdout as text or JSON, everything else to stderr."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, TypeVar

import click

from landrace.reports.neutralise import block, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_Command = TypeVar("_Command", bound="Callable[..., Any]")


def format_option(*more: str) -> Callable[[_Command], _Command]:
    """``--format text|json`` and any ``more``, passed on as ``output_format``."""
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(["text", "json", *more]),
        default="text",
        show_default=True,
        help="How to print the result on stdout.",
    )


def dry_run_option(command: _Command) -> _Command:
    """``--dry-run``, passed on as ``dry_run``."""
    decorate = click.option("--dry-run", is_flag=True, help="Say what would be done; do nothing.")
    return decorate(command)


def examples(*lines: str) -> str:
    """A command's examples, as the epilog of its help."""
    # Click keeps the lines of a paragraph that starts with a backspace as they are.
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


def emit(data: object, text: str, output_format: str) -> None:
    """Print ``data`` as JSON, or else ``text``, to stdout.

    What a prompt or a case says must not steer the reader's terminal or CI runner, so
    control characters in the text are written as escapes.
    """
    if output_format == "json":
        click.echo(json_of(data))
    elif text:
        click.echo(block(text))


def json_of(data: object) -> str:
    """The data as JSON; in ASCII where stdout's encoding has no room for what it says."""
    text = json.dumps(data, ensure_ascii=False, indent=2)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(data, ensure_ascii=True, indent=2)
    return text


def note(text: str) -> None:
    """Tell the person at the terminal something that is no result: a line on stderr."""
    click.echo(block(text), err=True)


def count(number: int, noun: str) -> str:
    """A number with its noun: ``1 pin``, ``2 pins``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def pairs(texts: Iterable[str], option: str, form: str) -> dict[str, str]:
    """Options of the form ``a=b`` as a mapping; a text without ``=`` is a usage error."""
    found: dict[str, str] = {}
    for text in texts:
        key, sign, value = text.partition("=")
        if not sign or not key or key in found:
            raise click.BadParameter(f"{text!r} is not {form}, or given twice", param_hint=option)
        found[key] = value
    return found


def table(rows: Iterable[Sequence[str]], header: Sequence[str]) -> str:
    """Rows under a header, in columns as wide as their widest cell."""
    lines = [list(header), *([one_line(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def colour_wanted() -> bool:
    """False where ``NO_COLOR`` is set to anything but nothing (no-color.org)."""
    return not os.environ.get("NO_COLOR")
