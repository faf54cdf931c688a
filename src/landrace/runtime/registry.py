"""What an application uses: a registry of pinned prompts, read without a network.

::

    registry = Registry("registry")
    prompt = registry.get("review-sentiment", "openai/gpt-4o-mini")
    answer = litellm.completion(**prompt.request(review="…"))
    label = prompt.parse(answer.choices[0].message.content)
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from landrace.errors import StorageError, UnknownModelError, UnknownPromptError
from landrace.naming import MAX_NAME_BYTES
from landrace.runtime.cell import load_cell, load_pin
from landrace.runtime.folder import RegistryFolder, registry_in
from landrace.runtime.process_lock import ProcessLock
from landrace.runtime.prompt import Prompt
from landrace.runtime.resolution import Resolution, Unresolved, exact, resolve
from landrace.runtime.served import Served
from landrace.strict_json import near_fix

if TYPE_CHECKING:
    from landrace.program.ranking import Embed
    from landrace.runtime.cell import Source

# Names that clients make up must not fill the memory: past this, and where a name is longer than
# that of any pin, answers are found again.
_MAX_ANSWERS = 65_536


class Registry:
    """The pinned prompts of a registry; nothing is written and nothing fetched.

    A cell is read and verified when it is first asked for, and what it serves is kept: a
    registry that changes on disk needs a new `Registry`, as does another folder to which a link
    in ``path`` is switched. Safe to share between threads, and with processes that are forked.

    Args:
        path: a registry folder, a repository that holds one as ``registry/``, or a bundle file.
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
        self._lock = ProcessLock()
        self._compiling = ProcessLock()
        self._answers: dict[tuple[str, str], Prompt] = {}
        self._served: dict[tuple[str, str], Served] = {}
        self._aliases: dict[str, dict[str, tuple[str, ...]]] = {}

    def __repr__(self) -> str:
        return f"Registry({self._path!r})"

    def get(self, prompt: str, model: str) -> Prompt:
        """The prompt pinned for a model, or for what stands in for it; see `Prompt.resolution`.

        Raises:
            UnknownPromptError: nothing is pinned under this name, or it is no text.
            UnknownModelError: the prompt has no pin that answers for this model, or it is no text.
            IntegrityError: a file differs from what its pin says.
            FormatError: a pin is malformed.
            RefusedError: a file is a link out of the registry.
            StorageError: a file cannot be read, or the registry's folder is gone.
        """
        try:
            found = self._answers.get((prompt, model))
        except TypeError:  # a list, say, which can be no key
            found = None
        return found if found is not None else self._find(prompt, model)

    def prompts(self) -> list[str]:
        """The names of all pinned prompts, sorted.

        Raises:
            StorageError: the registry's folder is gone, or cannot be read.
        """
        return self._source.prompts()

    def models(self, prompt: str) -> list[str]:
        """The ids of the models that a prompt is pinned for, sorted.

        Raises:
            UnknownPromptError: nothing is pinned under this name, or it is no text.
            StorageError: the registry's folder is gone, or cannot be read.
        """
        models = self._source.models(prompt) if isinstance(prompt, str) else []
        if not models:
            raise self._unknown_prompt(prompt)
        return models

    def _find(self, prompt: str, model: str) -> Prompt:
        if not isinstance(prompt, str):
            raise self._unknown_prompt(prompt)
        if not isinstance(model, str):
            raise self._unknown_model(prompt, model, ", which is no text")
        with self._lock:
            served = self._serve(prompt, model)
            if served is not None:
                # One string for many cells, where the caller's is new in every call.
                prompt, model = served.prompt, served.model
                resolution = exact(model)
            else:
                resolution, served = self._stand_in(prompt, model)
            return self._keep(prompt, model, Prompt(served, resolution))

    def _keep(self, prompt: str, model: str, answer: Prompt) -> Prompt:
        if len(model) > MAX_NAME_BYTES:
            return answer
        if len(self._answers) >= _MAX_ANSWERS:
            self._answers.clear()
        return self._answers.setdefault((prompt, model), answer)

    def _serve(self, prompt: str, model: str) -> Served | None:
        served = self._served.get((prompt, model))
        if served is None:
            cell = load_cell(self._source, prompt, model)
            if cell is None:
                return None
            served = Served(cell, self._source, self._compiling, self._embed)
            self._served[served.prompt, served.model] = served
        return served

    def _stand_in(self, prompt: str, asked: str) -> tuple[Resolution, Served]:
        """The pin that answers for a model without one of its own."""
        pinned = self._aliases_of(prompt)
        found = resolve(asked, pinned)
        if isinstance(found, Resolution):
            served = self._serve(prompt, found.model)
            if served is not None:
                return found, served
        rivals = found.rivals if isinstance(found, Unresolved) else ()
        between = f", and nothing is guessed between {' and '.join(rivals)}" if rivals else ""
        raise self._unknown_model(prompt, asked, between)

    def _aliases_of(self, prompt: str) -> dict[str, tuple[str, ...]]:
        """The aliases by pinned model; reads every pin of the prompt, once."""
        known = self._aliases.get(prompt)
        if known is None:
            pins = {model: load_pin(self._source, prompt, model) for model in self.models(prompt)}
            known = {model: pin.model.aliases for model, pin in pins.items() if pin is not None}
            self._aliases[prompt] = known
        return known

    def _unknown_model(self, prompt: str, asked: object, why: str) -> UnknownModelError:
        return UnknownModelError(
            f"no pin answers for the model {asked}{why}",
            where=prompt,
            fix=f"pinned models: {', '.join(self.models(prompt))}",
        )

    def _unknown_prompt(self, prompt: object) -> UnknownPromptError:
        prompts = self.prompts()
        shown = ", ".join(prompts[:20]) + (", …" if len(prompts) > 20 else "")
        return UnknownPromptError(
            f"no prompt `{prompt}` is pinned",
            where=self._path,
            fix=near_fix(str(prompt), prompts)
            or (f"pinned prompts: {shown}" if prompts else "run `landrace optimize` to pin one"),
        )


def _open_source(path: str) -> Source:
    if os.path.isdir(path):  # noqa: PTH112 - pathlib costs 8 ms to import
        return RegistryFolder(registry_in(path))
    if os.path.exists(path):  # noqa: PTH110 - same
        from landrace.runtime.bundle import Bundle  # noqa: PLC0415 - a folder needs none of it

        return Bundle.read(path)
    raise StorageError(
        "there is no registry here",
        where=path,
        fix="give the path of a registry folder, of a repository with one, or of a bundle",
    )
