"""The one renderer: what evaluation measures is what applications send.

Jinja's parser reads a template once; the rest is closures over JSON values, the same ones for
every template, so a hot render costs microseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.errors import RefusedError, RenderError
from landrace.template.state import ExceededError, Limits, State
from landrace.template.values import checked_inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.template.part_reads import PartRead
    from landrace.template.unit import Statement

DEFAULT_LIMITS = Limits()


class Compiled:
    """A template ready to render, from many threads at once.

    ``inputs`` are the names it reads and does not set itself.
    """

    __slots__ = ("_limits", "_run", "_source", "inputs", "name")

    def __init__(
        self,
        name: str,
        inputs: frozenset[str],
        source: str,
        run: Statement,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.name = name
        self.inputs = inputs
        self._source = source
        self._run = run
        self._limits = limits

    def render(self, inputs: Mapping[str, Any]) -> list[dict[str, str]]:
        """The messages, each a dict of ``role`` and ``content``.

        A role block is one message, even an empty one; each run of text outside is a user
        message unless it is blank. Blank space around a content is stripped. Text prints as
        it is, any other value as JSON. Inputs that the template does not read are ignored.

        Raises:
            InputTypeError: an input is not a JSON value.
            RenderError: a name is undefined, an operation failed, a limit was passed, or
                nothing was printed.
        """
        state = State(self._limits, checked_inputs(inputs))
        try:
            self._run(state)
        except ExceededError as error:
            raise RenderError(str(error), where=self.name) from error
        except RecursionError:
            raise RenderError("the template is nested too deeply", where=self.name) from None
        if not state.messages:
            raise RenderError("the template printed nothing", where=self.name)
        return state.messages

    def part_reads(self) -> list[PartRead]:
        """What it reads out of its names, looked up anew: only a program's check wants it."""
        from landrace.template.part_reads import part_reads  # noqa: PLC0415 - imports jinja2
        from landrace.template.syntax import syntax_tree  # noqa: PLC0415 - imports jinja2

        return list(part_reads(syntax_tree(self._source, self.name)))


def compile_template(
    source: str, *, name: str = "<template>", limits: Limits = DEFAULT_LIMITS
) -> Compiled:
    """Parse, check and prepare a template. The first call imports jinja2.

    Raises:
        TemplateError: a mistake: bad syntax, tags that do not match, an unknown filter, an
            include that was not resolved.
        RefusedError: valid Jinja that reaches for more than prompts need: calls, macros, imports,
            private names, filters that can be abused, or a template beyond all size.
    """
    from landrace.template.statements import compile_tree  # noqa: PLC0415 - imports jinja2
    from landrace.template.syntax import syntax_tree  # noqa: PLC0415 - imports jinja2
    from landrace.template.unit import Unit  # noqa: PLC0415 - needed only here

    unit = Unit(name)
    try:
        run = compile_tree(unit, syntax_tree(source, name))
    except RecursionError:
        raise RefusedError("the template is nested too deeply", where=name) from None
    return Compiled(name, frozenset(unit.inputs), source, run, limits)
