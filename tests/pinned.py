"""Pins for tests of commands and workflows, with evidence about the prompt as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.gateway.catalogue import find, write_note
from landrace.pin import Pin, PinnedBase, variant_digest
from landrace.schemas.pipeline import ModelConfig
from landrace.store.project import Project
from landrace.store.registry import write_cell
from landrace.workflows.freshness import contract_of
from landrace.workflows.plan import resolved
from landrace.workflows.prompt_state import prompt_state
from loader_cells import make_pin

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

MODEL = "local/smollm2-135m-instruct"
VARIANT = "{% user %}\nWhich team? {{ note }}\n{% enduser %}\n"


def pretend_pulled(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the smallest embedded model seem to be on this machine; it cannot be called."""
    monkeypatch.setenv("LANDRACE_CACHE_DIR", str(cache))
    model = find(MODEL)
    path = cache / "models" / f"{model.name}.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"GGUF")
    write_note(path, model)


def pin_prompt(
    root: Path, prompt: str = "route-note", model: str = MODEL, *, variant: str = VARIANT
) -> Pin:
    """Write the cell of a prompt, as a search over today's files would have left it."""
    source = Project(root).read_prompt(prompt)
    pin = make_pin(
        prompt,
        model,
        files={"prompt.jinja": variant},
        inputs=source.config.inputs,
        params=resolved(ModelConfig(id=model), source.config).params,
    )
    pin = pin._replace(
        base=PinnedBase(*prompt_state(source).fingerprints()),
        output=pin.output._replace(contract=contract_of(source.config)),
    )
    pin = pin._replace(variant=variant_digest(pin))
    contents = {"prompt.jinja": variant.encode(), "pin.json": pin.dumps().encode()}
    write_cell(root, prompt, model, contents)
    return pin
