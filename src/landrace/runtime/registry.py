"""What an application uses: a registry of pinned prompts, read without a network.

::

    registry = Registry("registry")
    prompt = registry.get("review-sentiment", "openai/gpt-4o-mini")
    answer = litellm.completion(**prompt.request(review="…"))
    label = prompt.parse(answer.choices[0].message.content)
"""

from __future__ import annotations

import os
from sys import intern
from threading import Lock
from typing import TYPE_CHECKING, Any

from landrace.errors import (
    ConfigError,
    IntegrityError,
    StorageError,
    UnknownModelError,
    UnknownPromptError,
)
from landrace.pin import PIN_FILE, TEMPLATE_FILE
from landrace.runtime.cell import Cell, Source, load_cell, load_pin
from landrace.runtime.folder import RegistryFolder
from landrace.runtime.input_check import InputCheck
from landrace.runtime.resolution import Resolution, Unresolved, exact, resolve
from landrace.strict_json import fresh, near_fix

if TYPE_CHECKING:
    from landrace.pin import Pin
    from landrace.program import Program
    from landrace.program.ranking import Embed
    from landrace.runtime.choosing import Choosing
    from landrace.template import Compiled

# Names that clients make up must not fill the memory: past this, answers are found again.
_MAX_ANSWERS = 65_536


