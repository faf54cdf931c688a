"""What is kept of a cell that is served."""

from __future__ import annotations

from sys import intern
from typing import TYPE_CHECKING, Any

from landrace.errors import ConfigError, FormatError, IntegrityError
from landrace.pin import PIN_FILE, TEMPLATE_FILE
from landrace.runtime.cell import load_pin
from landrace.runtime.input_check import InputCheck

if TYPE_CHECKING:
    from landrace.pin import Pin
    from landrace.program import Program
    from landrace.program.ranking import Embed
    from landrace.runtime.cell import Cell, Source
    from landrace.runtime.choosing import Choosing
    from landrace.runtime.process_lock import ProcessLock
    from landrace.template import Compiled


class Served:
    """What every `Prompt` of one cell shares: read, verified and compiled once.

    The pin is not kept: 10,000 of them would fill 50 MB with evidence that is seldom read. All
    that it serves is, so that nothing changes when another pin takes its place.
    """

    __slots__ = (
        "_choosing",
        "_embed",
        "_files",
        "_graph",
        "_inputs",
        "_lock",
        "_pinned",
        "_program",
        "_source",
        "_text",
        "check",
        "digest",
        "model",
        "params",
        "parser",
        "prompt",
        "template",
    )

    def __init__(
        self,
        cell: Cell,
        source: Source,
        lock: ProcessLock,
        embed: Embed | None,
        pinned: str | None = None,
    ) -> None:
        """``pinned`` is the digest that the pin names, where another variant is served."""
        pin = cell.pin
        self.prompt = intern(pin.prompt)
        self.model = intern(pin.model.id)
        self.digest = pin.variant
        self._pinned = pinned or pin.variant
        self.params = pin.model.params
        self.parser = pin.output.parser
        where = source.where(pin.prompt, pin.model.id, PIN_FILE)
        self.check = InputCheck(pin.inputs, prompt=pin.prompt, where=where)
        self.template: Compiled | None = None
        self._graph = pin.program
        # Of one template the text alone: 10,000 dicts would take 2 MB.
        self._text = cell.files[TEMPLATE_FILE] if pin.program is None else ""
        self._files = None if pin.program is None else cell.files
        self._inputs = None if pin.program is None else pin.inputs
        self._program: Program | None = None
        self._choosing: Choosing[Served] | None = None
        self._embed = embed
        self._source = source
        self._lock = lock

    def compile(self) -> Compiled:
        from landrace.template import compile_template  # noqa: PLC0415 - jinja2 costs 45 ms

        if self._graph is not None:
            raise ConfigError(
                f"{self.prompt} is a program, not a single template",
                where=f"{self.prompt} on {self.model}",
                fix="run it with `landrace.run(prompt, complete, …)`",
            )
        with self._lock:
            if self.template is None:
                name = f"{self.prompt}/{self.model}/{TEMPLATE_FILE}"
                self.template = compile_template(self._text, name=name)
                self._text = ""
            return self.template

    def program(self) -> Program:
        from landrace.program import Graph, Program  # noqa: PLC0415 - seldom needed
        from landrace.runtime.execution import load_program  # noqa: PLC0415 - same

        if self._graph is None:
            return Program.plain(Graph.plain({}, self.parser), self.template or self.compile())
        with self._lock:
            if self._program is None:
                self._program = load_program(
                    self._graph,
                    self._files or {},
                    inputs=self._inputs or {},
                    where=f"{self.prompt}/{self.model}",
                    embed=self._embed,
                )
                self._files = self._inputs = None
            return self._program

    def chosen(self, inputs: dict[str, Any]) -> Served:
        choosing = self._choosing
        if choosing is None:
            with self._lock:
                choosing = self._choosing = self._choosing or self._read_choices()
        return choosing(inputs)

    def _read_choices(self) -> Choosing[Served]:
        from landrace.runtime.choices import load_choices  # noqa: PLC0415 - seldom needed
        from landrace.runtime.choosing import Choosing  # noqa: PLC0415 - same

        pin = self._pin_if_it_stands()
        choices = None if pin is None else load_choices(self._source, pin)
        if pin is None or choices is None or self.digest != self._pinned:  # what was chosen stays
            return Choosing(self)
        cells = [served.cell(pin) for served in choices.variants.values()]
        others = {
            cell.pin.variant: Served(cell, self._source, self._lock, self._embed, self._pinned)
            for cell in cells
        }
        return Choosing(self, others, choices)

    def _pin_if_it_stands(self) -> Pin | None:
        """The pin of what is served; None once anything else, be it damaged, took its place.

        Raises:
            RefusedError, StorageError: it cannot be read, which says nothing of what is there.
        """
        try:
            return self.read_pin()
        except (IntegrityError, FormatError):
            return None

    def read_pin(self) -> Pin:
        pin = load_pin(self._source, self.prompt, self.model)
        if pin is None or pin.variant != self._pinned:
            raise IntegrityError(
                "the registry has changed and no longer pins what is served",
                where=self._source.where(self.prompt, self.model, PIN_FILE),
                fix="make a new Registry to serve what it pins now",
            )
        return pin
