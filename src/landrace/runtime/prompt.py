"""What an application holds: a pinned variant that renders, and reads what a model answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.errors import ConfigError, InputTypeError
from landrace.strict_json import fresh, near_fix

if TYPE_CHECKING:
    from landrace.pin import Pin
    from landrace.program import Program
    from landrace.runtime.resolution import Resolution
    from landrace.runtime.served import Served


class Prompt:
    """A verified variant, ready to render. Get one from `Registry.get`; safe to share.

    Attributes:
        name: the prompt's name.
        model: the litellm id of the pinned model.
        digest: the hash of all that is served; the version of this variant.
        resolution: how the model was chosen for the one asked for.
    """

    __slots__ = ("_served", "digest", "model", "name", "resolution")

    def __init__(self, served: Served, resolution: Resolution) -> None:
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
            RefusedError, StorageError: it or the pin cannot be read; the next call tries again.
        """
        served = self._served.chosen(self._served.check(inputs))
        return self if served is self._served else Prompt(served, self.resolution)

    def checked(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """The inputs as JSON, complete with defaults.

        Raises:
            MissingInputError, ExtraInputError, InputTypeError: the inputs do not fit.
        """
        from landrace.template.values import checked_inputs  # noqa: PLC0415 - for programs alone

        return checked_inputs(self._served.check(inputs))

    def request(self, /, **inputs: Any) -> dict[str, Any]:
        """Keyword arguments for ``litellm.completion``: model, messages, pinned parameters.

        Raises like `render`.
        """
        return {**self.params, "model": self.model, "messages": self.render(**inputs)}

    def parse(self, text: str | None) -> Any:
        """The answer in a model's raw text, by the pinned parser.

        None is an empty text, as it was when the prompt was scored: providers give it where
        an answer is empty or was filtered.

        Raises:
            ParseFailure: the text holds no such answer.
            InputTypeError: it is no text.
        """
        from landrace.parsers import parse  # noqa: PLC0415 - an application may never parse

        if text is not None and not isinstance(text, str):
            raise InputTypeError(
                f"an answer to parse is {type(text).__name__}, not a text",
                where=f"{self.name} on {self.model}",
                fix="give the content of the model's message",
            )
        return parse(self._served.parser, text or "")
