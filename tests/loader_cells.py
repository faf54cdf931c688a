"""Cells for the loader's tests: pins that verify, in memory and on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.digest import text_digest
from landrace.naming import model_dirname
from landrace.pin import Pin, file_digests, variant_digest

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = "{% system %}Be brief.{% endsystem %}\n{% user %}Review: {{ review }}{% enduser %}\n"
INPUTS = {
    "type": "object",
    "properties": {"review": {"type": "string"}},
    "required": ["review"],
    "additionalProperties": False,
}
ESTIMATE = {"mean": 0.75, "low": 0.6, "high": 0.9, "n": 40, "coverage": 1.0}
COMPARISON = {
    "difference": 0.25,
    "low": 0.1,
    "high": 0.4,
    "p": 0.002,
    "wins": 12,
    "losses": 2,
    "ties": 26,
    "method": "mcnemar",
}


def make_pin(
    prompt: str = "review-sentiment",
    model: str = "local/small",
    *,
    files: dict[str, str] | None = None,
    inputs: dict[str, Any] | None = None,
    params: dict[str, Any] | None = None,
    aliases: tuple[str, ...] = (),
    parser: dict[str, Any] | None = None,
    program: dict[str, Any] | None = None,
) -> Pin:
    """A pin whose hashes fit ``files``, which are a small template by default."""
    contenders = {"base": ESTIMATE, "incumbent": None, "winner": ESTIMATE}
    pin = Pin.from_dict(
        {
            "schema": 1,
            "prompt": prompt,
            "model": {
                "id": model,
                "params": {"temperature": 0} if params is None else params,
                "aliases": list(aliases),
            },
            "files": file_digests(files or {"prompt.jinja": TEMPLATE}),
            "inputs": inputs or INPUTS,
            "output": {"contract": {"type": "text"}, "parser": parser or {"kind": "text"}},
            "base": {
                "template": text_digest("base"),
                "eval_set": text_digest("cases"),
                "split_seed": 0,
                "metrics": text_digest("metrics"),
            },
            "search": {
                "strategy": "auto",
                "version": "1",
                "options": {},
                "seed": 0,
                "proposer": None,
                "spent": {
                    "calls": 600,
                    "prompt_tokens": 41_000,
                    "completion_tokens": 2_000,
                    "cost_usd": None,
                },
            },
            "parent": None,
            "variant": text_digest("not yet known"),
            "scores": {
                "select": contenders,
                "holdout": contenders,
                "comparison": {"base": COMPARISON, "incumbent": None},
            },
            "inflation": 0.01,
            "holdout_looks": 1,
            **({} if program is None else {"program": program}),
        }
    )
    return pin._replace(variant=variant_digest(pin))


def write_cell(
    registry: Path, pin: Pin, files: dict[str, str] | None = None, newline: str = "\n"
) -> Path:
    """Writes a cell below ``registry``; gives its folder back."""
    folder = registry / pin.prompt / model_dirname(pin.model.id)
    folder.mkdir(parents=True)
    (folder / "pin.json").write_text(pin.dumps(), "utf-8", newline=newline)
    for name, text in (files or {"prompt.jinja": TEMPLATE}).items():
        (folder / name).write_text(text, "utf-8", newline=newline)
    return folder