class Prompt:
    """A verified variant, ready to render. Get one from `Registry.get`; safe to share.

    Attributes:
        name: the prompt's name.
        model: the litellm id of the pinned model.
        digest: the hash of all that is served; the version of this variant.
        resolution: how the model was chosen for the one asked for.
    """

    __slots__ = ("_served", "digest", "model", "name", "resolution")

    def __init__(self, served: _Served, resolution: Resolution) -> None:
        self._served = served
        self.name = served.prompt
        self.model = served.model
        self.digest = served.digest
        self.resolution = resolution

    def __repr__(self) -> str:
        return f"<Prompt {self.name} on {self.model}, version {self.version}>"

    @property
    def version(self) -> str:
        """The first 12 characters of ``digest``, for logs and traces."""
        return self.digest[:12]

    @property
    def pin(self) -> Pin:
        """The pin, with the evidence for the variant; read anew at every access.

        Raises:
            IntegrityError: the registry has changed, and pins another variant now.
            FormatError, RefusedError, StorageError: the pin cannot be read any more.
        """
        return self._served.read_pin()

    def render(self, /, **inputs: Any) -> list[dict[str, str]]:
        """The chat messages, each with ``role`` and ``content``.

        Raises:
            MissingInputError, ExtraInputError, InputTypeError: the inputs do not fit.
            TemplateError, RenderError: the variant cannot be rendered with them.
            ConfigError: the prompt is a program, which takes `landrace.run`.
        """
        served = self._served
        template = served.template or served.compile()
        return template.render(served.check(inputs))

    @property
    def params(self) -> dict[str, Any]:
        """The pinned decoding parameters, in a dict of the caller's own."""
        params: dict[str, Any] = fresh(self._served.params)
        return params

    @property
    def program(self) -> Program:
        """What `landrace.run` runs: the graph, and its templates by node.

        Raises:
            TemplateError, ConfigError, FormatError: it cannot be used.
        """
        return self._served.program()

    def render_node(self, node: str, /, **values: Any) -> list[dict[str, str]]:
        """The messages of one node of a program, for the values of what its template reads.

        For applications that drive a program themselves; `landrace.run` does it for them.

        Raises:
            ConfigError: there is no such node that asks.
            TemplateError, RenderError: the template cannot be rendered with these values.
        """
        templates = self.program.templates
        if node not in templates:
            raise ConfigError(
                f"{self.name} has no node `{node}` that asks a model",
                where=f"{self.name} on {self.model}",
                fix=near_fix(node, templates) or f"there are {', '.join(sorted(templates))}",
            )
        return templates[node].render(values)

    def choose(self, /, **inputs: Any) -> Prompt:
        """The variant that suits these inputs best, where ``choices.json`` says so; else this one.

        ::

            answer = litellm.completion(**prompt.choose(review=text).request(review=text))

        The same inputs always get the same variant. Its ``pin`` is that of its cell.

        Raises:
            MissingInputError, ExtraInputError, InputTypeError: the inputs do not fit.
            FormatError, IntegrityError: the file beside the pin is malformed, or was changed.
            RefusedError, StorageError: it cannot be read.
        """
        served = self._served.chosen(self._served.check(inputs))
        return self if served is self._served else Prompt(served, self.resolution)

    def checked(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """The inputs, complete with defaults. Raises like `render`."""
        return self._served.check(inputs)

    def request(self, /, **inputs: Any) -> dict[str, Any]:
        """Keyword arguments for ``litellm.completion``: model, messages, pinned parameters.

        Raises like `render`.
        """
        return {**self.params, "model": self.model, "messages": self.render(**inputs)}

    def parse(self, text: str) -> Any:
        """The answer in a model's raw text, by the pinned parser.

        Raises:
            landrace.parsers.ParseFailure: the text holds no such answer.
        """
        from landrace.parsers import parse  # noqa: PLC0415 - an application may never parse

        return parse(self._served.parser, text)


class _Served:
    """What every `Prompt` of one cell shares: read, verified and compiled once.

    The pin is not kept: 10,000 of them would fill 50 MB with evidence that is seldom read.
    """

    __slots__ = (
        "_choosing",
        "_embed",
        "_files",
        "_graph",
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
        lock: Lock,
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
        self._program: Program | None = None
        self._choosing: Choosing[_Served] | None = None
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
                    inputs=self.read_pin().inputs,
                    where=f"{self.prompt}/{self.model}",
                    embed=self._embed,
                )
            return self._program

    def chosen(self, inputs: dict[str, Any]) -> _Served:
        choosing = self._choosing
        if choosing is None:
            with self._lock:
                choosing = self._choosing = self._choosing or self._read_choices()
        return choosing(inputs)

    def _read_choices(self) -> Choosing[_Served]:
        from landrace.runtime.choices import load_choices  # noqa: PLC0415 - seldom needed
        from landrace.runtime.choosing import Choosing  # noqa: PLC0415 - same

        pin = self.read_pin()
        choices = load_choices(self._source, pin)
        if choices is None or self.digest != self._pinned:  # what was chosen stays so
            return Choosing(self)
        cells = [served.cell(pin) for served in choices.variants.values()]
        others = {
            cell.pin.variant: _Served(cell, self._source, self._lock, self._embed, self._pinned)
            for cell in cells
        }
        return Choosing(self, others, choices)

    def read_pin(self) -> Pin:
        pin = load_pin(self._source, self.prompt, self.model)
        if pin is None or pin.variant != self._pinned:
            raise IntegrityError(
                "the registry has changed and no longer pins what is served",
                where=self._source.where(self.prompt, self.model, PIN_FILE),
                fix="make a new Registry to serve what it pins now",
            )
        return pin


class Registry:
    """The pinned prompts of a registry; nothing is written and nothing fetched.

    A cell is read and verified when it is first asked for, and what it serves is kept: a
    registry that changes on disk needs a new `Registry`. Safe to share between threads.

    Args:
        path: a registry folder, a repository that holds one, or a bundle file.
        embed: gives the vectors of some texts, for programs that retrieve by embeddings.

    Raises:
        StorageError: there is nothing at ``path``, or it cannot be read.
        FormatError, IntegrityError: a bundle is malformed, or was changed.
    """

    __slots__ = (
        "_aliases",
        "_answers",
        "_compiling",
        "_embed",
        "_lock",
        "_path",
        "_served",
        "_source",
    )

    def __init__(self, path: str | os.PathLike[str], *, embed: Embed | None = None) -> None:
        self._embed = embed
        self._path = os.fspath(path)
        self._source = _open_source(self._path)
        self._lock = Lock()
        self._compiling = Lock()
        self._answers: dict[tuple[str, str], Prompt] = {}
        self._served: dict[tuple[str, str], _Served] = {}
        self._aliases: dict[str, dict[str, tuple[str, ...]]] = {}

    def __repr__(self) -> str:
        return f"Registry({self._path!r})"

    def get(self, prompt: str, model: str) -> Prompt:
        """The prompt pinned for a model, or for what stands in for it; see `Prompt.resolution`.

        Raises:
            UnknownPromptError: nothing is pinned under this name.
            UnknownModelError: the prompt has no pin that answers for this model.
            IntegrityError: a file differs from what its pin says.
            FormatError: a pin is malformed.
            RefusedError: a file is a link out of the registry.
            StorageError: a file cannot be read.
        """
        found = self._answers.get((prompt, model))
        return found if found is not None else self._find(prompt, model)

    def prompts(self) -> list[str]:
        """The names of all pinned prompts, sorted."""
        return self._source.prompts()

    def models(self, prompt: str) -> list[str]:
        """The ids of the models that a prompt is pinned for, sorted.

        Raises:
            UnknownPromptError: nothing is pinned under this name.
        """
        models = self._source.models(prompt)
        if not models:
            raise self._unknown_prompt(prompt)
        return models

    def _find(self, prompt: str, model: str) -> Prompt:
        with self._lock:
            served = self._serve(prompt, model)
            if served is not None:
                # One string for many cells, where the caller's is new in every call.
                prompt, model = served.prompt, served.model
                resolution = exact(model)
            else:
                resolution, served = self._stand_in(prompt, model)
            if len(self._answers) >= _MAX_ANSWERS:
                self._answers.clear()
            return self._answers.setdefault((prompt, model), Prompt(served, resolution))

    def _serve(self, prompt: str, model: str) -> _Served | None:
        served = self._served.get((prompt, model))
        if served is None:
            cell = load_cell(self._source, prompt, model)
            if cell is None:
                return None
            served = _Served(cell, self._source, self._compiling, self._embed)
            self._served[served.prompt, served.model] = served
        return served

    def _stand_in(self, prompt: str, asked: str) -> tuple[Resolution, _Served]:
        """The pin that answers for a model without one of its own."""
        pinned = self._aliases_of(prompt)
        found = resolve(asked, pinned)
        if isinstance(found, Resolution):
            served = self._serve(prompt, found.model)
            if served is not None:
                return found, served
        rivals = found.rivals if isinstance(found, Unresolved) else ()
        between = f", and nothing is guessed between {' and '.join(rivals)}" if rivals else ""
        raise UnknownModelError(
            f"no pin answers for the model {asked}{between}",
            where=prompt,
            fix=f"pinned models: {', '.join(sorted(pinned))}",
        )

    def _aliases_of(self, prompt: str) -> dict[str, tuple[str, ...]]:
        """The aliases by pinned model; reads every pin of the prompt, once."""
        known = self._aliases.get(prompt)
        if known is None:
            pins = {model: load_pin(self._source, prompt, model) for model in self.models(prompt)}
            known = {model: pin.model.aliases for model, pin in pins.items() if pin is not None}
            self._aliases[prompt] = known
        return known

    def _unknown_prompt(self, prompt: str) -> UnknownPromptError:
        prompts = self.prompts()
        shown = ", ".join(prompts[:20]) + (", …" if len(prompts) > 20 else "")
        return UnknownPromptError(
            f"no prompt `{prompt}` is pinned",
            where=self._path,
            fix=near_fix(prompt, prompts)
            or (f"pinned prompts: {shown}" if prompts else "run `landrace optimize` to pin one"),
        )


def _open_source(path: str) -> Source:
    if os.path.isdir(path):  # noqa: PTH112 - pathlib costs 8 ms to import
        return RegistryFolder(path)
    if os.path.exists(path):  # noqa: PTH110 - same
        from landrace.runtime.bundle import Bundle  # noqa: PLC0415 - a folder needs none of it

        return Bundle.read(path)
    raise StorageError(
        "there is no registry here",
        where=path,
        fix="give the path of a registry folder, of a repository with one, or of a bundle",
    )
