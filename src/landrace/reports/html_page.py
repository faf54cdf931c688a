"""What all pages of HTML share: the frame, which loads nothing from anywhere, and safe values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from landrace.reports.neutralise import visible

if TYPE_CHECKING:
    from collections.abc import Sequence


def page(title: str, bodies: Sequence[Markup]) -> str:
    """One whole page around what `body` made, with a line between one body and the next."""
    return _render("page", title=title, bodies=bodies)


def body(name: str, **values: Any) -> Markup:
    """A part of a page; whatever text is among the values stays text."""
    # Markup, as every value was escaped when it was put in.
    return Markup(_render(name, **values))  # noqa: S704


def _render(name: str, **values: Any) -> str:
    return _environment().get_template(f"{name}.html.jinja").render(values)


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("landrace.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_without_hidden_characters,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _without_hidden_characters(value: object) -> object:
    """Every value of the page passes here, so none is forgotten; markup is our own."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
